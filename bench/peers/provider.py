"""A provider that costs next to nothing and answers after a fixed time.

    python -m bench.peers.provider --port 9000 --delay 0.02

It knows every video: each is finished and has four jobs. Whoever asks gets the answer of GetTranscodeSummary
for the VideoIds in the address, signed or not: what is measured is the gateways, and the sandbox's own work
would take the processor from them.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import zlib
from functools import cache
from typing import cast
from urllib.parse import unquote

import msgspec
import uvloop

_IDS = re.compile(rb"[?&]VideoIds=([^ &]+)")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_JOBS = 4


@cache
def _summary(video_id: str) -> bytes:
    seed = zlib.crc32(video_id.encode())
    jobs = [
        {
            "TranscodeTemplateId": f"{seed:08x}{number:024x}",
            "TranscodeJobStatus": "TranscodeSuccess",
            "TranscodeProgress": 100,
            "CreationTime": f"2026-11-{1 + seed % 20:02}T08:00:{number:02}Z",
            "CompleteTime": f"2026-11-{1 + seed % 20:02}T08:10:{number:02}Z",
            "Format": "mp4",
            "Width": str(1920 >> number % 2),
            "Height": str(1080 >> number % 2),
            "Bitrate": f"{1000 + seed % 997}.{number}",
            "Duration": f"{60 + seed % 61}.5",
            "Fps": "25.0",
            "Filesize": 1_000_000 + seed % 99_991 + number,
        }
        for number in range(_JOBS)
    ]
    return msgspec.json.encode(
        {
            "VideoId": video_id,
            "TranscodeStatus": "CompleteAllSucc",
            "TranscodeTemplateGroupId": f"{seed:032x}",
            "CreationTime": f"2026-11-{1 + seed % 20:02}T08:00:00Z",
            "CompleteTime": f"2026-11-{1 + seed % 20:02}T08:10:03Z",
            "TranscodeJobInfoSummaryList": jobs,
        }
    )


class _Connection(asyncio.Protocol):
    """Requests of one connection, one after the other."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._transport: asyncio.Transport
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be ready."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer what is complete, after the delay."""
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        size = int(length[1]) if length else 0
        if not found or len(rest) < size:
            return
        self._buffer = rest[size:]
        asked = _IDS.search(head)
        ids = unquote(asked[1].decode()).split(",") if asked else []
        body = b'{"RequestId":"%08X","NonExistVideoIds":[],"TranscodeSummaryList":[%b]}' % (
            id(self),
            b",".join(map(_summary, ids)),
        )
        answer = (
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
            + body
        )
        asyncio.get_running_loop().call_later(self._delay, self._transport.write, answer)


async def _serve(port: int, delay: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(delay), "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--delay", type=float, default=0.0)
    chosen = parser.parse_args()
    uvloop.run(_serve(chosen.port, chosen.delay))


if __name__ == "__main__":
    main()
