"""Objects by identity: who remembers something about one has to know it again, and not another in its place.

An object is referred to weakly where it can be, so that it lives no longer for being remembered. Records that
the garbage collector does not see cannot; they are held, and what they take counts for whoever holds them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import ref

import msgspec
from msgspec import Struct

_BYTES_PER_BYTE = 2.2
"""What a record takes as Python objects, for each byte it takes as MessagePack.

About 2 by tracemalloc for tasks in detail; from 1.2, where most of a record is the names of fields without a
value, to 3.2, where it is short texts.
"""

_encode = msgspec.msgpack.Encoder().encode


class _Held(Struct, frozen=True):
    """Keeps an object alive."""

    one: Any

    def __call__(self) -> Any:
        return self.one


def held(one: Any) -> tuple[Callable[[], Any], int]:
    """Return what tells an object as long as it is there, and the bytes that are kept alive by that.

    Raises:
        TypeError: It cannot be referred to weakly, and not be weighed.
    """
    try:
        return ref(one), 0
    except TypeError:
        return _Held(one), int(_BYTES_PER_BYTE * len(_encode(one)))
