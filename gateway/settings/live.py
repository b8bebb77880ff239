"""What is watched, how often, and how long anybody may watch."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from gateway.settings.section import Seconds, Section


class Live(Section):
    """Subscriptions. The defaults are argued in `gateway.live.policy` and `gateway.web.sessions`."""

    share: float = Field(
        0.75, gt=0, le=1, description="Part of every operation's quota that watching may use"
    )
    quick: Seconds = Field(1.0, description="Pause between two looks at what moves, seconds")
    slow: Seconds = Field(15.0, description="The same for what has not changed for long, seconds")
    ids: int = Field(50, ge=1, le=50, description="Ids of one subscription")
    per_connection: int = Field(100, ge=1, le=10_000, description="Operations at a time on one WebSocket")
    per_principal: int = Field(
        1000, ge=1, le=1_000_000, description="Subscriptions at a time of one key, token or address"
    )
    connections: int = Field(
        20_000, ge=0, le=1_000_000, description="WebSockets and event streams at a time; 0: none"
    )
    message: int = Field(
        65_536, ge=1024, le=1_000_000, description="Longest message from a WebSocket, characters"
    )
    hello: Seconds = Field(5.0, description="Time a WebSocket has to say who it is, seconds")
    idle: Seconds = Field(300.0, description="Time a WebSocket may stay open without operations, seconds")
    lifetime: Seconds = Field(
        3600.0, description="Age at which a connection is ended, to be made again, seconds"
    )
    heartbeat: Seconds = Field(15.0, description="Silence after which a sign of life is sent, seconds")
    patience: Seconds = Field(30.0, description="Time a client may take to read one message, seconds")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.slow < self.quick:
            raise ValueError("SLOW must not be shorter than QUICK")
        return self
