"""The messages of ``graphql-transport-ws``."""

from __future__ import annotations

import json

import pytest

from gateway.web.socket_messages import (
    Bad,
    Complete,
    Hello,
    Ping,
    Pong,
    Subscribe,
    completed,
    following,
    read,
    refused,
    requested,
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"type":"connection_init"}', Hello),
        ('{"type":"connection_init","payload":{"Authorization":"Bearer x"}}', Hello),
        ('{"type":"subscribe","id":"1","payload":{"query":"{a}"}}', Subscribe),
        ('{"type":"complete","id":"1"}', Complete),
        ('{"type":"ping","payload":{"a":1}}', Ping),
        ('{"type":"pong","payload":null}', Pong),
    ],
)
def test_messages_of_the_protocol_are_read(text: str, kind: type) -> None:
    """Each by its type."""
    assert isinstance(read(text), kind)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"type":"start","id":"1"}',
        '{"type":"subscribe","id":1,"payload":{}}',
        '{"type":"subscribe","payload":{"query":"{a}"}}',
        '{"type":"subscribe","id":"","payload":{"query":"{a}"}}',
        '{"type":"complete","id":"' + "x" * 300 + '"}',
        '{"type":"connection_init","payload":7}',
        '{"type":"ping","payload":"' + "\ud800" + '"}',
        '{"type":"ping","payload":' + '{"a":' * 100_000 + "1" + "}" * 100_001,
    ],
)
def test_anything_else_is_bad(text: str) -> None:
    """Whatever does not fit."""
    with pytest.raises(Bad):
        read(text)


def test_a_payload_is_a_graphql_request() -> None:
    """As in the body of a POST."""
    wanted = read('{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":{"x":1}}}')
    assert isinstance(wanted, Subscribe)
    assert requested(wanted).variables == {"x": 1}
    wanted = read('{"type":"subscribe","id":"1","payload":{"variables":{}}}')
    assert isinstance(wanted, Subscribe)
    with pytest.raises(Bad):
        requested(wanted)


def test_what_is_sent_is_json_whatever_the_id() -> None:
    """Clients choose ids."""
    odd = 'a"\\\n'
    assert json.loads(following(odd, '{"data":1}')) == {"id": odd, "type": "next", "payload": {"data": 1}}
    assert json.loads(completed(odd)) == {"id": odd, "type": "complete"}
    assert json.loads(refused(odd, [{"message": "no"}]))["payload"] == [{"message": "no"}]
