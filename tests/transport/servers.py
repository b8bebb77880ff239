"""Servers that say exactly what a test wants them to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from msgspec import Struct

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntext"

Serve = Callable[["Talk"], Awaitable[None]]


class Talk(Struct, frozen=True):
    """One connection, as its server sees it.

    Attributes:
        number: Of the connection, from 1.
    """

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def asked(self) -> bytes:
        """Wait for a request; return its head."""
        return await self.reader.readuntil(b"\r\n\r\n")

    async def say(self, *pieces: bytes) -> None:
        """Send pieces, each in a packet of its own as far as that can be had."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0)


@asynccontextmanager
async def serving(serve: Serve, **options: object) -> AsyncIterator[str]:
    """Serve every connection, and close it in the end."""
    talks: list[Talk] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = Talk(len(talks) + 1, reader, writer)
        talks.append(talk)
        try:
            await serve(talk)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, **options)  # type: ignore[arg-type]
    async with server:
        yield f"{'https' if 'ssl' in options else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        # From Python 3.12 on a server waits for its connections, and clients keep theirs open.
        for talk in talks:
            talk.writer.transport.abort()


async def always(talk: Talk) -> None:
    """Answer every request alike."""
    while True:
        await talk.asked()
        await talk.say(OK)


def saying(*pieces: bytes) -> Serve:
    """Answer one request with some bytes, and hang up."""

    async def serve(talk: Talk) -> None:
        await talk.asked()
        await talk.say(*pieces)

    return serve


def certificate(folder: Path) -> Path:
    """Write a key and the certificate of 127.0.0.1 that it signs itself; return their file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + signed.public_bytes(Encoding.PEM))
    return file
