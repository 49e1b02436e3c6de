"""Bitemporal history: from what each vintage states to row versions with ``known_from`` and ``known_to``.

A version is written only when a value changed. A key that a later full vintage lacks is withdrawn
then; a vintage that is a window, or was not readable in full, never withdraws.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from pathlib import Path

import duckdb

from extractors.sql import literal
from warehouse.datasets.schema import Dataset
from warehouse.staging.vintage import BEGINNING, Vintage
from warehouse.store import frames

# rows of statements that are compared at once: more of them than fit in memory would come in ten years
BATCH = 1_000_000
# source -> document, moment and part of its statements up to a moment
Placed = dict[str, list[tuple[str, dt.datetime, str]]]


@dataclass(frozen=True)
class Statement:
    """One file of so many rows, stated at ``known_from``; ``full`` when what it lacks of its part is
    withdrawn."""

    source: str
    path: Path
    known_from: dt.datetime
    full: bool
    document: str = ""
    part: str = ""
    rows: int = 0


def statements(vintages: Sequence[Vintage], dataset: str) -> list[Statement]:
    """What the accepted vintages state about a dataset."""
    return [
        Statement(
            v.source,
            v.staged.parquet(dataset),
            v.known_from,
            v.full,
            v.document,
            v.part,
            v.staged.rows[dataset],
        )
        for v in vintages
        if v.status == "accepted" and dataset in v.staged.rows
    ]


def write(
    con: duckdb.DuckDBPyConnection,
    table: str,
    key: Sequence[str],
    values: Sequence[str],
    stated: Sequence[Statement],
    *,
    lineage: bool,
) -> None:
    """Create ``table`` with the versions of every key over ``stated``.

    Columns: key, values, ``known_from``, ``known_to`` (null: still so) and, with ``lineage``,
    ``document`` and ``locator`` of the statement that began the version.
    """
    con.execute(f"CREATE TABLE {table} AS {_select(con, key, values, stated, lineage)}")


def create(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Create ``history.<dataset>``, empty. The locator is put together when it is read: as text in every row
    it would be larger than the data."""
    columns = ", ".join(f'"{column.name}" {column.type}' for column in dataset.columns)
    con.execute(
        f"""CREATE TABLE history.{dataset.name} ({columns}, known_from TIMESTAMP, known_to TIMESTAMP,
        document VARCHAR,
        record BIGINT, place VARCHAR, locator VARCHAR GENERATED ALWAYS AS (concat('record ' || record,
        place)) VIRTUAL)"""
    )


def write_dataset(con: duckdb.DuckDBPyConnection, dataset: Dataset, stated: Sequence[Statement]) -> None:
    """Create ``history.<dataset>``: as ``write``, with lineage."""
    create(con, dataset)
    for batch, before in _batches(stated, {statement.source: BEGINNING for statement in stated}):
        if any(before.values()):
            con.execute("BEGIN")  # a checkpoint in between could number the rows anew
            _tell(con, dataset, batch, before)
            con.execute("COMMIT")
        else:
            con.execute(
                f"INSERT INTO history.{dataset.name} BY NAME"
                f" {_select(con, dataset.key, dataset.values, batch, lineage=True)}"
            )


def _batches(
    stated: Sequence[Statement], since: Mapping[str, dt.datetime]
) -> Iterator[tuple[list[Statement], Placed]]:
    """What is stated from ``since`` on, at once or, where it is too much, source by source and moment by
    moment; and what is placed before it."""
    new = sorted(
        (s for s in stated if s.known_from >= since[s.source]), key=lambda s: (s.source, s.known_from)
    )
    if sum(statement.rows for statement in new) <= BATCH:
        if new:
            yield new, _placed(stated, since)
        return
    for source, group in groupby(new, key=lambda s: s.source):
        mine = list(group)
        known = list(accumulate(statement.rows for statement in mine))
        divisible = _placed(mine, {source: mine[-1].known_from + dt.timedelta(days=1)})
        cuts = [0]
        for place in range(1, len(mine)) if divisible else ():
            if known[place] - known[cuts[-1]] > BATCH and mine[place].known_from > mine[place - 1].known_from:
                cuts.append(place)
        for begin, end in pairwise([*cuts, len(mine)]):
            before = [s for s in stated if s.source == source and s.known_from < mine[begin].known_from]
            yield mine[begin:end], _placed(before, {source: mine[begin].known_from})


def extend_dataset(
    con: duckdb.DuckDBPyConnection,
    dataset: Dataset,
    stated: Sequence[Statement],
    since: Mapping[str, dt.datetime],
) -> None:
    """Tell ``history.<dataset>`` anew for the sources of ``since``, each from its moment on; ``stated`` is
    all that they state.

    What was known before the moment stays. The versions that stood then are one more statement, before all
    others of their parts.
    """
    table = f"history.{dataset.name}"
    mine = [statement for statement in stated if statement.source in since]
    began = _placed(mine, since)
    since = {source: since[source] if source in began else BEGINNING for source in since}
    con.execute("BEGIN")  # a checkpoint in between could number the rows anew
    con.execute("CREATE OR REPLACE TEMP TABLE turned (source VARCHAR, since TIMESTAMP)")
    frames.insert(con, "turned", [(source, _utc(moment)) for source, moment in since.items()])
    con.execute(
        f"DELETE FROM {table} USING turned WHERE {table}.source = turned.source"
        f" AND {table}.known_from >= turned.since"
    )
    con.execute(
        f"UPDATE {table} SET known_to = NULL FROM turned WHERE {table}.source = turned.source"
        f" AND {table}.known_to >= turned.since"
    )
    for batch, before in _batches(mine, since):
        _tell(con, dataset, batch, before)
    con.execute("COMMIT")


def _tell(con: duckdb.DuckDBPyConnection, dataset: Dataset, new: Sequence[Statement], began: Placed) -> None:
    """Put statements on top of the versions that stand, each of which says by document and moment in which
    part it began."""
    table = f"history.{dataset.name}"
    places = [(source, *place) for source, found in began.items() for place in found]
    con.execute(
        "CREATE OR REPLACE TEMP TABLE began (source VARCHAR, document VARCHAR, known_from TIMESTAMP,"
        " part VARCHAR)"
    )
    frames.insert(con, "began", places)
    standing = f"""SELECT kept.* EXCLUDE (known_to, known_from, locator), began.part, 0 AS seq,
        kept.known_from AS stated_at,
        following.next_full, following.next_full_at, kept.rowid AS standing
        FROM {table} AS kept JOIN began USING (source, document, known_from) LEFT JOIN following
        USING (source, part) WHERE known_to IS NULL"""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE told AS"
        f" {_select(con, dataset.key, dataset.values, new, lineage=True, standing=standing)}"
    )
    con.execute(
        f"UPDATE {table} SET known_to = told.known_to FROM told WHERE {table}.rowid = told.standing"
        " AND told.known_to IS NOT NULL"
    )
    con.execute(
        f"INSERT INTO {table} SELECT * EXCLUDE (standing) FROM told WHERE standing IS NULL"
        " ORDER BY known_from, source, record"
    )
    con.execute("DROP TABLE told")


def _placed(stated: Sequence[Statement], since: Mapping[str, dt.datetime]) -> Placed:
    """Source -> document, moment and part of its statements before ``since``.

    A row names its document and moment, not its part: a source that stated the same bytes at the same moment
    for two parts is left out.
    """
    found: dict[str, dict[tuple[str, dt.datetime], str]] = {source: {} for source in since}
    for statement in stated:
        if statement.known_from < since[statement.source] and statement.source in found:
            place = (statement.document, _utc(statement.known_from))
            if found[statement.source].setdefault(place, statement.part) != statement.part:
                del found[statement.source]
    return {source: [(*place, part) for place, part in places.items()] for source, places in found.items()}


def _select(
    con: duckdb.DuckDBPyConnection,
    key: Sequence[str],
    values: Sequence[str],
    stated: Sequence[Statement],
    lineage: bool,
    standing: str | None = None,
) -> str:
    """The versions of every key. ``standing``: SQL of the versions that stand before ``stated``, each with
    its rowid."""
    columns = ", ".join(f'"{name}"' for name in (*key, *values))
    # What was known together lies together, as printed: it compresses to half of what it does by key, and a
    # moment is found without reading all.
    order = (
        "known_from, source, record" if lineage else "known_from, " + ", ".join(f'"{name}"' for name in key)
    )
    traced = ", document, record, place" if lineage else ""
    traced += ", standing" if standing else ""
    paths = sorted({str(statement.path) for statement in stated})
    files = "[" + ", ".join(map(literal, paths)) + "]"
    if len(stated) == 1 and not standing:
        # One statement: nothing has changed yet, no row needs to be asked which file it is from, and the file
        # has them about as printed.
        only = f", '{stated[0].document}' AS document, record, place" if lineage else ""
        return (
            f"SELECT {columns}, TIMESTAMP '{_utc(stated[0].known_from)}' AS known_from,"
            f" NULL::TIMESTAMP AS known_to{only} FROM read_parquet({files})"
        )
    _register(con, stated)
    # Of a table that is all key nothing but presence can change.
    packed = (
        "struct_pack(" + ", ".join(f'"{name}" := "{name}"' for name in values) + ")" if values else "true"
    )
    keys = ", ".join(f'"{name}"' for name in key)
    return f"""
        WITH stated AS (
            SELECT rows.*, statement.* EXCLUDE (source) FROM read_parquet({files}, filename = true) AS rows
            JOIN statement ON path = filename
            {f"UNION ALL BY NAME ({standing})" if standing else ""}
        ), marked AS (
            SELECT *,
                coalesce(lag({packed}) OVER versions IS DISTINCT FROM {packed}
                OR lag(next_full) OVER versions < seq, false) AS starts,
                CASE WHEN next_full < coalesce(lead(seq) OVER versions,
                2147483647) THEN next_full_at END AS withdrawn_at
            FROM stated WINDOW versions AS (PARTITION BY {keys}, part ORDER BY seq)
        ), events AS (
            SELECT *, lead(CASE WHEN starts THEN stated_at
            ELSE withdrawn_at END) OVER (PARTITION BY {keys}, part ORDER BY seq) AS next_event
            FROM marked WHERE starts OR withdrawn_at IS NOT NULL
        )
        SELECT {columns}, stated_at AS known_from, coalesce(withdrawn_at, next_event) AS known_to{traced}
        FROM events WHERE starts ORDER BY {order}"""


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


def _register(con: duckdb.DuckDBPyConnection, stated: Sequence[Statement]) -> None:
    """Number each part's statements from 1 and find the full one that comes next; in ``following`` the first
    full one of each part."""
    place, told = "source VARCHAR, part VARCHAR", "next_full INTEGER, next_full_at TIMESTAMP"
    said = f"path VARCHAR, {place}, seq INTEGER, stated_at TIMESTAMP, document VARCHAR, {told}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE statement ({said})")
    con.execute(f"CREATE OR REPLACE TEMP TABLE following ({place}, {told})")
    rows, first = [], []
    for (source, part), group in groupby(
        sorted(stated, key=lambda s: (s.source, s.part, s.known_from)), key=lambda s: (s.source, s.part)
    ):
        following: tuple[int | None, dt.datetime | None] = (None, None)
        numbered = list(enumerate(group, 1))
        for seq, statement in reversed(numbered):
            moment = _utc(statement.known_from)
            rows.append((str(statement.path), source, part, seq, moment, statement.document, *following))
            if statement.full:
                following = (seq, moment)
        first.append((source, part, *following))
    frames.insert(con, "statement", rows)
    frames.insert(con, "following", first)
