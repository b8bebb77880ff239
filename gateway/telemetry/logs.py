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
from pathlib import Path
from typing import Any, Literal

import structlog
from structlog.typing import Processor

from gateway.telemetry.lines import JsonLog, Log, PrettyLog, encode
from gateway.telemetry.repeats import Repeats
from gateway.telemetry.sink import Sink

# Query strings are where the older signature has its keys and pre-signed addresses have theirs; before an @
# stands a password; after Bearer a token.
_QUERY = re.compile(r"([a-z][a-z0-9+.-]*://[^\s?\"'<>]+)\?[^\s\"'<>]*", re.IGNORECASE)
_PASSWORD = re.compile(r"([a-z][a-z0-9+.-]*://)[^\s/@\"']+@", re.IGNORECASE)
_TOKEN = re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE)

_stamp: Processor = structlog.processors.MaybeTimeStamper(fmt="iso", utc=True)

_CUT_SHORT = "ASGI callable returned without completing response."

_CHATTY = ("httpx", "httpcore")
"""Libraries that print every URL at INFO."""

IDS: ContextVar[Callable[[], dict[str, str]] | None] = ContextVar("ids", default=None)
"""Returns the ids that lines of this context carry."""


def scrubbed(text: str) -> str:
    """Return a text without what may be secret in it."""
    text = _PASSWORD.sub(r"\1…@", _QUERY.sub(r"\1?…", text))
    return _TOKEN.sub(r"\1 …", text)


Form = Literal["auto", "json", "pretty"]


def renderer(form: Form) -> list[Processor]:
    """Return what makes a line of an event; auto is pretty on a terminal and JSON elsewhere."""
    if _is_json(form):
        return [structlog.processors.JSONRenderer(serializer=_json)]
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ]


def _is_json(form: Form) -> bool:
    return form == "json" or (form == "auto" and not sys.stdout.isatty())


def formatter(form: Form) -> logging.Formatter:
    """Return what makes a line of a record of `logging`."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            _suppressed,
            _stamp,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _scrub,
            *renderer(form),
        ],
    )


def of_server(form: Form) -> dict[str, Any]:
    """Return the configuration of `logging` by which a server's own lines have the form of all others.

    A server begins before this process has opened its lines and ends after they are closed, and starts
    workers between: it writes its few lines itself.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": f"{__name__}.{formatter.__name__}", "form": form}},
        "filters": {"seldom": {"()": f"{__name__}.{Seldom.__name__}"}},
        "handlers": {
            "lines": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": "line",
                "filters": ["seldom"],
            }
        },
        "loggers": {"uvicorn": {"handlers": ["lines"], "propagate": False}},
    }


class Logs:
    """Opens and closes this process's lines.

    Args:
        form: json, pretty, or auto for what suits the standard output.
        level: The least that is told.
        descriptor: Where lines are written.
        turns: As for `Sink`.
    """

    def __init__(
        self, *, form: Form = "auto", level: str = "info", descriptor: int = 1, turns: Path | None = None
    ) -> None:
        self.sink = Sink(descriptor, turns=turns)
        self._level = getattr(logging, level.upper())
        self.log: Log = JsonLog(self.sink, self._level)
        if not _is_json(form):
            self.log = PrettyLog(
                structlog.wrap_logger(
                    self.sink,
                    processors=[structlog.processors.add_log_level, _stamp, *renderer(form)],
                    wrapper_class=structlog.make_filtering_bound_logger(self._level),
                    cache_logger_on_first_use=True,
                )
            )
        self._handler = _Handler(self.sink, self._level)
        self._handler.setFormatter(formatter(form))
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


class Seldom(logging.Filter):
    """Lets the same trouble pass ten times a minute, and then with how often it was left out."""

    def __init__(self) -> None:
        super().__init__()
        self._repeats = Repeats()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is told."""
        kind = (record.name, record.msg if isinstance(record.msg, str) else "")
        suppressed = self._repeats.told(kind) if record.levelno >= logging.WARNING else 0
        record.suppressed = suppressed
        return suppressed is not None and not _is_told_by_us(record)


def _is_told_by_us(record: logging.LogRecord) -> bool:
    """Return whether there is a line of our own: streams that are cut short have one, and so have WebSockets.

    The server's would have their whole URL.
    """
    opened = record.levelno < logging.WARNING and record.module.startswith("websockets")
    return opened or record.msg == _CUT_SHORT


class _Handler(logging.Handler):
    def __init__(self, sink: Sink, level: int) -> None:
        super().__init__(level)
        self._sink = sink
        self.addFilter(Seldom())

    def emit(self, record: logging.LogRecord) -> None:
        try:
            ids = IDS.get()
            record.ids = ids() if ids is not None else {}
            self._sink.put(self.format(record))
        except Exception:  # noqa: BLE001 - `logging` decides what becomes of a line that cannot be made
            self.handleError(record)


def _suppressed(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add what our handler has put on the record; another one's records have nothing of it."""
    record = event["_record"]
    event.update(getattr(record, "ids", {}))
    if suppressed := getattr(record, "suppressed", 0):
        event["suppressed"] = suppressed
    return event


def _scrub(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = scrubbed(value)
    return event


def _json(event: dict[str, Any], **_: Any) -> str:
    first = {name: event.pop(name) for name in ("timestamp", "level", "event") if name in event}
    return encode({**first, **event}).decode()
