"""Compression: who takes it, and what comes of it."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.compression import KEPT, PASSING, Prefix, gzipped, takes_gzip


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


@given(st.binary(max_size=5000), st.lists(st.binary(max_size=65_535), min_size=1, max_size=3))
def test_a_beginning_is_compressed_once_for_many_bodies(text: bytes, rests: list[bytes]) -> None:
    """Every body is a whole gzip file of one member, as any reader takes it."""
    prefix = Prefix(text)
    for rest in rests:
        assert gzip.decompress(prefix.followed_by(rest)) == text + rest
        reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
        assert reader.decompress(prefix.followed_by(rest)) == text + rest
        assert reader.eof
        assert not reader.unused_data
