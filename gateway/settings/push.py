"""Which notifications of providers are taken."""

from __future__ import annotations

from typing import Self

from pydantic import Field, SecretStr, model_validator

from gateway.settings.section import Seconds, Section

_ADDRESS = r"^https?://[^\s|]{1,256}$"


class Push(Section):
    """Notifications that providers send to /push/...; a provider without key or secret has no such door."""

    vod_key: SecretStr | None = Field(
        None, description="Key of VOD's callback authentication; the old and the new joined by a comma"
    )
    vod_url: str | None = Field(
        None, pattern=_ADDRESS, description="Callback URL as configured at VOD, .../push/vod; it is signed"
    )
    ims_key: SecretStr | None = Field(
        None, description="Key of IMS's callback authentication; the old and the new joined by a comma"
    )
    ims_url: str | None = Field(
        None, pattern=_ADDRESS, description="Callback URL as configured at IMS, .../push/ims; it is signed"
    )
    visionular_secret: SecretStr | None = Field(
        None,
        description="Secret that Visionular's notify address carries as ?key=...; at least 16 characters",
    )
    visionular_header: str | None = Field(
        None, pattern=r"^[A-Za-z0-9-]+$", description="Header that carries it instead, added by a proxy"
    )
    window: Seconds = Field(300.0, description="How far a notification's time may be from ours, seconds")
    per_second: float = Field(50.0, ge=1, le=1000, description="Notifications taken a second and provider")
    # A stream of TranscodeComplete takes some 700 bytes; this is a hundred of them.
    max_body: int = Field(65_536, ge=1024, le=1_000_000, description="Largest notification, bytes")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for name in ("vod", "ims"):
            if (getattr(self, f"{name}_key") is None) != (getattr(self, f"{name}_url") is None):
                names = f"{name}_KEY and {name}_URL".upper().replace("AND", "and")
                raise ValueError(f"{names} belong together: set both or neither")
        secret = self.visionular_secret
        if secret is not None and min(map(len, words(secret))) < 16:  # noqa: PLR2004 - as described
            raise ValueError(
                "VISIONULAR_SECRET must have at least 16 characters: it is all that is asked for"
            )
        return self


def words(secret: SecretStr) -> tuple[str, ...]:
    """Return the keys in a secret that may hold several."""
    return tuple(filter(None, (word.strip() for word in secret.get_secret_value().split(",")))) or ("",)
