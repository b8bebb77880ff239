"""Lines, as they are written."""

from __future__ import annotations

import json
import logging
import logging.config
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gateway.telemetry.exchanges import Exchanges
from gateway.telemetry.logs import IDS, Logs, of_server, scrubbed
from tests.telemetry.conftest import Pipe


@contextmanager
def _open(pipe: Pipe, level: str = "info") -> Iterator[Logs]:
    logs = Logs(form="json", level=level, descriptor=pipe.writing)
    logs.open()
    # A test before this one may have been within a request.
    outside = IDS.set(None)
    try:
        yield logs
    finally:
        IDS.reset(outside)
        logs.close()


def test_our_lines_and_those_of_logging_look_alike(pipe: Pipe) -> None:
    """JSON with time, level and event first, and then what there is to tell."""
    with _open(pipe) as logs:
        logs.log.info("request", status=200)
        logging.getLogger("gateway.x").warning("%d of %s", 3, "them")
    own, other = pipe.lines()
    assert list(own) == ["timestamp", "level", "event", "status"]
    assert own["event"] == "request"
    assert other.pop("timestamp") >= own["timestamp"]
    assert other == {"level": "warning", "event": "3 of them", "logger": "gateway.x"}


def test_levels_are_kept_and_given_back(pipe: Pipe) -> None:
    """What is below the level is not told, and `logging` is as it was in the end."""
    before = logging.getLogger("httpx").level
    with _open(pipe, "warning") as logs:
        logs.log.info("request")
        logging.getLogger("gateway").info("nothing")
        assert logging.getLogger("httpx").getEffectiveLevel() == logging.WARNING
        assert logging.getLogger("httpcore").getEffectiveLevel() == logging.WARNING
    assert logging.getLogger("httpx").level == before
    assert pipe.lines() == []


def test_a_mistake_is_one_line_with_its_traceback(pipe: Pipe) -> None:
    """Belonging to its request."""
    with _open(pipe):
        exchange = Exchanges().begin("POST", {b"x-request-id": "r-1"})
        error = ValueError("https://host/path?AccessKeyId=s3cret&b=1")
        logging.getLogger("gateway.graph").error("unexpected error %s", "ab12", exc_info=error)
    [line] = pipe.lines()
    assert line["event"] == "unexpected error ab12"
    assert line["request_id"] == exchange.request_id
    assert "ValueError: https://host/path?…" in line["exception"]
    assert "s3cret" not in str(line)


def test_repeated_trouble_is_left_out(pipe: Pipe) -> None:
    """By what is said and by whom, whatever is filled in; what is as it should be is always told."""
    with _open(pipe):
        for number in range(50):
            logging.getLogger("gateway.a").warning("trouble %d", number)
            logging.getLogger("gateway.b").warning("trouble %d", number)
            logging.getLogger("gateway.a").info("all is well")
    lines = pipe.lines()
    assert len([line for line in lines if line["logger"] == "gateway.b"]) == 10
    assert len([line for line in lines if line["event"] == "all is well"]) == 50


def test_on_a_terminal_lines_are_for_people(pipe: Pipe) -> None:
    """One line, no JSON."""
    logs = Logs(form="pretty", descriptor=pipe.writing)
    logs.open()
    logs.log.info("request", status=200)
    logging.getLogger("gateway").error("oh")
    logs.close()
    with pytest.raises(ValueError, match=r"Expecting|Extra"):
        pipe.lines()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GET https://vod.x/?AccessKeyId=A&Signature=B failed", "GET https://vod.x/?… failed"),
        ("redis://user:pass@host:1/0 away", "redis://…@host:1/0 away"),
        ("Authorization: Bearer abc.def.ghi12", "Authorization: Bearer …"),
        ("what? nothing", "what? nothing"),
    ],
)
def test_what_may_be_secret_is_left_out(text: str, expected: str) -> None:
    """Queries of URLs, passwords before hosts, tokens."""
    assert scrubbed(text) == expected


@pytest.fixture
def server() -> Iterator[logging.Logger]:
    """Whom a server speaks through, and what it was before."""
    logger = logging.getLogger("uvicorn")
    before = logger.handlers[:], logger.propagate
    logging.config.dictConfig(of_server("json"))
    yield logger
    logger.handlers[:], logger.propagate = before


def test_a_servers_own_lines_look_like_ours(
    server: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the configuration that it gives `logging`, in every process; what we tell better is left out."""
    server.handlers[0].setStream(sys.stdout)  # type: ignore[attr-defined]
    server.getChild("error").warning("Killing worker-%d: https://host/?key=s3cret", 1)
    server.getChild("error").error("ASGI callable returned without completing response.")
    opened = (
        "uvicorn.error",
        logging.INFO,
        "/x/websockets_sansio_impl.py",
        1,
        "%s open",
        ("/graphql?key=k",),
        None,
    )
    server.getChild("error").handle(server.makeRecord(*opened))
    [text] = capsys.readouterr().out.splitlines()
    line = json.loads(text)
    assert list(line) == ["timestamp", "level", "event", "logger"]
    assert (line["level"], line["event"]) == ("warning", "Killing worker-1: https://host/?…")


def test_a_server_in_trouble_does_not_fill_the_lines(
    server: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever sends what is no HTTP is told of ten times a minute."""
    server.handlers[0].setStream(sys.stdout)  # type: ignore[attr-defined]
    for _ in range(50):
        server.getChild("error").warning("Invalid HTTP request received.")
    assert len(capsys.readouterr().out.splitlines()) == 10
