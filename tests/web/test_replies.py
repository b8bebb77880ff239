"""How answers travel: marks, lives, compressed or not."""

from __future__ import annotations

import gzip
from typing import Any

import msgspec
import pytest

from gateway.graph.reuse import Kept
from gateway.server.shortcut import WHOLE, Answer
from gateway.web.protocol import MediaType
from gateway.web.replies import Form, Replies, Reply, beginning, form, sent

REPLIES = Replies(compress_from=100)


def _kept(data: bytes = b'{"a":1}') -> Kept:
    return Kept(
        key=("", None, b"", frozenset()), data=data, oldest=None, calls=0, fields=1, reads=[], weight=1
    )


def _form(
    media: MediaType = MediaType.JSON, accept_encoding: str = "", if_none_match: str | None = None
) -> Form:
    headers = {b"accept-encoding": accept_encoding}
    return form(media, headers | ({b"if-none-match": if_none_match} if if_none_match else {}))


def _reply(
    kept: Kept, replies: Replies = REPLIES, *, age: float = 0.0, fresh_for: float = 10.0, **asked: Any
) -> Reply:
    extensions = {"freshness": {"oldestMs": round(age * 1000)}}
    return replies.again(kept, _form(**asked), extensions, lambda _: fresh_for)


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
    headers = _reply(_kept(), age=age, fresh_for=fresh_for).head.headers
    assert headers["Cache-Control"] == life
    assert headers["Age"] == told


def test_only_a_setting_makes_answers_public() -> None:
    """Caches that clients share keep answers where the operator says so, by who asked."""
    headers = _reply(_kept(), Replies(public=True)).head.headers
    assert headers["Cache-Control"] == "public, max-age=10"


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
    tags = [_reply(kept, **given).head.headers["ETag"] for kept, given in forms]
    assert len(set(tags)) == len(tags)
    assert [_reply(kept, **given).head.headers["ETag"] for kept, given in forms] == tags
    assert all(tag.startswith('"') for tag in tags)


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_who_has_it_is_not_sent_it(form: str) -> None:
    """304 has no body, and tells the life anew."""
    kept = _kept()
    tag = _reply(kept).head.headers["ETag"]
    reply = _reply(kept, if_none_match=form.format(tag))
    assert (reply.status, reply.body) == (304, b"")
    assert reply.head.headers["ETag"] == tag
    assert reply.head.headers["Cache-Control"] == "private, max-age=10"


def test_who_has_another_is_sent_it() -> None:
    """A mark of another form is no match: its bytes are others."""
    kept = _kept(b'{"a":"%b"}' % (b"x" * 500))
    tag = _reply(kept, accept_encoding="gzip").head.headers["ETag"]
    assert _reply(kept, if_none_match=tag).status == 200
    assert _reply(kept, if_none_match='"other"').status == 200


def test_what_is_kept_is_compressed_once() -> None:
    """The compressed form stays with the answer."""
    kept = _kept(b'{"a":"%b"}' % (b"x" * 500))
    first, second = (_reply(kept, accept_encoding="gzip") for _ in range(2))
    assert first.head.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(first.body) == b'{"data":%b}' % kept.data
    assert second.body is first.body


def test_what_is_sent_once_is_compressed_from_a_size() -> None:
    """Small bodies, clients that do not take it, and a setting of 0 leave a body as it is."""
    body = b"x" * 100
    packed = REPLIES.once(200, body, _form(accept_encoding="gzip"))
    assert gzip.decompress(packed.body) == body
    assert packed.head.headers == {"Content-Encoding": "gzip"}
    for reply in (
        REPLIES.once(200, body[1:], _form(accept_encoding="gzip")),
        REPLIES.once(200, body, _form()),
        Replies().once(200, body, _form(accept_encoding="gzip")),
    ):
        assert reply.body in {body, body[1:]}
        assert not reply.head.headers


def test_what_differs_each_time_is_put_behind_what_is_kept() -> None:
    """Compressed once or not at all, the answer is one piece of JSON."""
    kept = _kept(b'{"a":"%b"}' % (b"x" * 500))
    for number in range(3):
        extensions = {"cost": {"remaining": number}}
        plain = REPLIES.again(kept, _form(), extensions, None)
        packed = REPLIES.again(kept, _form(accept_encoding="gzip"), extensions, None)
        assert msgspec.json.decode(plain.body) == {"data": {"a": "x" * 500}, "extensions": extensions}
        assert gzip.decompress(packed.body) == plain.body
        assert (plain.head.headers, packed.head.headers) == ({}, {"Content-Encoding": "gzip"})
        assert len(packed.body) < 120


class Whole:
    """Takes a whole answer."""

    body = b""

    def __init__(self) -> None:
        self.answers: list[Answer] = []

    async def give(self, answer: Answer) -> None:
        """See `gateway.server.shortcut.Whole`."""
        self.answers.append(answer)


async def test_an_answer_is_sent_whole_where_the_server_takes_it_so() -> None:
    """Once, and with the headers that it has in messages."""
    whole, messages = Whole(), []

    async def send(message: Any) -> None:
        messages.append(message)

    begun = beginning(REPLIES.once(200, b"{}", _form()), MediaType.JSON, "r1")
    scope = {WHOLE: whole}
    for _ in range(2):
        await sent(scope, send, begun, b"{}")
    [answer] = whole.answers
    assert (answer.status, answer.body) == (200, b"{}")
    assert answer.head == b"".join(b"%b: %b\r\n" % pair for pair in begun["headers"])
    assert messages == [begun, {"type": "http.response.body", "body": b"{}", "more_body": False}]
