"""Keys in files that change while they are used."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.credentials.files import Files
from gateway.credentials.source import CredentialSource, NoCredentialsError
from gateway.providers.signing import Credentials


def keys(name: str, token: str | None = None) -> Credentials:
    """Return keys named for their turn."""
    return Credentials(access_key_id=f"{name}-id", access_key_secret=f"{name}-s3cret", security_token=token)


class Volume:
    """A secret as Kubernetes mounts it: files are links into ``..data``, a link that is swapped at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._turn = 0

    def write(self, name: str) -> None:
        """Put other keys in place of those that are there."""
        self._turn += 1
        folder = self.root / f"..2026_{self._turn}"
        folder.mkdir()
        (folder / "id").write_text(f"{name}-id\n")
        (folder / "secret").write_text(f"{name}-s3cret\n")
        link = self.root / "..data_tmp"
        link.symlink_to(folder.name)
        link.rename(self.root / "..data")
        for file in ("id", "secret"):
            if not (self.root / file).exists():
                (self.root / file).symlink_to(f"..data/{file}")

    def source(self) -> Files:
        """Return keys from it."""
        return Files(key_id=self.root / "id", secret=self.root / "secret")


@pytest.fixture
def volume(tmp_path: Path) -> Volume:
    """A volume with keys."""
    volume = Volume(tmp_path)
    volume.write("first")
    return volume


async def test_a_swapped_volume_is_read_again(volume: Volume) -> None:
    """New keys are signed with from the next request on; nothing is restarted."""
    source: CredentialSource = volume.source()
    await source.ready()
    assert source.current() == keys("first")
    volume.write("second")
    assert source.current() == keys("second")


@pytest.mark.parametrize("replace", [True, False], ids=["renamed", "in place"])
def test_a_single_file_is_read_again(tmp_path: Path, *, replace: bool) -> None:
    """It may be replaced or rewritten; with the same length and, as far as seconds go, the same date."""
    secret = tmp_path / "secret"
    secret.write_text("s3cret1")
    source = Files(key_id="id", secret=secret, token="token")
    assert source.current().access_key_secret == "s3cret1"
    target = tmp_path / "other" if replace else secret
    target.write_text("s3cret2")
    target.rename(secret)
    assert source.current() == Credentials(
        access_key_id="id", access_key_secret="s3cret2", security_token="token"
    )


def _lost(volume: Volume) -> None:
    (volume.root / "..data").unlink()


def _emptied(volume: Volume) -> None:
    (volume.root / "secret").resolve().write_text("\n")


def _garbled(volume: Volume) -> None:
    (volume.root / "secret").resolve().write_bytes(b"\xff\x00s3cret")


@pytest.mark.parametrize("spoil", [_lost, _emptied, _garbled])
def test_what_cannot_be_read_changes_nothing(
    volume: Volume, caplog: pytest.LogCaptureFixture, spoil: Callable[[Volume], None]
) -> None:
    """The last keys stay in use; the log says so once, by the name of the file and without what it holds."""
    source = volume.source()
    assert source.current() == keys("first")
    spoil(volume)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert source.current() == keys("first")
    [record] = caplog.records
    assert "the last ones stay in use" in record.getMessage()
    assert "s3cret" not in caplog.text


async def test_files_that_never_could_be_read_are_an_error(tmp_path: Path) -> None:
    """The reason names the file."""
    source = Files(key_id=tmp_path / "id", secret=tmp_path / "secret")
    with pytest.raises(NoCredentialsError, match="id cannot be read"):
        await source.ready()


async def test_a_refusal_reads_whatever_the_dates_say(tmp_path: Path) -> None:
    """Some file systems keep a date; a provider's refusal is taken more seriously."""
    secret = tmp_path / "secret"
    secret.write_text("s3cret1")
    source = Files(key_id="id", secret=secret)
    first = source.current()
    assert not await source.renew(first)
    before = secret.stat()
    secret.write_text("s3cret2")
    os.utime(secret, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert source.current() == first
    assert await source.renew(first)
    assert source.current().access_key_secret == "s3cret2"
