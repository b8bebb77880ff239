"""What a request may amount to, and which documents there may be."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from gateway.settings.section import Section


class Limits(Section):
    """What a request may amount to. The defaults are argued in `gateway.graph.limits`."""

    document: int = Field(32_768, ge=100, le=1_000_000, description="Characters of a document")
    tokens: int = Field(2000, ge=10, le=20_000, description="Tokens of a document, comments counted")
    depth: int = Field(10, ge=1, le=50, description="Fields within fields")
    aliases: int = Field(30, ge=0, le=1000, description="Aliases, fragments expanded")
    name: int = Field(100, ge=10, le=1000, description="Characters of an alias")
    root_fields: int = Field(10, ge=1, le=100, description="Root fields, fragments expanded")
    directives: int = Field(50, ge=0, le=1000, description="Directives of a document")
    directives_at_once: int = Field(5, ge=0, le=100, description="Directives at one place")
    parts: int = Field(
        500, ge=10, le=10_000, description="Selections, arguments and listed values, fragments expanded"
    )
    ids: int = Field(50, ge=1, le=50, description="Values of one list argument")
    page: int = Field(100, ge=1, le=100, description="Objects in one page")
    nodes: int = Field(10_000, ge=1, le=1_000_000, description="Objects an answer could hold")
    calls: int = Field(20, ge=1, le=1000, description="Provider calls an answer could take")
    errors: int = Field(10, ge=1, le=100, description="Errors in one answer")
    message: int = Field(200, ge=20, le=200, description="Characters of an error's message")
    suggestions: bool = Field(
        default=False, description="Let errors name what else there is (Did you mean ...)"
    )


class Documents(Section):
    """Documents by id instead of text."""

    mode: Literal["off", "allow", "only"] = Field(
        "off", description="off; allow (ids of the manifest too); only (nothing but the manifest's documents)"
    )
    manifest: str | None = Field(
        None, description="File that graphql-codegen, Relay or Apollo wrote, or a folder of such and .graphql"
    )
    remembered: int = Field(
        0, ge=0, le=100_000, description="Documents kept for Apollo's automatic persisted queries; 0: none"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.mode == "off") != (self.manifest is None):
            raise ValueError("MODE allow or only and MANIFEST belong together: set both or neither")
        return self
