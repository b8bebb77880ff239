"""Which providers there are, and how they are called."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from gateway.settings.section import Rate, Seconds, Section


class Http(Section):
    """How providers are called."""

    # The official SDKs wait 5 s for a connection and 10 s for each read.
    connect_timeout: Seconds = Field(2.0, description="Time to connect to a provider, seconds")
    total_timeout: Seconds = Field(5.0, description="Time one provider call may take in all, seconds")
    max_answer: int = Field(
        5_000_000, ge=10_000, description="Largest provider answer after decompression, bytes"
    )


class Alibaba(Section):
    """What both Alibaba products are configured with."""

    access_key_id: str | None = Field(None, description="AccessKey id; without it the provider is left out")
    access_key_secret: SecretStr | None = Field(None, description="AccessKey secret")
    security_token: SecretStr | None = Field(None, description="STS token, for temporary keys")
    region: str = Field("cn-shanghai", pattern=r"^[a-z0-9-]+$", description="Region; decides the endpoint")
    endpoint: str | None = Field(
        None,
        pattern=r"^(https?://)?[A-Za-z0-9.:\[\]-]+/?$",
        description="Host or URL to call instead of the region's; http:// is for tests",
    )
    signature: Literal["acs3", "rpc"] = Field(
        "acs3", description="acs3 (ACS3-HMAC-SHA256), or rpc (the older HMAC-SHA1)"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.access_key_id is None) != (self.access_key_secret is None):
            raise ValueError("ACCESS_KEY_ID and ACCESS_KEY_SECRET belong together: set both or neither")
        return self

    @property
    def configured(self) -> bool:
        """Whether there is anything to sign with."""
        return self.access_key_id is not None


class Vod(Alibaba):
    """ApsaraVideo VOD."""

    calls_per_second: Rate = Field(15.0, description="Quota per operation and account; documented: 15")


class Ims(Alibaba):
    """Intelligent Media Services."""

    calls_per_second: Rate = Field(10.0, description="Quota per operation and account; none is documented")
    video_id_path: str = Field(
        "videoId", description="Where in a job's UserData its video id is, names joined by dots"
    )


class Visionular(Section):
    """Visionular media processing."""

    url: str | None = Field(
        None,
        pattern=r"^https?://[^/?#\s]+$",
        description="Address of the service, e.g. https://cloud.visionular.cn; leave it out to do without",
    )
    path: str = Field(
        "/api", pattern=r"^/[A-Za-z0-9/_-]*[A-Za-z0-9_-]$", description="Path before operations"
    )
    auth: Literal["hmac", "basic", "header", "query", "none"] = Field(
        "hmac", description="hmac (the Visionular scheme), basic, header, query, none"
    )
    access_key: str | None = Field(None, description="Access key, for hmac and basic")
    secret_key: SecretStr | None = Field(None, description="Secret key, for hmac and basic")
    final_newline: bool = Field(
        default=False, description="End the signed text in a newline, as the documented example does"
    )
    static_name: str | None = Field(
        None, pattern=r"^[A-Za-z0-9_-]+$", description="Name of the header or parameter, for header and query"
    )
    static_value: SecretStr | None = Field(None, description="Its value")
    query_task: bool = Field(default=True, description="Whether the deployment offers query_task")
    calls_per_second: Rate = Field(10.0, description="Quota per operation and account; none is documented")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.url is None:
            return self
        if self.auth in {"hmac", "basic"} and not (self.access_key and self.secret_key):
            raise ValueError(f"AUTH={self.auth} needs ACCESS_KEY and SECRET_KEY")
        if self.auth in {"header", "query"} and not (self.static_name and self.static_value):
            raise ValueError(f"AUTH={self.auth} needs STATIC_NAME and STATIC_VALUE")
        return self

    @property
    def configured(self) -> bool:
        """Whether there is anything to call."""
        return self.url is not None
