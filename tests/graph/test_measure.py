"""Measures of documents."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from graphql import GraphQLSyntaxError, parse
from hypothesis import given
from hypothesis_graphql import queries

from gateway.graph.limits import DEFAULTS, Exceeded, Limits
from gateway.graph.measure import check_text, measure
from gateway.graph.schema import schema

ROOMY = Limits(
    parts=10_000, depth=1000, aliases=1000, root_fields=1000, directives=1000, directives_at_once=99, ids=999
)


def _tokens(text: str) -> int:
    for count in range(len(text) + 1):
        try:
            check_text(Limits(tokens=count), text)
        except Exceeded:
            continue
        return count
    raise AssertionError(text)


def _agree(text: str) -> None:
    count = _tokens(text)
    parse(text, max_tokens=count)
    with pytest.raises(GraphQLSyntaxError, match="tokens"):
        parse(text, max_tokens=count - 1)


@pytest.mark.parametrize(
    "text",
    [
        "{ a }",
        '{ a(b: "c \\" d") # e "\n f }',
        '{ a(b: """c "d" \\""" e""") }',
        "query A($b: [C!]! = [1, -2.5e3]) @d { ...E ... on F { g: h } } fragment E on F { g }",
        '{a(b:""){c}}',
        "\ufeff{ a,,, }",
    ],
)
def test_tokens_are_counted_as_the_parser_counts_them(text: str) -> None:
    """A regular expression sees the same words and signs, in a fraction of the time."""
    _agree(text)


@given(queries(schema.as_str()))
def test_no_document_has_more_tokens_than_the_parser_sees(text: str) -> None:
    """A document within the limit is never refused for its tokens."""
    _agree(text)


@pytest.mark.parametrize(
    "text", ['"' * 30_000, '"""' + '"' * 30_001, "\\" * 32_000, '"\\' * 16_000, "#" * 32_000]
)
def test_nonsense_is_measured_quickly(text: str) -> None:
    """No text makes the expression look back and back again."""
    began = time.process_time()
    with suppress(Exceeded):
        check_text(DEFAULTS, text)
    assert time.process_time() - began < 0.5, "looking back, it would take seconds"


def test_fragments_are_counted_wherever_they_are_spread() -> None:
    """What is written once and spread thrice counts three times."""
    spread = parse("{ a { ...F ...F ... on A { ...F } } } fragment F on A { x: y }")
    assert measure(ROOMY, spread).fields == 4
    with pytest.raises(Exceeded, match="2 aliases"):
        measure(Limits(aliases=2), spread)


def test_fragments_that_double_with_every_level_are_not_walked_to_their_end() -> None:
    """A document of two kilobytes that stands for 2^40 fields is refused after as many as are allowed."""
    levels = " ".join(f"fragment F{n} on A {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
    with pytest.raises(Exceeded) as caught:
        measure(DEFAULTS, parse("{ a { ...F0 } } " + levels + " fragment F40 on A { a }"))
    assert caught.value.limit == "parts"
    assert caught.value.actual == DEFAULTS.parts + 1


def test_circles_and_gaps_are_left_to_validation() -> None:
    """A fragment that contains itself, or does not exist, ends the count there."""
    assert measure(DEFAULTS, parse("{ ...A ...B } fragment A on Q { a ...A }")).fields == 1


def test_unused_fragments_count_too() -> None:
    """Validating them takes as long as validating used ones."""
    with pytest.raises(Exceeded, match="selections"):
        measure(DEFAULTS, parse("{ a } fragment F on A {" + " b" * 501 + "}"))


def test_every_operation_is_measured() -> None:
    """A document cannot hide a large operation behind a small one."""
    with pytest.raises(Exceeded):
        measure(Limits(aliases=1), parse("query A { a } query B { b: a c: a }"))


@pytest.mark.parametrize("query", ["{ __schema { types { name } } }", '{ a: __type(name: "A") { name } }'])
def test_questions_about_the_schema_are_seen(query: str) -> None:
    """However it is named or wrapped, introspection is recognised; other fields are not taken for it."""
    assert measure(DEFAULTS, parse(query)).introspects
    assert measure(DEFAULTS, parse("{ ...F } fragment F on Query " + query.replace("a: ", ""))).introspects
    assert not measure(DEFAULTS, parse("{ __typename a { __schemas { b } } }")).introspects


def test_depth_does_not_count_within_the_schema() -> None:
    """The query of GraphiQL and code generators is deep by nature."""
    measure(DEFAULTS, parse("{ __schema { types { " + "ofType { " * 12 + "name" + " }" * 12 + " } } }"))


def test_values_within_values_are_parts() -> None:
    """A literal takes as long to validate as a selection of its length."""
    with pytest.raises(Exceeded, match="selections"):
        measure(DEFAULTS, parse("{ a(b: [" + ("[" + "1 " * 40 + "]") * 20 + "]) }"))
