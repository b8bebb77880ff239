"""What can be configured, and the reader.

A setting is an environment variable: the prefix ``GATEWAY_``, the section, the name. The same sections and
names may stand in a TOML file that ``GATEWAY_CONFIG`` points to; the environment wins. Whatever is wrong or
missing is reported at once, by the name of the variable, never with its value.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticUndefined
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

PREFIX = "GATEWAY_"
FILE = "GATEWAY_CONFIG"

Seconds = Annotated[float, Field(gt=0)]
_LEAST_POINTS = 300
_OWN_MACHINE = re.compile(r"http://(127\.0\.0\.1|localhost)(:\d+)?(/|$)")

Rate = Annotated[float, Field(gt=0, le=1000)]


class SettingsError(Exception):
    """The configuration cannot be used.

    Args:
        problems: One line for each, naming the variable and the remedy, without any value.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Server(_Section):
    """Where the gateway listens and what it accepts."""

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on")
    graphiql: bool = Field(default=False, description="Show browsers GraphiQL at /graphql")
    sample_videos: str = Field(
        "",
        pattern=r"^[^\s\"]*$",
        description="VOD video ids, joined by commas, for GraphiQL's sample queries",
    )
    cursor_secret: SecretStr | None = Field(
        None, description="Signs the cursors of lists; the same on all replicas. Without it a known key does"
    )
    # Well above what a persisted or hand-written query with fifty ids needs.
    max_body: int = Field(262_144, ge=1024, description="Largest request body, bytes")
    body_timeout: Seconds = Field(5.0, description="Time a client has to send its body, seconds")
    # Below the patience of browsers and ingresses (30 to 60 s), above a cold queue at 15 calls a second.
    request_timeout: Seconds = Field(10.0, description="Time an operation may take in all, seconds")
    hosts: str = Field(
        "",
        pattern=r"^[A-Za-z0-9.:*\[\], -]*$",
        description="Host headers that are answered, joined by commas, ports included; empty for any",
    )
    cors_origins: str = Field(
        "",
        pattern=r"^[A-Za-z0-9.:*/\[\], -]*$",
        description="Origins whose pages may ask, such as https://app.example.com, joined by commas",
    )
    preflight: bool = Field(
        default=True,
        description="Refuse a GET that any page could make a browser send",
    )
    concurrency: int = Field(256, ge=1, le=10_000, description="Requests answered at the same time")
    queue: int = Field(64, ge=1, le=10_000, description="Requests that wait for their turn; more are refused")
    queue_timeout: Seconds = Field(0.5, description="Time a request waits for its turn, seconds")


class Access(_Section):
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
            if self.jwks.startswith("http://") and not _OWN_MACHINE.match(self.jwks):
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


class Limits(_Section):
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


class Documents(_Section):
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


class Http(_Section):
    """How providers are called."""

    # The official SDKs wait 5 s for a connection and 10 s for each read.
    connect_timeout: Seconds = Field(2.0, description="Time to connect to a provider, seconds")
    total_timeout: Seconds = Field(5.0, description="Time one provider call may take in all, seconds")
    max_answer: int = Field(
        5_000_000, ge=10_000, description="Largest provider answer after decompression, bytes"
    )


class Lanes(_Section):
    """How the quota is used and what is remembered. The defaults are argued in `gateway.upstream.policy`."""

    store: SecretStr | None = Field(
        None, description="URL of a Redis or Valkey that replicas share, redis://[:password@]host:port/db"
    )
    namespace: str = Field(
        "gateway", pattern=r"^[A-Za-z0-9._-]+$", description="First part of every key in the store"
    )
    quota_share: float = Field(1.0, gt=0, le=1, description="Part of the account's quota that is ours")
    quota_burst: int = Field(1, ge=1, le=10, description="Calls that may go out at once after a pause")
    replicas: int = Field(
        1,
        ge=1,
        le=1000,
        description="Gateways that share the account at most; each one's part if the store is away",
    )
    refresh_share: float = Field(
        1.0, ge=0, le=1, description="Part of the quota that may be spent on refreshing what nobody waits for"
    )
    hot_for: Seconds = Field(
        5.0, description="A record is kept fresh this long after it was asked for, seconds"
    )
    moving_fresh: Seconds = Field(1.0, description="Age at which unfinished work is looked at again, seconds")
    moving_stale: Seconds = Field(
        10.0, description="How much longer it may be shown while that happens, seconds"
    )
    finished_fresh: Seconds = Field(
        600.0, description="Age at which finished work is looked at again, seconds"
    )
    memory_entries: int = Field(100_000, ge=100, description="Records kept in the process at most")
    memory_bytes: int = Field(268_435_456, ge=1_000_000, description="Their estimated size at most, bytes")
    circuit_measure_only: bool = Field(
        default=False, description="Count what the circuit would refuse, and refuse nothing"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.store and not self.store.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("STORE must begin with redis://, rediss:// or unix://")
        return self


class Alibaba(_Section):
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


class Visionular(_Section):
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


class Settings(BaseSettings):
    """Everything."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    server: Server = Server()
    access: Access = Access()
    limits: Limits = Limits()
    documents: Documents = Documents()
    http: Http = Http()
    lanes: Lanes = Lanes()
    vod: Vod = Vod()
    ims: Ims = Ims()
    visionular: Visionular = Visionular()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, and nothing else have a say."""
        return (EnvSettingsSource(settings_cls), TomlConfigSettingsSource(settings_cls, os.environ.get(FILE)))

    @property
    def configured(self) -> bool:
        """Whether any provider is."""
        return self.vod.configured or self.ims.configured or self.visionular.configured


class Described(BaseModel):
    """A setting, for tables: variable, default as it would be written, meaning."""

    variable: str
    default: str
    meaning: str
    secret: bool


def read() -> Settings:
    """Return the settings of this process.

    Raises:
        SettingsError: Something is wrong or missing; all of it is named.
    """
    problems = [*_unknown(os.environ), *_file_problems(os.environ.get(FILE))]
    try:
        settings = Settings()
    except ValidationError as error:
        problems += [_problem(detail) for detail in error.errors(include_input=False, include_url=False)]
    except Exception as error:  # noqa: BLE001 - the file and env readers raise many kinds
        problems = problems or [f"{FILE}: the settings cannot be read ({type(error).__name__})."]
    else:
        if not problems:
            return settings
    raise SettingsError(problems)


def described() -> Iterator[Described]:
    """Yield every setting in the order of the code."""
    for section_name, section in Settings.model_fields.items():
        for name, field in _fields(section.annotation).items():
            default = field.default
            secret = "SecretStr" in str(field.annotation)
            shown = "" if default in {None, PydanticUndefined} else str(default)
            yield Described(
                variable=f"{PREFIX}{section_name}_{name}".upper(),
                default=shown.lower() if isinstance(default, bool) else shown,
                meaning=field.description or "",
                secret=secret,
            )


def _fields(section: Any) -> dict[str, Any]:
    fields: dict[str, Any] = section.model_fields
    return fields


def _unknown(environment: Mapping[str, str]) -> Iterator[str]:
    known = {setting.variable for setting in described()} | {FILE}
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and variable not in known:
            near = difflib.get_close_matches(variable, known, n=1)
            remedy = f"did you mean {near[0]}?" if near else "remove it; README lists the settings."
            yield f"{variable}: there is no such setting; {remedy}"


def _file_problems(file: str | None) -> Iterator[str]:
    if file and not Path(file).is_file():
        yield f"{FILE}: the file does not exist; correct the path or unset the variable."


def _problem(detail: ErrorDetails) -> str:
    location = [str(part) for part in detail["loc"]]
    variable = PREFIX + "_".join(location).upper()
    meaning = next((s.meaning for s in described() if s.variable == variable), "")
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "string_pattern_mismatch":
        message = "the value does not have the right form"
    if detail["type"] == "extra_forbidden":
        return f"{'.'.join(location)} in the file of {FILE}: there is no such setting; README lists them."
    if len(location) == 1:
        return f"{variable}_*: {message}."
    return f"{variable}: {message[0].lower()}{message[1:]}. {meaning}."
