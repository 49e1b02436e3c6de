"""The long layout of Ember's files, before July 2026. The rows are written here after descriptions of it: no
real file was met."""

from __future__ import annotations

import datetime as dt

import pytest

YEARLY, MONTHLY = "ember_generation_yearly", "ember_generation_monthly"


def long_file(code: str, period: str, *rows: str) -> bytes:
    header = f"Area,{code},{period},Area type,Continent,Ember region,EU,OECD,G20,G7,ASEAN,"
    header += "Category,Subcategory,Variable,Unit,Value,YoY absolute change,YoY % change"
    return "\n".join([header, *rows, ""]).encode()


def long_row(
    period: str,
    what: str,
    value: str,
    *,
    area: str = "China",
    code: str = "CHN",
    kind: str = "Country or economy",
) -> str:
    return f"{area},{code},{period},{kind},Asia,Asia,0,0,1,0,0,{what},{value},,"


TOTAL = "Electricity generation,Total,Total Generation,TWh"


@pytest.mark.parametrize("header", ["ISO 3 code", "Country code"])
def test_ember_long_years(staging, header):
    body = long_file(
        header,
        "Year",
        long_row("2024", TOTAL, "10086.88"),
        long_row("2024", "Electricity generation,Fuel,Coal,TWh", "5800.5"),
        long_row("2024", "Electricity generation,Aggregate fuel,Clean,TWh", "3700.25"),
        long_row("2024", "Electricity generation,Fuel,Coal,%", "57.5"),
        long_row("2024", "Electricity demand,Demand,Demand,TWh", "10070.1"),
        long_row("2024", "Electricity demand,Demand per capita,Demand per capita,MWh", "7.1"),
        long_row("2024", "Electricity imports,Electricity imports,Net Imports,TWh", "-16.78"),
        long_row("2024", "Capacity,Fuel,Coal,GW", "1190.6"),
        long_row("2024", "Power sector emissions,Total,Total emissions,mtCO2", "5640.1"),
        long_row("2024", TOTAL, "30850.2", area="World", code="", kind="Region"),
        long_row("2025", "Electricity generation,Fuel,Wind,TWh", ""),
    )
    staged = staging(YEARLY, body)
    assert staged.quarantined == 0
    assert staging.rows(staged, "SELECT series, twh FROM rows ORDER BY ALL") == [
        ("clean", 3700.25), ("coal", 5800.5), ("demand", 10070.1), ("net imports", -16.78), ("total", 10086.88),  # noqa: E501
    ]  # fmt: skip
    assert staging.rows(staged, "SELECT DISTINCT country, period, frequency FROM rows") == [
        ("CHN", dt.date(2024, 1, 1), "year")
    ]
    assert sum(staged.ignored["electricity_generation"].values()) == 6


def test_ember_long_months_in_both_notations(staging):
    """2026-04-01 and 01/04/2026 are April; a day other than 01 is refused, never read as another month."""
    body = long_file(
        "ISO 3 code",
        "Date",
        long_row("2026-03-01", TOTAL, "800"),
        long_row("01/04/2026", TOTAL, "750"),
        long_row("04/01/2026", TOTAL, "700"),
    )
    staged = staging(MONTHLY, body)
    assert staging.rows(staged, "SELECT period, twh FROM rows ORDER BY ALL") == [
        (dt.date(2026, 3, 1), 800.0),
        (dt.date(2026, 4, 1), 750.0),
    ]
    [(locator, reason)] = staging.rows(staged, "SELECT locator, reason FROM quarantine")
    assert locator == "record 3, column Value"
    assert "04/01/2026" in reason


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (long_row("2024", "Electricity generation,Total,Total Generation,GWh", "10086880"), "GWh"),
        (long_row("2024", "Electricity generation,Fuel,Fusion,TWh", "1"), "Fusion"),
        (long_row("2024", "Electricity storage,Total,Batteries,TWh", "1"), "Electricity storage"),
        (long_row("2024", TOTAL, "1", area="Somewhere", code="XX1"), "XX1"),
        (long_row("2024", TOTAL, "1", kind="Territory"), "Territory"),
        (long_row("24", TOTAL, "1"), "24"),
        (long_row("2024", TOTAL, "1e999"), "1e999"),
    ],
)
def test_ember_what_is_not_known_does_not_slip_through(staging, row, says):
    """A unit, label, category, area type or date that the parser does not know ends in quarantine, with its
    words."""
    staged = staging(YEARLY, long_file("ISO 3 code", "Year", long_row("2023", TOTAL, "9456.45"), row))
    assert staged.rows["electricity_generation"] == 1
    [(locator, reason)] = staging.rows(staged, "SELECT locator, reason FROM quarantine")
    assert locator.startswith("record 2")
    assert says in reason
