"""Notifications over HTTP, from the sandbox to whoever asks for the video."""

from __future__ import annotations

import time
from collections.abc import Iterator
from hashlib import md5
from typing import Any

import httpx
import pytest

from gateway.app import create_app
from gateway.sandbox.app import create_app as create_sandbox
from gateway.sandbox.ims import JOB
from gateway.sandbox.visionular_task import TaskPages
from tests.servers import serving
from tests.web.worlds import World, soonest

ENDS = {"SUCCEEDED", "PARTIAL", "FAILED", "CANCELLED"}
PUBLIC = "https://gateway.example.com/push"
KEY, SECRET = "sandboxCallbackKey1", "sandbox-notify-secret"

VIDEO = "query ($id: ID!) { video(id: $id) { latestTask { %s } } }"
STATE = VIDEO % "id status progress observation { operation } jobs { status }"
TASK = "query ($id: ID!, $p: Provider!) { providerTask(provider: $p, id: $id) { status } }"


@pytest.fixture
def world(environment: pytest.MonkeyPatch) -> Iterator[World]:
    """Both, with all three doors open."""
    clock = [0.0]
    app = create_sandbox(now=lambda: time.time() + clock[0], quota=1000)
    with serving(app) as sandbox:
        for section in ("VOD", "IMS"):
            environment.setenv(f"GATEWAY_{section}_ENDPOINT", sandbox)
            environment.setenv(f"GATEWAY_PUSH_{section}_KEY", f"an-old-one,{KEY}")
            environment.setenv(f"GATEWAY_PUSH_{section}_URL", f"{PUBLIC}/{section.lower()}")
        environment.setenv("GATEWAY_VISIONULAR_URL", sandbox)
        environment.setenv("GATEWAY_PUSH_VISIONULAR_SECRET", SECRET)
        environment.setenv("GATEWAY_PUSH_PER_SECOND", "1000")
        # What is asked for stays as it was seen, and nothing is looked at again unless somebody waits.
        environment.setenv("GATEWAY_LANES_MOVING_FRESH", "600")
        environment.setenv("GATEWAY_LANES_REFRESH_SHARE", "0")
        with serving(create_app()) as gateway:
            yield World(app, clock, sandbox, gateway)


def notify(world: World) -> None:
    """Have the sandbox send all three providers' notifications to the gateway."""
    targets = [
        {"provider": name, "url": f"{world.gateway}/push/{name.lower()}", "key": KEY}
        | {"public": f"{PUBLIC}/{name.lower()}"}
        for name in ("VOD", "IMS")
    ]
    targets.append({"provider": "VISIONULAR", "url": f"{world.gateway}/push/visionular?key={SECRET}"})
    httpx.post(f"{world.sandbox}/_sandbox/callbacks", json=targets).raise_for_status()


def test_the_end_of_a_task_is_seen_without_a_poll(world: World) -> None:
    """What three providers say unasked is what is answered next, and no call was made for it."""
    truth = world.app.world
    now = truth.now()
    tasks = [truth.videos.latest(truth.videos.video(number), now) for number in range(500)]
    task = min((one for one in tasks if one and one.finished > now + 5), key=lambda one: one.finished)
    conversion, encoding = soonest(truth.conversions, now), soonest(truth.encodings, now)

    def states() -> list[dict[str, Any]]:
        ims = truth.cipher.seal(JOB, conversion.number)
        visionular = TaskPages(truth).task_id(encoding.number)
        return [
            world.ask(STATE, id=task.video.id)["video"]["latestTask"],
            world.ask(TASK, id=ims, p="IMS")["providerTask"],
            world.ask(TASK, id=visionular, p="VISIONULAR")["providerTask"],
        ]

    before, calls = states(), world.calls()
    assert not any(state["status"] in ENDS for state in before)
    notify(world)
    world.forward(max(task.finished, conversion.finished, encoding.finished))
    world.wait(lambda: all(state["status"] in ENDS for state in states()))
    after = states()
    assert world.calls() == calls
    assert after[0]["id"] == before[0]["id"]
    assert after[0]["observation"] == {"operation": "TranscodeComplete"}
    assert [job["status"] for job in after[0]["jobs"]] == [job.outcome.upper() for job in task.jobs]
    assert [one["status"] for one in after[1:]] == [conversion.outcome.upper(), encoding.outcome.upper()]


def signed(second: int, key: str = KEY) -> dict[str, str]:
    """Return the headers of a VOD notification."""
    text = f"{PUBLIC}/vod|{second}|{key}".encode()
    digest = md5(text, usedforsecurity=False).hexdigest()
    return {"X-VOD-TIMESTAMP": str(second), "X-VOD-SIGNATURE": digest}


def test_refusals(world: World) -> None:
    """Forged, old, oversized, repeated, broken: each has its status, and nothing of it reaches the graph."""
    now, url = int(time.time()), f"{world.gateway}/push/vod"
    event = b'{"EventType":"TranscodeComplete","VideoId":"%s"}'

    def status(body: bytes, headers: dict[str, str], method: str = "POST") -> int:
        return httpx.request(method, url, content=body, headers=headers, timeout=20).status_code

    assert status(event % b"a", {}) == 401
    assert status(event % b"a", signed(now, "guessed")) == 401
    assert status(event % b"a", signed(now - 1000)) == 401
    assert status(event % (b"a" * 70_000), signed(now)) == 413
    assert status(b"no JSON", signed(now)) == 400
    assert status(event % b"a", signed(now), "GET") == 405
    assert status(event % b"a", signed(now)) == 200
    assert status(event % b"a", signed(now)) == 409
    assert status(event % b"b", signed(now)) == 200
    chunks = (b"x" * 10_000 for _ in range(8))
    assert httpx.post(url, content=chunks, headers=signed(now)).status_code == 413
    answer = httpx.post(url, content=b"", headers=signed(now, "guessed"))
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_without_a_key_there_is_no_door(gateway: str) -> None:
    """A gateway that was told of no key takes nothing."""
    assert httpx.post(f"{gateway}/push/vod", content=b"{}").status_code == 404
