"""Sending to a collector that takes, refuses, and is not there."""

from __future__ import annotations

import socket

import pytest

from gateway.telemetry.collector import Collector as Sender
from tests.telemetry.collector import Collector


def test_a_batch_is_sent_once(collector: Collector) -> None:
    """By POST, to the signal's path, with the headers that were set."""
    sender = Sender(f"{collector.url}/", headers={"x-team": "video"}, timeout=20)
    assert sender.send("traces", b"")
    sender.close()
    assert collector.bodies == [b""]
    assert collector.headers["x-team"] == "video"
    assert collector.headers["content-type"] == "application/x-protobuf"


def test_a_refusal_is_told(collector: Collector, caplog: pytest.LogCaptureFixture) -> None:
    """Once a batch, by its status."""
    collector.status = 429
    sender = Sender(collector.url, headers={}, timeout=20)
    assert not sender.send("traces", b"")
    sender.close()
    assert "HTTP 429" in caplog.text


def test_nobody_there_is_told_without_the_address(caplog: pytest.LogCaptureFixture) -> None:
    """An address may hold a password."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    sender = Sender(f"http://user:s3cret@127.0.0.1:{port}", headers={}, timeout=20)
    assert not sender.send("metrics", b"")
    sender.close()
    assert not sender.send("metrics", b"")
    assert "ConnectError" in caplog.text
    assert "s3cret" not in caplog.text
