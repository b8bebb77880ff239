"""Visionular media processing: list_task and query_task, in the generation of 2021 and in the later spelling.

The generation of 2021 answers under ``/api/``, the later one under ``/vodencoding/v1/`` with other names
for the same things. Envelopes say ``code``, ``msg`` and ``data``; times are unix seconds, bitrates are
floats.
"""

from collections.abc import Collection, Mapping
from email.utils import parsedate_to_datetime
from random import Random
from typing import Any, ClassVar, Final

import msgspec

from gateway.sandbox import signatures
from gateway.sandbox.choices import Choices
from gateway.sandbox.credentials import Credentials, Keyring
from gateway.sandbox.face import Listing
from gateway.sandbox.messages import Answer, RefusalError, Request
from gateway.sandbox.timeline import State
from gateway.sandbox.visionular_task import LATER, STATUS_2021, TaskPages, task_id_number
from gateway.sandbox.world import World

PATHS: Final = ("/api/", "/vodencoding/v1/")
SKEW: Final = 15 * 60  # undocumented; Alibaba Cloud's
MOST_PER_CALL: Final = 500  # the real maximum is not documented
LONGEST_NUMBER: Final = 12  # digits, so that no number is absurd
EVERY_STATE: Final[tuple[State, ...]] = ("queued", "running", "succeeded", "failed")
OPERATIONS: Final = ("list_task", "query_task")


class Visionular:
    """Visionular as its clients see it."""

    provider: ClassVar[str] = "VISIONULAR"
    operations: tuple[str, ...] = OPERATIONS

    def __init__(self, world: World, keys: Keyring, choices: Choices, entropy: Random) -> None:
        self.world = world
        self._keys, self._choices, self._entropy = keys, choices, entropy
        self._tasks = TaskPages(world)

    def serves(self, request: Request) -> bool:
        """Tell the provider by its paths."""
        return request.path.startswith(PATHS)

    def operation(self, request: Request) -> str:
        """Name the operation, which is the last part of the path."""
        name = request.path.rpartition("/")[2]
        if name not in OPERATIONS:
            raise RefusalError(404, 1004, "empty result")
        if request.method != "GET":
            raise RefusalError(400, 1002, "bad param")
        return name

    def authenticate(self, request: Request, now: float) -> None:
        """Check the Visionular signature or HTTP Basic; a refusal never says which part was wrong."""
        if not any(_signed(request, keys, now) for keys in self._keys.now):
            raise RefusalError(403, 1003, "auth fail")

    def ids(self, request: Request) -> list[str]:
        """List the id of a query_task."""
        task_id = request.parameters.get("task_id", "")
        return [task_id] if task_id else []

    def throttled(self) -> RefusalError:
        """Word the refusal of a call beyond the quota. No code is documented; 429 is what HTTP says."""
        return RefusalError(429, 1005, "too many requests")

    def broken(self, status: int) -> RefusalError:
        """Word the provider's own failure."""
        return RefusalError(status, 1000, "internal error")

    def answer(self, operation: str, request: Request) -> Answer:
        """Answer the call in the spelling its path asks for."""
        later = request.path.startswith(PATHS[1])
        data = (self._list if operation == "list_task" else self._query)(request.parameters, later=later)
        body: dict[str, Any] = {"code": 0, "data": data, "msg": "success"}
        if later:
            body["request_id"] = f"{self._entropy.getrandbits(128):032x}"
        return Answer(200, msgspec.json.encode(body), content_type="application/json")

    def refuse(self, refusal: RefusalError) -> Answer:
        """Put a refusal into the envelope."""
        body = {"code": refusal.code, "msg": refusal.message, "data": None}
        return Answer(refusal.status, msgspec.json.encode(body), content_type="application/json")

    def listings(self, limit: int) -> Mapping[str, Listing]:
        """List task ids by state, newest first."""
        now, series = self.world.now(), self.world.encodings
        numbers = series.numbers(now)
        return {
            "visionular": {
                state: [
                    self._tasks.task_id(number)
                    for number in series.matching(numbers, (state,), now)[: -limit - 1 : -1]
                ]
                for state in EVERY_STATE
            }
        }

    def forget(self) -> None:
        """Keep nothing: whether a nonce may be used again is not documented, so none is remembered."""

    def _list(self, parameters: Mapping[str, str], *, later: bool) -> dict[str, Any] | None:
        since, until = _required(parameters, "start_time"), _required(parameters, "end_time")
        first = _whole(parameters, "start_num", 0)
        count = _whole(parameters, "count", 50)
        if count > MOST_PER_CALL or until < since:
            raise RefusalError(400, 1002, "bad param")
        status = parameters.get("status", "")
        now, series = self.world.now(), self.world.encodings
        states, word = _states(status, later=later)
        numbers = series.matching(series.numbers(now, since, until), states, now)
        if word:
            # Three words share one state; only work under way has them, so there is little to look through.
            kept = [number for number in numbers if self._tasks.status(number, later=later) == word]
            total, page = len(kept), kept[::-1][first : first + count]
        else:
            total = len(numbers)
            page = [numbers[total - 1 - place] for place in range(first, min(first + count, total))]
        if total == 0 and self._choices.visionular_empty_window == "null":
            return None
        tasks = [self._tasks.listed(number, later=later) for number in page]
        return {"list": tasks, "num": len(tasks), "total": total}

    def _query(self, parameters: Mapping[str, str], *, later: bool) -> dict[str, Any]:
        task_id = parameters.get("task_id")
        if not task_id:
            raise RefusalError(400, 1001, "lack param")
        number = task_id_number(self.world, task_id)
        if number is None or self._tasks.task_id(number) != task_id:
            raise RefusalError(404, 1004, "empty result")
        return self._tasks.queried(number, later=later)


def _states(status: str, *, later: bool) -> tuple[Collection[State], str]:
    """Translate a status filter into states and, where several statuses share one, the word itself."""
    if not status:
        return EVERY_STATE, ""
    if later:
        status = next((old for old, new in LATER.items() if new == status), status)
    if status not in STATUS_2021:
        raise RefusalError(400, 1002, "bad param")
    state = STATUS_2021[status]
    return (state,), status if state == "running" else ""


def _signed(request: Request, keys: Credentials, now: float) -> bool:
    authorization = request.header.get("authorization", "")
    if claim := signatures.visionular_claim(authorization):
        expected = signatures.visionular_signatures(request, keys.visionular_secret_key)
        return (
            claim.key_id == keys.visionular_access_key
            and _dated(request, now)
            and any(signatures.same(claim.signature, one) for one in expected)
        )
    pair = signatures.basic_claim(authorization)
    return pair == (keys.visionular_access_key, keys.visionular_secret_key)


def _dated(request: Request, now: float) -> bool:
    """Tell whether the Date header is there and near the clock."""
    try:
        moment = parsedate_to_datetime(request.header.get("date", "")).timestamp()
    except (ValueError, OverflowError):
        return False
    return abs(moment - now) <= SKEW


def _required(parameters: Mapping[str, str], name: str) -> int:
    if not parameters.get(name):
        raise RefusalError(400, 1001, "lack param")
    return _whole(parameters, name, 0)


def _whole(parameters: Mapping[str, str], name: str, default: int) -> int:
    text = parameters.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise RefusalError(400, 1002, "bad param")
    return int(text)
