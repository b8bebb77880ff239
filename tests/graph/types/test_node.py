"""Node: the interface behind node and nodes."""

from __future__ import annotations

from gateway.graph.schema import schema


def test_everything_that_can_be_looked_up_is_a_node() -> None:
    """Videos, tasks and jobs implement Node."""
    graphql_schema = schema._schema
    [node] = [type_ for name, type_ in graphql_schema.type_map.items() if name == "Node"]
    implementations = graphql_schema.get_implementations(node)  # type: ignore[arg-type]
    assert {type_.name for type_ in implementations.objects} == {"Video", "Task", "Job"}
