"""Notifications: signed as each provider signs them, and sent over HTTP when work ends."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from hashlib import md5
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import msgspec

from gateway.sandbox.events import Endings
from gateway.sandbox.world import World

PRODUCTS: Final[Mapping[str, str]] = {"VOD": "VOD", "IMS": "ICE"}
PROVIDERS: Final = ("VOD", "IMS", "VISIONULAR")
LONGEST_NAP: Final = 0.05  # seconds of real time: the world's clock may run fast, or be put forward
ANSWER_WITHIN: Final = 5.0


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a provider's notifications go, and the key that signs them; Visionular signs nothing.

    ``public`` is the address as it is signed, where something in front of the receiver changes it.
    """

    provider: str
    url: str
    key: str = ""
    public: str = ""


class BadTargetError(ValueError):
    """A target that will not do; the message says why."""


class Callbacks:
    """Sends notifications for as long as there are targets."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._targets: dict[str, Target] = {}
        self._answers: Counter[str] = Counter()
        self._sender: asyncio.Task[None] | None = None

    def read(self, body: bytes) -> list[Target]:
        """Read targets.

        Raises:
            BadTargetError: If they cannot be understood, or lead away from this machine.
        """
        try:
            targets = msgspec.json.decode(body, type=list[Target])
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BadTargetError(str(error)) from None
        for target in targets:
            if target.provider not in PROVIDERS:
                raise BadTargetError(f"Unknown provider; known: {', '.join(PROVIDERS)}.")
            if not _is_here(target.url):
                raise BadTargetError("url must be http:// to a loopback address, with its port.")
        return targets

    def replace(self, targets: list[Target]) -> None:
        """Send to these from now on, and to nobody else."""
        self.stop()
        self._targets = {target.provider: target for target in targets}
        if targets:
            endings = Endings(self._world, set(self._targets), self._world.now())
            self._sender = asyncio.create_task(self._send_all(endings))

    def stop(self) -> None:
        """Send nothing any more."""
        if self._sender is not None:
            self._sender.cancel()
        self._sender = None
        self._targets = {}
        self._answers.clear()

    def report(self) -> dict[str, object]:
        """Tell who is notified, and how many notifications were answered how."""
        targets = {target.provider: target.url.partition("?")[0] for target in self._targets.values()}
        return {"targets": targets, "answers": dict(self._answers)}

    async def _send_all(self, endings: Endings) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                for ending in endings.due(self._world.now()):
                    group.create_task(self._send(self._targets[ending.provider], ending.body()))
                await asyncio.sleep(LONGEST_NAP)

    async def _send(self, target: Target, message: object) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                status = await _post(target, msgspec.json.encode(message))
        except (OSError, TimeoutError, ValueError, IndexError):
            status = "none"
        self._answers[status] += 1


def signed(target: Target, second: int) -> dict[str, str]:
    """Return the headers that prove who sends."""
    product = PRODUCTS.get(target.provider)
    if product is None:
        return {}
    text = f"{target.public or target.url}|{second}|{target.key}".encode()
    return {
        f"X-{product}-TIMESTAMP": str(second),
        f"X-{product}-SIGNATURE": md5(text, usedforsecurity=False).hexdigest(),
    }


async def _post(target: Target, body: bytes) -> str:
    """Send a request as plain HTTP/1.1, and return the status of the answer."""
    address = urlsplit(target.url)
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    headers = {
        "Host": address.netloc,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **signed(target, int(time.time())),
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write("\r\n".join(lines).encode("latin-1") + body)
        await writer.drain()
        status = (await reader.readline()).split()[1].decode()
        await reader.read()
    finally:
        writer.close()
    return status


def _is_here(url: str) -> bool:
    try:
        address = urlsplit(url)
        return (
            address.scheme == "http"
            and address.port is not None
            and url.isprintable()
            and " " not in url
            and ip_address(address.hostname or "").is_loopback
        )
    except ValueError:
        return False
