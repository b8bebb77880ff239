"""The store of documents."""

from __future__ import annotations

import pytest
from graphql import OperationType

from gateway.graph.documents import DocumentStore
from gateway.graph.schema import schema


def _store(size: int = 512) -> DocumentStore:
    return DocumentStore(schema._schema, size)


def test_a_document_is_read_once() -> None:
    """The second request with the same text gets the same document, valid or not."""
    store = _store()
    for text in ("{ __typename }", "{ nonsense }", "{"):
        assert store.get(text) is store.get(text)


def test_the_store_is_bounded() -> None:
    """The least recently used document is forgotten first."""
    store = _store(size=2)
    kept, dropped = store.get("{ a: __typename }"), store.get("{ b: __typename }")
    store.get("{ a: __typename }")
    store.get("{ c: __typename }")
    assert store.get("{ a: __typename }") is kept
    assert store.get("{ b: __typename }") is not dropped


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ video(id: 1) {} }", "GRAPHQL_PARSE_FAILED"),
        ("{" * 5000, "LIMIT_EXCEEDED"),
        ("{ video(id: " + "[" * 900 + "]" * 900 + ") { id } }", "GRAPHQL_PARSE_FAILED"),
        ("{" + " ".join(f"a{n}: __typename" for n in range(700)) + "}", "LIMIT_EXCEEDED"),
        ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { a }", "GRAPHQL_VALIDATION_FAILED"),
        ("query { ...A } fragment A on Query { ...A }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_refused_documents_say_why_in_few_words(text: str, code: str) -> None:
    """A refusal is coded, bounded in number, and echoes little."""
    refusals = _store().get(text).refusals
    assert 1 <= len(refusals) <= 10
    assert {refusal["extensions"]["code"] for refusal in refusals} == {code}
    assert all(len(refusal["message"]) <= 200 for refusal in refusals)


def test_operations_are_known_by_name() -> None:
    """Whether a request only reads can be told without executing it."""
    store = _store()
    assert store.get("query A { __typename } query B { __typename }").operations == {
        "A": OperationType.QUERY,
        "B": OperationType.QUERY,
    }
    assert store.get("mutation { a }").operations == {None: OperationType.MUTATION}
