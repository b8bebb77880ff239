"""What a compiled plan saves: processor time per answer, against graphql-core interpreting the same schema.

    python -m bench.execution [--rounds 15]

In one process, on one event loop, with every record in memory behind an upstream that answers at once: what
is measured is executing an operation that was parsed and validated before, and encoding its answer. Rounds
of the contenders alternate, so that whatever else the machine does falls on all of them; figures are
medians of the process's own time. Only the ratios travel to other machines. An interpreter built with
profile-guided optimization (those of distributions are) is a fifth faster at both.

The reference query asks for 10 videos of 4 jobs, 12 leaves each: some 11 KB. *Compiled* executes all of it
for every answer. *Fragments kept* is what the gateway does: what was said of a record before is taken as it
is.

Then what surrounds an execution (`bench.requests`), and what a worker takes (`bench.startup`). It ends with a
verdict for every bar, and with exit status 1 where one is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import uvloop
from graphql import ExecutionResult, GraphQLSchema, execute, parse, validate
from msgspec import Struct

from bench.figures import Figure, table
from gateway.domain.errors import NotOffered
from gateway.domain.provider import Verb
from gateway.domain.records import Job, Observation, Output, Provider, Status, Task, Template, Video
from gateway.domain.sources import Whom, provider_of
from gateway.execution import Compiler, NotCompilable
from gateway.graph.context import Context
from gateway.graph.schema import schema
from gateway.graph.traits import TRAITS
from gateway.loaders import Loaders
from gateway.upstream.status import LaneStatus

REFERENCE = """\
query Videos($ids: [ID!]!) {
  videos(ids: $ids) {
    videoId
    latestTask {
      id
      status
      progress
      createdAt
      jobs {
        id
        status
        progress
        createdAt
        completedAt
        template { id }
        output { format width height bitrate duration fileSize }
      }
    }
  }
}
"""

_encode = msgspec.json.Encoder().encode
_START = datetime(2026, 1, 1, tzinfo=UTC)


def _job(video: int, number: int) -> Job:
    return Job(
        id=f"Sm9iOlZPRDp2aWRlby17{video:04}:{number}",
        provider=Provider.VOD,
        status=Status.SUCCEEDED if number else Status.RUNNING,
        provider_status="TranscodeSuccess",
        progress=100 if number else 40,
        template=Template(id=f"template-{number:08}"),
        created_at=_START + timedelta(seconds=video),
        completed_at=_START + timedelta(seconds=video + 60) if number else None,
        output=Output(
            job_id="",
            format="mp4",
            width=1920,
            height=1080,
            bitrate=2530.75,
            duration=63.5,
            file_size=20_000_000,
        ),
        observation=Observation(at=_START, operation="GetTranscodeSummary", request_id="25818875"),
    )


def _video(number: int, jobs: int) -> Video:
    task = Task(
        id=f"VGFzazpWT0Q6dmlkZW8t{number:06}",
        provider=Provider.VOD,
        status=Status.RUNNING,
        progress=85,
        video_id=f"video-{number}",
        created_at=_START + timedelta(seconds=number),
        jobs=tuple(_job(number, job) for job in range(jobs)),
        observation=Observation(at=_START, operation="GetTranscodeSummary", request_id="25818875"),
    )
    return Video(id=f"VmlkZW86{number}", video_id=f"video-{number}", latest_task=task)


class Memory:
    """An upstream that has every record at hand."""

    sources: Sequence[Whom] = ()

    def __init__(self, videos: int, jobs: int) -> None:
        self._videos = {f"video-{number}": _video(number, jobs) for number in range(videos)}

    async def load_many(
        self, provider: Whom, verb: Verb, keys: Sequence[Hashable], **_bounds: float | None
    ) -> Sequence[Any]:
        """Return the records of videos."""
        return self.peek_many(provider, verb, keys)

    def peek_many(
        self, provider: Whom, verb: Verb, keys: Iterable[Hashable], **_bounds: float | None
    ) -> Sequence[Any]:
        """Return the records of videos."""
        if verb is not Verb.LATEST_BY_VIDEO:
            raise NotOffered("Only videos are here.", provider=provider_of(provider))
        return [self._videos[str(key)] for key in keys]

    def fresh_for(self, _provider: Whom, _verb: Verb, _keys: Iterable[Hashable]) -> float:
        """Know nothing that is."""
        return 0.0

    def status(self) -> Sequence[LaneStatus]:
        """Return no lanes."""
        return []


class Case(Struct, frozen=True):
    """One query on one amount of data."""

    name: str
    videos: int
    jobs: int = 4


CASES = [
    Case("1 video", 1),
    Case("10 videos", 10),
    Case("30 videos", 30),
    Case("10 records", 1, 10),
    Case("100 records", 10, 10),
    Case("500 records", 50, 10),
]
_LEAST_RATIO = 40.0

Answer = Callable[[], Awaitable[bytes]]


def contenders(case: Case) -> dict[str, Answer]:
    """Return what answers a case, by name."""
    core: GraphQLSchema = schema._schema  # noqa: SLF001 - the GraphQLSchema beneath has no public name
    document = parse(REFERENCE)
    assert not validate(core, document)  # noqa: S101
    plan = Compiler(core, TRAITS).compile(document)
    keeping = Compiler(core, TRAITS, fragment_bytes=16_000_000).compile(document)
    assert not isinstance(plan, NotCompilable)  # noqa: S101
    upstream = Memory(case.videos, case.jobs)
    ids = [f"video-{number}" for number in range(case.videos)]

    def context() -> Context:
        return Context(loaders=Loaders(upstream), request_id="")

    async def interpreted() -> bytes:
        result = execute(core, document, context_value=context(), variable_values={"ids": ids})
        if not isinstance(result, ExecutionResult):
            result = await result
        assert not result.errors  # noqa: S101
        return _encode({"data": result.data})

    async def compiled() -> bytes:
        result = await plan.execute(context(), {"ids": ids})
        assert not result.errors  # noqa: S101
        return _encode({"data": result.data})

    async def kept() -> bytes:
        result = await keeping.execute(context(), {"ids": ids})
        assert not result.errors  # noqa: S101
        return _encode({"data": result.data})

    return {"interpreted": interpreted, "compiled": compiled, "kept": kept}


async def measured(answers: dict[str, Answer], rounds: int) -> dict[str, float]:
    """Return milliseconds per answer: medians over rounds in which the contenders alternate."""
    times: dict[str, list[float]] = {name: [] for name in answers}
    repeats = {}
    for name, answer in answers.items():
        started = time.process_time()
        for _ in range(3):
            await answer()
        repeats[name] = max(1, round(0.06 / ((time.process_time() - started) / 3)))
    for _ in range(rounds):
        for name, answer in answers.items():
            gc.collect()
            started = time.process_time()
            for _ in range(repeats[name]):
                await answer()
            times[name].append((time.process_time() - started) / repeats[name] * 1000)
    return {name: statistics.median(all_times) for name, all_times in times.items()}


async def compare(rounds: int) -> dict[str, dict[str, float]]:
    """Return the figures of all cases."""
    figures = {}
    for case in CASES:
        answers = contenders(case)
        bodies = {name: await answer() for name, answer in answers.items()}
        assert len({json.dumps(json.loads(body)) for body in bodies.values()}) == 1  # noqa: S101 - same answers
        times = await measured(answers, rounds)
        figures[case.name] = {
            "bytes": len(bodies["compiled"]),
            **{name: round(value, 4) for name, value in times.items()},
            **{name + "_ratio": times["interpreted"] / times[name] for name in ("compiled", "kept")},
            "per_record": times["compiled"] / (case.videos * case.jobs) * 1000,
        }
    return figures


def _judged(figures: dict[str, dict[str, float]]) -> list[Figure]:
    growth = figures["500 records"]["per_record"] / figures["10 records"]["per_record"]
    return [
        Figure(
            name="graphql-core's time against ours, 10 videos",
            value=figures["10 videos"]["kept_ratio"],
            goal=_LEAST_RATIO,
            at_least=True,
        ),
        Figure(name="time per record at 500 records against 10", value=growth, goal=1.0),
    ]


async def _all(rounds: int) -> tuple[dict[str, dict[str, float]], list[Figure]]:
    # They measure with what is defined here.
    from bench import requests, startup  # noqa: PLC0415

    figures = await compare(rounds)
    found = [*_judged(figures), *await requests.verdicts(rounds)]
    return figures, [*found, *await asyncio.to_thread(startup.verdicts)]


def main() -> None:
    """Print figures and verdicts; end with 1 where one is not met."""
    arguments = argparse.ArgumentParser(
        description="Compiled plans against graphql-core, and what surrounds them."
    )
    arguments.add_argument("--rounds", type=int, default=15)
    figures, verdicts = uvloop.run(_all(arguments.parse_args().rounds))
    heads = f"{'graphql-core':>15} {'compiled':>18} {'fragments kept':>18} {'per record':>11}"
    print(f"{'':12} {'bytes':>7} {heads}")
    for name, row in figures.items():
        print(
            f"{name:12} {row['bytes']:7} {row['interpreted']:12.3f} ms {row['compiled']:8.3f} ms"
            f" {row['compiled_ratio']:5.1f}x {row['kept']:8.3f} ms {row['kept_ratio']:5.1f}x"
            f" {row['per_record']:8.2f} µs"
        )
    print()
    print(table("verdicts", verdicts))
    sys.exit(not all(verdict.met for verdict in verdicts))


if __name__ == "__main__":
    main()
