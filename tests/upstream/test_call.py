"""Failures: bisecting, retries, throttling, the circuit."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import pairwise

import pytest

from gateway.domain.errors import (
    CircuitOpen,
    Garbled,
    GatewayError,
    KeyReplaced,
    NotOffered,
    Rejected,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from gateway.domain.provider import Verb
from gateway.domain.records import Provider, Task, Video
from gateway.upstream.call import Call
from gateway.upstream.policy import CircuitPolicy, Policy, QueuePolicy, RefreshPolicy, RetryPolicy
from tests.upstream.conftest import (
    FakeProvider,
    busiest_second,
    garbled,
    now,
    rejected,
    running,
    throttled,
    unavailable,
    videos,
)

QUIET = RefreshPolicy(share=0.0)
PLAIN = Policy(refresh=QUIET)
TEN = [f"v{number}" for number in range(10)]


@pytest.mark.parametrize("poison", [rejected(), garbled()])
async def test_one_bad_id_fails_alone(provider: FakeProvider, poison: GatewayError) -> None:
    """A batch refused as a whole is halved until nine ids have answers and one has the error."""
    provider.poisonous = {"v6": poison}
    async with running(provider, policy=PLAIN) as upstream:
        answers = await videos(upstream, *TEN)
    assert [type(answer) for answer in answers] == [Video] * 6 + [type(poison)] + [Video] * 3
    assert len(provider.calls) <= 1 + 2 * 4
    assert busiest_second(provider.times) <= 15


async def test_two_bad_ids_fail_alone(provider: FakeProvider) -> None:
    """Halving finds every culprit."""
    provider.poisonous = {"v0": rejected(), "v9": rejected()}
    async with running(provider, policy=PLAIN) as upstream:
        answers = await videos(upstream, *TEN)
    assert [isinstance(answer, Rejected) for answer in answers] == [True, *[False] * 8, True]


async def test_a_known_culprit_travels_alone(provider: FakeProvider) -> None:
    """An id that has spoilt a call spoils no other one for its neighbours, until it behaves again."""
    provider.poisonous = {"v6": rejected()}
    async with running(provider, policy=PLAIN) as upstream:
        await videos(upstream, *TEN)
        calls = len(provider.calls)
        await asyncio.sleep(1)
        await videos(upstream, *TEN, max_age=0.5)
        assert sorted(map(len, provider.batches[calls:])) == [1, 9]
        provider.poisonous.clear()
        await asyncio.sleep(1)
        await videos(upstream, *TEN, max_age=0.5)
        calls = len(provider.calls)
        await asyncio.sleep(1)
        await videos(upstream, *TEN, max_age=0.5)
        assert len(provider.calls) == calls + 1


async def test_nobody_is_blamed_for_a_provider_that_garbles_everything(provider: FakeProvider) -> None:
    """When all of a batch fails, no id is a culprit, and later calls are full again."""
    async with running(provider, policy=PLAIN) as upstream:
        provider.down = garbled()
        await videos(upstream, *TEN)
        provider.down = None
        await asyncio.sleep(30)
        calls = len(provider.calls)
        await videos(upstream, *TEN)
        assert len(provider.calls) == calls + 1


@pytest.mark.parametrize("fault", [unavailable(), throttled()])
async def test_outage_and_throttling_are_not_bisected(provider: FakeProvider, fault: GatewayError) -> None:
    """A failure that cannot lie in a key is repeated with the same keys."""
    provider.faults.append(fault)
    async with running(provider, policy=PLAIN) as upstream:
        answers = await videos(upstream, *TEN)
    assert all(isinstance(answer, Video) for answer in answers)
    assert list(map(len, provider.batches)) == [10, 10]
    assert provider.times[1] - provider.times[0] >= 1 / 14


async def test_a_retry_takes_its_own_slot(provider: FakeProvider) -> None:
    """Retries are calls like any other, spaced and counted."""
    provider.faults.extend([unavailable(), None] * 20)
    policy = Policy(refresh=QUIET, retry=RetryPolicy(budget=1.0), circuit=CircuitPolicy(measure_only=True))
    async with running(provider, policy=policy) as upstream:
        answers = await videos(upstream, *(f"v{number}" for number in range(200)))
    assert all(isinstance(answer, Video) for answer in answers)
    assert len(provider.calls) == 40
    assert busiest_second(provider.times) <= 15


async def test_retries_end(provider: FakeProvider) -> None:
    """After three tries the error is the answer."""
    provider.down = unavailable()
    async with running(provider, policy=PLAIN) as upstream:
        assert isinstance((await videos(upstream, "a"))[0], Unavailable)
    assert len(provider.calls) == 3


async def test_retries_stay_within_their_budget(provider: FakeProvider) -> None:
    """In a total outage calls are hardly multiplied."""
    provider.down = unavailable()
    policy = Policy(refresh=QUIET, retry=RetryPolicy(reserve=1.0), circuit=CircuitPolicy(measure_only=True))
    async with running(provider, policy=policy) as upstream:
        for number in range(200):
            await videos(upstream, f"v{number}")
        retries = upstream.status()[0].retries
    assert retries <= 1 + 0.1 * len(provider.calls)


@pytest.mark.parametrize(
    "fault",
    [
        Unauthorized("who?", provider=Provider.VOD, operation="Summary"),
        NotOffered("no", provider=Provider.VOD),
        rejected(),
    ],
)
async def test_final_errors_are_not_retried(provider: FakeProvider, fault: GatewayError) -> None:
    """An error that would come again is reported after one call."""
    provider.faults.append(fault)
    async with running(provider, policy=PLAIN) as upstream:
        assert await videos(upstream, "a") == [fault]
    assert len(provider.calls) == 1


async def test_a_replaced_key_loses_nobody(provider: FakeProvider) -> None:
    """More calls than any retry budget are refused for an old key; all are made again, no circuit opens."""
    old = KeyReplaced("Old.", provider=Provider.VOD, operation="Summary")
    provider.faults.extend([old] * 20)
    provider.latency = 2.0  # so that twenty calls are under way with the old key
    policy = Policy(refresh=QUIET, retry=RetryPolicy(budget=0.0, reserve=0.0))
    async with running(provider, policy=policy) as upstream:
        answers = await videos(upstream, *(f"v{number}" for number in range(200)))
    assert all(isinstance(answer, Video) for answer in answers)
    assert len(provider.calls) == 40
    assert busiest_second(provider.times) <= 15


async def test_a_key_that_is_replaced_all_the_time_is_given_up(provider: FakeProvider) -> None:
    """After as many calls as for any other failure."""
    provider.down = KeyReplaced("Old.", provider=Provider.VOD, operation="Summary")
    async with running(provider, policy=PLAIN) as upstream:
        [answer] = await videos(upstream, "v0")
    assert isinstance(answer, KeyReplaced)
    assert len(provider.calls) == 3


async def test_throttling_slows_down_and_keys_line_up_again(provider: FakeProvider) -> None:
    """When others use the account too, clients get data later and not an error, at a lower rate."""
    provider.faults.extend([throttled()] * 4)
    async with running(provider, policy=PLAIN) as upstream:
        answers = await videos(upstream, *TEN)
        assert all(isinstance(answer, Video) for answer in answers)
        status = upstream.status()[0]
    assert status.rate < status.limit
    assert (status.circuit, status.last_error) == ("closed", "UPSTREAM_THROTTLED")


async def test_throttling_that_lasts_is_reported_as_such(provider: FakeProvider) -> None:
    """A deadline amid throttling ends in the old record, or in the provider's own refusal."""
    async with running(provider, policy=PLAIN) as upstream:
        (old,) = await videos(upstream, "known")
        provider.down = throttled(retry_after=0.4)
        await asyncio.sleep(30)
        answers = await videos(upstream, "known", "unknown", deadline=now() + 3)
    assert answers[0] is old
    assert isinstance(answers[1], Throttled)
    assert answers[1].retry_after == 0.4


async def test_a_provider_that_says_when_to_come_back_is_left_alone_till_then(
    provider: FakeProvider,
) -> None:
    """No call goes out before the time a throttled one was told."""
    provider.faults.append(throttled(retry_after=2.0))
    async with running(provider, policy=PLAIN) as upstream:
        await videos(upstream, "a")
    assert provider.times[1] - provider.times[0] >= 2.0


async def test_no_provider_can_silence_a_lane_for_long(provider: FakeProvider) -> None:
    """An absurd time to come back is believed up to a minute."""
    provider.faults.append(throttled(retry_after=1e9))
    async with running(provider, policy=PLAIN) as upstream:
        await videos(upstream, "a")
        await asyncio.sleep(60)
        assert isinstance((await videos(upstream, "a"))[0], Video)


async def test_a_hot_key_that_keeps_failing_does_not_eat_the_quota(provider: FakeProvider) -> None:
    """Polled all the time, a record that cannot be read any more costs two calls a second, not fourteen."""
    async with running(provider) as upstream:
        await videos(upstream, "a")
        provider.poisonous = {"a": garbled()}
        calls, until = len(provider.calls), now() + 9
        while now() < until:
            await videos(upstream, "a")
            await asyncio.sleep(0.05)
    assert len(provider.calls) - calls <= 9 * 2 + 1


async def test_a_call_has_a_time_limit(provider: FakeProvider) -> None:
    """A provider that never answers is given up on, and counts as down."""
    provider.latency = 1e9
    policy = Policy(refresh=QUIET, queue=QueuePolicy(call_timeout=2.0), retry=RetryPolicy(tries=1))
    async with running(provider, policy=policy) as upstream:
        assert isinstance((await videos(upstream, "a"))[0], TimedOut)
        assert now() == pytest.approx(2.0)


async def test_an_error_falls_back_on_the_last_known_record(provider: FakeProvider) -> None:
    """While the provider fails, old records answer as long as the policy keeps them."""
    async with running(provider, policy=PLAIN) as upstream:
        (old,) = await videos(upstream, "a")
        provider.down = unavailable()
        await asyncio.sleep(100)
        assert await videos(upstream, "a") == [old]
        await asyncio.sleep(300)
        assert isinstance((await videos(upstream, "a"))[0], Unavailable)
        assert upstream.status()[0].rescued == 1


async def test_a_provider_that_is_down_is_left_alone(provider: FakeProvider) -> None:
    """After ten failed calls requests fail at once, and one probe per cool-down tests the provider."""
    provider.down = unavailable()
    async with running(provider) as upstream:
        for number in range(10):
            await videos(upstream, f"v{number}")
        opened = len(provider.calls)
        assert opened <= 13
        for number in range(600):
            (error,) = await videos(upstream, f"w{number}")
            assert isinstance(error, CircuitOpen | Unavailable)
            await asyncio.sleep(0.05)
        probes = provider.times[opened:]
        assert 4 <= len(probes) <= 6
        assert min(later - sooner for sooner, later in pairwise(probes)) >= 5.0
        provider.down = None
        await asyncio.sleep(6)
        assert isinstance((await videos(upstream, "back"))[0], Video)
        assert upstream.status()[0].circuit == "closed"


async def test_those_in_line_when_the_circuit_opens_do_not_wait(provider: FakeProvider) -> None:
    """An opening circuit answers the whole line at once."""
    provider.down = unavailable()
    policy = Policy(refresh=QUIET, retry=RetryPolicy(tries=1), queue=QueuePolicy(patience=60))
    async with running(provider, policy=policy) as upstream:
        answers = await videos(upstream, *(f"v{number}" for number in range(700)))
        assert now() < 2.0
    assert len(answers) == 700
    assert all(isinstance(answer, CircuitOpen | Unavailable) for answer in answers)


async def test_an_open_circuit_answers_from_memory(provider: FakeProvider) -> None:
    """What is known is served without a call while the provider is left alone."""
    async with running(provider) as upstream:
        (old,) = await videos(upstream, "known")
        await asyncio.sleep(30)
        provider.down = unavailable()
        for number in range(12):
            await videos(upstream, f"v{number}")
        before = now()
        assert await videos(upstream, "known") == [old]
        assert now() == before


async def test_throttling_does_not_open_the_circuit(provider: FakeProvider) -> None:
    """A provider that is only busy is well."""
    provider.faults.extend([throttled()] * 30)
    async with running(provider, policy=PLAIN) as upstream:
        await videos(upstream, *TEN, deadline=now() + 30)
        assert upstream.status()[0].circuit == "closed"


async def test_a_client_that_breaks_its_word_fails_alone(
    provider: FakeProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug in a provider's client is logged and becomes an error of that key; keys left out do too."""

    async def answer(ids: object) -> dict[str, Video]:
        if "bug" in ids:  # type: ignore[operator]
            raise KeyError("bug")
        return {}

    provider.latest_by_video = answer  # type: ignore[method-assign]
    async with running(provider, policy=PLAIN) as upstream:
        assert isinstance((await videos(upstream, "bug"))[0], Garbled)
        assert isinstance((await videos(upstream, "left out"))[0], Garbled)
        assert isinstance(await upstream.load(Provider.VOD, Verb.TASK_BY_ID, "t"), Task)
    assert "failed unexpectedly" in caplog.text


async def test_a_slow_provider_delays_nobody_elses_calls(provider: FakeProvider) -> None:
    """Another operation is served at its own pace while one answers in five seconds."""
    slow = FakeProvider()
    slow.provider, slow.latency = Provider.IMS, 5.0
    async with running(provider, slow) as upstream:
        stuck = asyncio.create_task(upstream.load(Provider.IMS, Verb.LATEST_BY_VIDEO, "a"))
        await asyncio.sleep(0.1)
        started = now()
        await videos(upstream, "a")
        assert now() - started == pytest.approx(provider.latency)
        await stuck


async def test_a_request_that_leaves_late_takes_another_slot(provider: FakeProvider) -> None:
    """However long connections take to be ready, what leaves together stays within the quota."""
    dice = random.Random(7)
    provider.connecting.extend(dice.choice((0.0, 0.0, 0.3)) for _ in range(100))
    async with running(provider, policy=PLAIN) as upstream:
        answers = await videos(upstream, *(f"v{number}" for number in range(600)), deadline=now() + 60)
    assert all(isinstance(answer, Video) for answer in answers)
    assert len(provider.calls) == 60
    assert busiest_second(provider.times) <= 15


async def test_every_call_is_observed_with_where_it_came_from(provider: FakeProvider) -> None:
    """Whoever traces calls is told what they carry and can look into the contexts of those who wait."""
    request: ContextVar[str] = ContextVar("request")
    calls: list[Call] = []
    origins: list[set[str]] = []

    @contextmanager
    def observe(call: Call) -> Iterator[None]:
        calls.append(call)
        origins.append({origin.context[request] for origin in call.origins()})
        yield

    async def ask(name: str) -> None:
        request.set(name)
        await videos(upstream, "a", name)

    async with running(provider, policy=PLAIN, observe=observe) as upstream:
        await asyncio.gather(ask("one"), ask("two"))
    (call,) = calls
    assert (call.operation, call.verb, call.keys, call.refreshes) == ("Summary", Verb.LATEST_BY_VIDEO, 3, 0)
    assert origins == [{"one", "two"}]
