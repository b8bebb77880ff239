"""The command line: ``gateway --help``."""

from __future__ import annotations

import typer

from gateway.cli import check, configuration, dev, health, key, sandbox, schema, serve

app = typer.Typer(
    name="gateway",
    help="One GraphQL graph over ApsaraVideo VOD, Intelligent Media Services and Visionular.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for command in (
    serve.serve,
    dev.dev,
    sandbox.sandbox,
    schema.schema,
    check.check,
    key.key,
    health.health,
):
    app.command()(command)
app.command("print-config")(configuration.print_config)


def main() -> None:
    """Run the command line."""
    app()
