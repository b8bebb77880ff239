"""Visionular's verbs as requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gateway.domain.errors import (
    BadUserInput,
    Garbled,
    NotFound,
    NotOffered,
    ProviderError,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
)
from gateway.domain.provider import Verb, VideoPage, WindowPage
from gateway.domain.records import Status, Task, TaskPage
from gateway.providers.signing import BasicAuth, Credentials, Signature, VisionularAuth
from gateway.providers.visionular.client import LATER_FILTERS, OPERATIONS, VisionularClient
from tests.providers.answers import LIMITS, Prepared
from tests.providers.conftest import VISIONULAR

if TYPE_CHECKING:
    from tests.conftest import Sandbox

NOW = datetime(2021, 10, 12, 6, 35, 57, 500, tzinfo=UTC)
WINDOW = WindowPage(created_from=NOW - timedelta(hours=1), created_to=NOW)
EMPTY = {"code": 0, "data": None, "msg": "success"}


async def test_a_task_is_asked_for_by_its_id() -> None:
    """By GET, below the path of the deployment's generation."""
    one, other = Prepared(EMPTY), Prepared(EMPTY)
    assert isinstance((await one.visionular().task_by_id(["t"]))["t"], NotFound)
    await other.visionular(prefix="/vodencoding/v1/").task_by_id(["t"])
    assert [str(prepared.requests[0].url) for prepared in (one, other)] == [
        "https://visionular.example.com/api/query_task?task_id=t",
        "https://visionular.example.com/vodencoding/v1/query_task?task_id=t",
    ]
    assert one.requests[0].method == "GET"


async def test_a_window_is_asked_for_in_unix_seconds() -> None:
    """Both bounds are mandatory; pages are offsets."""
    answer = Prepared(EMPTY)
    page = WindowPage(created_from=WINDOW.created_from, created_to=NOW, page="50", size=25)
    await answer.visionular().tasks_in_window([page])
    assert answer.parameters == {
        "start_time": "1634016957",
        "end_time": "1634020557",
        "start_num": "50",
        "count": "25",
    }


@pytest.mark.parametrize(
    ("status", "word", "later"),
    [
        (Status.QUEUED, "pending", "pending"),
        (Status.RUNNING, None, None),
        (Status.SUCCEEDED, "success", "succeeded"),
        (Status.FAILED, "fail", "failed"),
        (Status.PARTIAL, None, None),
    ],
)
async def test_a_status_is_filtered_by_its_only_word(
    status: Status, word: str | None, later: str | None
) -> None:
    """A running task has three words, of which a listing takes one: so it is not filtered by."""
    page = WindowPage(created_from=NOW, created_to=NOW, status=status)
    one, other = Prepared(EMPTY), Prepared(EMPTY)
    await one.visionular().tasks_in_window([page])
    await other.visionular(filters=LATER_FILTERS).tasks_in_window([page])
    assert (one.parameters.get("status"), other.parameters.get("status")) == (word, later)


async def test_odd_keys_are_refused_without_a_request() -> None:
    """An id with a control character, an offset that is no number."""
    answer = Prepared(EMPTY)
    assert isinstance((await answer.visionular().task_by_id(["a\x00"]))["a\x00"], BadUserInput)
    page = WindowPage(created_from=NOW, created_to=NOW, page="x")
    assert isinstance((await answer.visionular().tasks_in_window([page]))[page], BadUserInput)
    assert answer.requests == []


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (500, 1000, Unavailable),
        (400, 1001, Rejected),
        (400, 1002, Rejected),
        (403, 1003, Unauthorized),
        (403, 1005, Rejected),
        (403, 1006, Rejected),
        (500, 2003, Unavailable),
        (200, 1003, Unauthorized),
        (200, 1000, Unavailable),
        (200, 4711, Rejected),
        (403, 4711, Unauthorized),
        (503, 4711, Unavailable),
        (429, 1005, Throttled),
        (503, 0, Unavailable),
    ],
)
async def test_every_documented_code_has_a_verdict(
    status: int, code: int, expected: type[ProviderError]
) -> None:
    """Both HTTP status and code are read: older deployments refuse with HTTP 200."""
    body = {"code": code, "data": None, "msg": "secret", "request_id": "r"}
    with pytest.raises(ProviderError) as caught:
        await Prepared(body, status=status).visionular().task_by_id(["t"])
    error = caught.value
    assert type(error) is expected
    assert (error.operation, error.request_id, error.provider_code) == ("query_task", "r", str(code))
    assert "secret" not in str(error)


@pytest.mark.parametrize("status", [200, 404])
async def test_an_empty_result_is_nothing_found(status: int) -> None:
    """Of a lookup it is the answer, of a listing an empty page."""
    body = {"code": 1004, "msg": "empty result", "data": None}
    assert isinstance((await Prepared(body, status=status).visionular().task_by_id(["t"]))["t"], NotFound)
    listed = await Prepared(body, status=status).visionular().tasks_in_window([WINDOW])
    assert listed[WINDOW] == TaskPage(tasks=())


async def test_another_refusal_of_a_listing_is_an_error() -> None:
    """Only "empty result" is a result."""
    with pytest.raises(Rejected):
        await Prepared({"code": 1002}, status=400).visionular().tasks_in_window([WINDOW])


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"<html>", Garbled),
        (404, b"<html>", Garbled),
        (200, b"", Garbled),
        (200, b"[]", Garbled),
        (200, b"{}", Garbled),
        (200, b'{"code":{}}', Garbled),
        (502, b"<html>", Unavailable),
        (429, b"", Throttled),
        (401, b"", Unauthorized),
    ],
)
async def test_what_is_no_envelope_is_garbled_unless_its_status_says_more(
    status: int, body: bytes, expected: type[ProviderError]
) -> None:
    """A proxy's page is not the provider's refusal."""
    with pytest.raises(ProviderError) as caught:
        await Prepared(body, status=status).visionular().task_by_id(["t"])
    assert type(caught.value) is expected


async def test_envelopes_are_read_whatever_the_case_of_their_names() -> None:
    """One of the documented pages capitalises them."""
    answer = Prepared({"Code": "0", "Data": {"task_id": "t"}, "Message": "success"})
    assert isinstance((await answer.visionular().task_by_id(["t"]))["t"], Task)


async def test_a_deployment_may_lack_the_lookup() -> None:
    """Then it is not offered, like the verbs on videos and jobs."""
    answer = Prepared(EMPTY)
    without = {verb: found for verb, found in OPERATIONS.items() if verb is not Verb.TASK_BY_ID}
    client = answer.visionular(operations=without)
    for verb in (client.task_by_id, client.latest_by_video, client.jobs_by_id):
        with pytest.raises(NotOffered):
            await verb(["a"])
    with pytest.raises(NotOffered):
        await client.tasks_of_video([VideoPage(video_id="v")])
    assert answer.requests == []


@pytest.mark.parametrize(
    ("auth", "options"),
    [
        (VisionularAuth(lambda: VISIONULAR), {}),
        (VisionularAuth(lambda: VISIONULAR, final_newline=True, nonce=lambda: "n"), {}),
        (BasicAuth(lambda: VISIONULAR, headers={"auth-type": "use-basic"}), {}),
        (
            BasicAuth(lambda: VISIONULAR),
            {"prefix": "/vodencoding/v1", "filters": LATER_FILTERS},
        ),
    ],
    ids=["hmac", "hmac with newline and nonce", "basic", "later generation"],
)
async def test_every_generation_is_spoken(
    http: httpx.AsyncClient, sandbox: Sandbox, auth: Signature, options: dict[str, Any]
) -> None:
    """On the sandbox: listing and lookup agree, whatever the signature and the spelling."""
    client = VisionularClient(http, auth, sandbox.url, **LIMITS, **options)
    end = datetime.now(UTC)
    page = WindowPage(created_from=end - timedelta(days=1), created_to=end, status=Status.SUCCEEDED, size=2)
    listed = (await client.tasks_in_window([page]))[page]
    assert isinstance(listed, TaskPage)
    assert (len(listed.tasks), listed.next_page) == (2, "2")
    [first, _] = listed.tasks
    assert first.status is Status.SUCCEEDED
    assert isinstance(first.provider_id, str)
    found = (await client.task_by_id([first.provider_id]))[first.provider_id]
    assert isinstance(found, Task)
    assert (found.id, found.created_at, found.completed_at) == (
        first.id,
        first.created_at,
        first.completed_at,
    )
    assert found.misfits == ()


async def test_a_wrong_key_is_unauthorized(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    """On the sandbox: the refusal names the code and not the key."""
    wrong = Credentials(access_key_id="wrong-key", access_key_secret="wrong-secret")
    client = VisionularClient(http, VisionularAuth(lambda: wrong), sandbox.url, **LIMITS)
    with pytest.raises(Unauthorized) as caught:
        await client.task_by_id(["t"])
    assert caught.value.provider_code == "1003"
    assert "wrong" not in str(caught.value)
