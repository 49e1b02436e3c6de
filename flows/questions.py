"""Commands that only read: the state of the sources, what was published, and where it came from."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from extractors import contract
from flows import display
from flows.options import DataDir, layout_of

app = typer.Typer()
AsOf = Annotated[dt.datetime | None, typer.Option(help="Answer as it was known then.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])]


@app.command()
def status(data_dir: DataDir = None) -> None:
    """The state of every source and of the published file. Exits with 1 when something is stale, failing or was never published."""
    from flows import inspect

    raise typer.Exit(1 if inspect.status(layout_of(data_dir)) else 0)


@app.command()
def show(
    indicator: Annotated[str | None, typer.Argument(help="Show this indicator's series and where its newest value came from.")] = None,
    data_dir: DataDir = None,
    as_of: AsOf = None,
) -> None:
    """The newest value of every indicator, or one indicator with its series, bounds and inputs."""
    from flows import inspect

    layout = layout_of(data_dir)
    if indicator:
        inspect.show(layout, indicator, as_of)
    else:
        inspect.overview(layout, as_of)


@app.command()
def sources() -> None:
    """The sources: what they are, who publishes them, under which licence, and how they are refreshed."""
    found = contract.all_sources().values()
    display.rows(
        "Sources",
        ("source", "title", "publisher", "licence", "statement", "address", "met live"),
        (
            (
                s.id,
                s.title,
                s.publisher,
                s.licence,
                s.statement,
                s.address or ("reviewed table" if s.reviewed else "backfill only"),
                "yes" if s.met_live else "no",
            )
            for s in found
        ),
    )


@app.command()
def trace(
    indicator: Annotated[str, typer.Argument(help="The indicator whose value is questioned.")],
    period: Annotated[str | None, typer.Argument(help="Its period, by the first day: 2025, 2025-03 or 2025-03-01. Default: the newest.")] = None,
    data_dir: DataDir = None,
    series: Annotated[str | None, typer.Option(help="Which of its series. Default: the main one, else the first by name.")] = None,
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option(help="How many inputs to show, the largest first.", min=1)] = 20,
    every: Annotated[bool, typer.Option("--all", help="Show every input.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead; README.md says what is in it.")] = False,
) -> None:
    """Where a value came from: its formula, its rows, their documents, and the very text that stands there in the archived bytes.

    Exits with 1 when one of the texts shown does not give its number, or its document is missing or damaged.
    """
    from flows import trace as tracing
    from flows import traced

    found = tracing.trace(layout_of(data_dir), indicator, period, series, as_of, None if every else limit)
    (traced.as_json if as_json else traced.show)(found)
    raise typer.Exit(1 if found.problems else 0)
