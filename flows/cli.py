"""The command line: ``gapwatch``. Exit codes: 0 fine, 1 something needs a person, 2 wrong usage."""

from __future__ import annotations

import datetime as dt
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from rich.markup import escape

from extractors import contract
from flows import display, log, sample
from flows.report import Report
from flows.steps import Busy, Direct, Refresh, alone
from warehouse.fetch import Fetcher
from warehouse.layout import Layout, default_root
from warehouse.web import Web

app = typer.Typer(
    help="Tracks who leads in AI, the United States or China, and by how much.\n\nRefreshes a DuckDB file from public releases;"
    " every number in it leads back to the document it came from. Start with: gapwatch --data-dir demo refresh --sample",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", envvar="GAPWATCH_DATA_DIR", help="Where archive, ledgers and the published file lie.", show_envvar=True)
]
_chosen: dict[str, Path] = {}


class Wrong(Exception):
    """The command was used wrongly: exit code 2."""


@app.callback()
def _main(
    data_dir: DataDir = None, log_json: Annotated[bool, typer.Option("--log-json", help="Write events as JSON lines to standard error.")] = False
) -> None:
    _chosen.clear()
    if data_dir:
        _chosen["root"] = data_dir
    if log_json:
        log.structured()


def _layout(data_dir: Path | None) -> Layout:
    root = data_dir or _chosen.get("root") or default_root()
    return Layout(root.expanduser().absolute())


def _sources(names: list[str] | None) -> dict[str, contract.Source]:
    every = contract.all_sources()
    for name in names or []:
        if name not in every:
            raise Wrong(f"there is no source {name!r}; there are: {', '.join(every)}")
    return every


@app.command()
def refresh(
    data_dir: DataDir = None,
    source: Annotated[list[str] | None, typer.Option("--source", "-s", help="Ask only this source (repeatable).", metavar="ID")] = None,
    with_sample: Annotated[bool, typer.Option("--sample", help="Run the bundled sample, three simulated nights, without a network.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Fetch, build and check, show what would move, publish nothing.")] = False,
    direct: Annotated[bool, typer.Option("--direct", help="Run the same steps without Prefect, for plain cron.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Build all from the archive, instead of extending the last build by what is new.")] = False,
) -> None:
    """Fetch every source, rebuild the indicators, check them and publish.

    Exits with 1 when something needs a person: a source that is blocked, moved or changed its layout, a check that failed,
    a release that was held back, an alert that could not be delivered. A source that merely did not answer is tried again
    by the next run and needs a person after three days. Environment: GAPWATCH_CONTACT (who to write to about our
    requests), GAPWATCH_MIRROR, GAPWATCH_TIMEOUT (seconds to wait for an answer), GAPWATCH_ALERT_URLS (Apprise), EIA_API_KEY.
    """
    layout, every = _layout(data_dir), _sources(source)
    sample.check_unmixed(layout, sample=with_sample)
    needs_a_person = False
    with ExitStack() as stack:
        stack.enter_context(alone(layout))
        run = _runner(stack, layout, direct)
        if full:
            shutil.rmtree(layout.stage, ignore_errors=True)
        nights = sample.pending_nights(layout) if with_sample else [None]
        if with_sample:
            sample.backfill(layout, every)
        for night in nights:
            with ExitStack() as watched:
                watch = watched.enter_context(display.watching())
                job = Refresh(
                    layout, every, Fetcher(layout, Web(layout.root / "robots"), progress=watch), tuple(source or ()), dry_run=dry_run, always=full
                )
                if night:
                    job = _simulated(job, night, watched.enter_context(sample.publishers(every, night)))
                report = run(job)
            display.report(report, f"Simulated night of {night:%Y-%m-%d}" if night else f"Refresh of {layout.root}")
            needs_a_person |= report.needs_a_person
    if with_sample and not dry_run:
        display.console.print(f"The published file: {escape(str(layout.published))}", soft_wrap=True)
    raise typer.Exit(1 if needs_a_person else 0)


def _simulated(job: Refresh, night: dt.datetime, mirror: str) -> Refresh:
    web = Web(job.layout.root / "robots", contact="sample", mirror=mirror)
    open_tonight = sample.served_on(job.every, night)
    chosen = tuple(name for name in open_tonight if not job.chosen or name in job.chosen)
    served = frozenset(entry["url"] for entries in open_tonight.values() for entry in entries)
    fetcher = replace(job.fetcher, web=web, clock=lambda: night, origin="sample")
    return replace(job, fetcher=fetcher, clock=lambda: night, chosen=chosen, served=served)


def _runner(stack: ExitStack, layout: Layout, direct: bool) -> Callable[[Refresh], Report]:
    if direct:
        return lambda job: job.run(Direct())
    from flows import prefect_server

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server started next is ended and not left to the kernel
    prefect_server.quiet_environment(layout.prefect)
    stack.enter_context(prefect_server.server(layout.prefect, services=False, log=layout.prefect / "server.log"))
    stack.enter_context(prefect_server.no_heartbeat())
    from flows import refresh as flow

    return flow.run


@app.command()
def serve(
    data_dir: DataDir = None,
    cron: Annotated[str, typer.Option(help="When to refresh, as a cron expression.")] = "30 4 * * *",
    timezone: Annotated[str, typer.Option(help="Time zone of the cron expression.")] = "UTC",
    port: Annotated[int | None, typer.Option(help="Port of the Prefect server, where none is configured; default: a free one.")] = None,
) -> None:
    """Refresh on a schedule, until stopped: starts a Prefect server where none is configured and serves the nightly flow.

    One run at a time: what falls due meanwhile waits, and a run that meets a refresh by hand ends as skipped.
    """
    from flows import serving

    serving.serve(_layout(data_dir), cron, timezone, port)


@app.command()
def status(data_dir: DataDir = None) -> None:
    """The state of every source and of the published file. Exits with 1 when something is stale, failing or was never published."""
    from flows import inspect

    raise typer.Exit(1 if inspect.status(_layout(data_dir)) else 0)


@app.command()
def show(
    indicator: Annotated[str | None, typer.Argument(help="Show this indicator's series and where its newest value came from.")] = None,
    data_dir: DataDir = None,
    as_of: Annotated[dt.datetime | None, typer.Option(help="Answer as it was known then.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])] = None,
) -> None:
    """The newest value of every indicator, or one indicator with its series, bounds and inputs."""
    from flows import inspect

    layout = _layout(data_dir)
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
def backfill(
    source: Annotated[str, typer.Argument(help="Id of the source that published the documents.")],
    path: Annotated[Path, typer.Argument(help="A document, as it was published, or a folder of them.", exists=True, readable=True)],
    published_at: Annotated[dt.datetime | None, typer.Option(help="Day on which the document was published.", formats=["%Y-%m-%d"])] = None,
    dates: Annotated[
        Path | None,
        typer.Option(
            help="When the files of the folder were published: CSV with file, published_at and perhaps part, or a bucket's listing (.json)."
            " Without it the day stands in each file's name, else in its folder's.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    part: Annotated[str, typer.Option(help="Which of the source's documents it is, where it has several.")] = "",
    data_dir: DataDir = None,
) -> None:
    """Add old documents with their own publication dates; the next refresh builds them into history as if they had been there.

    In which order they are added does not matter. Exits with 1 when a document cannot be dated, read, or does not pass its checks.
    """
    from flows import backfill as filling

    layout, every = _layout(data_dir), _sources([source])
    if dates and published_at:
        raise Wrong("--dates and --published-at exclude one another")
    sample.check_unmixed(layout, sample=False)
    with alone(layout):
        found = filling.dated(path, dates, published_at, part)
        raise typer.Exit(0 if filling.fill(layout, every[source], found) else 1)


@app.command()
def rebuild(data_dir: DataDir = None) -> None:
    """Make the published file again from archive and ledgers alone, with nothing kept from earlier builds."""
    layout, every = _layout(data_dir), _sources(None)
    with alone(layout):
        shutil.rmtree(layout.stage, ignore_errors=True)
        job = Refresh(layout, every, Fetcher(layout, Web(layout.root / "robots")), ask=False, always=True)
        report = job.run(Direct())
    display.report(report, f"Rebuild of {layout.root}")
    raise typer.Exit(1 if report.held else 0)


@app.command()
def suggest(
    data_dir: DataDir = None,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print the best suggestions as lines of organisation_alias.csv, to review and paste.")
    ] = False,
    at_least: Annotated[float, typer.Option(help="How alike two names must be, 0 to 100.", min=0, max=100)] = 75,
    limit: Annotated[int, typer.Option(help="Suggestions per name.", min=1)] = 3,
) -> None:
    """Names of organisations that give no country, and the known names most like them. Likeness only suggests; people decide."""
    from flows import suggest as suggesting

    layout = _layout(data_dir)
    if not layout.published.exists():
        raise Unpublished(layout.published)
    suggesting.suggest(layout, as_csv=as_csv, at_least=at_least, limit=limit)


@app.command()
def path(data_dir: DataDir = None) -> None:
    """Print the path of the published file, for a DuckDB client."""
    published = _layout(data_dir).published
    if not published.exists():
        raise Unpublished(published)
    typer.echo(published)


class Unpublished(Exception):
    def __init__(self, published: Path) -> None:
        super().__init__(f"nothing is published at {published} yet: run gapwatch refresh")


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; expected errors are one line on standard error, never a stack trace."""
    try:
        return app(arguments)
    except (Wrong, sample.Mixed, ValueError) as error:
        code, told = 2, str(error)
    except (Busy, Unpublished, RuntimeError, OSError, duckdb.Error) as error:
        code, told = 1, str(error)
    except KeyboardInterrupt:
        code, told = 130, "stopped"
    display.errors.print(f"[red]gapwatch:[/red] {escape(told)}")
    raise SystemExit(code)
