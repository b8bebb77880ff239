"""The pace that gives way to throttling."""

from __future__ import annotations

import pytest

from gateway.upstream.pace import Pace
from gateway.upstream.policy import QuotaPolicy


def pace(per_second: float = 15, **policy: float) -> Pace:
    """Return the pace of an operation."""
    return Pace(per_second, QuotaPolicy(**policy))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("per_second", "share", "burst", "rate", "limit"),
    [
        (15, 1.0, 1, 14.0, 15),
        (15, 0.5, 1, 6.5, 7),
        (15, 1.0, 5, 10.0, 15),
        (1, 1.0, 1, 0.5, 1),
        (2, 1.0, 1, 1.0, 2),
        (1_000, 1.0, 1, 999.0, 1_000),
        (10_000, 1.0, 1, 9_990.0, 10_000),  # ten of them share a tick of the timer
    ],
)
def test_rate_and_burst_stay_within_the_limit(
    per_second: float, share: float, burst: int, rate: float, limit: int
) -> None:
    """The rate leaves room for the burst, and a quota too small for that is halved."""
    of = Pace(per_second, QuotaPolicy(share=share, burst=burst))
    assert (of.rate(0), of.limit) == (rate, limit)


def test_throttling_lowers_the_rate_once_a_second() -> None:
    """Calls under way together report the same jam, which counts once."""
    throttled = pace()
    for _ in range(5):
        throttled.throttled(10.0)
    assert throttled.rate(10.0) == pytest.approx(14 * 0.7)
    throttled.throttled(11.0)
    assert throttled.rate(11.0) == pytest.approx((14 * 0.7 + 1.4) * 0.7)


def test_the_rate_climbs_back_and_no_further() -> None:
    """Without throttling the full rate returns, a tenth of it per second."""
    throttled = pace()
    throttled.throttled(0.0)
    assert throttled.rate(1.0) == pytest.approx(14 * 0.8)
    assert throttled.rate(100.0) == 14


def test_the_rate_never_dies() -> None:
    """However long a jam lasts, a tenth of the rate goes on probing it."""
    throttled = pace(recover=1e9)
    for second in range(100):
        throttled.throttled(float(second))
    assert throttled.rate(100.0) == pytest.approx(1.4)
