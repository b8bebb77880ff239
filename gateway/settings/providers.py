"""Which providers there are, and how they are called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from gateway.settings.accounts import SOURCES, USABLE, SourceName, one_of
from gateway.settings.section import Address, Rate, Seconds, Section


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

    credentials: Literal["keys", "chain"] = Field(
        "keys",
        description="keys (as set below), chain (Alibaba Cloud's: environment, OIDC, profiles, RAM role; "
        "needs the extra `alibaba`)",
    )
    access_key_id: str | None = Field(None, description="AccessKey id; without any, the provider is left out")
    access_key_secret: SecretStr | None = Field(None, description="AccessKey secret")
    security_token: SecretStr | None = Field(None, description="STS token, for temporary keys")
    access_key_id_file: Path | None = Field(
        None, description="File of the AccessKey id, instead of ACCESS_KEY_ID; read again when it changes"
    )
    access_key_secret_file: Path | None = Field(None, description="File of the secret, likewise")
    security_token_file: Path | None = Field(None, description="File of the STS token, likewise")
    role_arn: str | None = Field(
        None, pattern=r"^acs:ram::\d+:role/.+$", description="Role to assume with what the chain finds"
    )
    sts_endpoint: str | None = Field(
        None, pattern=r"^[A-Za-z0-9.:-]+$", description="Host of STS; leave it to the chain where in doubt"
    )
    account: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9._-]+$",
        description="Any name of the account, the same at all replicas; STORE needs it where keys change",
    )
    region: str = Field("cn-shanghai", pattern=r"^[a-z0-9-]+$", description="Region; decides the endpoint")
    endpoint: Address | None = Field(
        None,
        pattern=r"^(https?://)?[A-Za-z0-9.:\[\]-]+/?$",
        description="Host or URL to call instead of the region's; http:// is for tests",
    )
    signature: Literal["acs3", "rpc"] = Field(
        "acs3", description="acs3 (ACS3-HMAC-SHA256), or rpc (the older HMAC-SHA1)"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        key_id, secret, token = (
            one_of(self, name) for name in ("access_key_id", "access_key_secret", "security_token")
        )
        if (key_id is None) != (secret is None):
            raise ValueError("ACCESS_KEY_ID and ACCESS_KEY_SECRET belong together: set both or neither")
        if self.credentials == "chain" and (key_id or token):
            raise ValueError("ACCESS_KEY_ID and its neighbours are of no use with CREDENTIALS=chain")
        if self.credentials != "chain" and (self.role_arn or self.sts_endpoint):
            raise ValueError("ROLE_ARN and STS_ENDPOINT need CREDENTIALS=chain")
        return self

    @property
    def configured(self) -> bool:
        """Whether there is anything to sign with."""
        return self.credentials == "chain" or one_of(self, "access_key_id") is not None

    @property
    def account_name(self) -> str | None:
        """Which account it is, by a name that outlives its keys; None where nothing says so."""
        return self.account or self.role_arn or self.access_key_id


class VodAccount(Alibaba):
    """One account of ApsaraVideo VOD, at one region."""

    calls_per_second: Rate = Field(15.0, description="Quota per operation and account; documented: 15")


class Vod(VodAccount):
    """ApsaraVideo VOD."""

    sources: Annotated[dict[SourceName, VodAccount], USABLE] = Field(
        default_factory=dict, description=SOURCES
    )


class ImsAccount(Alibaba):
    """One account of Intelligent Media Services, at one region."""

    calls_per_second: Rate = Field(10.0, description="Quota per operation and account; none is documented")
    video_id_path: str = Field(
        "videoId", description="Where in a job's UserData its video id is, names joined by dots"
    )


class Ims(ImsAccount):
    """Intelligent Media Services."""

    sources: Annotated[dict[SourceName, ImsAccount], USABLE] = Field(
        default_factory=dict, description=SOURCES
    )


class VisionularAccount(Section):
    """One account of Visionular media processing."""

    url: Address | None = Field(
        None,
        pattern=r"^https?://[^/?#\s@]+$",
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
    access_key_file: Path | None = Field(
        None, description="File of the access key, instead of ACCESS_KEY; read again when it changes"
    )
    secret_key_file: Path | None = Field(None, description="File of the secret key, likewise")
    final_newline: bool = Field(
        default=False, description="End the signed text in a newline, as the documented example does"
    )
    static_name: str | None = Field(
        None, pattern=r"^[A-Za-z0-9_-]+$", description="Name of the header or parameter, for header and query"
    )
    static_value: SecretStr | None = Field(None, description="Its value")
    static_value_file: Path | None = Field(None, description="File of its value, likewise")
    account: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9._-]+$",
        description="Any name of the account, the same at all replicas; STORE needs it where keys are files",
    )
    query_task: bool = Field(default=True, description="Whether the deployment offers query_task")
    calls_per_second: Rate = Field(10.0, description="Quota per operation and account; none is documented")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.url is None:
            return self
        key, secret, value = (one_of(self, name) for name in ("access_key", "secret_key", "static_value"))
        if self.auth in {"hmac", "basic"} and not (key and secret):
            raise ValueError(f"AUTH={self.auth} needs ACCESS_KEY and SECRET_KEY")
        if self.auth in {"header", "query"} and not (self.static_name and value):
            raise ValueError(f"AUTH={self.auth} needs STATIC_NAME and STATIC_VALUE")
        return self

    @property
    def configured(self) -> bool:
        """Whether there is anything to call."""
        return self.url is not None

    @property
    def account_name(self) -> str | None:
        """Which account it is, by a name that outlives its keys; None where nothing says so."""
        return self.account or (self.access_key or "" if self.access_key_file is None else None)


class Visionular(VisionularAccount):
    """Visionular media processing."""

    sources: Annotated[dict[SourceName, VisionularAccount], USABLE] = Field(
        default_factory=dict, description=SOURCES
    )
