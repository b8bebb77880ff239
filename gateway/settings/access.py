"""Who may ask."""

from __future__ import annotations

import re
from typing import Self

from pydantic import Field, SecretStr, model_validator

from gateway.settings.section import Seconds, Section, has_host

_LEAST_POINTS = 300
_OWN_MACHINE = re.compile(r"http://(127\.0\.0\.1|localhost)(:\d+)?(/|$)")


class Access(Section):
    """Who may ask. The defaults let nobody."""

    anonymous: bool = Field(default=False, description="Answer clients that send no credential")
    anonymous_scopes: str = Field("all", description="What those may, scopes joined by spaces")
    keys: SecretStr | None = Field(
        None, description="API keys as name:sha256:scopes, joined by semicolons; `gateway key` makes one"
    )
    jwks: str | None = Field(
        None, description="File or https:// URL of the JSON Web Key Set that tokens are signed with"
    )
    jwt_issuer: str | None = Field(None, description="The iss of tokens")
    jwt_audience: str | None = Field(None, description="The aud of tokens")
    jwt_algorithms: str = Field("RS256,ES256", description="How tokens may be signed, joined by commas")
    jwt_leeway: float = Field(30.0, ge=0, le=300, description="How far clocks may differ, seconds")
    jwt_scope_claim: str = Field("scope", description="Claim that holds a token's scopes, a list or words")
    jwt_scope_prefix: str = Field("", description="What our scopes begin with there, e.g. gateway:")
    jwks_refresh: Seconds = Field(300.0, description="Age at which the key set is read again, seconds")
    # A dashboard that polls a hundred videos every second and is always answered from memory spends some 200;
    # one that always needs the providers could make ten calls a second, two thirds of one quota.
    points_per_minute: int = Field(
        6000,
        ge=0,
        le=100_000_000,
        description="Points a client may spend in a minute: 10 a provider call, 1 per 10 fields; 0: any",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.jwks is not None:
            if not (self.jwt_issuer and self.jwt_audience):
                raise ValueError("JWKS needs JWT_ISSUER and JWT_AUDIENCE: a token for others is none for us")
            secured = self.jwks.startswith("https://") and has_host(self.jwks)
            if "://" in self.jwks and not (secured or _OWN_MACHINE.match(self.jwks)):
                raise ValueError("JWKS must be a file or an https:// URL: its keys decide who is let in")
        if 0 < self.points_per_minute < _LEAST_POINTS:
            raise ValueError(
                f"POINTS_PER_MINUTE must be 0 or at least {_LEAST_POINTS}: one query may cost that"
            )
        return self

    @property
    def decided(self) -> bool:
        """Whether anybody may ask, be it everybody."""
        return self.anonymous or self.keys is not None or self.jwks is not None
