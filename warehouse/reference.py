"""Reviewed tables that indicators join: provisional."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

FOLDER = Path(__file__).parent / "reference"
_TABLES = ("organisation", "organisation_alias", "series_break")


def load(con: duckdb.DuckDBPyConnection) -> None:
    """Fill the tables of schema ``reference`` in the database under construction."""
    for name in _TABLES:
        con.execute(f"COPY reference.{name} FROM '{FOLDER / name}.csv' (FORMAT csv, HEADER true)")


def content_hash() -> str:
    """SHA-256 over the tables."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sorted(FOLDER.glob("*.csv")))).hexdigest()
