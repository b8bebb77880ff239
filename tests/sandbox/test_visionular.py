"""The Visionular operations: who may call, what comes back, what is refused."""

from email.utils import formatdate
from typing import Any

import pytest

from gateway.sandbox.messages import Request
from gateway.sandbox.signatures import visionular_signatures

from .clients import START, Caller

NOW = int(START)
LIST, QUERY = "/api/list_task", "/api/query_task"
LATER_LIST, LATER_QUERY = "/vodencoding/v1/list_task", "/vodencoding/v1/query_task"


async def listed(caller: Caller, path: str = LIST, **parameters: str | int) -> dict[str, Any]:
    """List tasks; an hour unless told otherwise."""
    window = {"start_time": NOW - 3600, "end_time": NOW}
    answer = await caller.visionular(path, **{**window, **parameters})
    data: dict[str, Any] = answer.json()["data"]
    return data


async def signed(
    caller: Caller,
    *,
    newline: bool = False,
    key: str = "sandboxAccessKey",
    secret: str = "sandboxSecretKey",  # noqa: S107 - public
    date: str = "",
) -> tuple[int, int]:
    """Call list_task by the HMAC scheme; returns HTTP status and code."""
    date = date or formatdate(START, usegmt=True)
    query = f"start_time={NOW - 100}&end_time={NOW}&status="
    headers = {"date": date, "x-wz-nonce": "abc"}
    request = Request("GET", LIST, query, tuple(headers.items()), b"")
    signature = visionular_signatures(request, secret)[newline]
    headers["authorization"] = f"Visionular AccessKeyId={key}, Signature={signature}"
    answer = await caller.http.get(f"{LIST}?{query}", headers=headers)
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("newline", [False, True])
async def test_signature(caller: Caller, *, newline: bool) -> None:
    """The HMAC scheme is accepted with and without the final newline."""
    assert await signed(caller, newline=newline) == (200, 0)


async def test_bad_signatures(caller: Caller) -> None:
    """A wrong key, secret, date or scheme is one and the same refusal."""
    refused = (403, 1003)
    assert await signed(caller, key="other") == refused
    assert await signed(caller, secret="other") == refused
    assert await signed(caller, date="yesterday") == refused
    assert await signed(caller, date=formatdate(START - 901, usegmt=True)) == refused
    answer = await caller.http.get(LIST)
    assert answer.json() == {"code": 1003, "msg": "auth fail", "data": None}
    assert answer.status_code == 403
    wrong = await caller.http.get(LIST, auth=("sandboxAccessKey", "other"))
    assert wrong.status_code == 403


@pytest.mark.parametrize(
    ("path", "parameters", "status", "code"),
    [
        (LIST, {"end_time": NOW}, 400, 1001),
        (LIST, {"start_time": NOW}, 400, 1001),
        (LIST, {"start_time": "soon", "end_time": NOW}, 400, 1002),
        (LIST, {"start_time": NOW, "end_time": NOW - 1}, 400, 1002),
        (LIST, {"start_time": 1, "end_time": NOW, "count": 501}, 400, 1002),
        (LIST, {"start_time": 1, "end_time": NOW, "start_num": -1}, 400, 1002),
        (LIST, {"start_time": 1, "end_time": NOW, "status": "done"}, 400, 1002),
        (QUERY, {}, 400, 1001),
        (QUERY, {"task_id": "unknown"}, 404, 1004),
        ("/api/del_task", {"task_id": "unknown"}, 404, 1004),
    ],
)
async def test_refusals(
    caller: Caller, path: str, parameters: dict[str, str | int], status: int, code: int
) -> None:
    """Each mistake has its documented code, in the usual envelope."""
    answer = await caller.visionular(path, **parameters)
    assert (answer.status_code, answer.json()["code"], answer.json()["data"]) == (status, code, None)


async def test_only_get(caller: Caller) -> None:
    """The two operations are read by GET."""
    assert (await caller.http.post(LIST)).json()["code"] == 1002


async def test_pages_have_no_gaps(caller: Caller) -> None:
    """Offsets of any size walk through every task of a window once, newest first; the total counts them."""
    whole = await listed(caller, count=500)
    assert whole["num"] == whole["total"] == len(whole["list"])
    assert 238 <= whole["total"] <= 242
    created = [task["create_time"] for task in whole["list"]]
    assert created == sorted(created, reverse=True)
    assert created[-1] >= NOW - 3600
    pages = [await listed(caller, count=33, start_num=first) for first in range(0, 300, 33)]
    assert [task for page in pages for task in page["list"]] == whole["list"]
    assert {page["total"] for page in pages} == {whole["total"]}
    assert pages[-1] == {"list": [], "num": 0, "total": whole["total"]}
    assert (await listed(caller))["list"] == whole["list"][:50]


async def test_window_ends_are_included(caller: Caller) -> None:
    """A task created at either end of a window belongs to it."""
    tasks = (await listed(caller))["list"]
    start, end = tasks[7]["create_time"], tasks[3]["create_time"]
    assert (await listed(caller, start_time=start, end_time=end))["list"] == tasks[3:8]


async def test_status_filter(caller: Caller) -> None:
    """Each status selects its tasks, with their total; together they are everything."""
    whole = (await listed(caller, count=500))["list"]
    counted = 0
    for status in ("pending", "downloading", "running", "uploading", "success", "fail"):
        some = await listed(caller, count=500, status=status)
        assert some["list"] == [task for task in whole if task["status"] == status]
        assert some["total"] == len(some["list"])
        counted += some["total"]
    assert counted == len(whole)
    assert (await listed(caller, status=""))["total"] == len(whole)
    later = await listed(caller, LATER_LIST, count=500, status="succeeded")
    assert {task["status"] for task in later["list"]} == {"succeeded"}
    page = await listed(caller, status="success", start_num=20, count=10)
    assert page["list"] == [task for task in whole if task["status"] == "success"][20:30]


async def test_operations_agree(caller: Caller) -> None:
    """A listed task is the task looked up, but for the word for success."""
    for task in (await listed(caller, count=30))["list"]:
        found = (await caller.visionular(QUERY, task_id=task["task_id"])).json()["data"]
        assert {**found, "err_message": ""} == {**task, "err_message": ""}


async def test_altered_ids_are_unknown(caller: Caller) -> None:
    """Every part of an id counts."""
    task_id = (await listed(caller))["list"][0]["task_id"]
    answer = await caller.visionular(QUERY, task_id=f"2025{task_id[4:]}")
    assert answer.status_code == 404


async def test_later_generation(caller: Caller) -> None:
    """The later paths tell the same tasks in other words, and name the request."""
    window: dict[str, str | int] = {"start_time": NOW - 3600, "end_time": NOW}
    answer = (await caller.visionular(LATER_LIST, **window)).json()
    assert len(answer["request_id"]) == 32
    older = (await listed(caller))["list"]
    words = {"success": "succeeded", "fail": "failed"}
    for new, old in zip(answer["data"]["list"], older, strict=True):
        assert (new["task_id"], new["created_time"]) == (old["task_id"], old["create_time"])
        assert new["status"] == words.get(old["status"], old["status"])
        assert (new["code"], new["output_bitrate"]) == (old["err_code"], old["dst_bitrate"])
        assert not {"create_time", "err_code", "src_bitrate"} & set(new)
        found = await caller.visionular(LATER_QUERY, task_id=new["task_id"])
        assert found.json()["data"] == new


async def test_listings_by_state(caller: Caller) -> None:
    """Ids handed out for a state are in that state."""
    known = (await caller.ids(limit=2, provider="visionular"))["visionular"]
    words = {"succeeded": "success", "failed": "fail"}
    for state, word in words.items():
        for task_id in known[state]:
            assert (await caller.visionular(QUERY, task_id=task_id)).json()["data"]["status"] == word
    for task_id in known["running"]:
        status = (await caller.visionular(QUERY, task_id=task_id)).json()["data"]["status"]
        assert status in {"downloading", "running", "uploading"}
