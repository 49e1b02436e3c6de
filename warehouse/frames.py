"""Rows of Python as rows of DuckDB: through a frame, because one by one thousands would take seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb


def insert(con: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any] | Mapping[str, Any]]) -> None:
    """Append rows to a table by column name: tuples, or dictionaries of which a missing value is null. Small tables only."""
    import pandas as pd

    con.register("given_rows", pd.DataFrame(rows, columns=list(columns), dtype="object"))
    con.execute(f"INSERT INTO {table} BY NAME FROM given_rows")
    con.unregister("given_rows")
