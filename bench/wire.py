"""The wire between gateways and provider: passes everything on, and writes down when requests arrive.

    python -m bench.wire PORT PROVIDER_PORT

One line per request on standard output: its operation, and the second of the wall clock at which the kernel
had it. That is what a provider with a machine of its own would count by. The sandbox, a process among busy
ones, now and then reads two requests late and together; this tells such a second from one in which too many
were sent. Linux only.
"""

from __future__ import annotations

import re
import selectors
import socket
import struct
import sys
from functools import partial

# Not in the socket module: Linux adds to what is received the time at which it was.
_SO_TIMESTAMPNS = 35
_OPERATION = re.compile(rb"(?:Action=|x-acs-action: *)(\w+)", re.IGNORECASE)


class Wire:
    """All connections.

    Args:
        port: Where to listen.
        provider: Where to pass on to.
    """

    def __init__(self, port: int, provider: int) -> None:
        self._provider = provider
        self._ready = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", port))
        # On the listener, so that it holds for what arrives before a connection is accepted.
        self._listener.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._ready.register(self._listener, selectors.EVENT_READ, self._accept)

    def run(self) -> None:
        """Pass on for ever."""
        while True:
            for key, _ in self._ready.select():
                key.data()

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        provider = socket.create_connection(("127.0.0.1", self._provider))
        for end in (client, provider):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        under_way: list[bytes] = []
        self._ready.register(
            client, selectors.EVENT_READ, partial(self._request, client, provider, under_way)
        )
        self._ready.register(
            provider, selectors.EVENT_READ, partial(self._answer, client, provider, under_way)
        )

    def _request(self, client: socket.socket, provider: socket.socket, under_way: list[bytes]) -> None:
        try:
            data, received, *_ = client.recvmsg(1 << 16, socket.CMSG_SPACE(16))
            provider.sendall(data)
        except OSError:
            data, received = b"", []
        if not data:
            self._close(client, provider)
        elif not under_way:
            under_way.append(data)
            seconds, nanoseconds = struct.unpack("ll", received[0][2])
            operation = _OPERATION.search(data)
            name = operation[1].decode() if operation else "?"
            print(name, f"{seconds + nanoseconds / 1e9:.6f}", flush=True)

    def _answer(self, client: socket.socket, provider: socket.socket, under_way: list[bytes]) -> None:
        try:
            data = provider.recv(1 << 16)
            client.sendall(data)
        except OSError:
            data = b""
        under_way.clear()
        if not data:
            self._close(client, provider)

    def _close(self, *ends: socket.socket) -> None:
        for end in ends:
            if end.fileno() >= 0:
                self._ready.unregister(end)
                end.close()


def most_in_a_second(moments: list[float]) -> int:
    """Return the most moments that any sliding second holds."""
    first, most = 0, 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


if __name__ == "__main__":
    Wire(int(sys.argv[1]), int(sys.argv[2])).run()
