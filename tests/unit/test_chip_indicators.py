"""What is published about AI chips: shares of the stock, chips admitted against output, and claims."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from chips import COUNTS, OUTPUT, OWNERS, PARTS, QUARTERS, SALES, good, recorded
from conftest import SOURCES

from expectations import claims, suites
from warehouse.build import indicators
from warehouse.datasets import schema
from warehouse.staging import stage

REFERENCE = Path(schema.__file__).parents[1] / "reference"


class Published:
    """The views that indicators see, over staged documents."""

    def __init__(self) -> None:
        self.con = duckdb.connect()
        for dataset in ("chip_stock", "chip_output", "published_figure"):
            self.con.execute((schema.DATASETS / f"{dataset}.sql").read_text("utf-8"))
            self.con.execute(
                f"ALTER TABLE {dataset} ADD COLUMN document VARCHAR; ALTER TABLE {dataset} ADD COLUMN locator"
                " VARCHAR"
            )
        self.con.execute("CREATE SCHEMA reference")
        for table in ("organisation", "organisation_alias"):
            self.con.execute(
                f"CREATE TABLE reference.{table} AS"
                f" FROM read_csv('{REFERENCE / table}.csv', all_varchar = true)"
            )
        for column in ("valid_from", "valid_to"):
            self.con.execute(f"ALTER TABLE reference.organisation ALTER {column} TYPE DATE")
        for macro in ("country_of", "in_column"):
            self.con.execute((indicators.MACROS / f"{macro}.sql").read_text("utf-8"))

    def add(self, staged: stage.Staged) -> None:
        assert staged.drift is None, staged.drift
        for dataset in staged.rows:
            columns = (
                "* EXCLUDE (record, place), 'd' AS document, concat('record ', record, place) AS locator"
            )
            self.con.execute(
                f"INSERT INTO {dataset} BY NAME SELECT {columns}"
                f" FROM read_parquet('{staged.parquet(dataset)}')"
            )

    def figure(self, measure: str, value: float, day: str = "2026-01-20", figure: str = "f") -> None:
        self.con.execute(
            """INSERT INTO published_figure BY NAME
            SELECT 'published_figures' AS source, ? || ? AS figure, 'CHN' AS subject, ? AS measure,
            ?::DATE AS period_start, ?::DATE AS period_end,
                ? AS "value", 'chips' AS unit, 'p' AS publisher, 'u' AS url, ?::DATE AS said_on,
                'd' AS document, 'record 1' AS locator""",
            [measure, figure, measure, day, day, value, day],
        )

    def values(self, indicator: str) -> dict[tuple[str, dt.date], dict]:
        """(series, period) -> the indicator's row."""
        found = self.con.execute(f"FROM ({indicators.all_indicators()[indicator].sql}) WHERE gap IS NOT NULL")
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        return {(row["series"], row["period"]): row for row in rows}

    def judge(self, indicator: str) -> dict[str, str]:
        """Check -> status of the indicator's suite over what it gives now."""
        self.con.execute(
            f"CREATE OR REPLACE TEMP VIEW series AS FROM ({indicators.all_indicators()[indicator].sql})"
            " WHERE gap IS NOT NULL"
        )
        results = suites.run(self.con, suites.load("indicators", indicator))
        assert [result.message for result in results if result.status == "broken"] == []
        return {result.name: result.status for result in results}


@pytest.fixture
def published():
    return Published()


@pytest.fixture
def owners(published, staging):
    for part in SOURCES[OWNERS].urls:
        published.add(staging(OWNERS, good(OWNERS, part), part))
    return published


END_2024, END_2025 = dt.date(2024, 10, 1), dt.date(2025, 10, 1)


# ── compute_stock ────────────────────────────────────────────────────────────────────────────────


def test_sample_shares(owners):
    found = owners.values("compute_stock")
    assert {period for _, period in found} == {END_2024, END_2025}, "the incomplete quarter is not published"
    for period, usa, chn, smuggled in ((END_2024, 70.9, 7.5, 9.8), (END_2025, 75.2, 5.5, 8.7)):
        row = found["", period]
        assert (row["usa"], row["chn"]) == (pytest.approx(usa, abs=0.1), pytest.approx(chn, abs=0.1))
        assert row["gap"] == row["usa"] - row["chn"]
        assert found["with_smuggled", period]["chn"] == pytest.approx(smuggled, abs=0.1)
        assert found["with_smuggled", period]["usa"] == row["usa"]
        assert row["low"] < row["gap"] < row["high"]
    row = found["", END_2025]
    assert sum(entry["value"] for entry in row["inputs"]) == pytest.approx(20.93e6, abs=0.01e6)
    assert row["coverage"] == pytest.approx(1 - 3.3626 / 20.93, abs=0.001), "all but the owners called Other"
    assert set(owners.judge("compute_stock").values()) == {"pass"}


def test_one_owner_with_chips_of_two_designers(owners):
    google = [
        entry
        for entry in owners.values("compute_stock")["", END_2025]["inputs"]
        if entry["value"] in (3812900, 1236900)
    ]
    assert [entry["side"] for entry in google] == ["USA", "USA"]
    assert len({entry["locator"] for entry in google}) == 2


@pytest.mark.parametrize("flagged", [True, False])
def test_a_quarter_that_would_show_china_fall(owners, flagged):
    """Without Huawei, Cambricon and AMD, China would have 0.40 M instead of 1.16 M H100 equivalents: flagged
    or not, it is not published."""
    [(fallen, before)] = owners.con.execute(
        """SELECT sum(h100e) FILTER (period_end = DATE '2026-03-31'),
        sum(h100e) FILTER (period_end = DATE '2025-12-31')
        FROM chip_stock WHERE organisation = 'China' AND chip_type = ''"""
    ).fetchall()
    assert (fallen, before) == (pytest.approx(0.40e6, abs=5e3), pytest.approx(1.155e6, abs=5e3))
    if not flagged:
        owners.con.execute("UPDATE chip_stock SET incomplete = false")
    assert max(period for _, period in owners.values("compute_stock")) == END_2025


def test_a_pair_missing_twice_is_still_missing(owners):
    """A quarter is measured against all earlier ones, not against an earlier one that lacks the same pair."""
    owners.con.execute("UPDATE chip_stock SET incomplete = false")
    owners.con.execute(
        "INSERT INTO chip_stock SELECT * REPLACE (DATE '2026-06-30' AS period_end) FROM chip_stock"
        " WHERE period_end = DATE '2026-03-31'"
    )
    assert max(period for _, period in owners.values("compute_stock")) == END_2025


def test_owners_without_a_country_widen_the_bounds(owners):
    before = owners.values("compute_stock")["", END_2025]
    owners.con.execute("UPDATE chip_stock SET organisation = 'Oracle Corp' WHERE organisation = 'Oracle'")
    after = owners.values("compute_stock")["", END_2025]
    assert after["usa"] == pytest.approx(before["usa"] - 100 * 1_144_200 / 20.93e6, abs=0.01)
    assert after["chn"] == before["chn"]
    assert after["low"] < before["low"]
    assert after["coverage"] < before["coverage"]
    assert len(after["inputs"]) == len(before["inputs"])


def test_first_estimates_are_a_break(owners):
    row = owners.values("compute_stock")["", END_2025]
    assert row["break"] is None, "AMD chips in China, 0.05 % of the sum, do not change what is compared"
    owners.con.execute("DELETE FROM chip_stock WHERE designer = 'Amazon' AND period_end = DATE '2024-12-31'")
    assert (
        owners.values("compute_stock")["", END_2025]["break"]
        == "first estimates of: Amazon of Amazon, AMD of China"
    )


def test_checks_of_the_stock_can_fail(owners, published, staging):
    for part in SOURCES[COUNTS].urls:
        published.add(staging(COUNTS, good(COUNTS, part), part))
    for part in SOURCES[OUTPUT].urls:
        published.add(staging(OUTPUT, good(OUTPUT, part), part))
    status = owners.judge("compute_stock")
    assert (
        status["site and exports agree within 10 %"],
        status["owners add up to what a designer sold within 5 %"],
    ) == ("pass", "pass")
    owners.con.execute(
        "UPDATE chip_stock SET h100e = h100e * 3 WHERE source = 'epoch_chip_owners' AND designer = 'AMD'"
        " AND period_end = DATE '2025-12-31'"
    )
    assert owners.judge("compute_stock")["owners add up to what a designer sold within 5 %"] == "fail"
    owners.con.execute(
        "UPDATE chip_stock SET h100e = 900000 WHERE source = 'epoch_chip_counts' AND organisation = 'China'"
    )
    assert owners.judge("compute_stock")["site and exports agree within 10 %"] == "fail"
    owners.con.execute(
        "UPDATE chip_stock SET h100e = h100e / 10 WHERE source = 'epoch_chip_owners'"
        " AND period_end = DATE '2025-12-31'"
    )
    assert owners.judge("compute_stock")["the world's stock does not fall"] == "fail"
    owners.con.execute(
        "DELETE FROM reference.organisation_alias WHERE alias IN ('Google', 'Microsoft', 'Amazon')"
    )
    assert owners.judge("compute_stock")["owners with a country have at least 60 %"] == "fail"


# ── chip_supply ──────────────────────────────────────────────────────────────────────────────────

CEILING = dt.date(2026, 1, 20)


@pytest.mark.parametrize("source", [OWNERS, SALES])
def test_ceiling_against_output(published, staging, source):
    """890,000 H200 against 910,000 chips (600,000 Ascend 910C, 200,000 910B, 110,000 Siyuan 590) of 556,000
    H100 equivalents."""
    published.add(
        staging(
            source, good(source, QUARTERS if source == OWNERS else ""), QUARTERS if source == OWNERS else ""
        )
    )
    published.figure("H200 export ceiling", 890_000)
    found = published.values("chip_supply")
    units, h100e = found["permitted_ceiling_units", CEILING], found["permitted_ceiling_h100e", CEILING]
    assert (units["usa"], units["chn"], h100e["usa"]) == (890_000, 910_000, 890_000)
    assert h100e["chn"] == pytest.approx(556_300, abs=100)
    assert (units["gap"], h100e["gap"]) == (pytest.approx(0.978, abs=0.001), pytest.approx(1.600, abs=0.001))
    assert (round(units["low"], 2), round(units["high"], 2)) == (0.80, 1.19)
    assert {entry["source"] for entry in units["inputs"]} == {"published_figures", source}
    made = [entry for entry in units["inputs"] if entry["side"] == "CHN"]
    assert sum(entry["value"] for entry in made) == units["chn"]
    assert {entry["locator"].partition(", column ")[2] for entry in made} == {"Number of Units"}
    assert [
        entry["locator"].partition(", column ")[2] for entry in h100e["inputs"] if entry["side"] == "factor"
    ] == [
        "Compute estimate in H100e (median)",
        "Number of Units",
    ]
    assert set(published.judge("chip_supply").values()) == {"pass"}


def test_four_series_are_not_one(owners):
    for measure, value in (
        ("H200 export ceiling", 890_000),
        ("H200 licensed", 400_000),
        ("H200 ordered", 2_000_000),
        ("H200 delivered", 0),
    ):
        owners.figure(measure, value)
    owners.figure("H200 inventory", 700_000)
    found = {
        series: row["usa"]
        for (series, _), row in owners.values("chip_supply").items()
        if series.endswith("_units")
    }
    assert found == {
        "permitted_ceiling_units": 890_000,
        "licensed_units": 400_000,
        "ordered_units": 2_000_000,
        "delivered_units": 0,
    }
    owners.figure("H200 ordered", 1_500_000, figure="g")
    row = owners.values("chip_supply")["ordered_units", CEILING]
    assert (row["usa"], row["low"] < row["gap"] < row["high"]) == (1_500_000, True)


@pytest.mark.parametrize(
    "gone",
    [
        "designer = 'Cambricon' AND period_end = DATE '2025-12-31'",
        "designer = 'Huawei' AND period_end = DATE '2025-03-31'",
        "measure = 'quarter'",
    ],
)
def test_a_year_that_is_not_whole_is_no_output(owners, gone):
    owners.figure("H200 export ceiling", 890_000)
    earlier = (
        "SELECT * REPLACE (period_end - INTERVAL 1 YEAR AS period_end) FROM chip_stock"
        " WHERE measure = 'quarter' AND organisation = 'China'"
    )
    owners.con.execute(f"INSERT INTO chip_stock {earlier}")
    assert len(owners.values("chip_supply")) == 2
    owners.con.execute(f"DELETE FROM chip_stock WHERE {gone}")
    assert owners.values("chip_supply") == {}


def test_checks_of_the_supply_can_fail(owners):
    owners.figure("H200 export ceiling", 890_000)
    owners.figure("H200 delivered", 900_000)
    assert owners.judge("chip_supply")["no more is delivered than permitted"] == "fail"
    owners.con.execute("UPDATE chip_stock SET h100e = 2 * h100e WHERE chip_type = 'H100/H200'")
    assert owners.judge("chip_supply")["an H200 is one H100"] == "fail"
    owners.figure("H200 ordered", 890_000_000)
    assert owners.judge("chip_supply")["chips over output are 0 to 50"] == "fail"


# ── claims ───────────────────────────────────────────────────────────────────────────────────────


def claim(name: str) -> str:
    return next(entry.holds_when for entry in claims.all_claims() if entry.claim == name)


def test_claim_three_quarters(owners):
    values = (
        f"SELECT 'compute_stock' AS indicator, * FROM ({indicators.all_indicators()['compute_stock'].sql})"
    )
    owners.con.execute(f"CREATE TEMP TABLE indicator_value AS {values}")
    assert owners.con.execute(claim("us_owners_hold_three_quarters")).fetchall() == [(True,)]
    owners.con.execute("UPDATE indicator_value SET usa = 60")
    assert owners.con.execute(claim("us_owners_hold_three_quarters")).fetchall() == [(False,)]


def test_claim_ceiling_waits_for_the_output_of_2026(published, staging):
    query = claim("h200_ceiling_is_twice_chinese_production")
    assert published.con.execute(query).fetchall() == [(None,)]
    published.add(staging(SALES, good(SALES)))
    published.figure("H200 export ceiling", 890_000)
    published.con.execute(
        "UPDATE published_figure SET period_start = DATE '2026-01-01', period_end = DATE '2026-12-31'"
    )
    assert published.con.execute(query).fetchall() == [(None,)]
    later = (
        "SELECT * REPLACE (period_end + INTERVAL 1 YEAR AS period_end) FROM chip_output"
        " WHERE organisation IN ('Huawei', 'Cambricon')"
    )
    published.con.execute(f"INSERT INTO chip_output {later}")
    assert published.con.execute(query).fetchall() == [(False,)]
    published.con.execute("UPDATE chip_output SET units = units / 2.5 WHERE year(period_end) = 2026")
    assert published.con.execute(query).fetchall() == [(True,)]


# ── recorded files ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def recorded_owners(published, staging, recordings):
    for part, rows in zip(PARTS, (215, 515, 384), strict=True):
        staged = staging(OWNERS, recorded(recordings, f"ai_chip_owners_2026-07-20/{part}.csv"), part)
        assert (staged.rows, staged.quarantined) == ({"chip_stock": rows}, 0)
        published.add(staged)
    return published


def test_recorded_shares(recorded_owners):
    found = recorded_owners.values("compute_stock")
    assert len([period for series, period in found if series == ""]) == 16
    for period, usa, chn, smuggled in ((END_2024, 70.91, 7.49, 9.83), (END_2025, 75.25, 5.52, 8.68)):
        assert found["", period]["usa"] == pytest.approx(usa, abs=0.01)
        assert found["", period]["chn"] == pytest.approx(chn, abs=0.01)
        assert found["with_smuggled", period]["chn"] == pytest.approx(smuggled, abs=0.01)
    assert sum(entry["value"] for entry in found["", END_2025]["inputs"]) == 20_926_382
    assert [period for (series, period), row in sorted(found.items()) if row["break"] and series == ""] == [
        dt.date(2023, 1, 1), dt.date(2024, 1, 1), dt.date(2024, 7, 1),
    ]  # fmt: skip
    assert "fail" not in recorded_owners.judge("compute_stock").values()


def test_recorded_supply(recorded_owners):
    recorded_owners.figure("H200 export ceiling", 890_000)
    found = recorded_owners.values("chip_supply")
    assert found["permitted_ceiling_units", CEILING]["chn"] == 910_000
    assert found["permitted_ceiling_h100e", CEILING]["chn"] == 556_314
    assert round(found["permitted_ceiling_units", CEILING]["gap"], 2) == 0.98
    assert round(found["permitted_ceiling_h100e", CEILING]["gap"], 1) == 1.6
    made = recorded_owners.con.execute(
        """SELECT chip_type, sum(units) FROM chip_stock WHERE designer IN ('Huawei', 'Cambricon')
        AND measure = 'quarter' AND year(period_end) = 2025
        GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    assert made == [("Ascend 910B", 200_000), ("Ascend 910C", 600_000), ("Siyuan 590", 110_000)]


def test_recorded_exports_agree_with_the_site(recorded_owners, staging, recordings):
    for source, rows in ((COUNTS, 185), (OUTPUT, 46)):
        counted = 0
        for part, url in SOURCES[source].urls.items():
            staged = staging(
                source, recorded(recordings, "ai_chip_counts_2026-04-22/" + url.split("/main/")[1]), part
            )
            assert staged.quarantined == 0
            counted += sum(staged.rows.values())
            recorded_owners.add(staged)
        assert counted == rows
    status = recorded_owners.judge("compute_stock")
    assert status["site and exports agree within 10 %"] == "pass"
    assert status["owners add up to what a designer sold within 5 %"] == "pass"
