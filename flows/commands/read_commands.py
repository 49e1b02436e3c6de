"""Commands that only read: the state of the sources, what was published, and where it came from."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option, Typer, echo

from flows.commands import terminal
from flows.commands.options import DataDir, Wrong, layout_of, published

app = Typer()
FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
Series = Annotated[
    str | None, Option(help="Which of its series. Default: the main one, else the first by name.")
]
AsOf = Annotated[dt.datetime | None, Option(help="Answer as it was known then.", formats=FORMATS)]


@app.command()
def status(data_dir: DataDir = None) -> None:
    """The state of every source and of the published file, when it was refreshed and when it is due. Exits
    with 1 when something is stale, failing, held back or was never published.

    Without a refresh it is stale after two runs of the schedule of gapwatch serve, else after 48 hours."""
    from flows.commands import status

    raise Exit(1 if status.show(layout_of(data_dir)) else 0)


@app.command()
def show(
    indicator: Annotated[
        str | None, Argument(help="Show this indicator's series and where its newest value came from.")
    ] = None,
    data_dir: DataDir = None,
    as_of: AsOf = None,
    as_released: Annotated[
        dt.datetime | None,
        Option(help="Show what had been published by then, as it was.", formats=FORMATS),
    ] = None,
    plot: Annotated[
        Path | None,
        Option(
            help="Draw, into this .svg file, what was known (--as-of) beside what was said (--as-released).",
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """The newest value of every indicator, or one indicator with its series, bounds and inputs.

    --as-of answers from what sources had said by then, with the code of today; --as-released repeats what was
    published by then.
    """
    from flows.commands import show, show_released

    layout = layout_of(data_dir)
    if plot:
        if not indicator:
            raise Wrong("--plot needs an indicator")
        show_released.plot(layout, indicator, as_of or as_released, as_released or as_of, plot)
    elif as_of and as_released:
        raise Wrong("--as-of and --as-released are two questions: ask one, or add --plot to see both")
    elif as_released and indicator:
        show_released.show(layout, indicator, as_released)
    elif as_released:
        show_released.overview(layout, as_released)
    elif indicator:
        show.show(layout, indicator, as_of)
    else:
        show.overview(layout, as_of)


@app.command()
def sources() -> None:
    """The sources: what they are, who publishes them, under which licence, and how they are refreshed."""
    from extractors.definition import all_sources

    found = all_sources().values()
    terminal.rows(
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
    indicator: Annotated[str, Argument(help="The indicator whose value is questioned.")],
    period: Annotated[
        str | None,
        Argument(help="Its period, by the first day: 2025, 2025-03 or 2025-03-01. Default: the newest."),
    ] = None,
    data_dir: DataDir = None,
    series: Series = None,
    as_of: AsOf = None,
    limit: Annotated[int, Option(help="How many inputs to show, the largest first.", min=1)] = 20,
    every: Annotated[bool, Option("--all", help="Show every input.")] = False,
    as_json: Annotated[
        bool,
        Option("--json", help="Print one JSON object instead; docs/reference/json.md says what is in it."),
    ] = False,
) -> None:
    """Where a value came from: its formula, its rows, their documents, and the very text that stands there in
    the archived bytes.

    Exits with 1 when one of the texts shown does not give its number, or its document is missing or damaged.
    """
    from flows.commands import trace as tracing
    from flows.commands import trace_output

    found = tracing.trace(layout_of(data_dir), indicator, period, series, as_of, None if every else limit)
    (trace_output.as_json if as_json else trace_output.show)(found)
    raise Exit(1 if found.problems else 0)


@app.command()
def releases(data_dir: DataDir = None) -> None:
    """All releases, the newest first: when, by which code, from how many documents, and how many values each
    changed."""
    from flows.commands import diff as comparing

    comparing.listed(layout_of(data_dir))


@app.command()
def diff(
    before: Annotated[
        str | None,
        Argument(help="Release to compare with, by the beginning of its id. Default: the one before."),
    ] = None,
    after: Annotated[str | None, Argument(help="Release that is compared. Default: the last.")] = None,
    data_dir: DataDir = None,
    every: Annotated[bool, Option("--all", help="Show every value that changed.")] = False,
) -> None:
    """What changed from one release to another: rows new, revised, withdrawn or read otherwise, and every
    value, from what to what."""
    from flows.commands import diff as comparing

    comparing.show(comparing.between(layout_of(data_dir), before, after), every=every)


@app.command()
def why(
    indicator: Annotated[str, Argument(help="The indicator that moved.")],
    data_dir: DataDir = None,
    begin: Annotated[
        str | None,
        Option(
            "--from", help="Release to compare with, by the beginning of its id. Default: the one before."
        ),
    ] = None,
    end: Annotated[str | None, Option("--to", help="Release that is compared. Default: the last.")] = None,
    as_of: Annotated[
        list[dt.datetime] | None,
        Option(help="Compare what was known on two days instead: give it twice.", formats=FORMATS),
    ] = None,
    series: Series = None,
    period: Annotated[
        str | None, Option(help="Split the change of this period. Default: the newest that both have.")
    ] = None,
    statistic: Annotated[
        str | None,
        Option(
            help="Split this headline number alone, such as mean; crossover: since when the present"
            " leader leads."
        ),
    ] = None,
    every: Annotated[bool, Option("--all", help="Split every period that changed.")] = False,
    as_json: Annotated[bool, Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Why an indicator moved: the change split exactly into method, reference tables, change of source,
    revisions, withdrawals and new observations.

    Each part is an evaluation with the later of one thing in place of the earlier; the parts sum to the
    change, and the rows that contribute most are named.
    """
    from flows.commands import why as asking
    from flows.commands import why_output

    layout, asked = layout_of(data_dir), asking.Asked(indicator, series, period, statistic, every)
    if period and statistic:
        raise Wrong("--period and --statistic are two questions: ask one")
    if as_of and (len(as_of) != 2 or begin or end):
        raise Wrong("--as-of compares two days: give it twice, and neither --from nor --to")
    found = (
        asking.moments_between(layout, asked, *sorted(as_of))
        if as_of
        else asking.releases_between(layout, asked, begin, end)
    )
    (why_output.as_json if as_json else why_output.show)(found)


@app.command()
def suggest(
    data_dir: DataDir = None,
    as_csv: Annotated[
        bool,
        Option(
            "--csv",
            help="Print the best suggestions as lines of organisation_alias.csv, to review and paste.",
        ),
    ] = False,
    at_least: Annotated[float, Option(help="How alike two names must be, 0 to 100.", min=0, max=100)] = 75,
    limit: Annotated[int, Option(help="Suggestions per name.", min=1)] = 3,
) -> None:
    """Names of organisations that give no country, and the known names most like them. Likeness only
    suggests; people decide."""
    from flows.commands import suggest as suggesting

    suggesting.suggest(published(data_dir), as_csv=as_csv, at_least=at_least, limit=limit)


@app.command()
def resolve(
    file: Annotated[
        str, Argument(help="Affiliations, one a line, in UTF-8; - for standard input.", metavar="FILE")
    ] = "-",
    data_dir: DataDir = None,
    registry: Annotated[
        list[Path] | None,
        Option(
            "--registry",
            help="A dump of the ROR registry to use (zip, JSON, or a record a line; repeatable).",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Countries and institutions of affiliations, as JSON lines: where the unit is, and where its owner has
    its headquarters.

    Uses the newest registry of the data directory, or those named. tier says which rule answered, score how
    sure it is, 0 to 100.
    """
    from flows.commands import resolve as resolving

    resolving.resolve(layout_of(data_dir), file, registry or [])


@app.command()
def unresolved(
    data_dir: DataDir = None,
    as_csv: Annotated[
        bool, Option("--csv", help="Print lines of institution.csv, to fill in and paste.")
    ] = False,
    limit: Annotated[int, Option(help="How many to show.", min=1)] = 50,
) -> None:
    """Affiliations of authors that give no country, those with the most author slots first. People decide
    what they mean."""
    from flows.commands import resolve as resolving

    resolving.show_unresolved(published(data_dir), as_csv=as_csv, limit=limit)


@app.command()
def path(data_dir: DataDir = None) -> None:
    """Print the path of the published file, for a DuckDB client."""
    echo(published(data_dir).published)
