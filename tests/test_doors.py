"""Doors are made of settings."""

from __future__ import annotations

from unittest.mock import AsyncMock

from pydantic import SecretStr

from gateway.domain.records import Provider
from gateway.doors import doors
from gateway.push.door import Verdict
from gateway.settings.push import Push

URL = "https://gateway.example.com/push/vod"


def test_no_key_no_door() -> None:
    """By default nothing is taken from anybody."""
    assert doors(Push(), AsyncMock()) == []


def test_a_key_opens_its_door() -> None:
    """Each provider has its own, with its own proof."""
    push = Push(
        vod_key=SecretStr("old, new"),
        vod_url=URL,
        ims_key=SecretStr("k"),
        ims_url=URL,
        visionular_secret=SecretStr("a-long-enough-secret"),
    )
    made = doors(push, AsyncMock())
    assert [door.provider for door in made] == [Provider.VOD, Provider.IMS, Provider.VISIONULAR]
    assert made[2].check({}, b"key=a-long-enough-secret") == ""
    assert made[0].check({}, b"key=a-long-enough-secret") is Verdict.FORGED
