"""Boards of the arena built from the dataset, and the indicator arena_gap over them."""

from __future__ import annotations

import duckdb

from warehouse.build import indicators
from warehouse.reference import tables


class Boards:
    """The indicator over rows of arena_rating; documents are parsed, rows may also be put in as they are."""

    def __init__(self, staging):
        self.staging, self.con = staging, duckdb.connect()
        self.con.execute((indicators.FOLDER.parent / "datasets" / "arena_rating.sql").read_text("utf-8"))
        self.con.execute(
            "ALTER TABLE arena_rating ADD COLUMN document VARCHAR; ALTER TABLE arena_rating ADD COLUMN"
            " locator VARCHAR"
        )
        self.con.execute("CREATE SCHEMA reference")
        dated = dict.fromkeys(("valid_from", "valid_to", "reviewed_on"), "DATE")
        for name in ("organisation", "organisation_alias"):
            columns = (tables.FOLDER / f"{name}.csv").read_text("utf-8").splitlines()[0].split(",")
            typed = ", ".join(f"{column} {dated.get(column, 'VARCHAR')}" for column in columns)
            self.con.execute(f"CREATE TABLE reference.{name} ({typed})")
            self.con.execute(
                f"COPY reference.{name} FROM '{tables.FOLDER / name}.csv' (FORMAT csv, HEADER true)"
            )
        for name in ("country_of", "lmarena_board"):
            self.con.execute((indicators.MACROS / f"{name}.sql").read_text("utf-8"))

    def add(self, source: str, body: bytes, part: str = "") -> None:
        staged = self.staging(source, body, part)
        assert staged.drift is None
        rows = f"read_parquet('{staged.parquet('arena_rating')}')"
        self.con.execute(
            f"INSERT INTO arena_rating SELECT * EXCLUDE (record, place), '{part}',"
            f" concat('record ' || record, place) FROM {rows}"
        )

    def put(
        self, *rows: tuple, source: str = "lmarena_text", day: str = "2026-09-11", configuration: str = "raw"
    ) -> None:
        """Rows of model, organisation, rating, and perhaps half the width of the interval."""
        for model, organisation, rating, *half in rows:
            bounds = (rating - half[0], rating + half[0]) if half else (None, None)
            values = (
                source,
                "text",
                configuration,
                "overall",
                day,
                model,
                organisation,
                None,
                rating,
                *bounds,
                None,
                day,
                model,
            )
            self.con.execute(f"INSERT INTO arena_rating VALUES ({', '.join('?' * len(values))})", values)

    def gaps(self, columns: str = "gap", series: str = "raw") -> dict[str, tuple]:
        sql = indicators.all_indicators()["arena_gap"].sql
        found = self.con.execute(
            f"SELECT period::VARCHAR, {columns} FROM ({sql}) WHERE gap IS NOT NULL AND series = '{series}'"
            " ORDER BY 1"
        ).fetchall()
        return {day: values if len(values) > 1 else values[0] for day, *values in found}
