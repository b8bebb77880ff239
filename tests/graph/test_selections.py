"""What an operation selects, told without executing it."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode, build_schema, parse

from gateway.graph.selections import Selections

SCHEMA = build_schema("""
    interface Node { id: ID }
    type Query { video(id: ID, first: Int): Video  node: Node }
    type Video implements Node { id: ID  task: Task  tasks: [Task!] }
    type Task implements Node { id: ID  status: String  video: Video  jobs: [Job!] }
    type Job { url: String }
""")


def _read(query: str, **variables: Any) -> tuple[Selections, list[SelectionSetNode]]:
    document = parse(query)
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return Selections(SCHEMA, fragments, variables), [operation.selection_set]


def test_fields_are_merged_as_execution_merges_them() -> None:
    """By their keys, through fragments, without those that are left out."""
    selections, below = _read(
        """query($no: Boolean!) {
            video(id: 1) { id }  ...More  ... { video(id: 1) { tasks { id } } }
            other: video { id }  node @include(if: $no) { id }  left: node @skip(if: true) { id }
        }
        fragment More on Query { video(id: 1) { task { id } } }""",
        no=False,
    )
    video, other = selections.fields("Query", below)
    assert (video.type, video.key, video.name) == ("Query", "video", "video")
    assert [field.name for field in selections.fields("Video", video.below)] == ["id", "task", "tasks"]
    assert (other.key, other.name) == ("other", "video")


@pytest.mark.parametrize("given", [[], [True], {}, 1, "x", None])
def test_a_condition_that_will_be_refused_leaves_nothing_out(given: Any) -> None:
    """A variable may hold anything before it is coerced."""
    selections, below = _read("query($x: Boolean!) { video @skip(if: $x) { id @include(if: $x) } }", x=given)
    [video] = selections.fields("Query", below)
    assert [field.name for field in selections.fields("Video", video.below)] == ["id"]


def test_a_condition_on_an_object_says_what_it_is() -> None:
    """One on an interface says nothing new."""
    selections, below = _read("{ node { ... on Task { status } ... on Video { ... on Node { id } } id } }")
    [node] = selections.fields("Query", below)
    fields = selections.fields("Node", node.below)
    assert [(field.type, field.name) for field in fields] == [
        ("Task", "status"),
        ("Video", "id"),
        ("Node", "id"),
    ]


def test_what_is_below_is_found_by_name_and_at_any_depth() -> None:
    """Whatever the client calls it."""
    selections, below = _read("{ video { a: task { jobs { url } } b: task { video { task { id } } } } }")
    [video] = selections.fields("Query", below)
    tasks = selections.within("Video", "task", video.below)
    assert [field.name for field in selections.fields("Task", tasks)] == ["jobs", "video"]
    reached = list(selections.reached("Task", tasks, but="video"))
    assert reached == ["Task.jobs", "Job.url", "Task.video"]


@pytest.mark.parametrize(
    ("query", "given"),
    [
        ("query($x: ID) { video(id: $x) { id } }", {"id": "7"}),
        ('{ video(id: "a", first: 5) { id } }', {"id": "a", "first": 5}),
        ("{ video { id } }", {}),
    ],
)
def test_arguments_are_told_as_they_were_given(query: str, given: dict[str, Any]) -> None:
    """In the document or by a variable; nobody has checked them."""
    selections, below = _read(query, x="7")
    [video] = selections.fields("Query", below)
    assert selections.arguments(video) == given
