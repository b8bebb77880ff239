"""How a Visionular task is written."""

from typing import Any

import pytest

from gateway.sandbox.timeline import State
from gateway.sandbox.visionular_task import PLACEHOLDER, TaskPages, task_id_number
from gateway.sandbox.world import World

from .clients import START

SUCCEEDED: tuple[State] = ("succeeded",)


@pytest.fixture(scope="module")
def tasks(world: World) -> list[dict[str, Any]]:
    """The newest thousand tasks, as list_task shows them."""
    pages = TaskPages(world)
    return [pages.listed(number, later=False) for number in world.encodings.numbers(START)[-1000:]]


def test_ids(tasks: list[dict[str, Any]], world: World) -> None:
    """An id has 20 digits, of which 14 are the server's time, and 12 hexadecimal ones; it finds its task."""
    assert len({task["task_id"] for task in tasks}) == 1000
    for task in tasks:
        task_id = task["task_id"]
        assert len(task_id) == 32
        assert task_id[:20].isdigit()
        assert int(task_id[20:], 16)
        number = task_id_number(world, task_id)
        assert number is not None
        assert world.encodings.work(number).created == task["create_time"]
    assert task_id_number(world, "0" * 32) is None


def test_types(tasks: list[dict[str, Any]]) -> None:
    """Bitrates are floats, times and error codes integers."""
    for task in tasks:
        assert {type(task[name]) for name in ("src_bitrate", "dst_bitrate")} == {float}
        assert {type(task[name]) for name in ("create_time", "finish_time", "err_code")} == {int}


def test_ends(tasks: list[dict[str, Any]]) -> None:
    """An unfinished task's end is zero or a date long past; a finished one's comes after its creation."""
    done = [task for task in tasks if task["status"] in {"success", "fail"}]
    assert all(task["finish_time"] > task["create_time"] for task in done)
    assert {task["finish_time"] for task in tasks if task not in done} <= {0, PLACEHOLDER}


def test_results(tasks: list[dict[str, Any]]) -> None:
    """Only success has a signed URL and code 0 with its word; failure has a code."""
    for task in tasks:
        good = task["status"] == "success"
        assert ("?Expires=" in task["output_url"] and "Signature=" in task["output_url"]) == good
        assert (task["err_message"] == "Succeeded") == good
        assert (task["err_code"] in {2001, 2002, 2003}) == (task["status"] == "fail")


def test_word_for_success(world: World) -> None:
    """query_task says success where list_task says Succeeded."""
    number = world.encodings.matching(world.encodings.numbers(START), SUCCEEDED, START)[-1]
    pages = TaskPages(world)
    assert pages.listed(number, later=False)["err_message"] == "Succeeded"
    assert pages.queried(number, later=False)["err_message"] == "success"


def test_a_task_moves_through_its_statuses() -> None:
    """A task waits, downloads, runs and uploads, in this order, before it ends."""
    moment = [START]
    world = World(7, lambda: moment[0])
    number = world.encodings.matching(world.encodings.numbers(START), SUCCEEDED, START)[-1]
    work, pages, seen = world.encodings.work(number), TaskPages(world), []
    for step in range(work.finished - work.created + 1):
        moment[0] = work.created + step
        seen.append(pages.status(number))
    assert list(dict.fromkeys(seen)) == ["pending", "downloading", "running", "uploading", "success"]


def test_places(tasks: list[dict[str, Any]]) -> None:
    """Inputs come from more than one kind of storage."""
    assert {task["input"].partition(":")[0] for task in tasks} == {"s3", "https"}
    assert all(task["output"] == f"oss://{task['bucket']}/{task['objkey']}" for task in tasks)
