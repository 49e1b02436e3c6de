"""Attempts: what the fetch ledger says of every attempt, and the last words on each document of each source.

The ledger gains a line for every document every night. The published file holds the attempts up to its
release, so that only what came after is parsed; where that file is missing, damaged or of another ledger, the
whole ledger is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from extractors.sql import literal
from warehouse.store import files, journal
from warehouse.store.journal import START, Place
from warehouse.store.paths import Layout

NAME = "fetch"
_HELD = "attempts_held"  # remembered: the newest build, and up to where it holds the ledger
_FIELDS = """{
    "source": 'VARCHAR', "part": 'VARCHAR', "url": 'VARCHAR', "attempt": 'BIGINT', "outcome": 'VARCHAR',
    "status": 'BIGINT', "media": 'VARCHAR', "bytes": 'BIGINT', "sha256": 'VARCHAR', "etag": 'VARCHAR',
    "last_modified": 'VARCHAR', "at": 'TIMESTAMP', "seconds": 'DOUBLE', "message": 'VARCHAR'}"""
# Of each document the last attempt, the last that was answered, and the last that was with a document.
_LAST = """SELECT source, part, arg_max(told, number), arg_max(told, number) FILTER (answered),
        arg_max(told, number) FILTER (answered AND document IS NOT NULL)
    FROM (
        SELECT source, part, number, document, outcome IN ('new', 'unchanged') AS answered,
            struct_pack("at", outcome, message, document, etag, last_modified) AS told FROM ({told})
    ) GROUP BY ALL ORDER BY min(number)"""
_LATER = 2**40  # more than any number of a row in the published file
Row = dict[str, Any]  # at (UTC), outcome, message, document, etag, last_modified
Rows = dict[str, dict[str, Row]]  # source -> part -> row, in order of its first attempt


class Attempts(NamedTuple):
    """The last attempts for each document of each source: of all; of those that the source answered; of those
    that it answered with a document, so not with a 304."""

    last: Rows
    answered: Rows
    received: Rows


def of(layout: Layout) -> Attempts:
    """The last attempts recorded so far."""
    try:
        return _of(layout, held(layout, layout.published))
    except duckdb.Error:
        return _of(layout, START)


def extend(con: duckdb.DuckDBPyConnection, layout: Layout, place: Place, until: dt.datetime) -> Place:
    """Append to ``ledger.fetch``, which holds what is before ``place``, the attempts after it up to a moment;
    up to where it then holds all."""
    end = journal.place(layout.ledger, NAME)
    if place == START:
        con.execute("DELETE FROM ledger.fetch")
    with _after(layout, place) as came:
        con.execute(f"INSERT INTO ledger.fetch BY NAME FROM {came}")
    [(late,)] = con.execute(
        'DELETE FROM ledger.fetch WHERE "at" > ?::TIMESTAMP', [journal.timestamp(until)]
    ).fetchall()
    return START if late else end


def keep(layout: Layout, build: Path, place: Place) -> None:
    """Remember up to where a build holds the ledger."""
    layout.memo.put(_HELD, {"file": files.signature(build), "place": place})


def held(layout: Layout, build: Path) -> Place:
    """Up to where a build holds the ledger; ``START`` where that is not known, or it was another ledger."""
    kept = layout.memo.get(_HELD)
    if kept and build.exists() and kept["file"] == files.signature(build):
        place = Place(*kept["place"])
        if place == journal.place(layout.ledger, NAME, place.parts, place.lines):
            return place
    return START


@contextmanager
def _after(layout: Layout, place: Place) -> Iterator[str]:
    """The attempts after a place, in their order, with the columns of ``ledger.fetch``. A torn line says
    nothing."""
    with journal.after(layout.ledger, NAME, place) as path:
        yield f"""(SELECT * EXCLUDE (sha256) REPLACE (coalesce(part, '') AS part), sha256 AS document
            FROM read_json({literal(path)}, columns = {_FIELDS}, format = 'newline_delimited',
            ignore_errors = true)
            WHERE "at" IS NOT NULL AND source IS NOT NULL)"""


def _of(layout: Layout, place: Place) -> Attempts:
    with duckdb.connect() as con, _after(layout, place) as came:
        told = f"SELECT {_LATER} + row_number() OVER () AS number, * FROM {came}"
        con.execute("SET enable_progress_bar = false")
        if place != START:
            con.execute(f"ATTACH {literal(layout.published)} AS live (READ_ONLY)")
            told += " UNION ALL BY NAME SELECT rowid AS number, * FROM live.ledger.fetch"
        rows = con.execute(_LAST.format(told=told)).fetchall()
    found = Attempts({}, {}, {})
    for source, part, *attempts in rows:
        for known, row in zip(found, attempts, strict=True):
            if row:
                known.setdefault(source, {})[part] = row | {"at": row["at"].replace(tzinfo=dt.UTC)}
    return found
