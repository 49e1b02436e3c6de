"""Dataset schemas: each is one CREATE TABLE in ``datasets/`` with a COMMENT ON the table and on every
column."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from warehouse.store.code_identity import fingerprint

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
    def definition(self) -> str:
        """SQL of the columns with their types."""
        return ", ".join(f'"{column.name}" {column.type}' for column in self.columns)

    @property
    def keys(self) -> str:
        """SQL of the columns of the key."""
        return ", ".join(f'"{name}"' for name in self.key)

    @property
    def hash(self) -> str:
        """Names what decides how rows are staged; comments do not."""
        columns = [(column.name, column.type, column.required) for column in self.columns]
        return fingerprint([self.name, columns, self.key])


_DESCRIBED = """SELECT comment, ARRAY(
        SELECT constraint_column_names FROM duckdb_constraints()
        WHERE table_name = $name AND constraint_type = 'PRIMARY KEY'
    ), ARRAY(
        SELECT (column_name, data_type, NOT is_nullable, coalesce(comment, '')) FROM duckdb_columns()
        WHERE table_name = $name ORDER BY column_index
    ) FROM duckdb_tables() WHERE table_name = $name"""
_READING = threading.Lock()


def read(con: duckdb.DuckDBPyConnection, path: Path) -> Dataset:
    """The dataset that a SQL file defines. Raises ``ValueError`` naming the file and what it lacks."""
    name = path.stem
    try:
        con.execute(path.read_text("utf-8"))
    except duckdb.Error as error:
        raise ValueError(f"{path.name}: {error}") from error
    found = con.execute(_DESCRIBED, {"name": name}).fetchone()
    if not found or len(found[1]) != 1:
        raise ValueError(f"{path.name}: must create the table {name} with a PRIMARY KEY")
    comment, [key], described = found
    columns = tuple(Column(*row) for row in described)
    texts = {f"TABLE {name}": comment} | {f"COLUMN {name}.{one.name}": one.comment for one in columns}
    if bare := [what for what, text in texts.items() if not text]:
        raise ValueError(f"{path.name}: lacks COMMENT ON {', '.join(bare)}")
    return Dataset(name, comment, columns, tuple(key))


def all_datasets() -> dict[str, Dataset]:
    """Every dataset by name, in order of name."""
    with _READING:  # the steps of a refresh run in threads: the first one reads
        return _all_datasets()


@cache
def _all_datasets() -> dict[str, Dataset]:
    with duckdb.connect() as con:  # one for all: to open one takes longer than to read a file
        return {path.stem: read(con, path) for path in sorted(DATASETS.glob("*.sql"))}
