"""Requests, as they are sent; and one without a body that is the text to send from its beginning.

For httpx an address is taken apart letter by letter, and every header becomes bytes, twice, and is looked
through: a fifth of what a call costs, and on the short way nobody looks at either. So a `Request` makes of
its text what httpx knows only for whoever asks, such as a transport of httpx's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import httpx

Origin = tuple[str, str, int]
"""Scheme, host and port: what a connection is made to."""

_PORTS = {"http": 80, "https": 443}
_NO_BODY = httpx.ByteStream(b"")


class Endpoint:
    """Where requests go.

    Args:
        url: Scheme and host, and the path that targets begin with.

    Attributes:
        url: The same.
        host: As the header of this name says it.
        path: As it is sent.
    """

    def __init__(self, url: httpx.URL | str) -> None:
        self.url = httpx.URL(url)
        self.host = self.url.netloc.decode("ascii")
        self.path = self.url.copy_with(query=None).raw_path.decode("ascii")

    @cached_property
    def origin(self) -> Origin:
        """What connections are made to.

        Raises:
            httpx.UnsupportedProtocol: Nothing that speaks HTTP.
        """
        return _origin(self.url)


class Request(httpx.Request):
    """A request without a body.

    Args:
        method: In capitals.
        endpoint: Where it goes.
        target: Path and query, quoted.
        headers: All that it says, ``host`` included.
        extensions: As httpx has them.

    Attributes:
        endpoint: The same.
    """

    def __init__(  # httpx's own would make at once what is made here when it is asked for
        self,
        method: str,
        endpoint: Endpoint,
        target: str,
        headers: Mapping[str, str],
        *,
        extensions: Mapping[str, Any],
    ) -> None:
        self.method = method
        self.endpoint = endpoint
        self.extensions = dict(extensions)
        self.stream = _NO_BODY
        self._content = b""
        self._target = target
        self._said = headers

    @cached_property
    def url(self) -> httpx.URL:  # type: ignore[override]  # it may be set as well
        """The whole address."""
        return self.endpoint.url.copy_with(raw_path=self._target.encode("ascii"))

    @cached_property
    def headers(self) -> httpx.Headers:  # type: ignore[override]  # it may be set as well
        """The headers."""
        return httpx.Headers(self._said)

    @property
    def head(self) -> bytes | None:
        """All of it; None once somebody has asked for what httpx makes of it, and may have changed that."""
        if "headers" in self.__dict__ or "url" in self.__dict__:
            return None
        lines = [f"{self.method} {self._target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in self._said.items()]
        return _head(lines).encode("ascii")


def head_of(request: httpx.Request) -> bytes:
    """Return what is sent of a request before its body.

    Raises:
        httpx.LocalProtocolError: It would end within a header.
    """
    head = request.head if isinstance(request, Request) else None
    if head is None:
        lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
        lines += [b"%s: %s" % header for header in request.headers.raw]
        # As Latin-1 every byte is a letter, whatever it was meant to be.
        head = _head([line.decode("latin-1") for line in lines]).encode("latin-1")
    return head


def origin_of(request: httpx.Request) -> Origin:
    """Return what a request's connection is made to.

    Raises:
        httpx.UnsupportedProtocol: Nothing that speaks HTTP.
    """
    if isinstance(request, Request) and "url" not in request.__dict__:
        return request.endpoint.origin
    return _origin(request.url)


def _head(lines: list[str]) -> str:
    said = "".join(lines)
    if "\n" in said or "\r" in said or "\0" in said:
        raise httpx.LocalProtocolError("A header holds characters that end it.")
    return "\r\n".join([*lines, "", ""])


def _origin(url: httpx.URL) -> Origin:
    scheme = url.scheme
    if scheme not in _PORTS:
        raise httpx.UnsupportedProtocol("Only http and https are supported.")
    return scheme, url.raw_host.decode("ascii"), url.port or _PORTS[scheme]
