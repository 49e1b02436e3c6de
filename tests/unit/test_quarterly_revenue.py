"""Revenue by quarter: every quarter once, a fourth quarter derived from one basis, whatever the concept it is
tagged with."""

from __future__ import annotations

import datetime as dt
import itertools

import duckdb
import pytest
from test_edgar_json import ALPHABET, FACTS, recorded

from warehouse.datasets import schema

MACRO = (schema.DATASETS.parent / "macros" / "quarterly_revenue.sql").read_text("utf-8")
DAY = dt.date


def quarters(
    rows: str, sql: str = "SELECT period_end, amount, derived FROM quarterly_revenue() ORDER BY period_end"
) -> list[tuple]:
    with duckdb.connect() as con:
        con.execute(f"CREATE VIEW company_revenue AS {rows}")
        con.execute(MACRO)
        return con.execute(sql).fetchall()


def stated(*facts: tuple) -> str:
    """Rows of (concept, first day, last day, amount, day filed), one filing a day."""
    values = ", ".join(
        f"('{concept}', DATE '{start}', DATE '{end}', {amount}.0::DOUBLE, DATE '{filed}')"
        for concept, start, end, amount, filed in facts
    )
    return f"""SELECT 's' AS source, 'C' AS company, '' AS segment, 'revenue' AS measure, 'USD' AS currency,
        'd' AS document, *,
        filed_on::VARCHAR AS filing, 'record ' || row_number() OVER () AS locator
        FROM (VALUES {values}) AS v (concept, period_start, period_end, amount, filed_on)"""


@pytest.mark.duckdb2
def test_recorded_alphabet_has_every_quarter_once(staging, recordings):
    staged = staging(FACTS, recorded(recordings, "sec_companyfacts/2026-07-09_CIK0001652044.json"), ALPHABET)
    kept = (
        "SELECT *, 'd' AS document, place AS locator"
        f" FROM read_parquet('{staged.parquet('company_revenue')}')"
    )
    found = quarters(
        kept,
        "SELECT period_start, period_end, amount, derived, len(inputs) FROM quarterly_revenue()"
        " ORDER BY period_end",
    )
    since = [row for row in found if row[1] >= DAY(2015, 1, 1)]
    starts = [DAY(year, month, 1) for year in range(2015, 2027) for month in (1, 4, 7, 10)]
    assert [row[0] for row in since] == starts[:45], "2015-Q1 to 2026-Q1, no gap and no duplicate"
    assert all(before[1] + dt.timedelta(days=1) == after[0] for before, after in itertools.pairwise(since))
    assert {row[0].month for row in since if row[3]} == {10}, "no fourth quarter is printed"
    assert all(row[3] for row in since if row[0].month == 10)
    assert all(row[4] == (2 if row[3] else 1) for row in since)
    amounts = {row[0]: row[2] / 1e6 for row in since}
    assert (amounts[DAY(2015, 10, 1)], amounts[DAY(2022, 10, 1)], amounts[DAY(2025, 10, 1)]) == (
        21329,
        76048,
        113829,
    )
    years = {2015: 74989, 2021: 257637, 2022: 282836, 2023: 307394, 2025: 402836}
    # the nine months of 2025 are printed as 289,007, a million less than the three quarters in them: rounding
    assert {
        year: sum(amounts[DAY(year, month, 1)] for month in (1, 4, 7, 10)) for year in years
    } == pytest.approx(years, abs=1)


def test_last_quarter_is_taken_from_one_basis():
    """Microsoft restated its fiscal year 2016 from 85,320 to 91,154 two years later, and its nine months
    never."""
    found = quarters(
        stated(
            ("SalesRevenueNet", "2015-07-01", "2016-03-31", 64706, "2016-04-21"),
            ("SalesRevenueNet", "2015-07-01", "2016-06-30", 85320, "2016-07-28"),
            ("SalesRevenueNet", "2015-07-01", "2016-03-31", 64706, "2017-04-27"),
            ("SalesRevenueNet", "2015-07-01", "2016-06-30", 85320, "2017-08-02"),
            (
                "RevenueFromContractWithCustomerExcludingAssessedTax",
                "2015-07-01",
                "2016-06-30",
                91154,
                "2018-08-03",
            ),
        )
    )
    assert found == [(DAY(2016, 6, 30), 20614.0, True)]


def test_latest_filed_holds_and_printed_before_derived():
    facts = [
        ("Revenues", "2024-01-01", "2024-06-30", 20, "2024-07-20"),
        ("Revenues", "2024-01-01", "2024-03-31", 9, "2024-04-20"),
        ("Revenues", "2024-04-01", "2024-06-30", 11, "2024-07-20"),
        ("RevenueFromContractWithCustomerExcludingAssessedTax", "2024-04-01", "2024-06-30", 12, "2025-07-20"),
    ]
    assert quarters(stated(*facts)) == [(DAY(2024, 3, 31), 9.0, False), (DAY(2024, 6, 30), 12.0, False)]
    assert quarters(stated(*facts[:2])) == [(DAY(2024, 3, 31), 9.0, False), (DAY(2024, 6, 30), 11.0, True)], (
        "half-year less quarter"
    )


def test_most_comprehensive_concept_of_a_filing():
    part = (
        "RevenueFromContractWithCustomerExcludingAssessedTax",
        "2024-01-01",
        "2024-03-31",
        7,
        "2024-04-20",
    )
    assert quarters(stated(part, ("Revenues", "2024-01-01", "2024-03-31", 9, "2024-04-20"))) == [
        (DAY(2024, 3, 31), 9.0, False)
    ]


def test_weeks_and_other_lengths():
    """Quarters of 13 and 14 weeks; a period of five quarters and a difference of half a year are none."""
    found = quarters(
        stated(
            ("Revenues", "2022-10-31", "2023-01-29", 6, "2023-02-24"),
            ("Revenues", "2016-08-01", "2016-11-06", 5, "2016-11-24"),
            ("Revenues", "2020-01-01", "2021-03-31", 90, "2021-05-01"),
            ("Revenues", "2020-01-01", "2020-12-31", 70, "2021-05-01"),
            ("Revenues", "2019-01-01", "2019-12-31", 70, "2020-05-01"),
            ("Revenues", "2019-01-01", "2019-06-30", 30, "2020-05-01"),
        )
    )
    assert found == [(DAY(2016, 11, 6), 5.0, False), (DAY(2023, 1, 29), 6.0, False)]


def test_translations_and_currencies_stay_apart():
    rows = stated(("Revenues", "2024-01-01", "2024-03-31", 9, "2024-04-20"))
    translated = rows.replace("'revenue' AS measure", "'revenue, convenience translation' AS measure")
    assert quarters(translated) == []
    nine, year = (
        ("Revenues", "2024-01-01", end, amount, "2025-01-20")
        for end, amount in (("2024-09-30", 9), ("2024-12-31", 12))
    )
    assert quarters(f"{stated(nine)} UNION ALL {stated(year).replace('USD', 'CNY')}") == []
    assert quarters(stated(nine, year)) == [(DAY(2024, 12, 31), 3.0, True)]
