"""``gateway schema``: the graph as a file that people review."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

FILE = Path("schema.graphql")


def schema(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if the file is out of date.")
    ] = False,
) -> None:
    """Write schema.graphql into this folder."""
    from gateway.graph.schema import schema as graph  # noqa: PLC0415 - other commands need not build it

    printed = graph.as_str() + "\n"
    if not check:
        FILE.write_text(printed, "utf-8")
    elif not FILE.is_file() or FILE.read_text("utf-8") != printed:
        typer.echo(f"{FILE} and the code disagree; `gateway schema` rewrites it.", err=True)
        raise typer.Exit(1)
