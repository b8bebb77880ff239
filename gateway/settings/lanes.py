"""How the quota is used, and what is remembered."""

from __future__ import annotations

from typing import Self

from pydantic import Field, SecretStr, model_validator

from gateway.settings.section import Seconds, Section, has_host


class Lanes(Section):
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
        description="Gateways that share the account at most; each keeps to its part without a store",
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
        store = self.store.get_secret_value() if self.store else "unix://"
        if not store.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("STORE must begin with redis://, rediss:// or unix://")
        if not store.startswith("unix://") and not has_host(store):
            raise ValueError("STORE names no host; in its password write / ? # as %2F %3F %23")
        return self
