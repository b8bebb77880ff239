"""The dashboard and the alerts, against the metrics that there are."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import promql_parser
import pytest
import yaml

from gateway.telemetry.names import METRICS, Kind, Metric
from tests.conftest import Ask, Sandbox
from tests.web.conftest import need

FOLDER = Path(__file__).parents[1] / "k8s" / "components" / "monitoring"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FOLDER / "rules.yaml").read_text())["spec"]["groups"]
    for rule in group["rules"]
]
ALERTS = [rule for rule in RULES if "alert" in rule]
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
BY_NAME = {metric.name: metric for metric in METRICS}
TARGETS = {"job", "instance"}
"""Labels that Prometheus adds to everything."""


def _panels() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"]


def _plain(query: str) -> str:
    """Return a query of the dashboard with its variables filled in, as Grafana does."""
    return query.replace("$__rate_interval", "1m").replace("$job", ".*")


QUERIES = [*map(_plain, _panels()), *(rule["expr"] for rule in RULES)]


def _selectors(node: Any) -> Iterator[Any]:
    """Yield what a query reads."""
    match node:
        case promql_parser.VectorSelector():
            yield node
        case promql_parser.MatrixSelector():
            yield from _selectors(node.vector_selector)
        case promql_parser.BinaryExpr():
            yield from _selectors(node.lhs)
            yield from _selectors(node.rhs)
        case promql_parser.Call():
            for argument in node.args:
                yield from _selectors(argument)
        case promql_parser.AggregateExpr() | promql_parser.ParenExpr() | promql_parser.UnaryExpr():
            yield from _selectors(node.expr)


def _metric(name: str) -> Metric:
    if name in BY_NAME:
        return BY_NAME[name]
    base, _, part = name.rpartition("_")
    metric = BY_NAME[base]
    assert metric.kind is Kind.HISTOGRAM
    assert part in {"bucket", "sum", "count"}
    return metric


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_reads_metrics_that_exist(query: str) -> None:
    """By their names, and by labels that they have."""
    selectors = list(_selectors(promql_parser.parse(query)))
    assert selectors
    labels = set(TARGETS)
    for selector in selectors:
        if selector.name in RECORDED:
            continue
        metric = _metric(selector.name)
        own = {*metric.labels, *(["le"] if selector.name.endswith("_bucket") else [])}
        assert {matcher.name for matcher in selector.matchers.matchers} <= own | TARGETS
        labels |= own
    grouped = {word for group in re.findall(r"by \(([^)]*)\)", query) for word in re.split(r",\s*", group)}
    assert grouped <= labels


def test_every_metric_that_can_go_wrong_is_looked_at() -> None:
    """No metric is only ever collected."""
    read = {
        _metric(s.name).name
        for query in QUERIES
        for s in _selectors(promql_parser.parse(query))
        if s.name not in RECORDED
    }
    assert read == set(BY_NAME)


def test_every_alert_has_its_paragraph() -> None:
    """And every paragraph its alert; the link in the alert leads there."""
    headings = re.findall(r"^## (\w+)$", (FOLDER / "runbook.md").read_text(), re.MULTILINE)
    assert headings == [alert["alert"] for alert in ALERTS]
    for alert in ALERTS:
        assert alert["annotations"]["runbook"] == f"runbook.md#{alert['alert'].lower()}"
        assert alert["annotations"]["summary"]
        assert alert["labels"]["severity"] in {"page", "ticket"}


def test_links_of_the_runbook_lead_to_its_paragraphs() -> None:
    """By the anchors that headings have."""
    text = (FOLDER / "runbook.md").read_text()
    anchors = {heading.lower() for heading in re.findall(r"^## (\w+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\(#(\w+)\)", text)) <= anchors


def test_panels_do_not_overlap() -> None:
    """Each has its place in the grid, a title and a sentence."""
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
        assert panel["title"]
        assert panel["type"] == "row" or panel["description"]


async def test_prometheus_evaluates_every_query(
    gateway: str, ask: Ask, sandbox: Sandbox, tmp_path: Path
) -> None:
    """A real one, scraping a real gateway: no query is refused, and those of what happened find something."""
    prometheus = need(shutil.which("prometheus"), "no Prometheus: install the package prometheus")
    await ask(
        "query($ids: [ID!]!) { videos(ids: $ids) { latestTask { status } } }",
        ids=sandbox.ids("vod", "running"),
    )
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": RULES}]}))
    scrape = {"job_name": "gateway", "static_configs": [{"targets": [httpx.URL(gateway).netloc.decode()]}]}
    (tmp_path / "prometheus.yml").write_text(
        yaml.safe_dump(
            {
                "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                "rule_files": ["rules.yaml"],
                "scrape_configs": [scrape],
            }
        )
    )
    found = _evaluated(prometheus, tmp_path, [*map(_plain, _panels())])
    assert found['sum(gateway_requests_running{job=~".*"})']
    assert found['count by (version, python) (gateway_build_info{job=~".*"})']


def _evaluated(prometheus: str, folder: Path, queries: list[str]) -> dict[str, list[Any]]:
    """Return what Prometheus finds by each query."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            prometheus,
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ]
    )
    try:
        found: dict[str, list[Any]] = {}
        deadline = time.monotonic() + 20
        while not found.get(queries[0]) and time.monotonic() < deadline:
            time.sleep(0.5)
            try:
                for query in queries:
                    answer = httpx.get(
                        f"http://127.0.0.1:{port}/api/v1/query", params={"query": query}
                    ).json()
                    assert answer["status"] == "success", query
                    found[query] = answer["data"]["result"]
            except httpx.TransportError:
                continue
        rules = httpx.get(f"http://127.0.0.1:{port}/api/v1/rules").json()["data"]["groups"][0]["rules"]
        assert len(rules) == len(RULES)
        assert all(rule["health"] in {"ok", "unknown"} for rule in rules), rules
        return found
    finally:
        server.terminate()
        server.wait(20)
