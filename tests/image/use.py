"""Uses the built image as a cluster does: as its user, on a read-only root, without a shell.

Started by `build.sh` as root. The container is a chroot in a mount and process namespace of its own: its root
is bound read-only, nothing writable is mounted into it, and its shell and package manager are not there.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

IMAGE = "localhost/transcode-gateway:dev"
BASE = "localhost/base:dev"
LIMIT = 120
"""Millions of bytes that the image may have over its base."""

PORT, SANDBOX_PORT = 18080, 18081
SETTINGS = Path(__file__).parents[2] / "k8s" / "overlays" / "sandbox" / "gateway.env"
TOOLS = ("bin/sh", "bin/bash", "bin/dash", "usr/bin/apt-get", "usr/bin/dpkg")

ISOLATE = """
set -e
mount --bind "$1" "$1"
mount --bind /dev "$1/dev"
mount -t proc proc "$1/proc"
mount -o remount,bind,ro "$1"
root=$1 user=$2
shift 2
exec chroot --userspec="$user" "$root" /usr/bin/env -i "$@"
"""


class Storage:
    """The storage that build.sh made.

    Args:
        folder: Its working folder.
    """

    def __init__(self, folder: str) -> None:
        self._command = ["buildah", "--storage-driver", os.environ["STORAGE_DRIVER"]]
        self._command += ["--root", f"{folder}/storage", "--runroot", f"{folder}/run"]

    def config(self, image: str) -> dict[str, Any]:
        """Return what an image says of itself."""
        config: dict[str, Any] = json.loads(self._run("inspect", "--type", "image", image))["Docker"][
            "config"
        ]
        return config

    @contextmanager
    def mounted(self, image: str) -> Iterator[str]:
        """Mount a container of an image; give its root."""
        container = self._run("from", "--pull-never", image)
        try:
            yield self._run("mount", container)
        finally:
            self._run("rm", container)

    def _run(self, *arguments: str) -> str:
        return subprocess.run(
            [*self._command, *arguments], check=True, capture_output=True, text=True
        ).stdout.strip()


class Container:
    """Runs commands in the image.

    Args:
        root: Where it is mounted.
        user: Of its processes.
        variables: Their environment, as NAME=value.
    """

    def __init__(self, root: str, user: str, variables: list[str]) -> None:
        namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child=SIGKILL"]
        self._command = [*namespaces, "/bin/bash", "-c", ISOLATE, "bash", root, user, *variables]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run([*self._command, *command], check=False, capture_output=True, text=True)

    @contextmanager
    def running(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a command until it is no longer needed."""
        process = subprocess.Popen([*self._command, *command])
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def told(name: str, text: str) -> None:
    """Write a line of the transcript."""
    sys.stdout.write(f"{name:<12}{text}\n")
    sys.stdout.flush()


def size(root: str) -> int:
    """Return the bytes of all files."""
    found = subprocess.run(["/usr/bin/du", "-sxb", root], check=True, capture_output=True, text=True)
    return int(found.stdout.split()[0])


def answer(port: int, path: str, body: object | None = None) -> Any:
    """Return the JSON at a path, as soon as there is any."""
    deadline = time.monotonic() + 60
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers)
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
                return json.load(response)
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def main() -> None:
    """Look at the image, use it, end it."""
    storage = Storage(sys.argv[1])
    about = storage.config(IMAGE)
    told("user", about["User"])
    told("command", " ".join(about["Entrypoint"] + about["Cmd"]))
    for label, value in sorted(about["Labels"].items()):
        told("label", f"{label}={value}")
    with ExitStack() as stack:
        root = stack.enter_context(storage.mounted(IMAGE))
        ours = (size(root) - size(stack.enter_context(storage.mounted(BASE)))) / 1e6
        told("size", f"{ours:.0f} MB over its base, of {LIMIT} that it may have")
        assert ours <= LIMIT
        for tool in TOOLS:
            Path(root, tool).unlink()
        settings = SETTINGS.read_text().replace(":8001", f":{SANDBOX_PORT}").splitlines()
        variables = [
            *about["Env"],
            *(line for line in settings if "=" in line),
            f"GATEWAY_SERVER_PORT={PORT}",
        ]
        container = Container(root, about["User"], variables)

        stack.enter_context(container.running("gateway", "sandbox", "--port", str(SANDBOX_PORT)))
        video = answer(SANDBOX_PORT, "/_sandbox/ids?limit=1")["vod"]["succeeded"][0]
        gateway = stack.enter_context(container.running(*about["Entrypoint"], *about["Cmd"]))
        answer(PORT, "/health/ready")
        query = f'{{ video(id: "{video}") {{ videoId latestTask {{ status jobs {{ progress }} }} }} }}'
        answered = answer(PORT, "/graphql", {"query": query})
        told("answer", json.dumps(answered))
        assert answered["data"]["video"]["videoId"] == video

        _, *check = about["Healthcheck"]["Test"]
        told("health", container.run(*check).stdout.strip())
        writing = container.run("python3", "-c", "import os; print(os.getuid()); open('/tmp/x', 'w')")
        told("writing", f"as {writing.stdout.strip()}: {writing.stderr.strip().splitlines()[-1]}")
        assert "Read-only file system" in writing.stderr

        children = Path(f"/proc/{gateway.pid}/task/{gateway.pid}/children").read_text()
        began = time.monotonic()
        os.kill(int(children.split()[0]), signal.SIGTERM)
        told("end", f"status {gateway.wait(60)}, {time.monotonic() - began:.1f} s after SIGTERM")
        assert gateway.returncode == 0


if __name__ == "__main__":
    main()
