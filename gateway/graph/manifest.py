"""Reads the list of documents that clients were built with.

Three forms are understood: one object of texts by id, as graphql-codegen (``persistedDocuments``) and Relay
(``persistConfig``) write it; Apollo's persisted query manifest; and ``.graphql`` files of a folder. The text
itself is what an id stands for, so every document is also known by its SHA-256, and an id that looks like
one has to be right.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

_SHA256 = re.compile(r"[0-9a-f]{64}")


class ManifestError(Exception):
    """The documents cannot be read; the message names file and remedy."""


def sha256(text: str) -> str:
    """Return the id of a document."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def load(path: Path) -> dict[str, str]:
    """Return documents by every id they have.

    Args:
        path: A manifest, or a folder of manifests and ``.graphql`` files.

    Raises:
        ManifestError: There is none, or it is not a manifest.
    """
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix in {".json", ".graphql"})
    else:
        files = [path]
    documents: dict[str, str] = {}
    for file in files:
        try:
            text = file.read_text("utf-8")
            entries = (
                [(None, text)] if file.suffix == ".graphql" else list(_entries(msgspec.json.decode(text)))
            )
        except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
            raise ManifestError(
                f"{file.name}: not a manifest of documents ({type(error).__name__})."
            ) from None
        for key, document in entries:
            digest = sha256(document)
            if key is not None and _SHA256.fullmatch(key) and key != digest:
                raise ManifestError(
                    f"{file.name}: the id {key[:12]}... is not the SHA-256 of its document; build it again."
                )
            documents[digest] = document
            if key is not None:
                documents[key] = document
    if not documents:
        raise ManifestError(f"{path.name}: no documents are in it.")
    return documents


def _entries(content: Any) -> Iterator[tuple[str | None, str]]:
    if isinstance(content, dict) and content.get("format") == "apollo-persisted-query-manifest":
        content = {operation["id"]: operation["body"] for operation in content.get("operations", ())}
    if not isinstance(content, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of error for whatever is wrong with a file
    for key, text in content.items():
        if not isinstance(text, str):
            raise ValueError("not a text")  # noqa: TRY004 - likewise
        yield key, text
