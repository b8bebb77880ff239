"""The root fields that go on."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from graphql import GraphQLObjectType

from gateway.graph.context import Context
from gateway.graph.documents import DocumentStore
from gateway.graph.schema import schema
from gateway.live.state import State, TaskState, VideoState
from gateway.loaders import Loaders
from tests.graph.upstreams import Counting
from tests.upstream.conftest import task, video

CONTEXT = Context(loaders=Loaders(Counting()), request_id="")


@pytest.mark.parametrize(
    ("document", "state", "shown"),
    [
        (
            "subscription { v: videos(ids: []) { id finished video { videoId } } }",
            VideoState(id="x", video=video("a"), finished=True),
            {"v": {"id": "x", "finished": True, "video": {"videoId": "a"}}},
        ),
        (
            "subscription { tasks(ids: []) { ... on TaskProgress { id task { status } trouble { code } } } }",
            TaskState(id="y", task=task("a")),
            {"tasks": {"id": "y", "task": {"status": "RUNNING"}, "trouble": None}},
        ),
    ],
)
async def test_an_event_is_the_root_of_its_answer(document: str, state: State, shown: Any) -> None:
    """By the compiled plan, as for any query."""
    documents = DocumentStore(schema._schema)
    plan = documents.plan(documents.get(document), None)
    result = await plan.execute(CONTEXT, {}, root_value=state)
    assert not result.errors
    assert msgspec.json.decode(msgspec.json.encode(result.data)) == shown


def test_nothing_watched_is_ever_null_as_a_whole() -> None:
    """A message is about something."""
    root = schema._schema.subscription_type
    assert isinstance(root, GraphQLObjectType)
    assert {name: str(field.type) for name, field in root.fields.items()} == {
        "videos": "VideoProgress!",
        "tasks": "TaskProgress!",
    }
