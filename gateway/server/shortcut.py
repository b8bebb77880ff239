"""What a server and an application may agree on beside ASGI, to save themselves a conversation.

A server may ask whether an answer is known before it has a request answered at all. And an application may be
handed a request whole, and hand its answer back whole: as messages, both cost several times as much.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

SHORTCUT = "gateway.shortcut"
"""Where an application leaves its shortcut: in the state that ASGI's lifespan has, once it has started."""

WHOLE = "gateway.whole"
"""Where a server leaves a `Whole`, in the scope of a request that is there whole.

Whatever stands between server and application and changes messages takes it away: no message will come by.
"""


class Answer(NamedTuple):
    """A whole answer.

    Attributes:
        status: HTTP's.
        head: Its headers as they are sent, each with its line break.
        body: As announced in the headers.
    """

    status: int
    head: bytes
    body: bytes


class Shortcut(Protocol):
    """Knows answers that can be given at once: without a task, or waiting for anything."""

    def takes(self, scope: Any) -> bool:
        """Return whether a request may be one to recognise, by its head alone.

        Where it may, the server waits a moment for its body before it has it answered.
        """

    def repeated(self, data: bytes, address: str | None) -> Answer | None:
        """Return the answer to a request by its bytes alone, which make it the same as one before.

        Args:
            data: One whole request and nothing else, as it was sent.
            address: Where it came from.
        """

    def recognised(self, scope: Any, body: bytes, data: bytes | None, address: str | None) -> Answer | None:
        """Return the answer to a request that is known; None for one that goes the long way.

        Args:
            scope: The request's, as ASGI has it; what is to be remembered of its answer may be left there.
            body: Its body.
            data: All its bytes, where it came in one piece.
            address: Where it came from.
        """


class Whole(Protocol):
    """A request that is there whole, and takes a whole answer.

    Attributes:
        body: The request's, which `receive` would tell as well.
    """

    body: bytes

    async def give(self, answer: Answer) -> None:
        """Send an answer, instead of all of its messages."""
