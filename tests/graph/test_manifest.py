"""Manifests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.graph.manifest import ManifestError, load, sha256

QUERY = "query A { __typename }"


def _written(folder: Path, name: str, content: Any) -> Path:
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ({sha256(QUERY): QUERY}, sha256(QUERY)),
        ({"0cc175b9c0f1b6a831c399e269772661": QUERY}, "0cc175b9c0f1b6a831c399e269772661"),
        (
            {
                "format": "apollo-persisted-query-manifest",
                "version": 1,
                "operations": [{"id": sha256(QUERY), "name": "A", "type": "query", "body": QUERY}],
            },
            sha256(QUERY),
        ),
    ],
)
def test_the_usual_tools_files_are_read(tmp_path: Path, content: Any, key: str) -> None:
    """graphql-codegen's, Relay's and Apollo's documents are known by their ids and by their SHA-256."""
    documents = load(_written(tmp_path, "persisted.json", content))
    assert documents[key] == documents[sha256(QUERY)] == QUERY


def test_a_folder_may_hold_several(tmp_path: Path) -> None:
    """Each frontend puts its own file there; plain documents do as well."""
    _written(tmp_path, "web.json", {"1": QUERY})
    _written(tmp_path, "report.graphql", "query B { __typename }")
    _written(tmp_path, "notes.txt", "no document")
    assert set(load(tmp_path)) == {"1", sha256(QUERY), sha256("query B { __typename }")}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"a": 1}',
        "{}",
        '{"format": "apollo-persisted-query-manifest", "operations": [{}]}',
    ],
)
def test_what_is_no_manifest_is_named(tmp_path: Path, content: str) -> None:
    """The message says which file; the gateway does not start without its documents."""
    with pytest.raises(ManifestError, match=r"persisted\.json"):
        load(_written(tmp_path, "persisted.json", content))
    with pytest.raises(ManifestError, match="missing"):
        load(tmp_path / "missing")


def test_an_id_that_looks_like_a_hash_has_to_be_one(tmp_path: Path) -> None:
    """A document that was changed after it was built is noticed at the start."""
    with pytest.raises(ManifestError, match="not the SHA-256"):
        load(_written(tmp_path, "persisted.json", {sha256("something else"): QUERY}))
