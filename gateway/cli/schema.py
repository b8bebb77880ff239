"""``gateway schema``: the graph as a file that people review, and what the last release promises of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from graphql import GraphQLSchema, build_schema, find_breaking_changes, find_dangerous_changes

FILE = Path("schema.graphql")
RELEASED = Path("schema.released.graphql")


def schema(
    *,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help=f"Write nothing; exit with 1 if the file is out of date, or breaks a client of {RELEASED}.",
        ),
    ] = False,
    release: Annotated[
        bool, typer.Option("--release", help=f"Write {RELEASED} too: what later schemas must not break.")
    ] = False,
    subgraph: Annotated[
        bool, typer.Option("--subgraph", help="Print the subgraph that a federated router composes instead.")
    ] = False,
) -> None:
    """Write schema.graphql into this folder."""
    from gateway.graph.schema import schema as graph  # noqa: PLC0415 - other commands need not build it

    if subgraph:
        from gateway.graph.federation import sdl  # noqa: PLC0415 - likewise

        typer.echo(sdl(), nl=False)
        return
    printed = graph.as_str() + "\n"
    if check:
        _check(printed, graph._schema)  # noqa: SLF001 - the GraphQLSchema beneath has no public name
        return
    for file in (FILE, RELEASED) if release else (FILE,):
        file.write_text(printed, "utf-8")


def _check(printed: str, graph: GraphQLSchema) -> None:
    problems: list[str] = []
    if not FILE.is_file() or FILE.read_text("utf-8") != printed:
        problems.append(f"{FILE} and the code disagree; `gateway schema` rewrites it.")
    if RELEASED.is_file():
        released = build_schema(RELEASED.read_text("utf-8"))
        problems += [
            f"Breaks clients of the last release: {change.description}"
            for change in find_breaking_changes(released, graph)
        ]
        for change in find_dangerous_changes(released, graph):
            typer.echo(f"May surprise clients of the last release: {change.description}", err=True)
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)
