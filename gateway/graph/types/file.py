"""Files: where they are kept, and the sources that jobs read."""

from __future__ import annotations

import strawberry

from gateway.graph.scalars import BigInt


@strawberry.type(description="Where a file is kept.")
class Location:
    """See `gateway.domain.records.Location`."""

    type: str | None = strawberry.field(
        description=(
            "Kind of storage in the provider's words: OSS or Media (IMS), s3, oss or obs (Visionular). "
            "Null where the provider does not tell."
        )
    )
    uri: str | None = strawberry.field(
        description=(
            "Address or media id as it was given to the provider (IMS Media; Visionular input and output). "
            "Null where the provider does not tell."
        )
    )
    url: str | None = strawberry.field(
        description="A second address that IMS sends beside uri. Null where it sends none."
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


@strawberry.type(description="A source file.")
class Input:
    """See `gateway.domain.records.Input`."""

    name: str | None = strawberry.field(
        description="Name of the input in the job's configuration (IMS). Null for other providers."
    )
    location: Location | None = strawberry.field(
        description="Where the file is kept (IMS, Visionular). Null for VOD, which tells only its url."
    )
    url: str | None = strawberry.field(
        description=(
            "Downloadable address (VOD, Visionular). May be pre-signed and expire: do not store or log it. "
            "Null where the provider does not tell."
        )
    )
    bitrate: float | None = strawberry.field(
        description="Bitrate of the source in kbit/s (Visionular). Null where the provider does not tell."
    )
    file_size: BigInt | None = strawberry.field(
        description="Size of the source in bytes (later Visionular generations). Null where not told.",
    )
