"""What changed between any two releases, or would change by the next: rows of datasets, and values of
indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from warehouse.compare import changes, snapshot, value_log
from warehouse.compare.snapshot import Snapshot
from warehouse.datasets import schema
from warehouse.staging.vintage import Vintages
from warehouse.store import frames, journal
from warehouse.store.paths import Layout


@dataclass(frozen=True)
class Diff:
    """What changed between two releases. ``datasets``: dataset, source, and rows new, revised, withdrawn and
    read otherwise; ``notes``: what could not be told; ``values``: those that changed, before and after."""

    title: str
    datasets: list[tuple[Any, ...]]
    notes: list[str]
    values: list[dict[str, Any]]


def between(layout: Layout, entries: Sequence[journal.Entry], begin: int, end: int) -> Diff:
    """What changed from one of the releases ``entries`` to another. Raises ``ValueError`` for one of before
    releases were recorded."""
    with duckdb.connect() as con:
        for place, table in ((begin, "released_a"), (end, "released_b")):
            if not value_log.released_by(con, layout, entries[: place + 1], table):
                release = entries[place]["release"]
                raise ValueError(f"release {release} was published before releases recorded what they said")
        values = _values(con)
    snapshots = [snapshot.of_release(layout, entries[place]) for place in (begin, end)]
    titles = [
        f"{entries[place]['release']} of {entries[place]['released_at'][:16]} UTC" for place in (begin, end)
    ]
    return Diff(f"From release {titles[0]} to {titles[1]}", *_datasets(layout, *snapshots), values)


def upcoming(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    vintages: Vintages,
    last: Mapping[str, Any] | None,
) -> Diff:
    """What a build open on ``con`` would change against the ``last`` release."""
    after = snapshot.of_vintages(
        "the next release", (vintage for known in vintages.values() for vintage in known)
    )
    told = bool(last) and value_log.released_by(
        con, layout, journal.read(layout.ledger, "release"), "released_a"
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE released_b AS {value_log.NOW}")
    if not told:
        con.execute("CREATE OR REPLACE TEMP TABLE released_a AS FROM released_b WHERE false")
    values = _values(con)
    if last is None:
        return Diff("Against no release", *_datasets(layout, Snapshot("nothing", (), {}, {}), after), values)
    title = f"From release {last['release']} of {last['released_at'][:16]} UTC to what would be published"
    if "method" not in last:
        note = (
            f"release {last['release']} did not record what it rests on: changes of datasets cannot be told"
        )
        return Diff(title, [], [note], values)
    return Diff(title, *_datasets(layout, snapshot.of_release(layout, last), after), values)


def _datasets(layout: Layout, before: Snapshot, after: Snapshot) -> tuple[list[tuple[Any, ...]], list[str]]:
    """Rows new, revised, withdrawn and read otherwise, per dataset and source, and what could not be told."""
    rows: list[tuple[Any, ...]] = []
    unread: set[str] = set()
    every = {known.source for known in (*before.documents, *after.documents)}
    changed = {source for source in every if before.of([source]) != after.of([source])}
    for dataset in schema.all_datasets().values():
        stating = snapshot.stating(dataset, changed)
        if not stating:
            continue
        with duckdb.connect() as con:
            con.execute("SET enable_progress_bar = false")
            unread |= snapshot.pair(con, layout, dataset, stating, before, after)
            rows += [(dataset.name, *line) for line in snapshot.counts(con, dataset)]
    return rows, [
        f"{source}: its parser of then is not kept, rows that it read otherwise are not counted"
        for source in sorted(unread)
    ]


def _values(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Values that differ between the tables ``released_a`` and ``released_b``."""
    return frames.dicts(
        con,
        f"""SELECT * EXCLUDE (unit_before, unit_after, change), coalesce(unit_after, unit_before) AS unit,
        change
        FROM ({changes.values("released_a", "released_b")})
        ORDER BY indicator, series, statistic, period DESC""",
    )
