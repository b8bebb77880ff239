"""The compiler: what has a plan, and the reasons of what has none."""

from __future__ import annotations

import pytest
import strawberry
from graphql import build_schema, parse

from gateway.execution import Compiler, NotCompilable, Plan
from tests.execution.alike import alike, core
from tests.execution.toy import Animal, schema


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("{ __schema { queryType { name } } }", "introspection"),
        ('{ ...F } fragment F on Query { __type(name: "Cat") { name } }', "introspection"),
        ("{ cats { name @defer } }", "@defer"),
        ("{ cats @stream { name } }", "@stream"),
        ("query @live { cats { name } }", "@live on an operation"),
        ("mutation { a: feed(amount: 1) b: feed(amount: 2) }", "several mutations"),
        ("query A { __typename } query B { __typename }", "no such operation"),
        ("{ cats " * 60 + "{ name }" + " }" * 60, "nested too deeply"),
        ("{ cats @include(if: 1) { name } }", "a condition that is not Boolean"),
        ("subscription { cats }", "no such root type"),
    ],
)
def test_reasons_are_told_and_counted(query: str, reason: str) -> None:
    """An operation without a plan says why, and the compiler counts it."""
    compiler = Compiler(core(schema))
    made = compiler.compile(parse(query))
    assert isinstance(made, NotCompilable)
    assert made.reason == reason
    assert compiler.refused == {reason: 1}


async def test_one_mutation_has_a_plan() -> None:
    """A mutation by itself needs no order."""
    await alike(schema, "mutation($n: Int!) { feed(amount: $n) }", {"n": 3})


def test_an_operation_is_chosen_by_name() -> None:
    """Of several operations the named one is compiled."""
    document = parse("query A { cats { name } } query B { __typename }")
    assert isinstance(Compiler(core(schema)).compile(document, "B"), Plan)
    assert isinstance(Compiler(core(schema)).compile(document, "C"), NotCompilable)


def test_types_that_are_told_asynchronously_have_no_plans() -> None:
    """A schema that must be awaited to tell a type is left to graphql-core."""

    async def is_type_of(_value: object, _info: object) -> bool:
        return True

    awaiting = build_schema("type Query { a: A } type A { b: Int }")
    awaiting.type_map["A"].is_type_of = is_type_of  # type: ignore[attr-defined]
    made = Compiler(awaiting).compile(parse("{ a { b } }"))
    assert isinstance(made, NotCompilable)


async def test_a_schema_of_graphql_core_has_plans() -> None:
    """Nothing of it needs Strawberry: default resolvers read mappings and call methods."""
    plain = build_schema("type Query { a(n: Int = 2): A l: [[A!]] } type A { b: Int! c: [Int] }")
    root = {"a": lambda _info, n: {"b": n, "c": [1, None]}, "l": [[{"b": 1}], None, [{"b": None}]]}
    await alike(plain, "{ a { b c } x: a(n: 5) { b } l { b } }", root=root)


async def test_fields_with_extensions_are_resolved_by_strawberry() -> None:
    """Permissions, and whatever else wraps a resolver, still do."""

    class Never(strawberry.BasePermission):
        message = "never"

        def has_permission(self, source: object, info: object, **_kwargs: object) -> bool:
            return False

    @strawberry.type
    class Query:
        @strawberry.field(permission_classes=[Never])  # type: ignore[untyped-decorator]
        def secret(self) -> str | None:
            return "secret"

    result = await alike(strawberry.Schema(query=Query), "{ secret }")
    assert result.errors[0].message == "never"


async def test_selections_are_merged() -> None:
    """What is selected of a field in several places comes to one object."""
    query = """
        query { cats { ...A tag { text } ... on Creature { n: name } tag { made } ...A } }
        fragment A on Cat { name tag { t: text } }
    """
    await alike(schema, query, root=[Animal(tag=None), Animal()])
