"""How answers are given again, and in which form they are sent."""

from __future__ import annotations

from pydantic import Field

from gateway.settings.section import Section


class Answers(Section):
    """Answers that are given again, compressed, kept by caches."""

    memory_bytes: int = Field(
        33_554_432,
        ge=0,
        description="Bytes that answers and parts of them may take, kept to be given again; 0 keeps none",
    )
    public: bool = Field(
        default=False, description="Let caches that clients share, such as a CDN, keep answers to GET"
    )
    # Below, the headers of gzip and the time to make it outweigh what is saved.
    compress_from: int = Field(
        1024, ge=0, description="Bytes from which an answer is compressed for clients that take gzip; 0: none"
    )
    incremental: bool = Field(
        default=False, description="Answer documents with @defer and @stream in parts, as multipart/mixed"
    )
