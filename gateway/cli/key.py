"""``gateway key``: a new API key, and what the gateway is told of it."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.access import keys
from gateway.access.scopes import MEANINGS, SOURCE_MEANING, UnknownScope, scopes
from gateway.cli.configuration import refuse

_SCOPES = "Scopes:\n\n" + "\n\n".join(f"{scope}: {meaning}" for scope, meaning in MEANINGS.items())
_SCOPES += f"\n\nsource:NAME: {SOURCE_MEANING}"


def key(
    name: Annotated[str, typer.Argument(help="Whose key it is; told apart by it in limits and logs.")],
    scope: Annotated[list[str] | None, typer.Option(help="What it allows; may be repeated.")] = None,
) -> None:
    """Make an API key. It is shown once; the gateway is given its hash."""
    words = scope or ["provider:all"]
    made = keys.generate()
    entry = keys.entry(name, made, words)
    try:
        scopes(words, strict=True)
        keys.parse(entry)
    except UnknownScope as error:
        refuse(f"--scope: {error}.")
    except ValueError:
        refuse("NAME: letters, digits, dots, underscores and hyphens, 64 at most.")
    typer.echo(f"For the client, kept secret:   {made}\n")
    typer.echo(f"For the gateway:               GATEWAY_ACCESS_KEYS='{entry}'")
    typer.echo("                               (several keys are joined by semicolons)")


key.__doc__ = f"{key.__doc__}\n\n{_SCOPES}"
