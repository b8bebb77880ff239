"""A client whose keys change under way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from gateway.credentials.guard import Guarded
from gateway.credentials.source import NoCredentialsError
from gateway.domain.errors import CredentialsUnavailable, KeyReplaced, Unauthorized
from gateway.domain.provider import ProviderClient, Verb
from gateway.domain.records import DEFAULT, Provider
from gateway.providers.alibaba import refuses_key
from gateway.providers.signing import Credentials
from gateway.providers.vod.client import OPERATIONS

OLD = Credentials(access_key_id="old", access_key_secret="s3cret")


class Client:
    """Answers every verb alike, or refuses with a code."""

    provider = Provider.VOD
    source = DEFAULT
    operations = OPERATIONS

    def __init__(self, code: str | None = None) -> None:
        self._code = code
        self.calls = 0

    async def _answer(self, keys: Sequence[Any], /) -> dict[Any, Any]:
        self.calls += 1
        if self._code is None:
            return dict.fromkeys(keys, "record")
        raise Unauthorized(
            "No.", provider=self.provider, operation="O", request_id="R", provider_code=self._code
        )

    latest_by_video = task_by_id = jobs_by_id = tasks_of_video = tasks_in_window = _answer


class Source:
    """Keys that may be renewable."""

    origin = "test"

    def __init__(self, *, renewable: bool = False, empty: bool = False) -> None:
        self.refused: list[Credentials] = []
        self._renewable = renewable
        self._empty = empty

    def current(self) -> Credentials:
        """Return the old ones."""
        return OLD

    async def ready(self) -> None:
        """Have some, or not."""
        if self._empty:
            raise NoCredentialsError("nobody has any")

    async def renew(self, refused: Credentials) -> bool:
        """Note whom it is asked about."""
        self.refused.append(refused)
        return self._renewable


@pytest.mark.parametrize("verb", list(Verb))
async def test_every_verb_goes_through(verb: Verb) -> None:
    """What the client answers is answered."""
    client = Client()
    guarded: ProviderClient = Guarded(client, Source(), refuses_key)
    call: Callable[[Sequence[Any]], Awaitable[Any]] = getattr(guarded, verb)
    assert await call(["a"]) == {"a": "record"}
    assert guarded.operations is client.operations
    assert guarded.provider is Provider.VOD


async def test_a_refused_key_that_can_be_replaced_may_be_tried_again() -> None:
    """The error says so, with everything the provider's had; the call is not made again here."""
    client, source = Client("InvalidSecurityToken.Expired"), Source(renewable=True)
    with pytest.raises(KeyReplaced) as caught:
        await Guarded(client, source, refuses_key).task_by_id(["a"])
    assert caught.value.retryable
    assert (caught.value.operation, caught.value.request_id) == ("O", "R")
    assert caught.value.provider_code == "InvalidSecurityToken.Expired"
    assert source.refused == [OLD]
    assert client.calls == 1


async def test_a_refused_key_without_another_stays_refused() -> None:
    """The provider's error is told as it is."""
    source = Source()
    with pytest.raises(Unauthorized) as caught:
        await Guarded(Client("InvalidAccessKeyId.NotFound"), source, refuses_key).task_by_id(["a"])
    assert not isinstance(caught.value, KeyReplaced)
    assert source.refused == [OLD]


@pytest.mark.parametrize("code", ["Forbidden.RAM", "InvalidTimeStamp.Expired", "OperationDenied"])
async def test_permissions_and_clocks_are_no_reason_to_renew(code: str) -> None:
    """Another key would not mend them."""
    source = Source(renewable=True)
    with pytest.raises(Unauthorized) as caught:
        await Guarded(Client(code), source, refuses_key).task_by_id(["a"])
    assert not isinstance(caught.value, KeyReplaced)
    assert source.refused == []


async def test_without_keys_nothing_is_called() -> None:
    """The error names the provider; the reason is for the operator, not for clients."""
    client = Client()
    with pytest.raises(CredentialsUnavailable) as caught:
        await Guarded(client, Source(empty=True), refuses_key).task_by_id(["a"])
    assert caught.value.provider is Provider.VOD
    assert "nobody has any" not in caught.value.message
    assert str(caught.value.__cause__) == "nobody has any"
    assert client.calls == 0
