"""An environment without any setting of its own."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from gateway.settings.reader import SettingsError, read
from gateway.settings.settings import PREFIX

Problems = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in list(os.environ):
        if variable.startswith(PREFIX):
            monkeypatch.delenv(variable)


@pytest.fixture
def problems(monkeypatch: pytest.MonkeyPatch) -> Problems:
    """Returns what is wrong with variables, named without the common prefix."""

    def told(**variables: str) -> list[str]:
        for variable, value in variables.items():
            monkeypatch.setenv(PREFIX + variable, value)
        with pytest.raises(SettingsError) as caught:
            read()
        return caught.value.problems

    return told
