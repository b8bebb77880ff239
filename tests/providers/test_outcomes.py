"""Outcomes that are no records."""

from __future__ import annotations

import pytest

from gateway.domain.errors import Garbled
from gateway.domain.records import AudioStream, Provider
from gateway.providers.documented import Wire, read
from gateway.providers.kinds import Integer, Number, Text
from gateway.providers.outcomes import decoded, misfits_of, not_found, twin, unread
from gateway.providers.vod import wire
from tests.providers.misfits import READ, misfit


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"{" * 100_000])
def test_what_cannot_be_read_says_which_call_it_came_from(body: bytes) -> None:
    """An operator who asks the provider about it needs the request's id."""
    with pytest.raises(Garbled) as caught:
        decoded(Provider.VOD, body, wire.GetTranscodeSummary, READ)
    assert (caught.value.provider, caught.value.operation) == (Provider.VOD, READ.operation)
    assert caught.value.request_id == READ.request_id


def test_an_unknown_key_names_who_does_not_know_it() -> None:
    """Three providers may be asked; one does not know."""
    assert not_found(Provider.IMS).provider is Provider.IMS


class Sent(Wire):
    """A stream as it is sent."""

    index: Integer = None
    codec_name: Text = None
    bitrate: Number = None
    channels: Integer = None


def test_a_twin_is_filled_by_name() -> None:
    """Whichever way its values were read."""
    plain = read(b'{"index":"1","codec_name":"aac"}', Sent)
    assert twin(AudioStream, plain) == AudioStream(index=1, codec_name="aac")
    odd = unread(Sent, index="1", codec_name=264, bitrate="0.f", channels="stereo")
    assert twin(AudioStream, odd) == AudioStream(
        index=1, codec_name="264", misfits=(misfit("channels", "an integer"),)
    )


def test_the_misfits_of_several_parts_tell_each_field_once() -> None:
    """In the order of the parts."""
    one, other = unread(Sent, index="a"), unread(Sent, bitrate="b", index="c")
    for part in (one, other):
        assert (part.index, part.bitrate) == (None, None)
    assert misfits_of(one, other) == (misfit("index", "an integer"), misfit("bitrate", "a number"))
