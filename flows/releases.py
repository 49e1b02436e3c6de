"""Releases: which there are, and what changed from one to another or would change by the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb

from extractors import definition
from flows import display
from flows.options import Wrong
from flows.report import Diff
from warehouse import ledger, publish, released, schema, standing
from warehouse.layout import Layout
from warehouse.standing import Standing
from warehouse.vintage import Vintage

SHOWN = 6  # changed values of a series that are shown, the newest
_TOLD = ("usa", "chn", "gap", "low", "high", "leader", "unit")


def find(layout: Layout, name: str) -> int:
    """The place of a release in the ledger, by the beginning of its id. Raises ``Wrong`` where it is none or several."""
    entries = ledger.read(layout.ledger, "release")
    found = [place for place, entry in enumerate(entries) if entry["release"].startswith(name)]
    if len(found) != 1:
        raise Wrong(f"{'several releases begin' if found else 'no release begins'} with {name!r}: gapwatch releases lists them")
    return found[0]


def listed(layout: Layout) -> None:
    """Print all releases, the newest first."""
    entries = ledger.read(layout.ledger, "release")
    counts: dict[str, tuple[int, int]] = {}
    files = [str(path) for entry in entries if (path := released.file(layout, entry["release"])).exists()]
    if files:
        with duckdb.connect() as con:
            found = con.execute("SELECT release, count(*) FILTER (stands), count(*) FILTER (NOT stands) FROM read_parquet(?) GROUP BY 1", [files])
            counts = {release: (changed, withdrawn) for release, changed, withdrawn in found.fetchall()}
    names = ("release", "released at (UTC)", "code", "documents", "values changed", "values withdrawn", "alerts", "method")
    display.rows(
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
    """What changed from one release to another; by default from the one before the last, or the one before ``after``, to the last."""
    entries = ledger.read(layout.ledger, "release")
    end = find(layout, after) if after else len(entries) - 1
    begin = find(layout, before) if before else end - 1
    if begin < 0:
        raise Wrong("there is no earlier release to compare with")
    with duckdb.connect() as con:
        kept = [released.standing(con, layout, entries[: place + 1], table) for place, table in ((begin, "told_a"), (end, "told_b"))]
        missing = [entries[place]["release"] for place, is_there in zip((begin, end), kept, strict=True) if not is_there]
        if missing:
            raise Wrong(f"release {missing[0]} was published before releases recorded what they said")
        values = _values(con)
    standings = [standing.of_release(layout, entries[place]) for place in (begin, end)]
    titles = [f"{entries[place]['release']} of {entries[place]['released_at'][:16]} UTC" for place in (begin, end)]
    return Diff(f"From release {titles[0]} to {titles[1]}", *_datasets(layout, *standings), values)


def upcoming(con: duckdb.DuckDBPyConnection, layout: Layout, vintages: Mapping[str, Sequence[Vintage]]) -> Diff:
    """What a build open on ``con`` would change against the last release."""
    last = publish.last_release(layout)
    after = standing.of_vintages("the next release", (vintage for known in vintages.values() for vintage in known))
    told = bool(last) and released.standing(con, layout, ledger.read(layout.ledger, "release"), "told_a")
    con.execute(f"CREATE OR REPLACE TEMP TABLE told_b AS {released.NOW}")
    if not told:
        con.execute("CREATE OR REPLACE TEMP TABLE told_a AS FROM told_b WHERE false")
    values = _values(con)
    if last is None:
        return Diff("Against no release", *_datasets(layout, Standing("nothing", (), {}, {}), after), values)
    title = f"From release {last['release']} of {last['released_at'][:16]} UTC to what would be published"
    if "method" not in last:
        return Diff(title, [], [f"release {last['release']} did not record what it rests on: changes of datasets cannot be told"], values)
    return Diff(title, *_datasets(layout, standing.of_release(layout, last), after), values)


def _datasets(layout: Layout, before: Standing, after: Standing) -> tuple[list[tuple[Any, ...]], list[str]]:
    """Rows new, revised, withdrawn and read otherwise, per dataset and source, and what could not be told."""
    rows: list[tuple[Any, ...]] = []
    unread: set[str] = set()
    every = {known.source for known in (*before.documents, *after.documents)}
    changed = {source for source in every if before.of([source]) != after.of([source])}
    sources = definition.all_sources()
    for dataset in schema.all_datasets().values():
        stating = {name for name in changed if name in sources and dataset.name in sources[name].datasets}
        if not stating:
            continue
        with duckdb.connect() as con:
            con.execute("SET enable_progress_bar = false")
            unread |= standing.pair(con, layout, dataset, stating, before, after)
            rows += [(dataset.name, *line) for line in standing.counts(con, dataset)]
    return rows, [f"{source}: its parser of then is not kept, rows that it read otherwise are not counted" for source in sorted(unread)]


def _values(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Values that differ between the tables ``told_a`` and ``told_b``."""
    a, b = ("(" + ", ".join(f"{side}.{name}" for name in _TOLD) + ")" for side in "ab")
    keys = " AND ".join(f"a.{name} IS NOT DISTINCT FROM b.{name}" for name in released.KEY)
    picked = ", ".join(f"CASE WHEN b.indicator IS NULL THEN a.{name} ELSE b.{name} END AS {name}" for name in released.KEY)
    sides = ", ".join(f"{side}.{name} AS {name}_{word}" for name in _TOLD[:-1] for side, word in (("a", "before"), ("b", "after")))
    found = con.execute(
        f"""SELECT {picked}, {sides}, coalesce(b.unit, a.unit) AS unit,
            CASE WHEN a.indicator IS NULL THEN 'new' WHEN b.indicator IS NULL THEN 'withdrawn' ELSE 'changed' END AS change
        FROM told_a AS a FULL JOIN told_b AS b ON {keys}
        WHERE a.indicator IS NULL OR b.indicator IS NULL OR {a} IS DISTINCT FROM {b} ORDER BY indicator, series, statistic, period DESC"""
    )
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def show(diff: Diff, *, every: bool = False) -> None:
    """Print what changed: rows by dataset and source, then values by series, the newest few of each unless ``every``."""
    display.console.print(f"[bold]{display.safe(diff.title)}[/bold]", soft_wrap=True)
    if diff.datasets:
        display.rows("Rows", ("dataset", "source", "new", "revised", "withdrawn", "method"), diff.datasets)
    else:
        display.console.print("No row of a dataset changed.")
    for note in diff.notes:
        display.console.print(f"  {display.safe(note)}", soft_wrap=True)
    if not diff.values:
        display.console.print("No value of an indicator changed.")
        return
    lines, hidden = [], 0
    for series in _by_series(diff.values):
        told = series if every else series[:SHOWN]
        hidden += len(series) - len(told)
        lines += [
            (
                "/".join(filter(None, (value["indicator"], value["series"]))),
                value["statistic"] or value["period"],
                value["change"],
                value["gap_before"],
                value["gap_after"],
                " → ".join(dict.fromkeys(filter(None, (value["leader_before"], value["leader_after"])))) or None,
                value["unit"],
            )
            for value in told
        ]
    display.rows("Values", ("indicator", "period", "change", "from", "to", "leader", "unit"), lines)
    if hidden:
        display.console.print(f"and {hidden} earlier values: gapwatch diff --all shows every one", soft_wrap=True)


def _by_series(values: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    series: dict[tuple[str, str, bool], list[dict[str, Any]]] = {}
    for value in values:
        series.setdefault((value["indicator"], value["series"], bool(value["statistic"])), []).append(value)
    return list(series.values())
