"""The route of the metrics."""

from __future__ import annotations

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.app import create_app
from gateway.telemetry.names import METRICS
from tests.servers import serving


def test_metrics_are_shown_as_prometheus_reads_them(gateway: str) -> None:
    """By a parser of its format; every metric there is."""
    httpx.post(f"{gateway}/graphql", json={"query": "{ __typename }"}).raise_for_status()
    answer = httpx.get(f"{gateway}/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert {metric.name.removesuffix("_total") for metric in METRICS} == set(families)
    [sample] = families["gateway_requests"].samples
    assert sample.labels == {"operation": "query", "outcome": "ok"}


def test_prometheus_comes_by_address(environment: pytest.MonkeyPatch) -> None:
    """Whichever hosts are answered otherwise."""
    environment.setenv("GATEWAY_SERVER_HOSTS", "gateway.example.com")
    with serving(create_app()) as url:
        assert httpx.get(f"{url}/metrics").status_code == 200
        assert httpx.get(f"{url}/graphql").status_code == 400


def test_metrics_can_be_left_out(environment: pytest.MonkeyPatch) -> None:
    """Where they are sent instead."""
    environment.setenv("GATEWAY_TELEMETRY_METRICS", "false")
    with serving(create_app()) as url:
        assert httpx.get(f"{url}/metrics").status_code == 404
