"""What a fault does to an answer's content; what it does on the way to the client is in ``delivery.py``."""

from dataclasses import replace
from typing import Any, Final

import msgspec

from gateway.sandbox.face import Face
from gateway.sandbox.messages import Answer, RefusalError
from gateway.sandbox.rules import (
    AnyRule,
    Empty,
    Error200,
    Garbage,
    Html,
    NullData,
    Poison,
    Status,
    Throttle,
    WrongType,
)

PAGE: Final = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
ENVELOPE: Final = frozenset(
    {"RequestId", "request_id", "code", "msg"}
)  # what stays when the results are spoilt


def spoil(  # noqa: C901, PLR0911 - one case a kind, and nothing besides
    rule: AnyRule | None, face: Face, answer: Answer
) -> Answer:
    """Return the answer as the rule leaves it; rules of delivery leave it as it is."""
    match rule:
        case Throttle():
            refused = face.refuse(face.throttled())
            if rule.retry_after_ms is None:
                return refused
            # What the Alibaba Cloud SDK reads, in milliseconds, and what HTTP has, in seconds.
            seconds = str(-(-rule.retry_after_ms // 1000))
            hints = (("x-acs-retry-after", str(rule.retry_after_ms)), ("retry-after", seconds))
            return replace(refused, headers=refused.headers + hints)
        case Status():
            return face.refuse(face.broken(rule.status))
        case Error200():
            return replace(face.refuse(face.broken(500)), status=200)
        case Poison():
            return face.refuse(RefusalError(rule.status, rule.code, "The specified parameter is not valid."))
        case Garbage():
            return replace(answer, body=b'{"RequestId": \xff\xfe not JSON')
        case Html():
            return Answer(502, PAGE, "text/html")
        case Empty():
            return replace(answer, body=b"")
        case WrongType():
            return _rewritten(answer, rule.field, rule.value)
        case NullData():
            return _rewritten(answer, None, None)
        case _:
            return answer


def _rewritten(answer: Answer, field: str | None, value: object) -> Answer:
    """Replace a field wherever it occurs; without one, every top-level field that is not the envelope's."""
    body = msgspec.json.decode(answer.body)
    if field is None:
        body = {key: item if key in ENVELOPE else value for key, item in body.items()}
    else:
        body = _put(body, field, value)
    return replace(answer, body=msgspec.json.encode(body))


def _put(tree: Any, field: str, value: object) -> Any:
    if isinstance(tree, dict):
        return {key: value if key == field else _put(item, field, value) for key, item in tree.items()}
    if isinstance(tree, list):
        return [_put(item, field, value) for item in tree]
    return tree
