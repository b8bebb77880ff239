"""An answer, as it came, that makes what httpx knows of it for whoever asks.

For httpx every header becomes three texts. Providers send a dozen, and on the short way two are looked for,
most of the time in vain.
"""

from __future__ import annotations

from functools import cached_property

import httpx

from gateway.transport.connection import Headers


class Response(httpx.Response):
    """An answer whose body is still to be read.

    Args:
        status: HTTP's.
        said: Its headers.
        stream: Its body.
        request: What it answers.

    Attributes:
        said: The same, in the order and the letters in which they came.
    """

    def __init__(  # httpx's own would make at once what is made here when it is asked for
        self, status: int, said: Headers, *, stream: httpx.AsyncByteStream, request: httpx.Request
    ) -> None:
        self.status_code = status
        self.said = said
        self.stream = stream
        self.extensions = {"http_version": b"HTTP/1.1"}
        self.history = []
        self.next_request = None
        self.default_encoding = "utf-8"
        self.is_closed = self.is_stream_consumed = False
        self._request = request
        self._num_bytes_downloaded = 0

    @cached_property
    def headers(self) -> httpx.Headers:  # type: ignore[override]  # it may be set as well
        """The headers."""
        return httpx.Headers(self.said)


def said_by(response: httpx.Response) -> Headers:
    """Return the headers of an answer, in the order and the letters in which they came."""
    return response.said if isinstance(response, Response) else response.headers.raw
