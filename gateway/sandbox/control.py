"""``/_sandbox/*``: what a test or a developer asks the sandbox itself. Nothing here is signed or limited."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from gateway.sandbox.callbacks import BadTargetError, Callbacks
from gateway.sandbox.credentials import Keyring
from gateway.sandbox.face import Face
from gateway.sandbox.faults import BadRuleError, Faults
from gateway.sandbox.messages import Answer, Request
from gateway.sandbox.quota import Quota

PREFIX: Final = "/_sandbox/"
USUAL_LIMIT, MOST_IDS = 20, 5000


class Control:
    """Answers the control requests."""

    def __init__(
        self,
        faces: Sequence[Face],
        quota: Quota,
        faults: Faults,
        keys: Keyring,
        *,
        callbacks: Callbacks,
        now: Callable[[], float],
    ) -> None:
        self._faces, self._quota, self._faults, self._keys, self._now = faces, quota, faults, keys, now
        self._callbacks = callbacks
        self._routes: Mapping[tuple[str, str], Callable[[Request], Answer]] = {
            ("GET", "health"): self._health,
            ("GET", "ids"): self._ids,
            ("GET", "calls"): self._calls,
            ("GET", "faults"): self._standing,
            ("POST", "faults"): self._set_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("POST", "credentials"): self._rotate,
            ("GET", "callbacks"): self._notified,
            ("POST", "callbacks"): self._notify,
            ("DELETE", "callbacks"): self._notify_nobody,
            ("POST", "reset"): self._reset,
        }

    def answer(self, request: Request) -> Answer:
        """Answer one control request."""
        name = request.path.removeprefix(PREFIX)
        route = self._routes.get((request.method, name))
        if route is not None:
            return route(request)
        methods = sorted(method for method, other in self._routes if other == name)
        if methods:
            return problem(405, f"{PREFIX}{name} takes {' and '.join(methods)}.")
        known = ", ".join(sorted({f"{PREFIX}{other}" for _, other in self._routes}))
        return problem(404, f"There is no {request.path}. There is: {known}.")

    def _health(self, _: Request) -> Answer:
        return _json({"status": "ok", "now": self._now()})

    def _ids(self, request: Request) -> Answer:
        text = request.parameters.get("limit", str(USUAL_LIMIT))
        if not (
            text.isascii()
            and text.isdigit()
            and len(text) <= len(str(MOST_IDS))
            and 1 <= int(text) <= MOST_IDS
        ):
            return problem(400, f"limit must be a number from 1 to {MOST_IDS}.")
        provider = request.parameters.get("provider", "").upper()
        faces = [face for face in self._faces if provider in {"", face.provider}]
        if not faces:
            known = ", ".join(face.provider for face in self._faces)
            return problem(400, f"Unknown provider {provider!r}; known: {known}.")
        listings = {kind: listing for face in faces for kind, listing in face.listings(int(text)).items()}
        if state := request.parameters.get("state"):
            states = sorted({known for listing in listings.values() for known in listing})
            if state not in states:
                return problem(400, f"Unknown state {state!r}; known: {', '.join(states)}.")
            listings = {kind: {state: listing.get(state, [])} for kind, listing in listings.items()}
        return _json({"now": self._now(), **listings})

    def _calls(self, _: Request) -> Answer:
        return _json(self._quota.report())

    def _standing(self, _: Request) -> Answer:
        return _json(self._faults.report())

    def _set_faults(self, request: Request) -> Answer:
        try:
            self._faults.replace(self._faults.read(request.body))
        except BadRuleError as error:
            return problem(400, str(error))
        return self._standing(request)

    def _clear_faults(self, request: Request) -> Answer:
        self._faults.replace(())
        return self._standing(request)

    def _rotate(self, request: Request) -> Answer:
        try:
            changes = msgspec.json.decode(request.body, type=dict[str, str])
            self._keys.rotate(changes, keep=request.parameters.get("keep") == "old")
        except (ValueError, msgspec.MsgspecError) as error:
            return problem(400, str(error))
        return self._health(request)

    def _notified(self, _: Request) -> Answer:
        return _json(self._callbacks.report())

    def _notify(self, request: Request) -> Answer:
        try:
            self._callbacks.replace(self._callbacks.read(request.body))
        except BadTargetError as error:
            return problem(400, str(error))
        return self._notified(request)

    def _notify_nobody(self, request: Request) -> Answer:
        self._callbacks.stop()
        return self._notified(request)

    def _reset(self, request: Request) -> Answer:
        self._quota.reset()
        self._faults.reset()
        self._keys.reset()
        self._callbacks.stop()
        for face in self._faces:
            face.forget()
        return self._health(request)


def problem(status: int, message: str) -> Answer:
    """Word a mistake of the person at the controls."""
    return _json({"error": message}, status)


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, msgspec.json.encode(value), "application/json")
