"""Dataset schemas: each is one CREATE TABLE in ``datasets/``, whose comments are the documentation."""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

DATASETS = Path(__file__).parent / "datasets"


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    required: bool
    comment: str


@dataclass(frozen=True)
class Dataset:
    """One dataset: its columns in order, its key (the PRIMARY KEY), and the hash of its definition."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    hash: str

    @property
    def values(self) -> tuple[str, ...]:
        """Columns that are not part of the key."""
        return tuple(column.name for column in self.columns if column.name not in self.key)


_READING = threading.Lock()


def read(path: Path) -> Dataset:
    """The dataset that a SQL file defines. Every column must carry a ``--`` comment."""
    with duckdb.connect() as con:
        return _read(con, path)


def _read(con: duckdb.DuckDBPyConnection, path: Path) -> Dataset:
    text = path.read_text("utf-8")
    first = re.match(r"-- (\w+): (.+)", text)
    if not first or first[1] != path.stem:
        raise ValueError(f"{path.name}: the first line must be '-- {path.stem}: what it is'")
    con.execute(text)
    described = con.execute(
        "SELECT column_name, data_type, NOT is_nullable FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
        [path.stem],
    ).fetchall()
    keys = con.execute(
        "SELECT constraint_column_names FROM duckdb_constraints() WHERE table_name = ? AND constraint_type = 'PRIMARY KEY'",
        [path.stem],
    ).fetchall()
    if len(keys) != 1:
        raise ValueError(f"{path.name}: needs exactly one PRIMARY KEY")
    comments = dict(re.findall(r'^\s+"?(\w+)"?\s+[A-Z].*?--\s*(.+?)\s*$', text, re.MULTILINE))
    missing = [name for name, _, _ in described if name not in comments]
    if missing:
        raise ValueError(f"{path.name}: columns without a comment: {missing}")
    columns = tuple(Column(name, kind, bool(required), comments[name]) for name, kind, required in described)
    return Dataset(path.stem, first[2], columns, tuple(keys[0][0]), hashlib.sha256(text.encode()).hexdigest())


def all_datasets() -> dict[str, Dataset]:
    """Every dataset by name, in order of name."""
    with _READING:  # the steps of a refresh run in threads: the first one reads
        return _all_datasets()


@cache
def _all_datasets() -> dict[str, Dataset]:
    with duckdb.connect() as con:  # one for all: to open one takes longer than to read a file
        return {path.stem: _read(con, path) for path in sorted(DATASETS.glob("*.sql"))}
