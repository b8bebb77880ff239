"""What is asked of the graph, and what comes of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from msgspec import Struct

from gateway.graph.documents import Document
from gateway.graph.errors import refusal
from gateway.graph.reuse import Kept
from gateway.telemetry.exchange import Executed


class Request(Struct, frozen=True, kw_only=True):
    """One operation to execute, as GraphQL over HTTP names its parts."""

    query: str = ""
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    document_id: str | None = None
    query_hash: str | None = None

    @property
    def registers(self) -> bool:
        """Whether its document is to be remembered, beside being answered."""
        return bool(self.query and self.query_hash)


class Answer(Struct, frozen=True, kw_only=True):
    """What came of it.

    Attributes:
        body: The response object of the specification, section 7.1.
        executed: False where the operation was refused before any of it ran.
        operation: What was executed, for whoever tells of it.
        kept: What can be given again; None where nothing can.
        parts: Encoded payloads that take the body's place; None where the body is all.
        status: HTTP's word for a refusal; None where the media type decides.
        retry_after: Seconds after which trying again makes sense.
    """

    body: dict[str, Any]
    executed: bool
    operation: Executed | None = None
    kept: Kept | None = None
    parts: AsyncGenerator[bytes] | None = None
    status: int | None = None
    retry_after: float | None = None


def refused(refusals: list[dict[str, Any]], **how: Any) -> Answer:
    """Return the answer to what is not executed."""
    return Answer(body={"errors": refusals}, executed=False, **how)


def unresolved(document: Document, request: Request) -> list[dict[str, Any]]:
    """Return why no one operation of a valid document is meant; empty where one is."""
    if request.operation_name is None:
        if len(document.operations) == 1:
            return []
        message = "The document does not hold exactly one operation; operationName must say which."
    elif request.operation_name in document.operations:
        return []
    else:
        message = "The document holds no operation of that operationName."
    return [refusal(message, "OPERATION_RESOLUTION_FAILURE")]
