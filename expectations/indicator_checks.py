"""Checks on the indicators of a built database, before it may be published."""

from __future__ import annotations

from typing import Any

import duckdb

from expectations import suites
from warehouse.build import indicators
from warehouse.store import frames
from warehouse.store.paths import Layout


def check_indicators(
    con: duckdb.DuckDBPyConnection, layout: Layout, document_rows: list[dict[str, Any]]
) -> list[str]:
    """Fill ``ledger.check_result`` and return why the release must be held back, one line a failure.

    ``document_rows`` are the results of the gate. Suites see ``series``, the newest vintage of the
    indicator, and may use every view of the database.
    """
    frames.insert(con, "ledger.check_result", document_rows)
    held: list[str] = []
    for name in indicators.all_indicators():
        suite = suites.load("indicators", name)
        if suite is None:
            continue
        con.execute(
            "CREATE OR REPLACE TEMP VIEW series AS FROM building.main.indicator_value"
            f" WHERE indicator = '{name}'"
        )
        if not con.execute("FROM series LIMIT 1").fetchone():
            continue
        results = suites.run(con, suite, cache=layout.memo)
        frames.insert(con, "ledger.check_result", [{"target": name} | row for row in suites.as_rows(results)])
        held += [f"{name}: {result.message}" for result in results if result.blocks]
    con.execute("DROP VIEW IF EXISTS series")
    return held
