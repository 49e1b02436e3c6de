"""Rows of Python as rows of DuckDB, through a frame because one by one thousands would take seconds; and
back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb


def insert(
    con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[Any]] | Sequence[Mapping[str, Any]]
) -> None:
    """Append rows to a table: tuples in the order of its columns, or dictionaries by its columns, where what
    is missing is null.

    Small tables only: all rows are held in memory, and more than once.
    """
    if not rows:
        return
    import pandas as pd

    columns = [name for name, *_ in con.execute(f"FROM {table} LIMIT 0").description or ()]
    con.register("given_rows", pd.DataFrame(rows, columns=columns, dtype="object"))
    con.execute(f"INSERT INTO {table} FROM given_rows")
    con.unregister("given_rows")


def dicts(con: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """What a query finds, each row as a dictionary by its columns."""
    found = con.execute(sql, values)
    names = [name for name, *_ in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
