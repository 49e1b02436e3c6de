"""Bitemporal history: from what each vintage states to row versions with ``known_from`` and ``known_to``.

A version is written only when a value changed. A key that a later full vintage lacks is withdrawn
then; a vintage that is a window, or was not readable in full, never withdraws.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, groupby, pairwise
from pathlib import Path
from typing import NamedTuple

import duckdb

from extractors.sql import literal
from warehouse.datasets.schema import Dataset
from warehouse.staging.vintage import BEGINNING, Vintage
from warehouse.store import frames

# rows of statements that are compared at once: more of them than fit in memory would come in ten years
BATCH = 1_000_000
Moments = Mapping[str, dt.datetime]  # by source


class Statement(NamedTuple):
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
        Statement(v.source, v.staged.parquet(dataset), v.known_from, v.full, v.document, v.part, rows)
        for v in vintages
        if v.status == "accepted" and (rows := v.staged.rows.get(dataset)) is not None
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
    con.execute(
        f"""CREATE TABLE history.{dataset.name} (
            {dataset.definition}, known_from TIMESTAMP, known_to TIMESTAMP, document VARCHAR,
            record BIGINT, place VARCHAR,
            locator VARCHAR GENERATED ALWAYS AS (concat('record ' || record, place)) VIRTUAL
        )"""
    )


def write_dataset(con: duckdb.DuckDBPyConnection, dataset: Dataset, stated: Sequence[Statement]) -> None:
    """Create ``history.<dataset>``: as ``write``, with lineage."""
    create(con, dataset)
    _tell_all(con, dataset, stated, {statement.source: BEGINNING for statement in stated})


def extend_dataset(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, stated: Sequence[Statement], since: Moments
) -> None:
    """Tell ``history.<dataset>`` anew for the sources of ``since``, each from its moment on; ``stated`` is
    all that they state.

    What was known before the moment stays. The versions that stood then are one more statement, before all
    others of their parts.
    """
    table = f"history.{dataset.name}"
    mine = [statement for statement in stated if statement.source in since]
    unclear = _unclear([s for s in mine if s.known_from < since[s.source]])
    since = {**since, **dict.fromkeys(unclear, BEGINNING)}
    con.execute("CREATE OR REPLACE TEMP TABLE turned (source VARCHAR, since TIMESTAMP)")
    frames.insert(con, "turned", [(source, _utc(moment)) for source, moment in since.items()])
    con.execute(
        f"""DELETE FROM {table} AS kept USING turned
        WHERE kept.source = turned.source AND kept.known_from >= turned.since"""
    )
    con.execute(
        f"""UPDATE {table} AS kept SET known_to = NULL FROM turned
        WHERE kept.source = turned.source AND kept.known_to >= turned.since"""
    )
    _tell_all(con, dataset, mine, since)


def _tell_all(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, stated: Sequence[Statement], since: Moments
) -> None:
    """Tell what is stated from ``since`` on, at once or, where it is too much, source by source and moment by
    moment."""
    new = sorted(
        (s for s in stated if s.known_from >= since[s.source]), key=lambda s: (s.source, s.known_from)
    )
    if sum(statement.rows for statement in new) <= BATCH:
        _tell(con, dataset, new, [s for s in stated if s.known_from < since[s.source]])
        return
    for source, group in groupby(new, key=lambda s: s.source):
        mine = list(group)
        before = [s for s in stated if s.source == source and s.known_from < since[source]]
        for begin, end in pairwise(_cuts(mine)):
            _tell(con, dataset, mine[begin:end], before + mine[:begin])


def _cuts(stated: list[Statement]) -> Iterator[int]:
    """Where the statements of a source, in their order, are divided: between moments."""
    yield 0
    last = 0
    known = list(accumulate(statement.rows for statement in stated))
    for place in range(1, len(stated)) if not _unclear(stated) else ():
        if known[place] - known[last] > BATCH and stated[place].known_from > stated[place - 1].known_from:
            yield (last := place)
    yield len(stated)


def _unclear(stated: Sequence[Statement]) -> set[str]:
    """Sources that stated the same bytes at the same moment for two parts: a row names its document and
    moment, not its part."""
    parts = defaultdict(set)
    for s in stated:
        parts[s.source, s.document, s.known_from].add(s.part)
    return {source for (source, *_), named in parts.items() if len(named) > 1}


def _tell(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, new: Sequence[Statement], before: Sequence[Statement]
) -> None:
    """Put statements on top of the versions that stand, each of which says by document and moment in which
    part it began."""
    table = f"history.{dataset.name}"
    if not new:
        return
    if not before:
        told = _select(con, dataset.key, dataset.values, new, lineage=True)
        con.execute(f"INSERT INTO {table} BY NAME {told}")
        return
    con.execute(
        """CREATE OR REPLACE TEMP TABLE began
        (source VARCHAR, document VARCHAR, known_from TIMESTAMP, part VARCHAR)"""
    )
    frames.insert(con, "began", [*{(s.source, s.document, _utc(s.known_from), s.part) for s in before}])
    standing = f"""SELECT kept.* EXCLUDE (known_to, known_from, locator), began.part, 0 AS seq,
        kept.known_from AS stated_at,
        following.next_full, following.next_full_at, kept.rowid AS standing
        FROM {table} AS kept JOIN began USING (source, document, known_from) LEFT JOIN following
        USING (source, part) WHERE known_to IS NULL"""
    con.execute("BEGIN")  # a checkpoint in between could number the rows anew
    told = _select(con, dataset.key, dataset.values, new, lineage=True, standing=standing)
    con.execute(f"CREATE OR REPLACE TEMP TABLE told AS {told}")
    con.execute(
        f"""UPDATE {table} AS kept SET known_to = told.known_to FROM told
        WHERE kept.rowid = told.standing AND told.known_to IS NOT NULL"""
    )
    con.execute(
        f"""INSERT INTO {table} SELECT * EXCLUDE (standing) FROM told
        WHERE standing IS NULL ORDER BY known_from, source, record"""
    )
    con.execute("DROP TABLE told")
    con.execute("COMMIT")


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
    keys = ", ".join(f'"{name}"' for name in key)
    order = f"known_from, {'source, record' if lineage else keys}"
    traced = ", document, record, place" if lineage else ""
    traced += ", standing" if standing else ""
    files = f"[{', '.join(sorted({literal(statement.path) for statement in stated}))}]"
    if len(stated) == 1 and not standing:
        # One statement: nothing has changed yet, no row needs to be asked which file it is from, and the file
        # has them about as printed.
        only = f", '{stated[0].document}' AS document, record, place" if lineage else ""
        return f"""SELECT {columns}, TIMESTAMP '{_utc(stated[0].known_from)}' AS known_from,
            NULL::TIMESTAMP AS known_to{only} FROM read_parquet({files})"""
    _register(con, stated)
    # Of a table that is all key nothing but presence can change.
    fields = ", ".join(f'"{name}" := "{name}"' for name in values)
    packed = f"struct_pack({fields})" if values else "true"
    return f"""
        WITH stated AS (
            SELECT rows.*, statement.* EXCLUDE (source, "full")
            FROM read_parquet({files}, filename = true) AS rows JOIN statement ON path = filename
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
    con.execute(
        """CREATE OR REPLACE TEMP TABLE given (number BIGINT, source VARCHAR, path VARCHAR,
        stated_at TIMESTAMP, "full" BOOLEAN, document VARCHAR, part VARCHAR)"""
    )
    rows = [
        (number, s.source, str(s.path), _utc(s.known_from), s.full, s.document, s.part)
        for number, s in enumerate(stated)
    ]
    frames.insert(con, "given", rows)
    con.execute(
        """CREATE OR REPLACE TEMP TABLE statement AS
        WITH numbered AS (
            SELECT path, source, part, row_number() OVER moments AS seq, stated_at, document, "full"
            FROM given WINDOW moments AS (PARTITION BY source, part ORDER BY stated_at, number)
        )
        SELECT *, min(seq) FILTER ("full") OVER later AS next_full,
            min(stated_at) FILTER ("full") OVER later AS next_full_at
        FROM numbered WINDOW later AS (
            PARTITION BY source, part ORDER BY seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        )"""
    )
    con.execute(
        """CREATE OR REPLACE TEMP TABLE following AS
        SELECT source, part, min(seq) FILTER ("full") AS next_full,
            min(stated_at) FILTER ("full") AS next_full_at
        FROM statement GROUP BY ALL"""
    )
