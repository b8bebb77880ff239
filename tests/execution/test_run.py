"""Runs: each is its own."""

from __future__ import annotations

import asyncio

from tests.execution.alike import data, plan
from tests.execution.toy import Animal, schema


async def test_runs_of_a_plan_do_not_meet() -> None:
    """A plan that runs many times at once keeps their parents, variables and errors apart."""
    made = plan(schema, "query($n: Int!) { creatures { ... on Cat { later doubled(times: $n) } } }")
    runs = (
        made.execute(None, {"n": number}, root_value=[Animal(age=number % 3), Animal(age=number)])
        for number in range(20)
    )
    for number, result in enumerate(await asyncio.gather(*runs)):
        [first, second] = data(result)["creatures"]
        assert first == {"later": number % 3 or None, "doubled": number % 3 * number}
        assert second["doubled"] == number * number
        assert len(result.errors) == (number % 3 == 0) + (number == 0)
