"""Lines: one for each request and each failure of a provider, JSON unless somebody looks at a terminal.

What libraries and other rooms say through `logging` becomes lines of the same form. The same trouble again
and again is told ten times a minute, and then how often it was left out.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from typing import Any, Literal, Protocol

import msgspec
import structlog
from structlog.typing import Processor

from gateway.telemetry.repeats import Repeats
from gateway.telemetry.sink import Sink

# Query strings are where the older signature has its keys and pre-signed addresses have theirs; before an @
# stands a password; after Bearer a token.
_QUERY = re.compile(r"([a-z][a-z0-9+.-]*://[^\s?\"'<>]+)\?[^\s\"'<>]*", re.IGNORECASE)
_PASSWORD = re.compile(r"([a-z][a-z0-9+.-]*://)[^\s/@\"']+@", re.IGNORECASE)
_TOKEN = re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE)

_CHATTY = ("httpx", "httpcore")
"""Libraries that print every URL at INFO."""

IDS: ContextVar[Callable[[], dict[str, str]] | None] = ContextVar("ids", default=None)
"""Returns the ids that lines of this context carry."""


class Log(Protocol):
    """Takes events; what structlog's bound loggers are."""

    def info(self, event: str, **fields: Any) -> Any:
        """Tell something that is as it should be."""

    def warning(self, event: str, **fields: Any) -> Any:
        """Tell something that is not."""


def scrubbed(text: str) -> str:
    """Return a text without what may be secret in it."""
    text = _PASSWORD.sub(r"\1…@", _QUERY.sub(r"\1?…", text))
    return _TOKEN.sub(r"\1 …", text)


def renderer(form: Literal["json", "pretty"]) -> list[Processor]:
    """Return what makes a line of an event."""
    if form == "json":
        return [structlog.processors.JSONRenderer(serializer=_json)]
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ]


class Logs:
    """Opens and closes this process's lines.

    Args:
        form: json, pretty, or auto for what suits the standard output.
        level: The least that is told.
        descriptor: Where lines are written.
    """

    def __init__(
        self, *, form: Literal["auto", "json", "pretty"] = "auto", level: str = "info", descriptor: int = 1
    ) -> None:
        chosen = form if form != "auto" else "pretty" if sys.stdout.isatty() else "json"
        self.sink = Sink(descriptor)
        self._level = getattr(logging, level.upper())
        self._stamp: Processor = structlog.processors.TimeStamper(fmt="iso", utc=True)
        rendering = renderer(chosen)
        self.log: Log = structlog.wrap_logger(
            self.sink,
            processors=[structlog.processors.add_log_level, self._stamp, *rendering],
            wrapper_class=structlog.make_filtering_bound_logger(self._level),
            cache_logger_on_first_use=True,
        )
        self._handler = _Handler(self.sink, self._level)
        self._handler.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=[
                    structlog.stdlib.add_log_level,
                    structlog.stdlib.add_logger_name,
                    _suppressed,
                    self._stamp,
                ],
                processors=[
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    _scrub,
                    *rendering,
                ],
            )
        )
        self._levels: dict[str, int] = {}

    def open(self) -> None:
        """Take in what is said through `logging`."""
        self._set("gateway", self._level)
        for name in _CHATTY:
            self._set(name, logging.WARNING)
        logging.getLogger().addHandler(self._handler)

    def close(self) -> None:
        """Leave `logging` as it was, and write what waits."""
        logging.getLogger().removeHandler(self._handler)
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)
        self.sink.close()

    def _set(self, name: str, level: int) -> None:
        self._levels[name] = logging.getLogger(name).level
        logging.getLogger(name).setLevel(level)


class _Handler(logging.Handler):
    def __init__(self, sink: Sink, level: int) -> None:
        super().__init__(level)
        self._sink = sink
        self._repeats = Repeats()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            kind = (record.name, record.msg if isinstance(record.msg, str) else "")
            suppressed = self._repeats.told(kind) if record.levelno >= logging.WARNING else 0
            if suppressed is None:
                return
            record.suppressed = suppressed
            ids = IDS.get()
            record.ids = ids() if ids is not None else {}
            self._sink.put(self.format(record))
        except Exception:  # noqa: BLE001 - `logging` decides what becomes of a line that cannot be made
            self.handleError(record)


def _suppressed(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record = event["_record"]
    event.update(record.ids)
    if record.suppressed:
        event["suppressed"] = record.suppressed
    return event


def _scrub(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = scrubbed(value)
    return event


def _json(event: dict[str, Any], **_: Any) -> str:
    first = {name: event.pop(name) for name in ("timestamp", "level", "event") if name in event}
    return msgspec.json.encode({**first, **event}, enc_hook=str).decode()
