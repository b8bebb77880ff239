"""Collecting: fragments, conditions, merging."""

from __future__ import annotations

import pytest
from graphql import FragmentDefinitionNode, GraphQLObjectType, OperationDefinitionNode, parse

from gateway.execution.collect import CannotCompile, Collector, conditions_of, operation_of
from tests.execution.alike import core
from tests.execution.toy import schema

SCHEMA = core(schema)
CAT, DOG = SCHEMA.type_map["Cat"], SCHEMA.type_map["Dog"]


def _collected(text: str, type_: object, **decided: bool) -> dict[str, int]:
    document = parse(text)
    operation = operation_of(document, None)
    fragments = {
        one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
    }
    assert set(conditions_of(operation, fragments)) == set(decided)
    assert isinstance(type_, GraphQLObjectType)
    fields = Collector(SCHEMA, fragments, decided).fields(type_, [operation.selection_set])
    return {key: len(nodes) for key, nodes in fields.items()}


def test_fragments_apply_to_their_types() -> None:
    """A fragment on a type or one of its interfaces applies, others do not; a spread counts once."""
    text = """{ ...F ...F ... on Dog { dog: name } ... on Creature { name } ... { age } n: name }
        fragment F on Cat { name legs }"""
    assert _collected(text, CAT) == {"name": 2, "legs": 1, "age": 1, "n": 1}
    assert _collected(text, DOG) == {"dog": 1, "name": 1, "age": 1, "n": 1}


@pytest.mark.parametrize(
    ("condition", "decided", "included"),
    [
        ("@skip(if: true)", {}, False),
        ("@include(if: true)", {}, True),
        ("@skip(if: $a)", {"a": True}, False),
        ("@skip(if: $a)", {"a": False}, True),
        ("@include(if: $a) @skip(if: $b)", {"a": True, "b": False}, True),
        ("@include(if: $a) @skip(if: $b)", {"a": True, "b": True}, False),
    ],
)
def test_conditions_are_obeyed(condition: str, decided: dict[str, bool], *, included: bool) -> None:
    """Both directives must let a selection in, on fields and on fragments."""
    for text in (f"{{ name {condition} }}", f"{{ ... {condition} {{ name }} }}"):
        assert _collected(text, CAT, **decided) == ({"name": 1} if included else {})
    text = f"{{ ...F {condition} }} fragment F on Cat {{ name }}"
    assert _collected(text, CAT, **decided) == ({"name": 1} if included else {})


def test_an_operation_must_be_meant() -> None:
    """A document of several operations, or of none by that name, has none to compile."""
    for text, name in (("{ a } query B { b }", None), ("{ a }", "B"), ("fragment F on Cat { name }", None)):
        with pytest.raises(CannotCompile, match="no such operation"):
            operation_of(parse(text), name)
    assert isinstance(operation_of(parse("query A { a } query B { b }"), "B"), OperationDefinitionNode)
