"""The IMS operations: what is asked, what comes back, what is refused."""

import base64
from typing import Any

import pytest

from gateway.sandbox.messages import iso

from .clients import START, Caller, Clock


async def walk(caller: Caller, **parameters: str) -> list[dict[str, Any]]:
    """Read a list to its end, following the tokens."""
    jobs: list[dict[str, Any]] = []
    while True:
        answer = (await caller.ims("ListMediaConvertJobs", **parameters)).json()
        jobs += answer["Jobs"]
        if "NextPageToken" not in answer:
            return jobs
        parameters["NextPageToken"] = answer["NextPageToken"]


def window(start: int, end: int) -> dict[str, str]:
    """Name a window so many seconds before the tests' moment."""
    return {"StartOfCreateTime": iso(int(START) - start), "EndOfCreateTime": iso(int(START) - end)}


@pytest.mark.parametrize(
    ("operation", "parameters", "status", "code"),
    [
        ("GetMediaConvertJob", {}, 400, "MissingParameter"),
        ("GetMediaConvertJob", {"JobId": "unknown"}, 404, "ResourceNotFound"),
        ("ListMediaConvertJobs", {"PageSize": "101"}, 400, "InvalidParameter"),
        ("ListMediaConvertJobs", {"PageSize": "0"}, 400, "InvalidParameter"),
        ("ListMediaConvertJobs", {"Status": "success"}, 400, "InvalidParameter"),
        ("ListMediaConvertJobs", {"OrderBy": "Time"}, 400, "InvalidParameter"),
        ("ListMediaConvertJobs", {"NextPageToken": "made up"}, 400, "InvalidParameter"),
        (
            "ListMediaConvertJobs",
            {"NextPageToken": base64.b64encode(bytes(16)).decode()},
            400,
            "InvalidParameter",
        ),
        ("ListMediaConvertJobs", {"StartOfCreateTime": "yesterday"}, 400, "InvalidParameter"),
        ("ListMediaConvertJobs", window(10, 20), 400, "InvalidParameter"),
    ],
)
async def test_refusals(
    caller: Caller, operation: str, parameters: dict[str, str], status: int, code: str
) -> None:
    """Each mistake has its documented code."""
    answer = await caller.ims(operation, **parameters)
    assert (answer.status_code, answer.json()["Code"]) == (status, code)


@pytest.mark.parametrize("order", ["CreateTimeDesc", "CreateTimeAsc"])
async def test_pages_have_no_gaps(caller: Caller, order: str) -> None:
    """Pages of any size hold every job of a window once, in order."""
    some = window(7200, 0)
    whole = await walk(caller, **some, OrderBy=order, PageSize="100")
    assert 355 <= len(whole) <= 365
    assert len({job["JobId"] for job in whole}) == len(whole)
    assert await walk(caller, **some, OrderBy=order, PageSize="37") == whole
    created = [job["CreateTime"] for job in whole if "CreateTime" in job]
    assert created == sorted(created, reverse=order == "CreateTimeDesc")


async def test_usual_page(caller: Caller) -> None:
    """Without parameters the twenty newest jobs come, newest first."""
    jobs = (await caller.ims("ListMediaConvertJobs")).json()["Jobs"]
    assert len(jobs) == 20
    assert jobs == (await walk(caller, **window(3000, 0)))[:20]


async def test_new_jobs_do_not_shift_pages(caller: Caller, clock: Clock) -> None:
    """A page asked for later begins where the page before ended, whatever was created meanwhile."""
    whole = await walk(caller, **window(3600, 0))
    first = (await caller.ims("ListMediaConvertJobs")).json()
    clock.moment += 300
    second = (await caller.ims("ListMediaConvertJobs", NextPageToken=first["NextPageToken"])).json()
    found = [job["JobId"] for job in first["Jobs"] + second["Jobs"]]
    assert found == [job["JobId"] for job in whole[:40]]


@pytest.mark.parametrize(
    "status", ["Inited", "Running", "Success", "Complete", "Failed", "Error", "Cancelled"]
)
async def test_status_filter(caller: Caller, status: str) -> None:
    """A filter selects a state in either vocabulary, and together the filters select everything."""
    same = {"Success", "Complete"}, {"Failed", "Error"}
    meant = next((pair for pair in same if status in pair), {status})
    some = window(20_000, 0)
    whole = [job["JobId"] for job in await walk(caller, **some, PageSize="100") if job["State"] in meant]
    assert [job["JobId"] for job in await walk(caller, **some, PageSize="100", Status=status)] == whole


async def test_job_filter(caller: Caller) -> None:
    """A job's id selects that job, an unknown one none."""
    job_id = (await caller.ids(limit=1))["ims"]["failed"][0]
    assert [job["JobId"] for job in await walk(caller, JobId=job_id)] == [job_id]
    assert await walk(caller, JobId="unknown") == []


async def test_operations_agree(caller: Caller) -> None:
    """A listed job is the job looked up, less its results and progress."""
    for listed in await walk(caller, **window(600, 0)):
        job = (await caller.ims("GetMediaConvertJob", JobId=listed["JobId"])).json()["Job"]
        for name in ("OutputDetails", "OutputGroupDetails", "Percent"):
            job.pop(name, None)
            assert name not in listed
        assert job == listed


async def test_history_ends(caller: Caller) -> None:
    """Jobs older than two months cannot be listed or looked up."""
    assert await walk(caller, **window(70 * 86_400, 61 * 86_400)) == []
    old = caller.app.world.conversions.numbers(START)[0] - 5
    answer = await caller.ims("GetMediaConvertJob", JobId=caller.app.world.cipher.seal(4, old))
    assert answer.status_code == 404


async def test_listings_by_state(caller: Caller, clock: Clock) -> None:
    """Ids handed out for a state are in that state."""
    series = caller.app.world.conversions
    clock.moment = series.work(series.numbers(START)[-1]).created  # one is still waiting
    known = (await caller.ids(limit=3, provider="ims"))["ims"]
    states = {
        "queued": {"Inited"},
        "running": {"Running"},
        "succeeded": {"Success", "Complete"},
        "failed": {"Failed", "Error"},
        "cancelled": {"Cancelled"},
    }
    for state, words in states.items():
        assert known[state]
        for job_id in known[state]:
            job = (await caller.ims("GetMediaConvertJob", JobId=job_id)).json()["Job"]
            assert job["State"] in words
