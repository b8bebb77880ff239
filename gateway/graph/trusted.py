"""Documents by id: those that clients were built with, and those they have sent before.

A gateway that answers only documents it knows beforehand is out of reach of every hostile query. Where that
is too strict, an id still saves clients from sending their document, and lets a GET be cached.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from enum import StrEnum

from gateway.graph.errors import refusal
from gateway.graph.manifest import sha256


class Mode(StrEnum):
    """What documents by id are for.

    OFF: there are none. ALLOW: ids of the manifest may be sent instead of a document. ONLY: nothing else is
    answered.
    """

    OFF = "off"
    ALLOW = "allow"
    ONLY = "only"


class Unknown(Exception):
    """A request names no document that would be answered."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.refusal = refusal(message, code)


class TrustedDocuments:
    """Finds the document of a request.

    Args:
        mode: What documents by id are for.
        manifest: Documents by id.
        remembered: How many that clients sent are kept (Apollo's automatic persisted queries); 0 for none.
    """

    def __init__(
        self, mode: Mode = Mode.OFF, manifest: Mapping[str, str] | None = None, *, remembered: int = 0
    ) -> None:
        self._mode = mode
        self._manifest = manifest or {}
        self._texts = frozenset(self._manifest.values())
        self._remembered = remembered if mode is not Mode.ONLY else 0
        self._sent: OrderedDict[str, str] = OrderedDict()

    def text(self, query: str, document_id: str | None, query_hash: str | None) -> str:
        """Return the document of a request.

        Args:
            query: The document, where it was sent.
            document_id: The specification's ``documentId``.
            query_hash: The hash of ``extensions.persistedQuery``.

        Raises:
            Unknown: There is none, or it is not trusted.
        """
        document_id = document_id.removeprefix("sha256:") if document_id else None
        if query:
            return self._sent_whole(query, document_id, query_hash)
        wanted = document_id or query_hash or ""
        if self._mode is not Mode.OFF and wanted in self._manifest:
            return self._manifest[wanted]
        if wanted in self._sent:
            self._sent.move_to_end(wanted)
            return self._sent[wanted]
        if self._mode is Mode.ONLY:
            raise self._distrusted()
        if self._mode is Mode.OFF and not self._remembered:
            # Both texts are what Apollo's clients look for before they send the document instead.
            raise Unknown("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")
        raise Unknown("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")

    def _sent_whole(self, query: str, document_id: str | None, query_hash: str | None) -> str:
        if self._mode is not Mode.ONLY and query_hash is None and document_id is None:
            return query
        digest = sha256(query)
        if self._mode is Mode.ONLY and digest not in self._manifest:
            raise self._distrusted()
        if any(told is not None and told != digest for told in (query_hash, document_id)):
            raise Unknown("The id is not the SHA-256 of the document.", "BAD_REQUEST")
        return query

    def lists(self, text: str) -> bool:
        """Return whether a document is one of the manifest's."""
        return text in self._texts

    def remember(self, query: str, query_hash: str | None) -> None:
        """Keep a document that was sent with its hash and turned out to be a good one."""
        if query and query_hash and self._remembered:
            self._sent[query_hash] = query
            self._sent.move_to_end(query_hash)
            if len(self._sent) > self._remembered:
                self._sent.popitem(last=False)

    @staticmethod
    def _distrusted() -> Unknown:
        return Unknown("Only documents that this gateway was given are answered.", "DOCUMENT_NOT_TRUSTED")
