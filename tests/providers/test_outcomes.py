"""Outcomes that are no records."""

from __future__ import annotations

import pytest

from gateway.domain.errors import Garbled
from gateway.domain.records import Provider
from gateway.providers.outcomes import decoded, not_found
from gateway.providers.vod import wire
from tests.providers.misfits import READ


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
