"""Keys in files, as Kubernetes, Vault agents and secret stores mount them; read again when they change.

Looking costs a `stat` a file and call, a few microseconds; nothing is watched and nothing polls. Kubernetes
swaps all files of a volume at once, by pointing a symbolic link elsewhere: `stat` follows it, so the other
inode shows. Tools that write one file after the other are caught between two files sometimes; then the
provider refuses the odd pair, and by the time it has, the second file is there.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from gateway.credentials.source import NoCredentialsError
from gateway.providers.signing import Credentials

_log = logging.getLogger(__name__)
_TRIES = 3
_LARGEST = 16_384  # bytes; an STS token has some thousand

Marks = tuple[tuple[int, int, int, int], ...]


class Files:
    """Keys that files hold, or some of whose parts they do.

    Args:
        key_id: The key's id, or the file that holds it.
        secret: The secret, likewise.
        token: The session token of temporary keys, likewise; None for lasting ones.
    """

    origin = "files"

    def __init__(self, *, key_id: Path | str, secret: Path | str, token: Path | str | None = None) -> None:
        self._parts = (key_id, secret, token)
        self._paths = [part for part in self._parts if isinstance(part, Path)]
        self._marks: Marks = ()
        self._credentials: Credentials | None = None
        self._complained = ""

    def current(self) -> Credentials:
        """Return what the files hold; what they held last where they cannot be read just now.

        Raises:
            NoCredentialsError: They never could be.
        """
        self._look()
        if self._credentials is None:
            raise NoCredentialsError(self._complained)
        return self._credentials

    async def ready(self) -> None:
        """Insist that the files could be read once."""
        self.current()

    async def renew(self, refused: Credentials) -> bool:
        """Read the files whatever their dates say."""
        self._marks = ()
        return self.current() != refused

    def _look(self) -> None:
        try:
            for _ in range(_TRIES):
                marks = _marks(self._paths)
                if marks == self._marks:
                    return
                found = [_text(part) if isinstance(part, Path) else part for part in self._parts]
                # Whatever changed while it was read is read again: half of two pairs is none.
                if marks == _marks(self._paths):
                    self._take(found, marks)
                    return
        except (OSError, ValueError) as error:
            self._complain(error)

    def _take(self, found: Sequence[str | None], marks: Marks) -> None:
        key_id, secret, token = found
        new = Credentials(access_key_id=key_id or "", access_key_secret=secret or "", security_token=token)
        if self._credentials is not None and self._credentials != new:
            _log.info("the credentials in %s changed", self._paths[-1].parent)
        self._credentials = new
        self._marks, self._complained = marks, ""

    def _complain(self, error: Exception) -> None:
        name = error.filename if isinstance(error, OSError) else str(error)
        kind = "cannot be read" if isinstance(error, OSError) else "does not hold a key"
        complaint = f"{name} {kind}"
        if complaint != self._complained:
            still = "the last ones stay in use" if self._credentials else "there are none to go on with"
            _log.warning("credentials were not read (%s); %s", complaint, still)
        self._complained = complaint


def _marks(paths: Sequence[Path]) -> Marks:
    stats = [path.stat() for path in paths]
    return tuple((stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size) for stat in stats)


def _text(path: Path) -> str:
    """Return what a file holds, the newline that editors add left out.

    Raises:
        ValueError: It is empty, or no text that could be a key; the message is its name.
    """
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    text = content.decode("ascii", errors="replace").strip()
    if not text or len(content) > _LARGEST or not text.isascii() or not text.isprintable():
        raise ValueError(path)
    return text
