"""How an IMS job is written: every oddity of the documents occurs."""

import json
from typing import Any

import pytest

from gateway.sandbox.ims_job import JobPages
from gateway.sandbox.world import World

from .clients import START


@pytest.fixture(scope="module")
def jobs(world: World) -> list[dict[str, Any]]:
    """The newest two thousand jobs in full, as they arrive at the client."""
    pages = JobPages(world)
    return [pages.full(number, f"job-{number}") for number in world.conversions.numbers(START)[-2000:]]


def details(job: dict[str, Any]) -> list[dict[str, Any]]:
    """List a job's outputs, grouped ones included."""
    groups = job.get("OutputGroupDetails", [])
    return [*job["OutputDetails"], *(output for group in groups for output in group["Outputs"])]


def test_both_vocabularies(jobs: list[dict[str, Any]]) -> None:
    """States come in the older and the newer spelling."""
    assert {job["State"] for job in jobs} >= {
        "Running",
        "Success",
        "Complete",
        "Failed",
        "Error",
        "Cancelled",
    }


def test_user_data(jobs: list[dict[str, Any]], world: World) -> None:
    """User data is an object, JSON text, free text or absent; a video id in it is a video of VOD's."""
    found = [job.get("UserData") for job in jobs]
    assert {type(one) for one in found} == {dict, str, type(None)}
    texts = [one for one in found if isinstance(one, str)]
    assert {one.startswith("{") for one in texts} == {True, False}
    noted = [one for one in found if isinstance(one, dict)]
    noted += [json.loads(one) for one in texts if one.startswith("{")]
    assert all(world.videos.find(one["videoId"]) for one in noted)


def test_stray_blanks(jobs: list[dict[str, Any]]) -> None:
    """Blanks and newlines hang on the ends of some values, as in the sample."""
    assert {job["ClientToken"].endswith("  ") for job in jobs} == {True, False}
    assert {job["FinishTime"].endswith("\n") for job in jobs if "FinishTime" in job} == {True, False}
    outputs = [output for job in jobs for output in job["Config"].get("Outputs", [])]
    assert {output["TemplateId"].endswith("\n") for output in outputs} == {True, False}


def test_errors_of_successful_jobs(jobs: list[dict[str, Any]]) -> None:
    """Some jobs carry an error although they succeeded; every failed one carries one."""
    good = [job for job in jobs if job["State"] in {"Success", "Complete"}]
    assert {"Code" in job for job in good} == {True, False}
    assert all(job["Message"] for job in jobs if job["State"] in {"Failed", "Error"})


def test_members_that_may_lack(jobs: list[dict[str, Any]]) -> None:
    """Most jobs have times and progress, some do not."""
    for name in ("CreateTime", "Percent"):
        present = sum(name in job for job in jobs)
        assert 0.8 < present / len(jobs) < 1


def test_outputs_and_groups(jobs: list[dict[str, Any]]) -> None:
    """Jobs have one output, several, a group, or both; each configured output has its detail."""
    shapes = set()
    for job in jobs:
        outputs, groups = job["Config"].get("Outputs", []), job["Config"].get("OutputGroups", [])
        shapes.add((min(len(outputs), 2), len(groups)))
        assert [one["Name"] for one in outputs] == [one["Name"] for one in job["OutputDetails"]]
        assert len(groups) == len(job.get("OutputGroupDetails", []))
        assert len({one["TaskId"] for one in details(job)}) == len(details(job))
    assert shapes == {(0, 1), (1, 0), (1, 1), (2, 0), (2, 1)}


def test_statuses_of_outputs(jobs: list[dict[str, Any]]) -> None:
    """Only groups know Running; outputs under way are Scheduled, those of a cancelled job Skipped."""
    assert {one["Status"] for job in jobs for one in details(job)} >= {
        "Scheduled",
        "Success",
        "Failed",
        "Skipped",
    }
    groups = {one["Status"] for job in jobs for one in job.get("OutputGroupDetails", [])}
    assert "Running" in groups
    assert "Scheduled" not in groups


def test_file_descriptions(jobs: list[dict[str, Any]]) -> None:
    """Leaves are numbers on some jobs and strings on others; the audio bitrate is "0.f"; sizes pass 2^31."""
    results = [one["Result"]["OutFileMeta"] for job in jobs for one in details(job) if "Result" in one]
    kinds = {type(meta["FileBasicInfo"]["FileSize"]) for meta in results}
    assert kinds == {int, str}
    assert {meta["AudioStreamInfoList"][0]["Bitrate"] for meta in results} == {"0.f"}
    assert max(int(meta["FileBasicInfo"]["FileSize"]) for meta in results) > 2**31
    leaves = [leaf for meta in results for leaf in meta["VideoStreamInfoList"][0].values()]
    assert {type(leaf) for leaf in leaves} == {int, float, str}


def test_only_successful_outputs_have_results(jobs: list[dict[str, Any]]) -> None:
    """A result comes with success."""
    assert all(("Result" in one) == (one["Status"] == "Success") for job in jobs for one in details(job))
