"""Reading the settings for a command, and ``gateway print-config``."""

from __future__ import annotations

import json
from typing import NoReturn

import typer

from gateway.settings.reader import SettingsError, read
from gateway.settings.settings import Settings

UNUSABLE = 2
"""Exit status of a command whose configuration cannot be used."""

_NOTHING_CONFIGURED = """\
No provider is configured, so there is nothing to serve.

  To try the gateway without any account:   gateway dev
  To serve ApsaraVideo VOD:                 GATEWAY_VOD_ACCESS_KEY_ID=... GATEWAY_VOD_ACCESS_KEY_SECRET=...
  To serve Intelligent Media Services:      GATEWAY_IMS_ACCESS_KEY_ID=... GATEWAY_IMS_ACCESS_KEY_SECRET=...
  To serve Visionular:                      GATEWAY_VISIONULAR_URL=... and the keys of its AUTH

One provider is enough; the others' parts of the graph say that they are not configured."""


def settings_or_exit(*, provider_needed: bool = True) -> Settings:
    """Return the settings, or name everything that is wrong with them and exit."""
    try:
        settings = read()
    except SettingsError as error:
        refuse("The configuration cannot be used:\n\n  " + "\n  ".join(error.problems))
    if provider_needed and not settings.configured:
        refuse(_NOTHING_CONFIGURED)
    return settings


def refuse(message: str) -> NoReturn:
    """Print why and exit with the status of an unusable configuration."""
    typer.echo(message, err=True)
    raise typer.Exit(UNUSABLE)


def print_config() -> None:
    """Print the settings in force as JSON, secrets hidden."""
    settings = settings_or_exit(provider_needed=False)
    typer.echo(json.dumps(settings.model_dump(mode="json"), indent=2))
