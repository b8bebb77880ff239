"""More requests than can be answered, over real HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.conftest import Sandbox
from tests.security.conftest import Client, Start, bearer

BROWSERS = {"SERVER_CORS_ORIGINS": "https://a.example.com"}


def test_what_cannot_be_answered_is_refused_at_once(start: Start, sandbox: Sandbox) -> None:
    """One is answered, one waits, the others are told when to come back; health answers all the while."""
    ids = sandbox.ids("ims", "succeeded", 8)
    with start(SERVER_CONCURRENCY="1", SERVER_QUEUE="1", SERVER_QUEUE_TIMEOUT="20", **BROWSERS) as client:
        assert client.ask("{ __typename }").status_code == 200
        sandbox.fault(provider="ims", kind="latency", ms=1000)

        def ask(task: str) -> httpx.Response:
            origin = {"origin": f"https://{task[-1]}.example.com"}
            return httpx.post(
                f"{client.url}/graphql",
                json={"query": f'{{ providerTask(provider: IMS, id: "{task}") {{ status }} }}'},
                headers={**bearer("all"), **origin},
                timeout=20,
            )

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(ask, ids))
            alive = threads.submit(httpx.get, f"{client.url}/health/live").result()
        statuses = sorted(answer.status_code for answer in answers)
        assert set(statuses) == {200, 503}
        assert statuses.count(200) <= 4
        for refused in (answer for answer in answers if answer.status_code == 503):
            assert refused.headers["retry-after"] == "1"
            assert refused.headers.get_list("access-control-allow-origin") in ([], ["https://a.example.com"])
            assert refused.json()["errors"][0]["extensions"]["code"] == "OVERLOADED"
        assert alive.status_code == 200
        assert _answered_again(client)


def _answered_again(client: Client) -> bool:
    return client.ask("{ __typename }").status_code == 200
