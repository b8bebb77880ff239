"""Which tasks failed last night, at any provider, newest first?

    python failed_tasks.py --hours 12 > failed.tsv

Needs Python 3.11 and httpx. A page of 100 costs a call or two at each provider. Ends with status 1 where a
provider could not be asked: the list then lacks some of its tasks, and standard error says so.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

QUERY = """
query Failed($since: DateTime!, $after: String) {
  tasks(filter: {statuses: [FAILED], createdAfter: $since}, first: 100, after: $after) {
    nodes { id provider name createdAt error { code message } }
    pageInfo { hasNextPage endCursor }
    sources { provider ok code message }
  }
}
"""
ATTEMPTS = 5


def ask(client: httpx.Client, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Return the data of an answer; come back when the gateway says that it may do better later."""
    for attempt in range(ATTEMPTS):
        try:
            answer = client.post("", json={"query": query, "variables": variables}).json()
        except (httpx.TransportError, ValueError):  # a restart, or a proxy's error page
            if attempt == ATTEMPTS - 1:
                raise
            time.sleep(2**attempt)
            continue
        if "errors" not in answer:
            data: dict[str, Any] = answer["data"]
            return data
        error = answer["errors"][0]
        told = error["extensions"]
        if not told["retryable"] or attempt == ATTEMPTS - 1:
            raise SystemExit(f"{told['code']}: {error['message']}")
        time.sleep(told.get("retryAfterMs", 1000) / 1000)
    raise AssertionError


def missing(page: dict[str, Any]) -> list[str]:
    """Return which providers a page lacks, and why."""
    return [f"{source['provider']}: {source['message']}" for source in page["sources"] if not source["ok"]]


def failed(client: httpx.Client, since: datetime) -> Iterator[dict[str, Any]]:
    """Yield pages of failed tasks, newest first."""
    variables: dict[str, Any] = {"since": since.isoformat(), "after": None}
    while True:
        page = ask(client, QUERY, variables)["tasks"]
        yield page
        # A provider that is away keeps a next page open until it is back, and the others go on without it.
        if not page["pageInfo"]["hasNextPage"] or (missing(page) and not page["nodes"]):
            return
        variables["after"] = page["pageInfo"]["endCursor"]


def main() -> int:
    """Print the list."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--gateway", default="http://127.0.0.1:8000/graphql")
    options.add_argument("--hours", type=float, default=12)
    given = options.parse_args()
    # An API key is a secret: not for the command line, which every user of the machine can read.
    key = os.environ.get("TRANSCODING_KEY")
    headers = {"authorization": f"Bearer {key}"} if key else {}
    since = datetime.now(UTC) - timedelta(hours=given.hours)
    lacking: list[str] = []
    with httpx.Client(base_url=given.gateway, headers=headers, timeout=30) as client:
        for page in failed(client, since):
            for task in page["nodes"]:
                error = task["error"] or {}
                told = (
                    task["createdAt"],
                    task["provider"],
                    task["id"],
                    error.get("code"),
                    error.get("message"),
                )
                print(*(one or "-" for one in told), sep="\t")
            lacking = missing(page)
    print(*lacking, sep="\n", end="\n" if lacking else "", file=sys.stderr)
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
