"""Rows of Python as rows of DuckDB: through a frame, because one by one thousands would take seconds."""

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
