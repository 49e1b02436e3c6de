"""From what a parser gives to typed rows: one document as Parquet, and what could not be read as quarantine.

Law: rows read = rows staged + rows ignored by name + rows quarantined. What a staged document rests on is
decided here and in its parser.
"""

from __future__ import annotations

import datetime as dt
import errno
import os
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from extractors.contract import Difference, Document, LayoutChanged, Query, Records
from extractors.sql import literal
from warehouse.store import files, frames

QUARANTINE = "quarantine"
PARSERS = "extractors/"
# Failures of the machine, by the system's names for them: no room, no permission, no memory, a bad disk.
_FAILURES = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO),
    *(errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EFBIG),
)

# what a staged document rests on is kept small: a new field of a source or a schema reads nothing again
if TYPE_CHECKING:
    from extractors.definition import Source
    from warehouse.datasets.schema import Column, Dataset


@dataclass(frozen=True)
class Read:
    """What a document came to. ``drift`` says why it could not be read at all; ``rows`` and ``ignored`` (by
    reason) are by dataset.

    ``newest_period``: the greatest value of the first DATE column, ISO text. ``opened``: cells that could not
    be read, whose rows were kept without them; they lie in quarantine too. ``differences``: of the layout
    from the one that the parser knows, as lists of place, change, field and note.
    """

    drift: str | None
    rows: dict[str, int]
    quarantined: int
    ignored: dict[str, dict[str, int]]
    newest_period: str | None
    opened: int = 0
    differences: Sequence[Sequence[str]] = ()


def read(folder: Path, source: Source, document: Document, datasets: Mapping[str, Dataset]) -> Read:
    """Write ``<dataset>.parquet`` and ``quarantine.parquet`` of a document.

    Never raises for its content; a failure of the machine is raised as it is.
    """
    rows: dict[str, int] = {}
    ignored: dict[str, dict[str, int]] = {}
    newest: list[dt.date] = []
    with duckdb.connect() as con:
        con.execute(
            """CREATE TABLE quarantine
            (dataset VARCHAR, locator VARCHAR, reason VARCHAR, raw VARCHAR, cell BOOLEAN)"""
        )
        try:
            for name, frame in source.parser()(document).items():
                dataset = datasets[name]
                rows[name], ignored[name], period = _frame(con, source, dataset, frame, folder)
                newest += [period] if period else []
        except LayoutChanged as drift:
            # what a reader met is not the document's where the machine failed
            if drift.__cause__ and _of_the_machine(drift.__cause__):
                drift.__cause__.add_note(document.name)
                raise drift.__cause__ from None
            return Read(str(drift), {}, 0, {}, None, 0, _listed_out(drift.differences))
        # a parser that fails on a document fails that document alone
        except Exception as error:
            if _of_the_machine(error):
                error.add_note(document.name)
                raise
            return Read(_unknown(document, error), {}, 0, {}, None)
        target = literal(folder / f"{QUARANTINE}.parquet")
        con.execute(f"COPY (FROM quarantine ORDER BY ALL) TO {target} ({files.PARQUET})")
        [(quarantined, opened)] = con.execute(
            "SELECT count(*) FILTER (NOT cell), count(*) FILTER (cell) FROM quarantine"
        ).fetchall()
    last = max(newest).isoformat() if newest else None
    return Read(None, rows, quarantined, ignored, last, opened, _listed_out(document.noted))


def _unknown(document: Document, error: Exception) -> str:
    """What to tell a person of a document on which its parser fails: where, not in the parser's terms."""
    places = [frame for frame in traceback.extract_tb(error.__traceback__) if PARSERS in frame.filename]
    place = ""
    if places:
        place = f" ({PARSERS}{places[-1].filename.rpartition(PARSERS)[2]}, line {places[-1].lineno})"
    return (
        f"{document.name}: holds something that its parser does not expect{place}; look at it with gapwatch"
        f" try {document.source} FILE"
    )


def _of_the_machine(error: BaseException) -> bool:
    """Whether an error says nothing of the document: it is not remembered as the document's."""
    if isinstance(error, OSError):
        return error.errno in _FAILURES
    if isinstance(error, duckdb.IOException):
        return any(os.strerror(number) in str(error) for number in _FAILURES)
    return isinstance(error, (MemoryError, duckdb.OutOfMemoryException))


def _frame(
    con: duckdb.DuckDBPyConnection, source: Source, dataset: Dataset, frame: Query | Records, folder: Path
) -> tuple[int, dict[str, int], dt.date | None]:
    """Write one frame's Parquet and quarantine; returns rows kept, rows ignored by reason, and the newest
    period."""
    columns = [column for column in dataset.columns if column.name != "source"]
    relation = _scanned(con, frame) if isinstance(frame, Query) else _listed(con, columns, frame)
    casts = ", ".join(f'TRY_CAST("{column.name}" AS {column.type}) AS "{column.name}"' for column in columns)
    problem = _problem(columns, dataset)
    target = literal(folder / f"{dataset.name}.parquet")
    con.execute(
        f"""COPY (
            SELECT {literal(source.id)} AS source, {casts}, _record AS record, _place AS place
            FROM {relation} WHERE _ignored IS NULL AND {problem} IS NULL
        ) TO {target} ({files.PARQUET})"""
    )
    counted = con.execute(
        f"SELECT _ignored, count(*) FROM {relation} WHERE _ignored IS NOT NULL GROUP BY ALL ORDER BY 1"
    ).fetchall()
    dated = next((column.name for column in columns if column.type == "DATE"), None)
    newest = f'max("{dated}")' if dated else "NULL"
    [(kept, period)] = con.execute(f"SELECT count(*), {newest} FROM read_parquet({target})").fetchall()
    raw = ", ".join(f'"{column.name}" := "{column.name}"' for column in columns)
    con.execute(
        f"""INSERT INTO quarantine SELECT ?, concat('record ' || _record, _place), {problem},
        struct_pack({raw})::JSON::VARCHAR, false
        FROM {relation} WHERE _ignored IS NULL AND {problem} IS NOT NULL""",
        [dataset.name],
    )
    if isinstance(frame, Records):
        aside = [(one, False) for one in frame.unreadable] + [(one, True) for one in frame.cells]
        told = [(dataset.name, one.place, one.reason, one.raw, cell) for one, cell in aside]
        frames.insert(con, "quarantine", told)
    return kept, dict(counted), period


def _listed_out(differences: Iterable[Difference]) -> list[list[str]]:
    return [list(astuple(one)) for one in differences]


def _listed(con: duckdb.DuckDBPyConnection, columns: list[Column], frame: Records) -> str:
    """The rows of a small document as a relation."""
    names = [*(column.name for column in columns), "_locator", "_ignored"]
    texts = ", ".join(f'"{name}" VARCHAR' for name in names)
    con.execute(f"CREATE OR REPLACE TEMP TABLE listed ({texts})")
    frames.insert(con, "listed", frame.rows)
    return "(SELECT *, NULL::BIGINT AS _record, _locator AS _place FROM listed)"


def _scanned(con: duckdb.DuckDBPyConnection, frame: Query) -> str:
    """The rows of a CSV as a relation; what the reader could not split goes to quarantine.

    A record's number is its place among all records, also among those that were not read.
    """
    con.execute("SET preserve_insertion_order = true")  # the number of a record is its place in the file
    con.execute(f"CREATE OR REPLACE TEMP TABLE scanned AS FROM {frame.scan}")
    # only the CSV reader makes one
    con.execute(
        "CREATE TEMP TABLE IF NOT EXISTS rejects (line BIGINT, error_message VARCHAR, csv_line VARCHAR)"
    )
    con.execute("SET preserve_insertion_order = false")  # from here on each row carries its number
    con.execute(
        """INSERT INTO quarantine SELECT '', 'record ' || (line - 1),
        'not a record of this file: ' || any_value(error_message), any_value(csv_line), false
        FROM rejects GROUP BY line"""
    )
    con.execute(
        """CREATE OR REPLACE TEMP TABLE shifts AS
        SELECT from_record, max(shift) AS shift FROM (
            SELECT line - row_number() OVER (ORDER BY line) AS from_record,
            row_number() OVER (ORDER BY line) AS shift
            FROM (SELECT DISTINCT line FROM rejects)
        ) GROUP BY from_record"""
    )
    shifted = "SELECT scanned.*, scanned.rowid + 1 AS n FROM scanned"
    if con.execute("FROM shifts").fetchone():
        shifted = """SELECT scanned.*, scanned.rowid + 1 + coalesce(shift, 0) AS n
            FROM scanned ASOF LEFT JOIN shifts ON scanned.rowid + 1 >= shifts.from_record"""
    con.execute(f"CREATE OR REPLACE TEMP VIEW records AS {shifted}")
    return f"({frame.sql})"


def _problem(columns: list[Column], dataset: Dataset) -> str:
    """SQL that says why a row cannot be kept, or null."""
    cases = []
    for column in columns:
        text, typed = f'"{column.name}"', f'TRY_CAST("{column.name}" AS {column.type})'
        if column.required or column.name in dataset.key:
            cases.append(f"WHEN {text} IS NULL THEN '{column.name}: no value'")
        wrong, kind = f"{typed} IS NULL", column.type
        if kind == "DOUBLE":
            wrong, kind = f"NOT coalesce(isfinite({typed}), false)", "number"
        if kind != "VARCHAR":
            said = f"'{column.name}: ' || {text} || ' is not a {kind}'"
            cases.append(f"WHEN {text} IS NOT NULL AND {wrong} THEN {said}")
    return f"CASE {' '.join(cases)} END"
