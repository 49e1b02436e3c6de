"""Counts by country of a third party, and the indicator talent_work over them."""

from __future__ import annotations

import duckdb

from warehouse.build import indicators

COUNTS = "neurips_country_counts"


class Counts:
    """talent_work over rows of country_count, without any paper of our own."""

    def __init__(self, staging):
        self.staging, self.con = staging, duckdb.connect()
        for name in ("country_count", "author_slot", "accepted_paper"):
            self.con.execute((indicators.FOLDER.parent / "datasets" / f"{name}.sql").read_text("utf-8"))
            for column in ("document", "locator"):
                self.con.execute(f"ALTER TABLE {name} ADD COLUMN {column} VARCHAR")
        self.con.execute(
            "CREATE TABLE talent_weight (conference VARCHAR, edition DATE, source VARCHAR, country VARCHAR,"
            " weight DOUBLE, unit VARCHAR, attribution VARCHAR, document VARCHAR, locator VARCHAR)"
        )

    def add(self, content: bytes, part: str) -> None:
        staged = self.staging(COUNTS, content, part)
        assert staged.drift is None, staged.drift
        self.con.execute(
            f"INSERT INTO country_count SELECT * EXCLUDE (record, place), '{part}', place"
            f" FROM read_parquet('{staged.parquet('country_count')}')"
        )

    def shares(self, series: str = "third_party") -> dict[int, tuple[float, ...]]:
        sql = indicators.all_indicators()["talent_work"].sql
        found = self.con.execute(
            f"SELECT year(period), usa, chn, low, gap, high, coverage FROM ({sql}) WHERE series = '{series}'"
        ).fetchall()
        return {year: tuple(values) for year, *values in found}
