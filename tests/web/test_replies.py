"""How answers travel: marks, lives, compressed or not."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from gateway.graph.reuse import Kept
from gateway.web.protocol import MediaType
from gateway.web.replies import Replies, Reply

REPLIES = Replies(compress_from=100)


def _kept(data: bytes = b'{"a":1}') -> Kept:
    return Kept(data=data, oldest=None, calls=0, fields=1, reads=[], weight=1)


def _reply(kept: Kept, replies: Replies = REPLIES, **given: Any) -> Reply:
    usual: dict[str, Any] = {
        "age": 0.0,
        "fresh_for": 10.0,
        "media": MediaType.JSON,
        "accept_encoding": None,
        "if_none_match": None,
    }
    return replies.kept(kept, **(usual | given))


@pytest.mark.parametrize(
    ("age", "fresh_for", "life", "told"),
    [
        (0.0, 10.0, "private, max-age=10", "0"),
        (3.2, 1.9, "private, max-age=5", "4"),
        (3.2, 0.9, "private, no-cache", "4"),
    ],
)
def test_a_life_is_what_is_left_of_the_least_fresh_record(
    age: float, fresh_for: float, life: str, told: str
) -> None:
    """Age counts towards max-age, so a cache holds the answer for what is left; never longer for rounding."""
    headers = _reply(_kept(), age=age, fresh_for=fresh_for).headers
    assert headers["Cache-Control"] == life
    assert headers["Age"] == told


def test_only_a_setting_makes_answers_public() -> None:
    """Caches that clients share keep answers where the operator says so, by who asked."""
    headers = _reply(_kept(), Replies(public=True)).headers
    assert headers["Cache-Control"] == "public, max-age=10"
    for name in ("Accept", "Accept-Encoding", "Authorization", "X-API-Key"):
        assert name in headers["Vary"].split(", ")


def test_every_form_has_a_mark_of_its_own() -> None:
    """A strong ETag stands for bytes: another encoding, media type or answer has another."""
    large = b'{"a":"%b"}' % (b"x" * 500)
    forms: list[tuple[Kept, dict[str, Any]]] = [
        (_kept(), {}),
        (_kept(b'{"a":2}'), {}),
        (_kept(large), {}),
        (_kept(large), {"accept_encoding": "gzip"}),
        (_kept(large), {"media": MediaType.GRAPHQL}),
        (_kept(large), {"media": MediaType.GRAPHQL, "accept_encoding": "gzip"}),
    ]
    tags = [_reply(kept, **given).headers["ETag"] for kept, given in forms]
    assert len(set(tags)) == len(tags)
    assert [_reply(kept, **given).headers["ETag"] for kept, given in forms] == tags
    assert all(tag.startswith('"') for tag in tags)


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_who_has_it_is_not_sent_it(form: str) -> None:
    """304 has no body, and tells the life anew."""
    kept = _kept()
    tag = _reply(kept).headers["ETag"]
    reply = _reply(kept, if_none_match=form.format(tag))
    assert (reply.status, reply.body) == (304, b"")
    assert reply.headers["ETag"] == tag
    assert reply.headers["Cache-Control"] == "private, max-age=10"


def test_who_has_another_is_sent_it() -> None:
    """A mark of another form is no match: its bytes are others."""
    kept = _kept(b'{"a":"%b"}' % (b"x" * 500))
    tag = _reply(kept, accept_encoding="gzip").headers["ETag"]
    assert _reply(kept, if_none_match=tag).status == 200
    assert _reply(kept, if_none_match='"other"').status == 200


def test_what_is_kept_is_compressed_once() -> None:
    """The compressed form stays with the answer."""
    kept = _kept(b'{"a":"%b"}' % (b"x" * 500))
    first, second = (_reply(kept, accept_encoding="gzip") for _ in range(2))
    assert first.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(first.body) == b'{"data":%b}' % kept.data
    assert second.body is first.body


def test_what_is_sent_once_is_compressed_from_a_size() -> None:
    """Small bodies, clients that do not take it, and a setting of 0 leave a body as it is."""
    body = b"x" * 100
    packed = REPLIES.once(200, body, "gzip")
    assert gzip.decompress(packed.body) == body
    assert "Accept-Encoding" in packed.headers["Vary"]
    for reply in (
        REPLIES.once(200, body[1:], "gzip"),
        REPLIES.once(200, body, None),
        Replies().once(200, body, "gzip"),
    ):
        assert reply.body in {body, body[1:]}
        assert not reply.headers
