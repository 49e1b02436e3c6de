"""Bitemporal history: from what each vintage states to row versions with ``known_from`` and ``known_to``.

A version is written only when a value changed. A key that a later full vintage lacks is withdrawn
then; a vintage that is a window, or was not readable in full, never withdraws.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import duckdb

from extractors.sql import literal
from warehouse.schema import Dataset
from warehouse.vintage import Vintage


@dataclass(frozen=True)
class Statement:
    """One file of rows, stated at ``known_from``; ``full`` when what it lacks of its part is withdrawn."""

    source: str
    path: Path
    known_from: dt.datetime
    full: bool
    document: str = ""
    part: str = ""


def statements(vintages: Sequence[Vintage], dataset: str) -> list[Statement]:
    """What the accepted vintages state about a dataset."""
    return [
        Statement(v.source, v.staged.parquet(dataset), v.known_from, v.full, v.document, v.part)
        for v in vintages
        if v.status == "accepted" and dataset in v.staged.rows
    ]


def write(
    con: duckdb.DuckDBPyConnection, table: str, key: Sequence[str], values: Sequence[str], stated: Sequence[Statement], *, lineage: bool
) -> None:
    """Create ``table`` with the versions of every key over ``stated``.

    Columns: key, values, ``known_from``, ``known_to`` (null: still so) and, with ``lineage``,
    ``document`` and ``locator`` of the statement that began the version.
    """
    con.execute(f"CREATE TABLE {table} AS {_select(con, key, values, stated, lineage)}")


def write_dataset(con: duckdb.DuckDBPyConnection, dataset: Dataset, stated: Sequence[Statement]) -> None:
    """Create ``history.<dataset>``: as ``write``, with lineage. The locator is put together when it is read:
    as text in every row it would be larger than the data."""
    columns = ", ".join(f'"{column.name}" {column.type}' for column in dataset.columns)
    con.execute(
        f"""CREATE TABLE history.{dataset.name} ({columns}, known_from TIMESTAMP, known_to TIMESTAMP, document VARCHAR,
        record BIGINT, place VARCHAR, locator VARCHAR GENERATED ALWAYS AS (concat('record ' || record, place)) VIRTUAL)"""
    )
    if stated:
        con.execute(f"INSERT INTO history.{dataset.name} BY NAME {_select(con, dataset.key, dataset.values, stated, lineage=True)}")


def _select(con: duckdb.DuckDBPyConnection, key: Sequence[str], values: Sequence[str], stated: Sequence[Statement], lineage: bool) -> str:
    columns = ", ".join(f'"{name}"' for name in (*key, *values))
    traced = ", document, record, place" if lineage else ""
    paths = sorted({str(statement.path) for statement in stated})
    files = "[" + ", ".join(map(literal, paths)) + "]"
    if len(stated) == 1:
        # One statement: nothing has changed yet, and no row needs to be asked which file it is from.
        only = f", '{stated[0].document}' AS document, record, place" if lineage else ""
        return (
            f"SELECT {columns}, TIMESTAMP '{_utc(stated[0].known_from)}' AS known_from, NULL::TIMESTAMP AS known_to{only} FROM read_parquet({files})"
        )
    _register(con, stated)
    packed = "struct_pack(" + ", ".join(f'"{name}" := "{name}"' for name in values) + ")"
    keys = ", ".join(f'"{name}"' for name in key)
    return f"""
        WITH stated AS (
            SELECT rows.*, statement.* FROM read_parquet({files}, filename = true) AS rows JOIN statement ON path = filename
        ), marked AS (
            SELECT *,
                coalesce(lag({packed}) OVER versions IS DISTINCT FROM {packed} OR lag(next_full) OVER versions < seq, false) AS starts,
                CASE WHEN next_full < coalesce(lead(seq) OVER versions, 2147483647) THEN next_full_at END AS withdrawn_at
            FROM stated WINDOW versions AS (PARTITION BY {keys}, part ORDER BY seq)
        ), events AS (
            SELECT *, lead(CASE WHEN starts THEN stated_at ELSE withdrawn_at END) OVER (PARTITION BY {keys}, part ORDER BY seq) AS next_event
            FROM marked WHERE starts OR withdrawn_at IS NOT NULL
        )
        SELECT {columns}, stated_at AS known_from, coalesce(withdrawn_at, next_event) AS known_to{traced}
        FROM events WHERE starts ORDER BY {keys}, known_from"""


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(tzinfo=None)


def _register(con: duckdb.DuckDBPyConnection, stated: Sequence[Statement]) -> None:
    """Number each part's statements and find the full one that comes next."""
    con.execute(
        """CREATE OR REPLACE TEMP TABLE statement
        (path VARCHAR, part VARCHAR, seq INTEGER, stated_at TIMESTAMP, document VARCHAR, next_full INTEGER, next_full_at TIMESTAMP)"""
    )
    rows = []
    for (_, part), group in groupby(sorted(stated, key=lambda s: (s.source, s.part, s.known_from)), key=lambda s: (s.source, s.part)):
        following: tuple[int | None, dt.datetime | None] = (None, None)
        numbered = list(enumerate(group))
        for seq, statement in reversed(numbered):
            moment = _utc(statement.known_from)
            rows.append((str(statement.path), part, seq, moment, statement.document, *following))
            if statement.full:
                following = (seq, moment)
    import pandas as pd

    con.register(
        "numbered", pd.DataFrame(rows, columns=["path", "part", "seq", "stated_at", "document", "next_full", "next_full_at"], dtype="object")
    )
    con.execute("INSERT INTO statement SELECT * FROM numbered")
    con.unregister("numbered")
