"""Compression: who takes it, and what comes of it."""

from __future__ import annotations

import gzip

import pytest

from gateway.web.compression import KEPT, PASSING, gzipped, takes_gzip


@pytest.mark.parametrize(
    ("accept_encoding", "takes"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("br, *", True),
        ("x-gzip", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("*;q=0", False),
        ("gzip;q=nonsense", False),
        ("br", False),
        ("identity", False),
    ],
)
def test_a_client_says_what_it_takes(accept_encoding: str | None, takes: object) -> None:
    """Gzip by name counts more than the wildcard, and a quality of zero is a refusal."""
    assert takes_gzip(accept_encoding) is takes


@pytest.mark.parametrize("level", [KEPT, PASSING])
def test_compressed_is_the_same_and_smaller(level: int) -> None:
    """A body comes out as it went in, and the same body always compresses to the same bytes."""
    body = b'{"data":{"videos":[]}}' * 200
    packed = gzipped(body, level)
    assert gzip.decompress(packed) == body
    assert len(packed) < len(body) / 10
    assert packed == gzipped(body, level)
