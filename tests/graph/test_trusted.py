"""Documents by id."""

from __future__ import annotations

import msgspec
import pytest

from gateway.graph.engine import Engine
from gateway.graph.manifest import sha256
from gateway.graph.requests import Request
from gateway.graph.trusted import Mode, TrustedDocuments, Unknown
from tests.graph.upstreams import Counting

QUERY = "query A { __typename }"
OTHER = "query B { __typename }"
MANIFEST = {sha256(QUERY): QUERY, "short": QUERY}


def _code(documents: TrustedDocuments, query: str = "", **ids: str) -> str | None:
    wanted = {"document_id": None, "query_hash": None, **ids}
    try:
        documents.text(query, wanted["document_id"], wanted["query_hash"])
    except Unknown as unknown:
        code: str = unknown.refusal["extensions"]["code"]
        return code
    return None


@pytest.mark.parametrize(
    ("mode", "known", "foreign_id", "foreign_text"),
    [
        (Mode.OFF, "PERSISTED_QUERY_NOT_SUPPORTED", "PERSISTED_QUERY_NOT_SUPPORTED", None),
        (Mode.ALLOW, None, "PERSISTED_QUERY_NOT_FOUND", None),
        (Mode.ONLY, None, "DOCUMENT_NOT_TRUSTED", "DOCUMENT_NOT_TRUSTED"),
    ],
)
def test_the_mode_decides_what_is_answered(
    mode: Mode, known: str | None, foreign_id: str, foreign_text: str | None
) -> None:
    """Off knows no ids, allow knows them too, only knows nothing else."""
    documents = TrustedDocuments(mode, MANIFEST)
    for ids in (
        {"document_id": f"sha256:{sha256(QUERY)}"},
        {"document_id": "short"},
        {"query_hash": sha256(QUERY)},
    ):
        assert _code(documents, **ids) == known
    assert _code(documents, document_id=sha256(OTHER)) == foreign_id
    assert _code(documents, OTHER) == foreign_text
    assert _code(documents, QUERY) is None, "the text of a trusted document is as good as its id"


def test_a_client_may_register_what_it_sends() -> None:
    """Apollo's dance: the hash alone is not found, hash and document are answered, then the hash is."""
    documents = TrustedDocuments(remembered=2)
    assert _code(documents, query_hash=sha256(OTHER)) == "PERSISTED_QUERY_NOT_FOUND"
    assert _code(documents, OTHER, query_hash=sha256(OTHER)) is None
    documents.remember(OTHER, sha256(OTHER))
    assert _code(documents, query_hash=sha256(OTHER)) is None


def test_a_hash_that_is_not_the_documents_is_refused() -> None:
    """Nobody plants a document under another's id."""
    assert _code(TrustedDocuments(remembered=2), OTHER, query_hash=sha256(QUERY)) == "BAD_REQUEST"
    assert _code(TrustedDocuments(Mode.ALLOW, MANIFEST), OTHER, document_id=sha256(QUERY)) == "BAD_REQUEST"


def test_what_clients_register_is_bounded_and_never_trusted() -> None:
    """The oldest is forgotten first; where only the manifest counts, nothing is remembered at all."""
    documents = TrustedDocuments(remembered=2)
    for n in range(3):
        documents.remember(f"query A{n} {{ a }}", str(n))
    assert _code(documents, query_hash="0") == "PERSISTED_QUERY_NOT_FOUND"
    assert _code(documents, query_hash="2") is None
    strict = TrustedDocuments(Mode.ONLY, MANIFEST, remembered=2)
    strict.remember(OTHER, sha256(OTHER))
    assert _code(strict, query_hash=sha256(OTHER)) == "DOCUMENT_NOT_TRUSTED"


async def test_only_good_documents_are_remembered() -> None:
    """A document that is refused takes nobody's place."""
    engine = Engine(Counting(), request_timeout=5, trusted=TrustedDocuments(remembered=9))
    for query, found in (("{ nonsense }", False), (QUERY, True)):
        await engine.execute(Request(query=query, query_hash=sha256(query)))
        answer = await engine.execute(Request(query_hash=sha256(query)))
        assert answer.executed is found


async def test_a_trusted_document_is_executed_by_its_id() -> None:
    """Variables and operation name go with the id as with a text."""
    engine = Engine(Counting(), request_timeout=5, trusted=TrustedDocuments(Mode.ONLY, MANIFEST))
    answer = await engine.execute(Request(document_id="short", operation_name="A"))
    assert msgspec.to_builtins(answer.body["data"]) == {"__typename": "Query"}
