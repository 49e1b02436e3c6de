"""Dataset schemas: each is one CREATE TABLE in ``datasets/`` with a COMMENT ON the table and on every
column."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

DATASETS = Path(__file__).parent


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    required: bool
    comment: str


@dataclass(frozen=True)
class Dataset:
    """One dataset: its columns in order and its key (the PRIMARY KEY)."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def values(self) -> tuple[str, ...]:
        """Columns that are not part of the key."""
        return tuple(column.name for column in self.columns if column.name not in self.key)

    @property
    def hash(self) -> str:
        """Names what decides how rows are staged; comments do not."""
        decides = [
            self.name,
            [(column.name, column.type, column.required) for column in self.columns],
            self.key,
        ]
        return hashlib.sha256(json.dumps(decides).encode()).hexdigest()


_READING = threading.Lock()


def read(path: Path) -> Dataset:
    """The dataset that a SQL file defines. Raises ``ValueError`` naming the file and what it lacks."""
    with duckdb.connect() as con:
        return _read(con, path)


def _read(con: duckdb.DuckDBPyConnection, path: Path) -> Dataset:
    name = path.stem
    try:
        con.execute(path.read_text("utf-8"))
    except duckdb.Error as error:
        raise ValueError(f"{path.name}: {error}") from error
    table = con.execute("SELECT comment FROM duckdb_tables() WHERE table_name = ?", [name]).fetchone()
    described = con.execute(
        """SELECT column_name, data_type, NOT is_nullable, coalesce(comment, '') FROM duckdb_columns()
        WHERE table_name = ? ORDER BY column_index""",
        [name],
    ).fetchall()
    keys = con.execute(
        "SELECT constraint_column_names FROM duckdb_constraints() WHERE table_name = ?"
        " AND constraint_type = 'PRIMARY KEY'",
        [name],
    ).fetchall()
    if not table or len(keys) != 1:
        raise ValueError(f"{path.name}: must create the table {name} with a PRIMARY KEY")
    columns = tuple(Column(*row) for row in described)
    texts = {
        f"TABLE {name}": table[0],
        **{f"COLUMN {name}.{column.name}": column.comment for column in columns},
    }
    if bare := [what for what, text in texts.items() if not text]:
        raise ValueError(f"{path.name}: lacks COMMENT ON {', '.join(bare)}")
    return Dataset(name, table[0], columns, tuple(keys[0][0]))


def all_datasets() -> dict[str, Dataset]:
    """Every dataset by name, in order of name."""
    with _READING:  # the steps of a refresh run in threads: the first one reads
        return _all_datasets()


@cache
def _all_datasets() -> dict[str, Dataset]:
    with duckdb.connect() as con:  # one for all: to open one takes longer than to read a file
        return {path.stem: _read(con, path) for path in sorted(DATASETS.glob("*.sql"))}
