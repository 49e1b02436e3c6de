"""Evaluates one indicator over staged documents, without a release."""

from __future__ import annotations

import duckdb

from expectations import suites
from warehouse.build import indicators
from warehouse.staging.stage import Staged


def over(name: str, dataset: str, documents: list[Staged]) -> duckdb.DuckDBPyConnection:
    """A connection with the documents' rows as the dataset, all values of the indicator as ``evaluated``, and
    its ``series`` alone."""
    con = duckdb.connect()
    paths = ", ".join(f"'{staged.parquet(dataset)}'" for staged in documents)
    con.execute(
        f"""CREATE TABLE {dataset} AS SELECT * EXCLUDE (record, place), concat('record ' || record,
        place) AS locator, 'document' AS document
        FROM read_parquet([{paths}])"""
    )
    sql = indicators.all_indicators()[name].sql
    columns = 'NULL::VARCHAR AS series, NULL::VARCHAR AS statistic, NULL::VARCHAR AS "break"'
    con.execute(
        f"CREATE TABLE evaluated AS FROM (SELECT {columns} WHERE false UNION ALL BY NAME ({sql}))"
        " WHERE gap IS NOT NULL"
    )
    con.execute(
        "CREATE TABLE series AS SELECT * REPLACE (coalesce(series, '') AS series) FROM evaluated"
        " WHERE statistic IS NULL"
    )
    return con


def failed(con: duckdb.DuckDBPyConnection, name: str) -> set[str]:
    """Names of the checks of the indicator's suite that do not pass on ``series``."""
    return {
        result.name for result in suites.run(con, suites.load("indicators", name)) if result.status != "pass"
    }
