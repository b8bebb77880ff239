"""Who of the replicas fetches a key: a short mark in the store that one of them can set.

A mark is a hint and not a lock. It runs out by itself, and a store that is away grants every mark: at worst a
key is fetched twice, within the quota, where waiting for a replica that has died would fetch it never.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from gateway.upstream.server import Server

# Keys that carry our own mark already are ours again: a retry, or the halves of a batch, come back for them.
_CLAIM = """
local taken = {}
for number, key in ipairs(KEYS) do
    if redis.call('SET', key, ARGV[1], 'NX', 'PX', ARGV[2]) or redis.call('GET', key) == ARGV[1] then
        taken[#taken + 1] = number
    end
end
return taken
"""

_RELEASE = """
for _, key in ipairs(KEYS) do
    if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
"""


class Leases:
    """The marks of one replica."""

    def __init__(self, server: Server, *, seconds: float) -> None:
        self._server = server
        self._milliseconds = int(seconds * 1000)
        self._mark = secrets.token_hex(8)
        self._claim = server.client.register_script(_CLAIM)
        self._release = server.client.register_script(_RELEASE)

    async def claim(self, keys: Sequence[str]) -> set[str]:
        """Mark some keys and return those that no other replica has marked.

        Raises:
            Away: The server gave no answer.
        """
        numbers = await self._server.ask(
            lambda: self._claim(keys=keys, args=[self._mark, self._milliseconds])
        )
        return {keys[number - 1] for number in numbers}

    async def release(self, keys: Sequence[str]) -> None:
        """Take our marks off some keys.

        Raises:
            Away: The server gave no answer.
        """
        await self._server.ask(lambda: self._release(keys=keys, args=[self._mark]))
