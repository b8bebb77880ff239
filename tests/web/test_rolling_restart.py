"""A rolling restart behind HAProxy, in small: `python -m bench.drain` is the same at length."""

from __future__ import annotations

import shutil

import pytest

from bench.drain import Kubelet, rolling
from tests.web.conftest import need


@pytest.mark.timeout(300)
async def test_a_rolling_restart_loses_no_request() -> None:
    """A replica is replaced under clients with open connections, and they notice nothing.

    Half a request and an idle connection do not hold it: it ends by itself, and in order.
    """
    need(shutil.which("haproxy"), "no HAProxy: install the package haproxy")
    kubelet = Kubelet(removal=0.3, prestop=1.0, window=1.0, grace=50.0)
    load, ends = await rolling(requests=100, rate=20.0, replicas=1, kubelet=kubelet)
    assert load.asked >= 100
    assert load.lost == []
    assert [(end.killed, end.status) for end in ends] == [(False, 0)]
    assert all(set(end.stayed) == {"idle", "half a head", "half a body"} for end in ends)
