"""``gateway check``: is the configuration usable, and do the providers agree?"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import uuid4

import typer

from gateway.cli.configuration import refuse, settings_or_exit
from gateway.connections import accounts, clients
from gateway.connections import problems as connection_problems
from gateway.credentials.guard import Guarded
from gateway.domain.errors import (
    CredentialsUnavailable,
    GatewayError,
    NotFound,
    ProviderError,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from gateway.domain.provider import ProviderClient, Verb, WindowPage
from gateway.domain.records import Provider
from gateway.domain.sources import whom
from gateway.entrance import NOBODY, problems
from gateway.settings.settings import Settings

_UNDECIDED = "undecided: `gateway serve` will not start; `gateway key` makes a key"
_REMEDIES: Mapping[type[GatewayError], str] = {
    Unauthorized: "check key, secret, permissions and this machine's clock",
    TimedOut: "no answer in time: check the endpoint, the route to it, and GATEWAY_HTTP_TOTAL_TIMEOUT",
    Unavailable: "no connection, or the provider is ill: check the endpoint and the route to it",
    Throttled: "the key works; the account is being used up to its quota",
}


def check(
    *,
    probe: Annotated[
        bool, typer.Option("--probe", help="Make one cheap signed call to every configured provider.")
    ] = False,
) -> None:
    """Check the configuration; exit with 2 if it cannot be used, with 1 if a probe fails."""
    settings = settings_or_exit()
    configured = accounts(settings)
    for source in dict.fromkeys([*Provider, *configured]):
        typer.echo(_line(source, "configured" if source in configured else "not configured"))
    wrong = [problem for problem in problems(settings) if problem is not NOBODY]
    wrong += connection_problems(settings)
    if wrong:
        refuse("\n".join(wrong))
    typer.echo(_line("access", "decided" if settings.access.decided else _UNDECIDED))
    if probe and not asyncio.run(_probe_all(settings)):
        raise typer.Exit(1)


def _line(what: object, said: str) -> str:
    """Return a line with its first word in a column; the names of sources may be longer."""
    return f"{what!s:<10} {said}"


async def _probe_all(settings: Settings) -> bool:
    from gateway.app import http_client  # noqa: PLC0415 - checking alone needs none of it

    async with http_client(settings) as http:
        found = await asyncio.gather(*(_probe(client) for client in clients(settings, http)))
    for line, _ in found:
        typer.echo(line)
    return all(well for _, well in found)


async def _probe(client: ProviderClient) -> tuple[str, bool]:
    """Ask for something that does not exist: the answer "not found" proves the key as well as any other."""
    now = datetime.now(UTC)
    nothing = uuid4().hex
    probes: tuple[tuple[Verb, Hashable], ...] = (
        (Verb.LATEST_BY_VIDEO, nothing),
        (Verb.TASK_BY_ID, nothing),
        (Verb.TASKS_IN_WINDOW, WindowPage(created_from=now - timedelta(minutes=1), created_to=now, size=1)),
    )
    verb, key = next((verb, key) for verb, key in probes if verb in client.operations)
    started = asyncio.get_running_loop().time()
    try:
        outcomes: Mapping[Any, Any] = await getattr(client, verb)([key])
        outcome = outcomes[key]
    except GatewayError as error:
        outcome = error
    took = asyncio.get_running_loop().time() - started
    name = _line(whom(client.provider, client.source), f"{client.operations[verb].name:<22}")
    if not isinstance(outcome, GatewayError) or isinstance(outcome, NotFound):
        keys = f", keys from {client.origin}" if isinstance(client, Guarded) else ""
        return f"{name}ok, {took * 1000:.0f} ms{keys}", True
    if isinstance(outcome, CredentialsUnavailable):
        return f"{name}{outcome.code}: {outcome.__cause__}", False
    provider_code = outcome.provider_code if isinstance(outcome, ProviderError) else None
    code = f" ({provider_code})" if provider_code else ""
    remedy = next((text for kind, text in _REMEDIES.items() if isinstance(outcome, kind)), "")
    return f"{name}{outcome.code}{code}: {outcome.message} {remedy}".rstrip(), False
