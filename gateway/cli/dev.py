"""``gateway dev``: the sandbox and a gateway on it, in one command."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Annotated, Any, NoReturn

import httpx
import msgspec
import typer

from gateway.cli.configuration import refuse, settings_or_exit
from gateway.cli.sandbox import HOST, PORT, PortOption
from gateway.sandbox.credentials import SANDBOX_CREDENTIALS
from gateway.settings.server import from_here, url_from_here
from gateway.web.samples import RECENT, VIDEOS

_START = 20.0
"""Seconds that a server may take to answer for the first time, on a slow and busy machine."""

_END = 15.0
"""Seconds that a server has to finish what it is answering."""

_SAMPLE_VIDEOS = 10

_CALLBACK_KEY, _NOTIFY_SECRET = "sandboxCallbackKey1", "sandbox-notify-secret"
"""What the sandbox's notifications prove themselves by: as public as its other keys."""

OPEN = {
    "GATEWAY_ACCESS_ANONYMOUS": "true",
    "GATEWAY_ACCESS_POINTS_PER_MINUTE": "0",
    "GATEWAY_LIMITS_SUGGESTIONS": "true",
    "GATEWAY_SERVER_DRAIN_WINDOW": "0",
    "GATEWAY_SERVER_BOARD": "true",
    "GATEWAY_SERVER_GRAPHIQL": "true",
    "GATEWAY_SERVER_PREFLIGHT": "false",
}
"""Everything that `serve` is careful about and whoever tries the gateway wants to see. The limits stay."""


def sandbox_environment(port: int) -> dict[str, str]:
    """Return the settings of an open gateway on a sandbox of this machine."""
    keys = SANDBOX_CREDENTIALS
    url = f"http://{HOST}:{port}"
    alibaba = {
        "ENDPOINT": url,
        "ACCESS_KEY_ID": keys.access_key_id,
        "ACCESS_KEY_SECRET": keys.access_key_secret,
    }
    visionular = {
        "URL": url,
        "ACCESS_KEY": keys.visionular_access_key,
        "SECRET_KEY": keys.visionular_secret_key,
    }
    sections = {"VOD": alibaba, "IMS": alibaba, "VISIONULAR": visionular}
    return {
        f"GATEWAY_{section}_{name}": value
        for section, values in sections.items()
        for name, value in values.items()
    } | OPEN


def notifications(gateway_url: str) -> list[dict[str, str]]:
    """Return whom the sandbox is to notify, as its control surface wants it told."""
    push = f"{gateway_url}/push"
    return [
        {"provider": "VOD", "url": f"{push}/vod", "key": _CALLBACK_KEY},
        {"provider": "IMS", "url": f"{push}/ims", "key": _CALLBACK_KEY},
        {"provider": "VISIONULAR", "url": f"{push}/visionular?key={_NOTIFY_SECRET}"},
    ]


def push_environment(gateway_url: str) -> dict[str, str]:
    """Return the settings of a gateway that takes the sandbox's notifications."""
    vod, ims, _ = notifications(gateway_url)
    return {
        "GATEWAY_PUSH_VOD_KEY": vod["key"],
        "GATEWAY_PUSH_VOD_URL": vod["url"],
        "GATEWAY_PUSH_IMS_KEY": ims["key"],
        "GATEWAY_PUSH_IMS_URL": ims["url"],
        "GATEWAY_PUSH_VISIONULAR_SECRET": _NOTIFY_SECRET,
    }


def dev(
    *,
    sandbox_port: PortOption = PORT,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port of the gateway. Default: GATEWAY_SERVER_PORT, or 8000."),
    ] = None,
) -> None:
    """Run the sandbox and the gateway on it; print where GraphiQL and the board are and a query to paste."""
    server = settings_or_exit(provider_needed=False).server
    environment = os.environ | sandbox_environment(sandbox_port)
    port = port or server.port
    sandbox_url, gateway_url = f"http://{HOST}:{sandbox_port}", url_from_here(server.host, port)
    # Else another run's servers would answer in place of ours, for as long as those take to fail.
    _insist_on_free(HOST, sandbox_port, "--sandbox-port")
    _insist_on_free(from_here(server.host), port, "--port")
    children: list[subprocess.Popen[bytes]] = []
    signal.signal(signal.SIGTERM, _end)
    # A terminal that closes tells us alone: the servers are in sessions of their own. `nohup` has it ignored.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _end)
    try:
        children.append(_child(environment, "sandbox", "--port", str(sandbox_port)))
        _wait(children, f"{sandbox_url}/_sandbox/health")
        videos = _some_videos(sandbox_url)
        environment |= push_environment(gateway_url) | {"GATEWAY_SERVER_PORT": str(port)}
        environment["GATEWAY_SERVER_SAMPLE_VIDEOS"] = ",".join(videos)
        children.append(_child(environment, "serve"))
        _wait(children, f"{gateway_url}/health/ready")
        httpx.post(f"{sandbox_url}/_sandbox/callbacks", json=notifications(gateway_url)).raise_for_status()
        typer.echo(_banner(gateway_url, sandbox_url, videos))
        while all(child.poll() is None for child in children):
            time.sleep(0.2)
        refuse("A server ended; see its messages above.")
    except KeyboardInterrupt:
        pass
    finally:
        for child in reversed(children):
            child.terminate()
        for child in children:
            _ended(child)


def _insist_on_free(host: str, port: int, option: str) -> None:
    try:
        socket.create_connection((host, port), timeout=1.0).close()
    except OSError:
        return
    refuse(f"Port {port} is taken: something answers there. Try {option}.")


def _end(*_: object) -> NoReturn:
    sys.exit(0)


def _child(environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    # In a session of its own: Ctrl-C and supervisors signal whole groups, and a server whose workers are
    # told to end at the same moment as it takes that for a crash.
    command = [sys.executable, "-m", "gateway", *arguments]
    return subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603 - ourselves


def _ended(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(_END)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _wait(children: list[subprocess.Popen[bytes]], url: str) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline:
        if any(child.poll() is not None for child in children):
            refuse("A server did not start; see its messages above. Is its port taken? Try --port.")
        try:
            if httpx.get(url, timeout=1.0).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    refuse(f"{url} did not answer within {_START:.0f} s.")


def _some_videos(sandbox_url: str) -> list[str]:
    answer: dict[str, Any] = httpx.get(
        f"{sandbox_url}/_sandbox/ids", params={"limit": _SAMPLE_VIDEOS, "provider": "vod"}
    ).json()
    states: dict[str, list[str]] = answer["vod"]
    each = max(1, _SAMPLE_VIDEOS // len(states))
    return [video for ids in states.values() for video in ids[:each]][:_SAMPLE_VIDEOS]


def _banner(gateway_url: str, sandbox_url: str, videos: list[str]) -> str:
    def curl(query: str, variables: dict[str, Any] | None = None) -> str:
        request: dict[str, Any] = {"query": " ".join(query.split())}
        if variables:
            request["variables"] = variables
        body = msgspec.json.encode(request).decode()
        return f"curl -s {gateway_url}/graphql -H 'content-type: application/json' -d {shlex.quote(body)}"

    bold: Callable[[str], str] = lambda text: typer.style(text, bold=True)  # noqa: E731
    return (
        f"\n{bold('GraphiQL')}   {gateway_url}/graphql\n"
        f"{bold('Board')}      {gateway_url}/board\n"
        f"{bold('Access')}     open: everybody who reaches it may ask anything; `gateway serve` is not\n"
        f"{bold('Sandbox')}    {sandbox_url}/_sandbox/ids   {sandbox_url}/_sandbox/calls\n\n"
        f"{bold('All three providers, to paste into another shell:')}\n\n  {curl(RECENT)}\n\n"
        f"{bold('Ten videos in one call of GetTranscodeSummary:')}\n\n  {curl(VIDEOS, {'ids': videos})}\n\n"
        "Ctrl-C ends both.\n"
    )
