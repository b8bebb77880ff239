"""What the manifests promise, and what their validators do not see."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from gateway.app import drain_of
from gateway.cli.dev import sandbox_environment
from gateway.entrance import problems
from gateway.settings.reader import described, read
from gateway.settings.settings import FILE, PREFIX, Settings
from gateway.telemetry.names import RUNNING
from gateway.web.health import LIVE, READY
from tests.k8s.manifests import K8S, OVERLAYS, environment, one, pod, rendered

overlays = pytest.mark.parametrize("overlay", OVERLAYS)


def _secret_file() -> str:
    """Return the file that the operator makes of the company's secrets, with something in every place."""
    [secret] = [
        thing
        for thing in rendered("production")
        if thing["kind"] == "ExternalSecret" and thing["metadata"]["name"] == "gateway"
    ]
    template: str = secret["spec"]["target"]["template"]["data"]["gateway.toml"]
    key = "backend:" + "0" * 64 + ":provider:all"
    return re.sub(r"{{ \.(\w+) }}", lambda found: key if found[1] == "access_keys" else "s3cret", template)


@pytest.fixture
def settings(overlay: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """What the gateway makes of the environment that an overlay gives it."""
    for variable in list(os.environ):
        if variable.startswith(PREFIX):
            monkeypatch.delenv(variable)
    for name, value in environment(overlay).items():
        monkeypatch.setenv(name, value)
    if FILE in environment(overlay):
        file = tmp_path / "gateway.toml"
        file.write_text(_secret_file())
        monkeypatch.setenv(FILE, str(file))
    return read()


@overlays
def test_every_setting_exists(overlay: str) -> None:
    """A variable that nobody reads is a wish, and the gateway does not start with one."""
    known = {setting.variable for setting in described()} | {FILE}
    assert {name for name in environment(overlay) if name.startswith(PREFIX)} <= known


@overlays
def test_the_gateway_starts_with_them(overlay: str, settings: Settings) -> None:
    """The settings are whole: all providers, and somebody who may ask."""
    assert settings.vod.configured
    assert settings.ims.configured
    assert settings.visionular.configured
    assert list(problems(settings)) == []


@overlays
def test_nothing_secret_is_in_the_environment(overlay: str) -> None:
    """Secrets are files of a Secret; the sandbox's keys are public."""
    secret = {setting.variable for setting in described() if setting.secret}
    given = {name: value for name, value in environment(overlay).items() if name in secret}
    assert given.items() <= sandbox_environment(8001).items()
    if overlay == "production":
        assert given == {}


def test_the_sandbox_overlay_is_what_dev_does() -> None:
    """The same gateway in a cluster as on a desk; only its end is that of a cluster."""
    expected = sandbox_environment(8001)
    expected.pop("GATEWAY_SERVER_DRAIN_WINDOW")
    assert environment("sandbox") == expected


def test_the_secret_file_is_toml() -> None:
    """What the template makes can be read, and has nothing that is not secret."""
    secret = {setting.variable for setting in described() if setting.secret}
    sections = tomllib.loads(_secret_file())
    names = {f"{PREFIX}{section}_{name}".upper() for section, values in sections.items() for name in values}
    assert names <= secret


@overlays
def test_there_is_time_to_end(overlay: str, settings: Settings) -> None:
    """The grace period covers preStop and the longest end that the gateway allows itself."""
    [container] = pod(overlay)["containers"]
    prestop = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    grace = pod(overlay)["terminationGracePeriodSeconds"]
    assert grace > prestop + drain_of(settings).longest
    assert grace >= prestop + settings.server.drain_window + settings.server.request_timeout + 5


@pytest.mark.parametrize("overlay", ["production"])
def test_the_fallback_share_counts_every_replica(overlay: str, settings: Settings) -> None:
    """With the store away, as many as the autoscaler and a rollout can make still keep to the quota."""
    most = one(overlay, "HorizontalPodAutoscaler")["spec"]["maxReplicas"]
    surge = one(overlay, "Deployment")["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
    assert settings.lanes.replicas == most + 2 * surge
    assert "replicas" not in one(overlay, "Deployment")["spec"], "the autoscaler decides"


def test_the_autoscaler_reads_a_metric_that_exists() -> None:
    """Requests in flight, by the name that the gateway gives them."""
    metrics = one("production", "HorizontalPodAutoscaler")["spec"]["metrics"]
    assert {metric["type"] for metric in metrics} == {"Resource", "Pods"}
    [pods] = [metric["pods"] for metric in metrics if metric["type"] == "Pods"]
    assert pods["metric"]["name"] == RUNNING.name


@overlays
def test_probes_ask_what_is_there(overlay: str) -> None:
    """Start and readiness ask for readiness, liveness for life, at the port that is listened on."""
    [container] = pod(overlay)["containers"]
    paths = [container[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "readiness", "liveness")]
    assert paths == [READY, READY, LIVE]
    [port] = container["ports"]
    assert port["containerPort"] == Settings().server.port


@overlays
def test_pods_are_restricted(overlay: str) -> None:
    """Every container of every pod: no root, nothing writable, no capability, no token of the cluster."""
    for thing in rendered(overlay):
        if thing["kind"] != "Deployment":
            continue
        spec = thing["spec"]["template"]["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] >= 10_000
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in [*spec["containers"], *spec.get("initContainers", [])]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert set(container["resources"]["limits"]) == {"cpu", "memory"}
    assert one(overlay, "ServiceAccount")["automountServiceAccountToken"] is False
    [space] = [thing for thing in rendered(overlay) if thing["kind"] == "Namespace"]
    assert space["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@overlays
def test_selectors_find_what_they_name(overlay: str) -> None:
    """Services, budgets, policies and monitors select by labels that some pod or Service carries."""
    things = rendered(overlay)
    pods = [t["spec"]["template"]["metadata"]["labels"] for t in things if t["kind"] == "Deployment"]
    services = [t["metadata"]["labels"] for t in things if t["kind"] == "Service"]

    def selected(labels: dict[str, str], among: list[dict[str, str]]) -> bool:
        return any(labels.items() <= candidate.items() for candidate in among)

    for thing in things:
        spec: dict[str, Any] = thing.get("spec", {})
        match thing["kind"]:
            case "Service":
                assert selected(spec["selector"], pods)
            case "PodDisruptionBudget":
                assert selected(spec["selector"]["matchLabels"], pods)
            case "NetworkPolicy":
                assert selected(spec["podSelector"]["matchLabels"], pods)
            case "ServiceMonitor":
                assert selected(spec["selector"]["matchLabels"], services)
                ports = {p["name"] for t in things if t["kind"] == "Service" for p in t["spec"]["ports"]}
                assert {endpoint["port"] for endpoint in spec["endpoints"]} <= ports


def _policies(direction: str) -> list[Any]:
    """Return the rules of all policies of the gateway's pods: ingress or egress."""
    policies = [
        thing["spec"]
        for thing in rendered("production")
        if thing["kind"] == "NetworkPolicy"
        and thing["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "gateway"
    ]
    return [rule for policy in policies for rule in policy.get(direction, [])]


def _namespaces(peers: list[Any]) -> set[str]:
    selectors = [peer["namespaceSelector"]["matchLabels"] for peer in peers if "namespaceSelector" in peer]
    return {labels.get("kubernetes.io/metadata.name", "") for labels in selectors}


def test_telemetry_passes_the_network_policies() -> None:
    """Prometheus gets in at the port it scrapes, and traces get out to the collector that a setting names."""
    [monitor] = [thing for thing in rendered("production") if thing["kind"] == "ServiceMonitor"]
    [scraped] = monitor["spec"]["endpoints"]
    doors = [rule for rule in _policies("ingress") if "monitoring" in _namespaces(rule["from"])]
    assert [port["port"] for rule in doors for port in rule["ports"]] == [scraped["port"]]
    collector = urlsplit(environment("production")["GATEWAY_TELEMETRY_OTLP_ENDPOINT"])
    assert collector.hostname is not None
    namespace = collector.hostname.split(".")[1]
    ways = [rule for rule in _policies("egress") if namespace in _namespaces(rule["to"])]
    assert [port["port"] for rule in ways for port in rule["ports"]] == [collector.port]


@overlays
def test_pods_scale_and_not_workers(overlay: str, settings: Settings) -> None:
    """The autoscaler, the limits of a pod and the share of a replica all count one process."""
    assert settings.server.workers == 1


KINDS = {
    ("external-secrets.io/v1", "ExternalSecret"): {"refreshInterval", "secretStoreRef", "target"},
    ("monitoring.coreos.com/v1", "ServiceMonitor"): {"selector", "endpoints"},
    ("monitoring.coreos.com/v1", "PrometheusRule"): {"groups"},
}
"""Kinds that the schema validator has no schema of, and what their operators cannot do without."""


@overlays
def test_custom_kinds_have_their_form(overlay: str) -> None:
    """The schema validator passes every kind it does not know; these are known here."""
    for thing in rendered(overlay):
        group = thing["apiVersion"]
        if "." not in group.split("/", maxsplit=1)[0] or group.split("/")[0].endswith("k8s.io"):
            continue
        assert KINDS[group, thing["kind"]] <= set(thing["spec"])
    secrets = {t["spec"]["target"]["name"]: t for t in rendered(overlay) if t["kind"] == "ExternalSecret"}
    mounted = {
        volume["secret"]["secretName"]
        for thing in rendered(overlay)
        if thing["kind"] == "Deployment"
        for volume in thing["spec"]["template"]["spec"].get("volumes", [])
        if "secret" in volume
    }
    assert mounted == set(secrets)
    assert all(("dataFrom" in t["spec"]) != ("data" in t["spec"]) for t in secrets.values())


def test_secret_files_are_where_they_are_looked_for() -> None:
    """Every file that a setting names is a key of the mounted Secret, or the projected token."""
    [container] = pod("production")["containers"]
    folders = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    files = set(one("production", "ExternalSecret")["spec"]["target"]["template"]["data"])
    there = {f"{folders['secrets']}/{file}" for file in files} | {f"{folders['alibaba-token']}/token"}
    named = {
        value for name, value in environment("production").items() if name.endswith(("_FILE", "_CONFIG"))
    }
    assert named == there


def test_skipped_policies_say_why() -> None:
    """A policy is left out for a reason or not at all."""
    lines = [
        line
        for file in [*K8S.rglob("*.yaml"), K8S.parent / "Dockerfile"]
        for line in file.read_text().splitlines()
        if "checkov" in line and "skip" in line
    ]
    assert lines
    assert all(re.search(r"CKV2?_\w+[:=] ?\w+ \w+", line) for line in lines)
