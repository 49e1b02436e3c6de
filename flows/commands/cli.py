"""The command line: ``gapwatch``. Exit codes: 0 fine, 1 something needs a person, 2 wrong usage."""

from __future__ import annotations

import datetime as dt
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import duckdb
from rich.markup import escape
from typer import Argument, Exit, Option, Typer

from flows.commands import document_commands, read_commands, terminal
from flows.commands.options import (
    DataDir,
    Part,
    Unpublished,
    Wrong,
    choose,
    chosen_sources,
    layout_of,
    settled,
)
from flows.refresh import log
from flows.refresh.report import Report
from warehouse.store import files
from warehouse.store.paths import Layout

if TYPE_CHECKING:  # a command imports what it works with, so that a short question stays a short one
    from flows.refresh.steps import Refresh

app = Typer(
    help="Tracks who leads in AI, the United States or China, and by how much.\n\nRefreshes a DuckDB file"
    " from public releases;"
    " every number in it leads back to the document it came from. Start with: gapwatch --data-dir demo"
    " refresh --sample",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(read_commands.app)
app.add_typer(document_commands.app)


@app.callback()
def _main(
    data_dir: DataDir = None,
    log_json: Annotated[
        bool, Option("--log-json", help="Write events as JSON lines to standard error.")
    ] = False,
) -> None:
    choose(data_dir)
    if log_json:
        log.structured()


@app.command()
def refresh(
    data_dir: DataDir = None,
    source: Annotated[
        list[str] | None,
        Option("--source", "-s", help="Ask only this source (repeatable).", metavar="ID"),
    ] = None,
    with_sample: Annotated[
        bool,
        Option("--sample", help="Run the bundled sample, three simulated nights, without a network."),
    ] = False,
    dry_run: Annotated[
        bool, Option("--dry-run", help="Fetch, build and check, show what would move, publish nothing.")
    ] = False,
    direct: Annotated[
        bool, Option("--direct", help="Run the same steps without Prefect, for plain cron.")
    ] = False,
    full: Annotated[
        bool,
        Option(
            "--full", help="Build all from the archive, instead of extending the last build by what is new."
        ),
    ] = False,
) -> None:
    """Fetch every source, rebuild the indicators, check them and publish.

    Exits with 1 when something needs a person: a source that is blocked, moved or changed its layout, a check
    that failed, a release that was held back, an alert that could not be delivered. A source that merely did
    not answer is tried again by the next run and needs a person after three days. Environment:
    GAPWATCH_CONTACT (who to write to about our requests), GAPWATCH_MIRROR, GAPWATCH_TIMEOUT (seconds to wait
    for an answer), GAPWATCH_ALERT_URLS (Apprise), EIA_API_KEY.
    """
    from flows.refresh import demo_publishers
    from flows.refresh.steps import Refresh, alone
    from warehouse.acquire.fetch import Fetcher
    from warehouse.acquire.http import Web
    from warehouse.staging import vintage

    layout, every = settled(data_dir), chosen_sources(source)
    demo_publishers.check_unmixed(layout, sample=with_sample)
    needs_a_person = False
    with alone(layout), ExitStack() as stack:
        run = _runner(stack, layout, direct)
        if full:
            vintage.forget(layout, every.values())
        nights = demo_publishers.pending_nights(layout) if with_sample else [None]
        if with_sample:
            demo_publishers.backfill(layout, every)
        for night in nights:
            with ExitStack() as watched:
                watch = watched.enter_context(terminal.watching())
                fetcher = Fetcher(layout, Web(layout.memo), progress=watch)
                job = Refresh(layout, every, fetcher, tuple(source or ()), dry_run=dry_run, always=full)
                if night:
                    job = watched.enter_context(_simulated(job, night))
                report = run(job)
            if report.diff:
                from flows.commands import diff

                diff.show(report.diff)
            named = f"Simulated night of {night:%Y-%m-%d}" if night else f"Refresh of {layout.root}"
            terminal.report(report, named)
            needs_a_person |= report.needs_a_person
    if with_sample and not dry_run:
        terminal.tell(f"The published file: {layout.published}")
    raise Exit(1 if needs_a_person else 0)


@contextmanager
def _simulated(job: Refresh, night: dt.datetime) -> Iterator[Refresh]:
    """The job on a night of the sample, while its publishers answer."""
    from flows.refresh import demo_publishers
    from warehouse.acquire.http import Web

    tonight = demo_publishers.served_on(job.every, night)
    chosen = tuple(name for name in tonight if not job.chosen or name in job.chosen)
    served = frozenset(entry["url"] for entries in tonight.values() for entry in entries)
    with demo_publishers.publishers(job.every, night) as mirror:
        web = Web(job.layout.memo, contact="sample", mirror=mirror)
        fetcher = replace(job.fetcher, web=web, clock=lambda: night, origin="sample")
        yield replace(job, fetcher=fetcher, clock=lambda: night, chosen=chosen, served=served)


def _runner(stack: ExitStack, layout: Layout, direct: bool) -> Callable[[Refresh], Report]:
    if direct:
        from flows.refresh.runner import Direct

        return lambda job: job.run(Direct())
    from flows.scheduling import server as prefect_server

    # so that the server started next is ended and not left to the kernel
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    prefect_server.quiet_environment(layout.prefect)
    prefect_server.server(layout.prefect, services=False)
    stack.enter_context(prefect_server.no_heartbeat())
    from flows.scheduling import flow

    return flow.run


@app.command()
def serve(
    data_dir: DataDir = None,
    cron: Annotated[str, Option(help="When to refresh, as a cron expression.")] = "30 4 * * *",
    timezone: Annotated[str, Option(help="Time zone of the cron expression.")] = "UTC",
    port: Annotated[
        int | None,
        Option(help="Port of the Prefect server, where none is configured; default: a free one."),
    ] = None,
) -> None:
    """Refresh on a schedule, until stopped: starts a Prefect server where none is configured and serves the
    nightly flow.

    One run at a time: what falls due meanwhile waits, and a run that meets a refresh by hand ends as skipped.
    """
    from flows.scheduling import serving

    serving.serve(settled(data_dir), cron, timezone, port)


@app.command("try")
def try_(
    source: Annotated[str | None, Argument(help="Id of the source whose parser is tried.")] = None,
    file: Annotated[
        Path | None, Argument(help="A document, as it was published.", exists=True, dir_okay=False)
    ] = None,
    part: Part = "",
    indicator: Annotated[
        Path | None,
        Option(
            help="Evaluate this draft of an indicator (.sql) on the published file instead.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, Option("--json", help="Print JSON instead: all that is shown, and every quarantined row.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Parse, stage and check one file without a data directory, or evaluate a draft of an indicator. Nothing
    is kept.

    Shows rows, what is ignored and why, rows that cannot be read with their places, how every check ended,
    and the first rows. Exits with 1 when the file is refused.
    """
    from flows.commands import try_document

    if indicator and not (source and file):
        values = try_document.indicator(layout_of(data_dir), indicator)
        if as_json:
            terminal.as_json(values)
        else:
            terminal.records(f"Values of {indicator.name}", values)
    elif source and file and not indicator:
        found = try_document.document(chosen_sources([source])[source], file, part)
        if as_json:
            terminal.as_json(asdict(found))
        else:
            try_document.show(found)
        raise Exit(0 if found.accepted else 1)
    else:
        raise Wrong("try takes a source and a file, or --indicator with a draft")


@app.command()
def rebuild(
    data_dir: DataDir = None,
    accept_loss: Annotated[
        bool,
        Option(
            "--accept-loss",
            help="Publish though ledgers or secret hold less than the last release rested on: documents"
            " without a line are withdrawn, and with another secret all authors get other keys.",
        ),
    ] = False,
) -> None:
    """Make the published file again from archive and ledgers alone, with nothing kept from earlier builds."""
    from flows.refresh.runner import Direct
    from flows.refresh.steps import Refresh, alone
    from warehouse.acquire.fetch import Fetcher
    from warehouse.acquire.http import Web
    from warehouse.staging import vintage

    layout, every = settled(data_dir), chosen_sources(None)
    with alone(layout, accept_loss=accept_loss):
        vintage.forget(layout, every.values())
        job = Refresh(layout, every, Fetcher(layout, Web(layout.memo)), ask=False, always=True)
        report = job.run(Direct())
    terminal.report(report, f"Rebuild of {layout.root}")
    raise Exit(1 if report.held else 0)


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; expected errors are one line on standard error, never a stack trace."""
    try:
        return app(arguments)
    except (Wrong, ValueError) as error:
        code, told = 2, str(error)
    except (Unpublished, RuntimeError, OSError, duckdb.Error) as error:
        code, told = 1, files.told(error)
    except MemoryError:
        code, told = 1, "not enough memory; stop what else needs it or raise the limit, and run it again"
    except KeyboardInterrupt:
        code, told = 130, "stopped"
    terminal.errors.print(f"[red]gapwatch:[/red] {escape(told)}", markup=True)
    raise SystemExit(code)
