"""The manifests as a cluster is given them."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.web.conftest import need

K8S = Path(__file__).parents[2] / "k8s"
OVERLAYS = ("sandbox", "production")
_TOOLS = K8S.parent / ".venv" / "ops" / "bin"

Object = dict[str, Any]


@cache
def _rendered(overlay: str, kubectl: str) -> list[Object]:
    command = [kubectl, "kustomize", str(K8S / "overlays" / overlay)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return [found for found in yaml.safe_load_all(done.stdout) if found]


def rendered(overlay: str) -> list[Object]:
    """Return the objects of an overlay."""
    path = f"{_TOOLS}{os.pathsep}{os.environ['PATH']}"
    kubectl = need(shutil.which("kubectl", path=path), "no kubectl: `make manifests` installs one")
    return _rendered(overlay, kubectl)


def one(overlay: str, kind: str, name: str = "gateway") -> Object:
    """Return one object; a name may have kustomize's hash."""
    [found] = [
        thing
        for thing in rendered(overlay)
        if thing["kind"] == kind and thing["metadata"]["name"].split("-")[0] == name
    ]
    return found


def pod(overlay: str, name: str = "gateway") -> Object:
    """Return the pod that a Deployment makes."""
    spec: Object = one(overlay, "Deployment", name)["spec"]["template"]["spec"]
    return spec


def environment(overlay: str) -> dict[str, str]:
    """Return the variables that the gateway's container is given."""
    [container] = pod(overlay)["containers"]
    [source] = container["envFrom"]
    config = one(overlay, "ConfigMap")
    assert source["configMapRef"]["name"] == config["metadata"]["name"]
    assert "env" not in container
    data: dict[str, str] = config["data"]
    return data
