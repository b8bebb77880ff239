"""Where the gateway listens, and what it accepts."""

from __future__ import annotations

from pydantic import Field, SecretStr

from gateway.settings.section import Seconds, Section

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - named, not listened on


def from_here(host: str) -> str:
    """Return where this machine finds what listens on an address."""
    return _ANY.get(host, host)


def url_from_here(host: str, port: int) -> str:
    """Return the same as a URL."""
    here = from_here(host)
    return f"http://[{here}]:{port}" if ":" in here else f"http://{here}:{port}"


class Server(Section):
    """Where the gateway listens and what it accepts."""

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on")
    # Each is a whole gateway with an interpreter of its own, so more of them than cores are of no use.
    workers: int = Field(
        1,
        ge=1,
        le=64,
        description="Processes that answer; without a store each has a part of the quota",
    )
    graphiql: bool = Field(default=False, description="Show browsers GraphiQL at /graphql")
    federation: bool = Field(default=False, description="Be a subgraph of Apollo Federation 2")
    board: bool = Field(default=False, description="Show browsers the board at /board")
    sample_videos: str = Field(
        "",
        pattern=r"^[^\s\"]*$",
        description="VOD video ids, joined by commas, for GraphiQL's samples and the board's first visit",
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
    # Proxies and clients' pools keep idle connections for up to a minute. Were ours closed earlier, a request
    # would now and then be sent into the closing.
    idle_timeout: Seconds = Field(
        75.0,
        description="Time a connection may stay open without a whole request header, or unread, seconds; "
        "longer than whatever stands in front keeps it, short where nothing does",
    )
    drain_window: float = Field(
        5.0,
        ge=0,
        le=300,
        description="Time after SIGTERM in which requests are answered while clients go elsewhere, seconds",
    )
