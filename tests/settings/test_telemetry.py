"""Settings of telemetry."""

from __future__ import annotations

import pytest

from gateway.settings.reader import SettingsError, read


def test_nothing_is_sent_unless_somebody_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    """Metrics and lines are there, traces are off."""
    telemetry = read().telemetry
    assert telemetry.metrics
    assert telemetry.log_requests
    assert telemetry.otlp_endpoint is None
    assert not telemetry.console


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTLP_METRICS", "true"),
        ("OTLP_HEADERS", "authorization=s3cret"),
        ("OTLP_ENDPOINT", "collector:4318"),
        ("OTLP_ENDPOINT", "http://user:s3cret@collector:4318"),
        ("SAMPLE_RATIO", "1.1"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_what_cannot_be_used_is_refused_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """By the variable's name."""
    monkeypatch.setenv(f"GATEWAY_TELEMETRY_{name}", value)
    with pytest.raises(SettingsError) as refused:
        read()
    assert "GATEWAY_TELEMETRY" in str(refused.value)
    assert "s3cret" not in str(refused.value)
