"""What the command line shows: progress while it works, tables when it is done."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import duckdb
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.segment import Segment
from rich.table import Column, Table
from typer import echo

from expectations.alerts.rules import number
from flows.refresh.plain import plain
from flows.refresh.report import Report


class _Plain(Console):
    """Whatever is printed, markup, table or error, passes here: what comes from outside steers nothing."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=plain(segment.text))


# Without a terminal, lines are as long as they need to be: a log is searched, not looked at.
console = _Plain(
    highlight=False, emoji=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 160
)
errors = _Plain(stderr=True, highlight=False, emoji=False, soft_wrap=True, markup=False)
COUNTED = ("new", "revised", "withdrawn", "quarantined")
_COLOURS = {
    "new": "green",
    "unchanged": "dim",
    "skipped": "dim",
    "unreachable": "yellow",
    "late": "yellow",
    "frozen": "yellow",
    "fresh": "green",
    "archive": "dim",
    "reviewed": "dim",
    "not_due": "dim",
}


def say(text: str) -> None:
    """Print a line with markup, however long it is; texts from outside in it are made ``safe`` by who says
    it, so that they are no markup."""
    console.print(text, soft_wrap=True)


def tell(text: str) -> None:
    """Print a line as it is, without markup."""
    console.print(text, soft_wrap=True, markup=False)


def coloured(word: str) -> str:
    colour = _COLOURS.get(word, "red")
    return f"[{colour}]{escape(word)}[/{colour}]" if word else ""


@contextmanager
def watching() -> Iterator[Callable[[str, int, int | None], None]]:
    """One line per source with the bytes it has sent; nothing where there is no terminal."""
    if not console.is_terminal:
        yield lambda source, received, total: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    lines, lock = dict[str, TaskID](), threading.Lock()
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task("refresh", total=None)

        def watch(source: str, received: int, total: int | None) -> None:
            with lock:
                if source not in lines:
                    lines[source] = progress.add_task(source, total=total)
            progress.update(lines[source], completed=received, total=total)

        yield watch


def report(done: Report, title: str) -> None:
    """The table of a refresh and, below it, what moved and what needs a person."""
    counted = [Column(name, justify="right") for name in COUNTED]
    table = Table(
        Column("source", no_wrap=True), "outcome", *counted, "state", title=title, title_justify="left"
    )
    for line in done.lines:
        counts = (str(getattr(line, name) or "·") for name in COUNTED)
        table.add_row(line.source, coloured(line.outcome), *counts, coloured(line.state))
    console.print(table)
    for line in done.lines:
        if line.message and line.outcome not in ("new", "unchanged", "not_due"):
            say(f"  {coloured(line.outcome)} {escape(line.message)}")
        elif line.state not in ("fresh", "archive", "never", "reviewed", ""):
            say(f"  {coloured(line.state)} {escape(f'{line.source}: {line.state_reason}')}")
    _listed("Moved", done.moved, "none" if done.release else "nothing")
    _listed("Alerts", done.alerts)
    _listed("Noted", done.noted)
    _listed("Held back, the published file is unchanged", done.held)
    _listed("Not delivered", done.undelivered)
    _listed("Not packed", done.unpacked)
    if done.dry_run:
        console.print("Dry run: nothing was published.")
    elif done.release:
        console.print(f"Published release {done.release}.")
    elif done.empty:
        console.print("No document of any source was accepted yet: there is nothing to publish.")
    elif not done.held:
        console.print("Nothing new: the published file is as it was.")


def _listed(title: str, lines: list[str], empty: str | None = None) -> None:
    if lines:
        console.print(f"[bold]{title}[/bold]")
        for line in lines:
            tell(f"  {line}")
    elif empty:
        console.print(f"[bold]{title}[/bold] {empty}")


def safe(text: str) -> str:
    """A text from outside within markup, in one line: it is no markup, and a line break in it is shown."""
    return escape(plain(text, kept=""))


def as_csv(row: Iterable[object]) -> None:
    """Print a line of CSV, to be pasted into a table."""
    csv.writer(sys.stdout, lineterminator="\n").writerow(
        [plain(cell) if isinstance(cell, str) else cell for cell in row]
    )


def as_json(value: Any) -> None:
    """Print a value as JSON; moments in UTC, ISO 8601; a fraction rounded and as numerator/denominator.
    Everything beyond ASCII is escaped, so that nothing steers a terminal."""
    echo(json.dumps(value, indent=2, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, Fraction):
        return {"value": float(value), "exact": f"{value.numerator}/{value.denominator}"}
    return value.isoformat() if isinstance(value, dt.date) else float(str(value))


def rows(title: str, names: Iterable[str], values: Iterable[Iterable[Any]]) -> None:
    """A plain table of query results; numbers to four significant digits."""
    table = Table(*names, title=title, title_justify="left")
    for column in table.columns[:1]:
        column.no_wrap = True
    for row in values:
        table.add_row(*(_cell(value) for value in row))
    console.print(table)


def records(title: str, found: Sequence[Mapping[str, Any]]) -> None:
    """Rows by their columns as a plain table."""
    rows(title, found[0] if found else (), (row.values() for row in found))


def found(title: str, result: duckdb.DuckDBPyConnection) -> None:
    """The result of a query as a plain table."""
    rows(title, (name for name, *_ in result.description or ()), result.fetchall())


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return number(value)
    wrong = ("stale", "failing", "blocked", "rejected")
    return coloured(value) if value in (*_COLOURS, *wrong) else safe(str(value))
