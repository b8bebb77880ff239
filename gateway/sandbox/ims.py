"""Intelligent Media Services (ICE) 2020-11-09: GetMediaConvertJob, ListMediaConvertJobs.

Documents and samples disagree here more than anywhere: two vocabularies of states, numbers that are strings
elsewhere, blanks and newlines at the end of values, errors on jobs that succeeded. Each job of the sandbox
takes its own side.
"""

from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping
from random import Random
from typing import Any, Final

from gateway.sandbox.alibaba import AlibabaFace, Operation
from gateway.sandbox.choices import Choices
from gateway.sandbox.credentials import Keyring
from gateway.sandbox.face import Listing
from gateway.sandbox.ims_job import JobPages
from gateway.sandbox.messages import RefusalError
from gateway.sandbox.parameters import invalid, whole, window
from gateway.sandbox.timeline import State
from gateway.sandbox.world import World

MOST_PER_PAGE: Final = 100
JOB, TOKEN = 4, 5  # kinds of id
EVERY_STATE: Final[tuple[State, ...]] = ("queued", "running", "succeeded", "failed", "cancelled")
STATES: Final[Mapping[str, State]] = {
    "Inited": "queued",
    "Running": "running",
    "Success": "succeeded",
    "Complete": "succeeded",
    "Failed": "failed",
    "Error": "failed",
    "Cancelled": "cancelled",
}


class Ims(AlibabaFace):
    """IMS as its clients see it."""

    provider = "IMS"
    product = "ice"
    version = "2020-11-09"
    id_parameters = ("JobId",)

    def __init__(self, world: World, keys: Keyring, choices: Choices, entropy: Random) -> None:
        super().__init__(world, keys, entropy)
        self._choices = choices
        self._jobs = JobPages(world)

    def throttled(self) -> RefusalError:
        """Word the refusal of a call beyond the quota, in the family's way or in the product's own."""
        if self._choices.ims_throttling == "RequestsTooFrequent":
            return RefusalError(
                403, "RequestsTooFrequent", "The request is too frequent, please try again later."
            )
        return super().throttled()

    def _offer(self) -> Mapping[str, Operation]:
        return {"GetMediaConvertJob": self._job, "ListMediaConvertJobs": self._list}

    def listings(self, limit: int) -> Mapping[str, Listing]:
        """List job ids by state, newest first."""
        now, series = self.world.now(), self.world.conversions
        numbers = series.numbers(now)
        return {
            "ims": {
                state: [
                    self._job_id(number)
                    for number in series.matching(numbers, (state,), now)[: -limit - 1 : -1]
                ]
                for state in EVERY_STATE
            }
        }

    def _job(self, parameters: Mapping[str, str]) -> dict[str, Any]:
        job_id = parameters.get("JobId", "").strip()
        if not job_id:
            # Documented as optional, so it is not the gateway in front that refuses its absence.
            raise RefusalError(400, "MissingParameter", "The parameter JobId is required.")
        number = self._number(job_id)
        if number is None:
            raise RefusalError(404, "ResourceNotFound", f"The specified resource {job_id} cannot be found.")
        return {"Job": self._jobs.full(number, job_id)}

    def _list(self, parameters: Mapping[str, str]) -> dict[str, Any]:
        since, until = window(parameters, "StartOfCreateTime", "EndOfCreateTime")
        size = whole(parameters, "PageSize", default=20, most=MOST_PER_PAGE)
        states = self._states(parameters)
        order = parameters.get("OrderBy") or "CreateTimeDesc"
        if order not in {"CreateTimeDesc", "CreateTimeAsc"}:
            raise invalid("OrderBy")
        now = self.world.now()
        numbers = self.world.conversions.numbers(now, since, until)
        if job_id := parameters.get("JobId", "").strip():
            number = self._number(job_id)
            numbers = range(number, number + 1) if number is not None and number in numbers else range(0)
        descending = order == "CreateTimeDesc"
        if token := parameters.get("NextPageToken"):
            # A token names the last job of the page before, so that jobs created meanwhile shift nothing.
            last = self._last(token)
            numbers = (
                range(numbers.start, max(numbers.start, min(numbers.stop, last)))
                if descending
                else range(min(max(numbers.start, last + 1), numbers.stop), numbers.stop)
            )
        matches = self.world.conversions.matching(numbers, states, now)
        page = matches[: -size - 1 : -1] if descending else matches[:size]
        answer: dict[str, Any] = {"Jobs": [self._jobs.brief(number, self._job_id(number)) for number in page]}
        if len(matches) > size:
            answer["NextPageToken"] = self._token(page[-1])
        return answer

    def _states(self, parameters: Mapping[str, str]) -> Collection[State]:
        status = parameters.get("Status")
        if not status:
            return EVERY_STATE
        if status not in STATES:
            raise invalid("Status")
        return (STATES[status],)

    def _number(self, job_id: str) -> int | None:
        numbers = self.world.cipher.open(JOB, job_id)
        if numbers is None or numbers[0] not in self.world.conversions.numbers(self.world.now()):
            return None
        return numbers[0]

    def _job_id(self, number: int) -> str:
        return self.world.cipher.seal(JOB, number)

    def _token(self, number: int) -> str:
        return b64encode(bytes.fromhex(self.world.cipher.seal(TOKEN, number))).decode()

    def _last(self, token: str) -> int:
        try:
            text = b64decode(token, validate=True).hex()
        except ValueError:
            text = ""
        numbers = self.world.cipher.open(TOKEN, text)
        if numbers is None:
            raise invalid("NextPageToken")
        return numbers[0]
