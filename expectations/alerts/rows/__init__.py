"""Alerts about rows: each file is a kind, a SELECT over a build of what came up after the moment $since.

Its columns: ``about`` names what the alert is about, ``message`` is what it says.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb

from warehouse.store import headed_sql


class RowsAlert(headed_sql.Headed):
    """A kind of alert."""

    title: str
    """What became of what it is about, for a line that begins with that."""


@cache
def all_alerts() -> dict[str, RowsAlert]:
    """Every kind by name."""
    return headed_sql.read(RowsAlert, Path(__file__).parent)


def noticed(con: duckdb.DuckDBPyConnection, since: str) -> dict[str, list[tuple[str, str]]]:
    """Kind -> ``about`` and ``message`` of each of its alerts, in the order of its SELECT."""
    return {kind: con.execute(alert.sql, {"since": since}).fetchall() for kind, alert in all_alerts().items()}
