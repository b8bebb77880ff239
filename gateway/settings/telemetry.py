"""What the gateway tells of itself, and to whom."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from gateway.settings.section import Seconds, Section


class Telemetry(Section):
    """Metrics and logs are on, as they need nobody; traces are sent once there is somewhere to send them."""

    metrics: bool = Field(default=True, description="Serve /metrics, for Prometheus")
    otlp_endpoint: str | None = Field(
        None,
        pattern=r"^https?://[^/?#\s@]+(/[^?#\s]*)?$",
        description="Collector that traces are sent to by OTLP over HTTP, e.g. http://localhost:4318",
    )
    otlp_headers: SecretStr | None = Field(
        None, description="Headers for the collector as name=value, joined by commas"
    )
    otlp_metrics: bool = Field(default=False, description="Send the collector what /metrics shows, too")
    otlp_interval: Seconds = Field(60.0, description="Time between two sendings of metrics, seconds")
    otlp_timeout: Seconds = Field(1.0, le=2, description="Time the collector has to take a batch, seconds")
    console: bool = Field(
        default=False, description="Print every span to the standard error, while developing"
    )
    sample_ratio: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Part of the traces that is kept where the caller does not decide; failures always are",
    )
    service_name: str = Field("transcode-gateway", min_length=1, description="service.name of all telemetry")
    log_format: Literal["auto", "json", "pretty"] = Field(
        "auto", description="json, pretty, or auto: pretty on a terminal and json elsewhere"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level of a line: debug, info, warning, error"
    )
    log_requests: bool = Field(default=True, description="Write one line per request")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.otlp_endpoint is None and (self.otlp_headers or self.otlp_metrics):
            raise ValueError("OTLP_HEADERS and OTLP_METRICS need OTLP_ENDPOINT")
        return self
