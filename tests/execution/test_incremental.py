"""Incremental delivery: two schemas, and a document with and without its directives."""

from __future__ import annotations

from graphql import build_schema, execute_sync, parse, print_ast, validate
from graphql.execution import ExperimentalIncrementalExecutionResults

from gateway.execution import Result
from gateway.execution.incremental import deliver, whole, with_incremental
from gateway.execution.variables import Complaints

SCHEMA = build_schema("type Query { a: String b: [Int] }")
BOTH = with_incremental(SCHEMA)
PARTS = parse("query($if: Boolean) { a ... @defer(if: $if) { b @stream(initialCount: 1) } }")
VALUES = {"a": "x", "b": [1, 2]}


def test_only_one_schema_declares_the_directives() -> None:
    """The schema itself stays as it is, and executes as ever."""
    assert validate(SCHEMA, PARTS)
    assert not validate(BOTH, PARTS)
    assert execute_sync(SCHEMA, parse("{ a }"), {"a": "x"}).data == {"a": "x"}


def test_a_document_without_its_directives_asks_for_the_same() -> None:
    """Other directives stay, and a document that has none of the two is itself."""
    assert "@" not in print_ast(whole(PARTS))
    plain = parse("{ a @skip(if: false) }")
    assert whole(plain) is plain


async def test_parts_come_one_after_the_other() -> None:
    """The first holds what is not deferred; together they hold all."""
    delivered = await deliver(
        BOTH,
        parse("{ a: __typename ... @defer { b: __typename } }"),
        None,
        variables={},
        context=None,
        complaints=Complaints(most=10),
    )
    assert isinstance(delivered, ExperimentalIncrementalExecutionResults)
    assert delivered.initial_result.data == {"a": "Query"}
    following = [result async for result in delivered.subsequent_results]
    told = [one.formatted for result in following for one in result.incremental or ()]
    assert told == [{"id": "0", "data": {"b": "Query"}}]


async def test_an_answer_may_be_whole_after_all() -> None:
    """Nothing is deferred where a variable says so, and variables are complained about as ever."""
    for value, executed in ((False, True), ("no", False)):
        result = await deliver(
            BOTH, PARTS, None, variables={"if": value}, context=None, complaints=Complaints(most=10)
        )
        if executed:
            assert isinstance(result, (Result, ExperimentalIncrementalExecutionResults))
        else:
            assert isinstance(result, Result)
            assert not result.executed
            assert result.errors
