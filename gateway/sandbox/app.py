"""The sandbox as an ASGI application: three providers and the control surface behind one port.

VOD and IMS are both called at ``/`` - that is where the official SDKs call whatever endpoint they are given
- and told apart by the version of the API they ask for; Visionular has paths of its own. Plain ASGI rather
than a framework, so that a benchmark measures its gateway and not the sandbox.

Serve it with ``uvicorn --factory gateway.sandbox.app:create_app``.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from email.utils import formatdate
from functools import lru_cache
from random import Random
from typing import Final, NamedTuple

from gateway.sandbox.alibaba import ROOT, unknown_version
from gateway.sandbox.callbacks import Callbacks
from gateway.sandbox.choices import USUAL_CHOICES, Choices
from gateway.sandbox.control import PREFIX, Control, problem
from gateway.sandbox.credentials import SANDBOX_CREDENTIALS, Credentials, Keyring
from gateway.sandbox.delivery import deliver
from gateway.sandbox.face import Face
from gateway.sandbox.faults import BadRuleError, Faults
from gateway.sandbox.ims import Ims
from gateway.sandbox.messages import Answer, Receive, RefusalError, Request, Scope, Send
from gateway.sandbox.quota import Quota
from gateway.sandbox.rules import AnyRule
from gateway.sandbox.spoil import spoil
from gateway.sandbox.visionular import Visionular
from gateway.sandbox.vod import Vod
from gateway.sandbox.world import World

CALLS_PER_SECOND: Final = 15  # what VOD documents; the others document nothing
LARGEST_BODY: Final = 1_000_000  # bytes; no call of these providers needs any
FAULT_HEADER: Final = "x-sandbox-fault"


class Reply(NamedTuple):
    """An answer, the fault that spoils it or its delivery, and the seconds the provider's clock is off."""

    answer: Answer
    spoiler: AnyRule | None = None
    skew: float = 0


class Sandbox:
    """The application. ``world`` is open to tests that want to know the truth behind an answer."""

    def __init__(
        self, world: World, faces: Sequence[Face], quota: Quota, faults: Faults, keys: Keyring
    ) -> None:
        self.world = world
        self._faces, self._quota, self._faults = faces, quota, faults
        self._callbacks = Callbacks(world)
        self._control = Control(faces, quota, faults, keys, callbacks=self._callbacks, now=world.now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or follow the server's life."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            self._callbacks.stop()
            return
        if scope["type"] != "http":
            raise NotImplementedError(f"The sandbox speaks HTTP, not {scope['type']}.")
        request = await _read(scope, receive)
        if request is None:
            await deliver(problem(413, f"A body may have {LARGEST_BODY} bytes."), None, scope, receive, send)
            return
        answer, spoiler, skew = await self._answer(request)
        date = ("date", _http_date(int(self.world.now() + skew)))
        await deliver(replace(answer, headers=(*answer.headers, date)), spoiler, scope, receive, send)

    async def _answer(self, request: Request) -> Reply:
        """Find out whom the request is for."""
        if request.path.startswith(PREFIX):
            return Reply(self._control.answer(request))
        for face in self._faces:
            if face.serves(request):
                return await self._call(face, request)
        if request.path == ROOT:
            return Reply(unknown_version(self._faces[0]))
        return Reply(problem(404, f"No provider answers at {request.path}."))

    async def _call(self, face: Face, request: Request) -> Reply:
        """Take a call through the checks, in the order described in face.py."""
        try:
            operation = face.operation(request)
        except RefusalError as refusal:
            return Reply(face.refuse(refusal))
        try:
            once = self._faults.read_header(request.header.get(FAULT_HEADER, ""))
        except BadRuleError as error:
            return Reply(problem(400, f"{FAULT_HEADER}: {error}"))
        self._quota.offer(operation)
        skew = self._faults.skew(face.provider, operation, once)
        ids = face.ids(request)
        try:
            face.authenticate(request, self.world.now() + skew)
        except RefusalError as refusal:
            self._quota.fail(operation)
            return Reply(face.refuse(refusal), skew=skew)
        if not self._quota.accept(operation, len(ids)):
            return Reply(face.refuse(face.throttled()), skew=skew)
        spoiler = self._faults.spoiler(face.provider, operation, ids, once)
        if delay := self._faults.delay(face.provider, operation, once):
            await asyncio.sleep(delay)
        try:
            answer, failed = face.answer(operation, request), spoiler is not None
        except RefusalError as refusal:
            answer, failed = face.refuse(refusal), True
        if failed:
            self._quota.fail(operation)
        return Reply(spoil(spoiler, face, answer), spoiler, skew)


def create_app(
    *,
    seed: int = 7,
    now: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
    quota: float = CALLS_PER_SECOND,
    quotas: Mapping[str, float] | None = None,
    credentials: Credentials = SANDBOX_CREDENTIALS,
    choices: Choices = USUAL_CHOICES,
    entropy: Random | None = None,
) -> Sandbox:
    """Build the sandbox.

    Args:
        seed: Chooses the world. The same seed at the same moment gives the same answers.
        now: The world's clock, unix seconds. It may be stopped, or run fast.
        monotonic: The clock calls are counted by.
        quota: Calls allowed in any second, for each operation.
        quotas: Other limits for single operations, by name.
        credentials: The keys accepted at the beginning.
        choices: What to answer where the documents are silent.
        entropy: Where request ids come from: the only thing two equal sandboxes differ in.
    """
    world = World(seed, now)
    keys = Keyring(credentials)
    entropy = entropy or Random()  # noqa: S311 - request ids are no secrets
    faces: list[Face] = [
        Vod(world, keys, choices, entropy),
        Ims(world, keys, choices, entropy),
        Visionular(world, keys, choices, entropy),
    ]
    faults = Faults(seed, [operation for face in faces for operation in face.operations])
    return Sandbox(world, faces, Quota(quota, quotas or {}, monotonic), faults, keys)


async def _read(scope: Scope, receive: Receive) -> Request | None:
    """Read the request with its body; None if the body is too large."""
    body = b""
    more = True
    while more:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
        if len(body) > LARGEST_BODY:
            return None
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("ascii", errors="replace"),
        headers=tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]
        ),
        body=body,
    )


async def _live(receive: Receive, send: Send) -> None:
    """Follow the lifespan protocol; there is nothing to open and nothing to wait for."""
    while True:
        event = await receive()
        await send({"type": f"{event['type']}.complete"})
        if event["type"] == "lifespan.shutdown":
            return


@lru_cache(maxsize=16)
def _http_date(moment: int) -> str:
    return formatdate(moment, usegmt=True)
