"""Releases: which there are, and what changed from one to another or would change by the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import duckdb

from flows.commands import terminal
from flows.commands.options import Wrong
from warehouse.compare import diff, value_log
from warehouse.compare.diff import Diff
from warehouse.store import journal
from warehouse.store.paths import Layout

SHOWN = 6  # changed values of a series that are shown, the newest


def places(entries: Sequence[Mapping[str, Any]], before: str | None, after: str | None) -> tuple[int, int]:
    """The places of two releases in the ledger, each by the beginning of its id; by default the one before
    the last, or the one before ``after``, and the last. Raises ``Wrong`` where there is none, or several."""
    end = _place(entries, after) if after else len(entries) - 1
    begin = _place(entries, before) if before else end - 1
    if begin < 0:
        raise Wrong("there is no earlier release to compare with")
    return begin, end


def _place(entries: Sequence[Mapping[str, Any]], name: str) -> int:
    found = [place for place, entry in enumerate(entries) if entry["release"].startswith(name)]
    if len(found) != 1:
        raise Wrong(
            f"{'several releases begin' if found else 'no release begins'} with {name!r}:"
            " gapwatch releases lists them"
        )
    return found[0]


def listed(layout: Layout) -> None:
    """Print all releases, the newest first."""
    entries = journal.read(layout.ledger, "release")
    files = [str(path) for entry in entries if (path := value_log.file(layout, entry["release"])).exists()]
    counts: dict[str, list[int]] = {}
    if files:
        with duckdb.connect() as con:
            found = con.execute(
                """SELECT release, [count(*) FILTER (stands), count(*) FILTER (NOT stands)]
                FROM read_parquet(?) GROUP BY release""",
                [files],
            )
            counts = dict(found.fetchall())
    names = (
        "release",
        "released at (UTC)",
        "code",
        "documents",
        "values changed",
        "values withdrawn",
        "alerts",
        "method",
    )
    terminal.rows(
        f"Releases of {layout.root}",
        names,
        (
            (
                entry["release"],
                entry["released_at"][:19],
                entry["code"],
                entry["documents"],
                *counts.get(entry["release"], (None, None)),
                len(entry["alerts"]),
                entry.get("method", "")[:12] or None,
            )
            for entry in reversed(entries)
        ),
    )


def between(layout: Layout, before: str | None, after: str | None) -> Diff:
    """What changed from one release to another, which ``places`` finds."""
    entries = journal.read(layout.ledger, "release")
    return diff.between(layout, entries, *places(entries, before, after))


def show(found: Diff, *, every: bool = False) -> None:
    """Print what changed: rows by dataset and source, then values by series, the newest few of each unless
    ``every``."""
    terminal.say(f"[bold]{terminal.safe(found.title)}[/bold]")
    if found.datasets:
        terminal.rows("Rows", ("dataset", "source", "new", "revised", "withdrawn", "method"), found.datasets)
    else:
        terminal.console.print("No row of a dataset changed.")
    for note in found.notes:
        terminal.say(f"  {terminal.safe(note)}")
    if not found.values:
        terminal.console.print("No value of an indicator changed.")
        return
    lines, hidden = [], 0
    for _, values in groupby(found.values, lambda v: (v["indicator"], v["series"], bool(v["statistic"]))):
        series = list(values)
        told = series if every else series[:SHOWN]
        hidden += len(series) - len(told)
        lines += [
            (
                "/".join(filter(None, (value["indicator"], value["series"]))),
                value["statistic"] or value["period"],
                value["change"],
                value["gap_before"],
                value["gap_after"],
                " → ".join(dict.fromkeys(filter(None, (value["leader_before"], value["leader_after"]))))
                or None,
                value["unit"],
            )
            for value in told
        ]
    terminal.rows("Values", ("indicator", "period", "change", "from", "to", "leader", "unit"), lines)
    if hidden:
        terminal.say(f"and {hidden} earlier values: gapwatch diff --all shows every one")
