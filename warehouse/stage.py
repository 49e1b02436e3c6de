"""Stage: one document, parsed and typed, as Parquet; cached by document, parser and schema.

Law: rows read = rows staged + rows ignored by name + rows quarantined.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import tempfile
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from extractors.contract import Document, Drift, Query, Records
from extractors.definition import Source
from extractors.sql import literal
from warehouse import archive, packing, schema
from warehouse.layout import Layout

_OWN_CODE = Path(__file__).read_bytes()
SHARD = 2  # characters of a document's hash that name the folder of its folders; no other folder of the stage has so short a name


@dataclass(frozen=True)
class Staged:
    """One parsed document: a folder with ``<dataset>.parquet`` and ``quarantine.parquet``.

    ``drift`` says why it could not be read at all. ``ignored``: dataset -> reason -> rows.
    ``newest_period``: the greatest value of the first DATE column, ISO text.
    """

    folder: str
    drift: str | None
    rows: dict[str, int]
    quarantined: int
    ignored: dict[str, dict[str, int]]
    newest_period: str | None

    def parquet(self, dataset: str) -> Path:
        return Path(self.folder) / f"{dataset}.parquet"


def stage_key(source: Source, salt: bytes = b"") -> str:
    """Names what besides the bytes decides a staged document: parser, schemas, this module, and the secret of keys for people."""
    parts = [source.id, source.parser_hash, *(schema.all_datasets()[name].hash for name in source.datasets)]
    parts += [hashlib.sha256(salt).hexdigest()] if source.personal else []
    return hashlib.sha256("\0".join(parts).encode() + _OWN_CODE).hexdigest()[:16]


def stage(layout: Layout, source: Source, document: Document) -> Staged:
    """Parse a document, or return what an earlier run made of it. Never raises for its content."""
    key = stage_key(source, document.salt)
    if staged := kept(layout, document, key):
        return staged
    folder = _folder(layout, document, key)
    summary = folder / "stage.json"
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".staging-"))
    try:
        with archive.as_received(document) as received:
            staged = _parse(work, source, received)
        entry = asdict(staged)
        del entry["folder"]
        (work / "stage.json").write_text(json.dumps(entry), "utf-8")
        if not summary.exists():  # another process may have staged the same document meanwhile; either result is as good
            shutil.rmtree(folder, ignore_errors=True)
            work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Staged(folder=str(folder), **entry)


def kept(layout: Layout, document: Document, key: str | None) -> Staged | None:
    """What an earlier run made of a document under a stage key, None where that is not kept."""
    folder = _folder(layout, document, str(key))
    summary = folder / "stage.json"
    return Staged(folder=str(folder), **json.loads(summary.read_text("utf-8"))) if summary.exists() else None


def _folder(layout: Layout, document: Document, key: str) -> Path:
    part = f"-{hashlib.sha256(document.part.encode()).hexdigest()[:8]}" if document.part else ""  # a parser may rest on it
    return layout.stage / document.sha256[:SHARD] / f"{document.sha256}-{key}{part}"


def sweep(layout: Layout) -> None:
    """Remove what a killed run was still staging."""
    for path in layout.stage.glob("*/.staging-*"):
        shutil.rmtree(path, ignore_errors=True)


def clear(layout: Layout, keys: Collection[str]) -> None:
    """Empty the stage, of all that is kept there to be quick; ``keys``: stage keys of today's parsers.

    What parsers of earlier read stays: nobody could read it again, and ``gapwatch why`` compares with it.
    """
    for path in layout.stage.glob("*"):
        if path.is_file():
            path.unlink()
            continue
        for folder in path.glob("*") if len(path.name) == SHARD else ():
            _, _, rest = folder.name.partition("-")
            if rest.partition("-")[0] in keys or not (folder / "stage.json").exists():
                shutil.rmtree(folder)
        if len(path.name) != SHARD or not any(path.iterdir()):
            shutil.rmtree(path)


def _parse(work: Path, source: Source, document: Document) -> Staged:
    rows: dict[str, int] = {}
    ignored: dict[str, dict[str, int]] = {}
    newest: list[dt.date] = []
    with duckdb.connect() as con:
        con.execute("CREATE TABLE quarantine (dataset VARCHAR, locator VARCHAR, reason VARCHAR, raw VARCHAR)")
        try:
            for name, frame in source.parser()(document).items():
                dataset = schema.all_datasets()[name]
                rows[name], ignored[name], period = _frame(con, source, dataset, frame, work)
                newest += [period] if period else []
        except Drift as drift:
            return Staged("", str(drift), {}, 0, {}, None)
        except Exception as error:  # noqa: BLE001  # a parser that fails on a document fails that document alone
            message = str(error).replace(str(document.path), "it")  # the path says where it was read, which is not the document's
            return Staged("", f"{document.name}: the parser failed: {type(error).__name__}: {message}", {}, 0, {}, None)
        con.execute(f"COPY (FROM quarantine ORDER BY ALL) TO {literal(work / 'quarantine.parquet')} ({packing.PARQUET})")
        (quarantined,) = _one(con, "SELECT count(*) FROM quarantine")
    return Staged("", None, rows, quarantined, ignored, max(newest).isoformat() if newest else None)


def _frame(
    con: duckdb.DuckDBPyConnection, source: Source, dataset: schema.Dataset, frame: Query | Records, work: Path
) -> tuple[int, dict[str, int], dt.date | None]:
    """Write one frame's Parquet and quarantine; returns rows kept, rows ignored by reason, and the newest period."""
    columns = [column for column in dataset.columns if column.name != "source"]
    relation = _scanned(con, frame) if isinstance(frame, Query) else _listed(con, columns, frame)
    casts = ", ".join(f'TRY_CAST("{column.name}" AS {column.type}) AS "{column.name}"' for column in columns)
    problem = _problem(columns, dataset)
    good = f"FROM {relation} WHERE _ignored IS NULL AND {problem} IS NULL"
    target = literal(work / f"{dataset.name}.parquet")
    con.execute(f"COPY (SELECT {literal(source.id)} AS source, {casts}, _record AS record, _place AS place {good}) TO {target} ({packing.PARQUET})")
    counted = con.execute(f"SELECT _ignored, count(*) FROM {relation} WHERE _ignored IS NOT NULL GROUP BY ALL ORDER BY 1").fetchall()
    dated = next((column.name for column in columns if column.type == "DATE"), None)
    newest = f'max("{dated}")' if dated else "NULL"
    kept, period = _one(con, f"SELECT count(*), {newest} FROM read_parquet({target})")
    raw = ", ".join(f'"{column.name}" := "{column.name}"' for column in columns)
    con.execute(
        f"""INSERT INTO quarantine SELECT ?, concat('record ' || _record, _place), {problem}, struct_pack({raw})::JSON::VARCHAR
        FROM {relation} WHERE _ignored IS NULL AND {problem} IS NOT NULL""",
        [dataset.name],
    )
    return kept, dict(counted), period


def _listed(con: duckdb.DuckDBPyConnection, columns: list[schema.Column], frame: Records) -> str:
    """The rows of a small document as a relation."""
    import pandas as pd

    names = [*(column.name for column in columns), "_locator", "_ignored"]
    con.register("listed", pd.DataFrame(frame.rows, columns=names, dtype="object"))
    texts = ", ".join(f'"{name}"::VARCHAR AS "{name}"' for name in names if name != "_locator")
    return f"(SELECT {texts}, NULL::BIGINT AS _record, _locator::VARCHAR AS _place FROM listed)"


def _scanned(con: duckdb.DuckDBPyConnection, frame: Query) -> str:
    """The rows of a CSV as a relation; what the reader could not split goes to quarantine.

    A record's number is its place among all records, also among those that were not read.
    """
    con.execute("SET preserve_insertion_order = true")  # the number of a record is its place in the file
    con.execute(f"CREATE OR REPLACE TEMP TABLE scanned AS FROM {frame.scan}")
    con.execute("CREATE TEMP TABLE IF NOT EXISTS rejects (line BIGINT, error_message VARCHAR, csv_line VARCHAR)")  # only the CSV reader makes one
    con.execute("SET preserve_insertion_order = false")  # from here on each row carries its number
    con.execute(
        """INSERT INTO quarantine SELECT '', 'record ' || (line - 1), 'not a record of this file: ' || any_value(error_message), any_value(csv_line)
        FROM rejects GROUP BY line"""
    )
    con.execute(
        """CREATE OR REPLACE TEMP TABLE shifts AS
        SELECT from_record, max(shift) AS shift FROM (
            SELECT line - row_number() OVER (ORDER BY line) AS from_record, row_number() OVER (ORDER BY line) AS shift
            FROM (SELECT DISTINCT line FROM rejects)
        ) GROUP BY from_record"""
    )
    shifted = "scanned.rowid + 1"
    joined = ""
    if _one(con, "SELECT count(*) FROM shifts")[0]:
        shifted, joined = f"{shifted} + coalesce(shift, 0)", "ASOF LEFT JOIN shifts ON scanned.rowid + 1 >= shifts.from_record"
    con.execute(f"CREATE OR REPLACE TEMP VIEW records AS SELECT scanned.*, {shifted} AS n FROM scanned {joined}")
    return f"({frame.sql})"


def _problem(columns: list[schema.Column], dataset: schema.Dataset) -> str:
    """SQL that says why a row cannot be kept, or null."""
    cases = []
    for column in columns:
        text, typed = f'"{column.name}"', f'TRY_CAST("{column.name}" AS {column.type})'
        if column.required or column.name in dataset.key:
            cases.append(f"WHEN {text} IS NULL THEN '{column.name}: no value'")
        if column.type == "DOUBLE":
            cases.append(f"WHEN {text} IS NOT NULL AND NOT coalesce(isfinite({typed}), false) THEN '{column.name}: ' || {text} || ' is not a number'")
        elif column.type != "VARCHAR":
            cases.append(f"WHEN {text} IS NOT NULL AND {typed} IS NULL THEN '{column.name}: ' || {text} || ' is not a {column.type}'")
    return f"CASE {' '.join(cases)} END"


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row = con.execute(sql).fetchone()
    return row or ()
