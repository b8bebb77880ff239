"""What holds of all three rooms: one suite, run over each."""

from __future__ import annotations

import asyncio
import inspect
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextvars import Context
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from gateway.domain import records
from gateway.domain.errors import (
    Garbled,
    GatewayError,
    NotFound,
    NotOffered,
    ProviderError,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from gateway.domain.provider import ProviderClient, Verb, VideoPage, WindowPage
from gateway.domain.records import Provider, Record
from gateway.providers.ims import client as ims_room
from gateway.providers.visionular import client as visionular_room
from gateway.providers.vod import client as vod_room
from tests.providers import fields
from tests.providers.answers import Prepared
from tests.providers.conftest import on_sandbox
from tests.providers.ims.fields import FIELDS as IMS_FIELDS
from tests.providers.markers import lost
from tests.providers.samples import names, sample
from tests.providers.test_scalars import JSON
from tests.providers.visionular.fields import FIELDS as VISIONULAR_FIELDS
from tests.providers.vod.fields import FIELDS as VOD_FIELDS

if TYPE_CHECKING:
    from tests.conftest import Sandbox

ROOMS = ("vod", "ims", "visionular")
TABLES: Mapping[str, Sequence[fields.Row]] = {
    "vod": VOD_FIELDS,
    "ims": IMS_FIELDS,
    "visionular": VISIONULAR_FIELDS,
}
# The verbs of each room, and a sample's operation.
VERBS = [
    (room, verb)
    for room, module in zip(ROOMS, (vod_room, ims_room, visionular_room), strict=True)
    for verb in module.OPERATIONS
]
MARKED = [(room, name) for room in ROOMS for name in names(room) if name.startswith("filled-")]
NOW = datetime.now(UTC)


@pytest.fixture
def clients(http: httpx.AsyncClient, sandbox: Sandbox) -> dict[str, ProviderClient]:
    """The three clients on the sandbox."""
    return on_sandbox(http, sandbox.url)


def prepared(room: str, body: Any) -> ProviderClient:
    """Return a client with a prepared answer."""
    answer = Prepared(body)
    rooms: dict[str, ProviderClient] = {
        "vod": answer.vod(),
        "ims": answer.ims(),
        "visionular": answer.visionular(),
    }
    return rooms[room]


def unknown(verb: Verb, count: int = 1) -> Sequence[Any]:
    """Return keys that no provider knows."""
    match verb:
        case Verb.TASKS_OF_VIDEO:
            return [VideoPage(video_id=f"unknown{number}") for number in range(count)]
        case Verb.TASKS_IN_WINDOW:
            long_ago = datetime(2001, 1, 1, tzinfo=UTC)
            ends = (long_ago + timedelta(seconds=number) for number in range(count))
            return [WindowPage(created_from=long_ago, created_to=end) for end in ends]
        case _:
            return [f"unknown{number}" for number in range(count)]


async def call(client: ProviderClient, verb: Verb, keys: Sequence[Any]) -> Mapping[Any, Any]:
    """Call a verb by its name."""
    outcomes: Mapping[Any, Any] = await getattr(client, verb.value)(keys)
    return outcomes


def nested(value: Any) -> Iterator[Struct]:
    """Yield a record and all that it is made of."""
    if isinstance(value, Struct):
        yield value
        for name in value.__struct_fields__:
            yield from nested(getattr(value, name))
    elif isinstance(value, tuple):
        for element in value:
            yield from nested(element)


def test_rooms_are_mirrors() -> None:
    """The same public verbs in the same order, each with a sentence."""
    classes = [vod_room.VodClient, ims_room.ImsClient, visionular_room.VisionularClient]
    verbs = [
        [
            name
            for name, member in vars(kind).items()
            if inspect.iscoroutinefunction(member) and name[0] != "_"
        ]
        for kind in classes
    ]
    assert verbs[0] == verbs[1] == verbs[2] == [verb.value for verb in Verb]
    assert all(getattr(kind, verb).__doc__ for kind in classes for verb in verbs[0])


@pytest.mark.parametrize("room", ROOMS)
async def test_a_verb_is_offered_or_raises(room: str, clients: dict[str, ProviderClient]) -> None:
    """The declaration is the truth, and nothing is sent for a verb that is not in it."""
    client = clients[room]
    assert client.provider is Provider[room.upper()]
    for verb in Verb:
        if verb not in client.operations:
            with pytest.raises(NotOffered) as caught:
                await call(client, verb, unknown(verb))
            assert caught.value.provider is client.provider


@pytest.mark.parametrize(("room", "verb"), VERBS)
async def test_a_verb_is_one_real_request(
    room: str, verb: Verb, clients: dict[str, ProviderClient], sandbox: Sandbox
) -> None:
    """However many keys it carries, of which each has an outcome."""
    client = clients[room]
    operation = client.operations[verb]
    keys = unknown(verb, operation.max_keys)
    outcomes = await call(client, verb, keys)
    assert list(outcomes) == list(keys)
    assert sandbox.calls() == {operation.name: 1}


@pytest.mark.parametrize(("room", "verb"), [pair for pair in VERBS if pair[1] is not Verb.TASKS_IN_WINDOW])
async def test_an_unknown_key_is_not_found(room: str, verb: Verb, clients: dict[str, ProviderClient]) -> None:
    """It is an outcome of its own and no error of the call."""
    outcomes = await call(clients[room], verb, unknown(verb, clients[room].operations[verb].max_keys))
    assert {type(outcome) for outcome in outcomes.values()} == {NotFound}


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "throttle", "retry_after_ms": 1500}, Throttled),
        ({"kind": "status", "status": 500}, Unavailable),
        ({"kind": "status", "status": 503}, Unavailable),
        ({"kind": "error200"}, Unavailable),
        ({"kind": "html"}, Unavailable),
        ({"kind": "garbage"}, Garbled),
        ({"kind": "empty"}, Garbled),
        ({"kind": "reset"}, Unavailable),
        ({"kind": "truncate", "content_length": "full"}, Unavailable),
        ({"kind": "truncate", "content_length": "matching"}, Garbled),
        ({"kind": "oversize", "bytes": 2_000_000}, Garbled),
        ({"kind": "gzip_bomb", "bytes": 20_000_000}, Garbled),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else value.code,
)
@pytest.mark.parametrize("room", ROOMS)
async def test_a_bad_day_is_one_error_of_the_tree(
    room: str,
    fault: dict[str, Any],
    expected: type[ProviderError],
    clients: dict[str, ProviderClient],
    sandbox: Sandbox,
) -> None:
    """It names provider and operation, and holds neither an address nor a provider's words."""
    client = clients[room]
    sandbox.fault(**fault)
    verb = {"vod": Verb.LATEST_BY_VIDEO}.get(room, Verb.TASK_BY_ID)
    [key] = sandbox.ids(room, "succeeded")
    with pytest.raises(ProviderError) as caught:
        await call(client, verb, [key])
    error = caught.value
    assert type(error) is expected
    assert (error.provider, error.operation) == (client.provider, client.operations[verb].name)
    assert error.retry_after == (1.5 if expected is Throttled else None)
    assert "127.0.0.1" not in str(error)


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("kind", ["wrong_type", "null_data"])
async def test_results_of_another_type_are_not_made_into_records(
    room: str, kind: str, clients: dict[str, ProviderClient], sandbox: Sandbox
) -> None:
    """Text where a record belongs is garbled, and null is nothing."""
    sandbox.fault(kind=kind)
    [key] = sandbox.ids({"vod": "vod_tasks"}.get(room, room), "succeeded")
    outcomes = await call(clients[room], Verb.TASK_BY_ID, [key])
    assert type(outcomes[key]) is (Garbled if kind == "wrong_type" else NotFound)


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("fault", [{"kind": "latency", "ms": 5_000}, {"kind": "drip", "bytes_per_second": 2}])
async def test_an_answer_that_is_too_late_is_timed_out(
    room: str, fault: dict[str, Any], http: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    """Whether it has not begun or does not end, the call ends at its deadline."""
    client = on_sandbox(http, sandbox.url, total_timeout=0.3)[room]
    sandbox.fault(**fault)
    started = time.monotonic()
    with pytest.raises(TimedOut):
        await call(client, next(iter(client.operations)), ["unknown"])
    assert time.monotonic() - started > 0.25


@pytest.mark.parametrize("room", ["vod", "ims"])
async def test_a_clock_that_is_off_is_named(
    room: str, clients: dict[str, ProviderClient], sandbox: Sandbox
) -> None:
    """Twenty minutes of skew are an error of authorisation that says so."""
    sandbox.fault(kind="clock_skew", seconds=1200)
    verb = next(iter(clients[room].operations))
    with pytest.raises(Unauthorized) as caught:
        await call(clients[room], verb, unknown(verb))
    assert "clock" in caught.value.message


@pytest.mark.parametrize(("room", "name"), MARKED)
async def test_no_value_of_an_answer_is_lost(room: str, name: str) -> None:
    """Every leaf of an answer that has them all turns up in the records, and in the table of fields."""
    operation, _, variant = name.removeprefix("filled-").partition("-")
    body = sample(room, name)
    if room == "visionular":
        body = msgspec.json.encode({"code": 0, **msgspec.json.decode(body)})
    client = prepared(room, body)
    [verb] = [
        verb
        for verb, offer in client.operations.items()
        if offer.name == operation and (verb is Verb.JOBS_BY_ID) == (variant == "JobIds")
    ]
    keys = KEYS.get(verb, ["asked"])
    outcomes = await call(client, verb, keys)
    assert lost(sample(room, name), operation, TABLES[room], outcomes) == set()


KEYS: Mapping[Verb, Sequence[Any]] = {
    Verb.LATEST_BY_VIDEO: ["some-video", "no-such-video"],
    Verb.JOBS_BY_ID: ["some-job", "other-job", "no-such-job"],
    Verb.TASKS_OF_VIDEO: [VideoPage(video_id="asked")],
    Verb.TASKS_IN_WINDOW: [WindowPage(created_from=NOW, created_to=NOW)],
}


def spoil(value: Any, junk: Any, rng: random.Random) -> Any:
    """Return a JSON value with one part of it replaced."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(list(value))
        return {**value, key: spoil(value[key], junk, rng)}
    if isinstance(value, list) and value and rng.random() < 0.9:
        place = rng.randrange(len(value))
        return [*value[:place], spoil(value[place], junk, rng), *value[place + 1 :]]
    return junk


@pytest.mark.parametrize(("room", "verb"), VERBS)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(junk=st.lists(JSON, min_size=1, max_size=3), rng=st.randoms(use_true_random=False))
def test_nothing_but_our_own_errors_is_raised(
    room: str, verb: Verb, junk: list[Any], rng: random.Random
) -> None:
    """Whatever an answer looks like: records with misfits, outcomes, or one error of the tree."""
    operation = prepared(room, b"").operations[verb].name
    name = rng.choice([name for name in names(room) if operation in name])
    body = msgspec.json.decode(sample(room, name))
    for part in junk:
        body = spoil(body, part, rng)
    if room == "visionular" and isinstance(body, dict):
        body.setdefault("code", 0)
    keys = KEYS.get(verb, ["asked"])
    try:
        # What is read is told by the client itself, and not by the tests around.
        outcomes = Context().run(asyncio.run, call(prepared(room, body), verb, keys))
    except ProviderError:
        return
    assert list(outcomes) == list(keys)
    for outcome in outcomes.values():
        if isinstance(outcome, GatewayError):
            continue
        msgspec.msgpack.encode(outcome)
        for record in nested(outcome):
            if isinstance(record, Record):
                assert all(misfit.field in record.__struct_fields__ for misfit in record.misfits)


def test_every_place_in_the_tables_exists() -> None:
    """The right-hand side names attributes of records, spelt as the graph spells them."""
    for room, table in TABLES.items():
        for _, path, places in table:
            for place in places.split(", "):
                kind, _, attribute = place.partition(": ")[0].partition(".")
                if kind == "Query":
                    continue
                first = attribute.split(".")[0]
                camel = {
                    "".join([head, *(part.capitalize() for part in tail)])
                    for head, *tail in (name.split("_") for name in getattr(records, kind).__struct_fields__)
                }
                assert first in camel, f"{room} {path}: {place}"
