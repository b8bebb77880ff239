"""Files: where they are kept, and the sources that jobs read."""

from __future__ import annotations

from typing import Any

import strawberry

from gateway.access.scopes import Scope
from gateway.domain import records
from gateway.execution import from_parent
from gateway.graph.attribute import attribute
from gateway.graph.context import GatewayInfo
from gateway.graph.scalars import BigInt


def _address(record: Any, info: GatewayInfo, name: str) -> str | None:
    """Return an address, which may be one that lets whoever holds it download."""
    info.context.principal.need(Scope.URLS)
    address: str | None = attribute(record, name)
    return address


@strawberry.type(description="Where a file is kept.")
class Location:
    """See `gateway.domain.records.Location`."""

    type: str | None = strawberry.field(
        description=(
            "Kind of storage in the provider's words: OSS or Media (IMS), s3, oss or obs (Visionular). "
            "Null where the provider does not tell."
        )
    )
    bucket: str | None = strawberry.field(
        description="Name of the storage bucket (Visionular). Null for other providers."
    )
    object_key: str | None = strawberry.field(
        description="Name of the object within its bucket (Visionular objkey). Null for other providers."
    )
    region: str | None = strawberry.field(
        description=(
            "Region of the bucket (Visionular) or the file (IMS). Null where the provider does not tell."
        )
    )

    @strawberry.field(
        description=(
            "Address or media id as it was given to the provider (IMS Media; Visionular input and output). "
            "Null where the provider does not tell; an error with code FORBIDDEN without the scope urls."
        )
    )
    @staticmethod
    @from_parent
    def uri(root: strawberry.Parent[records.Location], info: GatewayInfo) -> str | None:
        return _address(root, info, "uri")

    @strawberry.field(
        description=(
            "A second address that IMS sends beside uri. Null where it sends none; an error with code "
            "FORBIDDEN without the scope urls."
        )
    )
    @staticmethod
    @from_parent
    def url(root: strawberry.Parent[records.Location], info: GatewayInfo) -> str | None:
        return _address(root, info, "url")


@strawberry.type(description="A source file.")
class Input:
    """See `gateway.domain.records.Input`."""

    name: str | None = strawberry.field(
        description="Name of the input in the job's configuration (IMS). Null for other providers."
    )
    location: Location | None = strawberry.field(
        description="Where the file is kept (IMS, Visionular). Null for VOD, which tells only its url."
    )
    bitrate: float | None = strawberry.field(
        description="Bitrate of the source in kbit/s (Visionular). Null where the provider does not tell."
    )
    file_size: BigInt | None = strawberry.field(
        description="Size of the source in bytes (later Visionular generations). Null where not told.",
    )

    @strawberry.field(
        description=(
            "Downloadable address (VOD, Visionular). May be pre-signed and expire: do not store or log it. "
            "Null where the provider does not tell; an error with code FORBIDDEN without the scope urls."
        )
    )
    @staticmethod
    @from_parent
    def url(root: strawberry.Parent[records.Input], info: GatewayInfo) -> str | None:
        return _address(root, info, "url")
