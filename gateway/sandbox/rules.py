"""The kinds of fault there are. A rule in JSON names its kind and may set the kind's parameters."""

from typing import Annotated, Literal

import msgspec

Percent = Annotated[float, msgspec.Meta(ge=0, le=1)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Milliseconds = Annotated[float, msgspec.Meta(ge=0)]
Failure = Annotated[int, msgspec.Meta(ge=500, le=599)]


class Rule(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """What every rule has: whom it strikes, how likely, and how often before it is spent."""

    provider: Literal["VOD", "IMS", "VISIONULAR", "vod", "ims", "visionular"] | None = None
    operation: str | None = None
    probability: Percent = 1
    count: Count | None = None


class Latency(Rule, kw_only=True, frozen=True, tag="latency"):
    """The answer comes late, by ``ms`` give or take ``jitter``."""

    ms: Milliseconds = 1000
    jitter: Milliseconds = 0


class ClockSkew(Rule, kw_only=True, frozen=True, tag="clock_skew"):
    """The provider's clock is off: its Date, and the dates it accepts in signatures."""

    seconds: float = 1200


class Throttle(Rule, kw_only=True, frozen=True, tag="throttle"):
    """Refused for rate although there is room, as when others share the account."""

    retry_after_ms: Count | None = None


class Status(Rule, kw_only=True, frozen=True, tag="status"):
    """A server error in the provider's envelope."""

    status: Failure = 503


class Error200(Rule, kw_only=True, frozen=True, tag="error200"):
    """HTTP 200 around a body that is an error."""


class Poison(Rule, kw_only=True, frozen=True, tag="poison"):
    """A call that carries one of these ids fails as a whole."""

    ids: tuple[str, ...]
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 400
    code: str | int = "InvalidParameter"


class Garbage(Rule, kw_only=True, frozen=True, tag="garbage"):
    """A body that claims to be JSON and is not."""


class Html(Rule, kw_only=True, frozen=True, tag="html"):
    """A proxy's error page."""


class Empty(Rule, kw_only=True, frozen=True, tag="empty"):
    """HTTP 200 and no body."""


class WrongType(Rule, kw_only=True, frozen=True, tag="wrong_type"):
    """A field has another type: the named one wherever it occurs, else the one with the results."""

    field: str | None = None
    value: bool | float | str | list[str] | dict[str, str] = "unexpected"


class NullData(Rule, kw_only=True, frozen=True, tag="null_data"):
    """The results are null."""


class Reset(Rule, kw_only=True, frozen=True, tag="reset"):
    """The connection is closed without an answer."""


class Truncate(Rule, kw_only=True, frozen=True, tag="truncate"):
    """The body stops half-way; its content-length agrees, or promises all of it."""

    content_length: Literal["matching", "full"] = "full"


class Drip(Rule, kw_only=True, frozen=True, tag="drip"):
    """The body comes so many bytes a second."""

    bytes_per_second: Positive = 1


class Oversize(Rule, kw_only=True, frozen=True, tag="oversize"):
    """The body goes on, in blanks, until it is so many bytes long."""

    bytes: Count = 50_000_000


class GzipBomb(Rule, kw_only=True, frozen=True, tag="gzip_bomb"):
    """The same, compressed: a small body that grows to so many bytes."""

    bytes: Count = 300_000_000


AnyRule = (
    Latency
    | ClockSkew
    | Throttle
    | Status
    | Error200
    | Poison
    | Garbage
    | Html
    | Empty
    | WrongType
    | NullData
    | Reset
    | Truncate
    | Drip
    | Oversize
    | GzipBomb
)
