"""What passes between the ASGI application and a face: a request, an answer, a refusal."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from time import gmtime, strftime
from typing import Any
from urllib.parse import parse_qsl

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Request:
    """One HTTP request, its body read. Header names are in lower case and may repeat."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @cached_property
    def header(self) -> Mapping[str, str]:
        """Headers by name, the last one of a repeated name."""
        return dict(self.headers)

    @cached_property
    def query_pairs(self) -> list[tuple[str, str]]:
        """The query as decoded pairs. Blank values stay: the legacy SDK signs an empty ``SignatureType``."""
        return parse_qsl(self.query, keep_blank_values=True)

    @cached_property
    def form_pairs(self) -> list[tuple[str, str]]:
        """The body as decoded pairs, if it is a form."""
        if not self.body or not self.header.get("content-type", "").startswith(FORM):
            return []
        return parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True)

    @cached_property
    def parameters(self) -> Mapping[str, str]:
        """Parameters by name, wherever they were sent."""
        return dict(self.query_pairs + self.form_pairs)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP response."""

    status: int
    body: bytes
    content_type: str = "application/json;charset=utf-8"
    headers: tuple[tuple[str, str], ...] = field(default=())


class RefusalError(Exception):
    """A call the provider refuses; the face turns it into the provider's envelope."""

    def __init__(self, status: int, code: str | int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message


@lru_cache(maxsize=4096)
def iso(moment: int) -> str:
    """Write a moment as the Alibaba Cloud products do."""
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(moment))
