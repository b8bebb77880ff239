"""The keys the sandbox accepts: made up, the same for everybody, and public."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace


@dataclass(frozen=True, slots=True)
class Credentials:
    """One Alibaba Cloud account with a lasting key and a session (STS) key, and one Visionular account."""

    access_key_id: str = "sandboxAccessKeyId"
    access_key_secret: str = field(default="sandboxAccessKeySecret", repr=False)
    sts_key_id: str = "sandboxStsKeyId"
    sts_key_secret: str = field(default="sandboxStsKeySecret", repr=False)
    security_token: str = field(default="sandboxSecurityToken", repr=False)
    visionular_access_key: str = "sandboxAccessKey"
    visionular_secret_key: str = field(default="sandboxSecretKey", repr=False)

    def alibaba(self, key_id: str) -> tuple[str, str | None] | None:
        """Find the secret of a key and the session token it must come with; None for an unknown key."""
        if key_id == self.access_key_id:
            return self.access_key_secret, None
        if key_id == self.sts_key_id:
            return self.sts_key_secret, self.security_token
        return None


SANDBOX_CREDENTIALS = Credentials()


class Keyring:
    """The keys accepted now: those at the beginning until somebody changes them, as owners do with real ones.

    Attributes:
        now: What is accepted; more than one while an owner replaces one.
    """

    def __init__(self, first: Credentials) -> None:
        self._first = first
        self._ended: set[str] = set()
        self.now: tuple[Credentials, ...] = (first,)

    def rotate(self, changes: Mapping[str, str], *, keep: bool = False) -> None:
        """Accept other keys from now on.

        Args:
            changes: The names of what changes, and what to.
            keep: Whether what was accepted so far still is.

        Raises:
            ValueError: There are no keys of such a name.
        """
        if unknown := set(changes) - {one.name for one in fields(Credentials)}:
            raise ValueError(f"There is no {', '.join(sorted(unknown))}.")
        newest = replace(self.now[-1], **changes)
        if not keep:
            self._ended |= {one.security_token for one in self.now}
        self._ended.discard(newest.security_token)
        self.now = (*self.now, newest) if keep else (newest,)

    def alibaba(self, key_id: str) -> tuple[str, str | None] | None:
        """Find the secret of a key and the session token it must come with; None for an unknown key."""
        found = (one.alibaba(key_id) for one in reversed(self.now))
        return next((pair for pair in found if pair), None)

    def ended(self, token: str) -> bool:
        """Tell whether a session token was good once."""
        return token in self._ended

    def reset(self) -> None:
        """Return to the first keys."""
        self.now = (self._first,)
        self._ended.clear()
