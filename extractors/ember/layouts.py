"""Ember's electricity files: the wide layout since July 2026, and the long layout before it."""

from __future__ import annotations

from typing import Literal

from extractors.contract import Document, Frames
from extractors.formats.tabular import Layout, read_csv

_FUELS = ("bioenergy", "coal", "gas", "hydro", "nuclear", "other fossil", "other renewables", "solar", "wind")
_GROUPS = (
    "clean",
    "fossil",
    "gas and other fossil",
    "hydro, bioenergy and other renewables",
    "renewables",
    "wind and solar",
)


def _in(column: str, names: tuple[str, ...]) -> str:
    """SQL: the lower-case text of ``column`` is one of ``names``."""
    return f"lower({column}) IN (" + ", ".join(f"'{name}'" for name in names) + ")"


_GENERATION = _in("label", (*_FUELS, *_GROUPS, "total generation"))
_KNOWN_WIDE = f"({_GENERATION} OR {_in('label', ('demand', 'net imports'))})"
_KNOWN_LONG = f"""unit = 'TWh' AND CASE category
    WHEN 'Electricity generation' THEN subcategory IN ('Total', 'Fuel', 'Aggregate fuel') AND {_GENERATION}
    WHEN 'Electricity demand' THEN subcategory = 'Demand' AND lower(label) = 'demand'
    WHEN 'Electricity imports' THEN subcategory = 'Electricity imports'
    AND lower(label) = 'net imports' END"""
_UNWANTED_LONG = {
    "share of generation, not an amount": "category = 'Electricity generation' AND unit = '%'",
    "capacity": "category = 'Capacity'",
    "emissions": "category = 'Power sector emissions'",
    "demand per head": "category = 'Electricity demand' AND subcategory = 'Demand per capita'",
}
_COUNTRY = "type IN ('Country or economy', 'Country') AND regexp_full_match(code, '[A-Z]{3}')"
_PERIOD = {
    "year": r"WHEN regexp_full_match(period, '\d{4}') THEN period || '-01-01'",
    "month": r"WHEN regexp_full_match(period, '\d{4}-\d{2}-01') THEN period",
}
# Since June 2026 the long monthly file prints DD/MM/YYYY. The day is 01 in both notations, so a date
# read in the wrong order is refused, never taken for another month.
_SLASHES = (
    r"WHEN regexp_full_match(period, '01/\d{2}/\d{4}') THEN period[7:10] || '-' || period[4:5] || '-01'"
)


def _layouts(frequency: Literal["year", "month"]) -> list[Layout]:
    period = "Year" if frequency == "year" else "Date"
    capacity = ["Capacity (GW)"] if frequency == "year" else []
    wide: dict[str, str | None] = {
        "Area": None, "ISO 3 code": "code", period: "period", "Area type": "type", "Electricity source": "label",  # noqa: E501
        "Is aggregated source": None, "Generation (TWh)": "twh",
    }  # fmt: skip
    more = ["Generation YoY change (TWh)", "Generation YoY change (%)", "Share of generation (%)"]
    more += [
        "Share of generation YoY change (% points)",
        *capacity,
        "Emissions (MtCO2e)",
        "Emissions YoY change (MtCO2e)",
    ]
    more += [
        "Emissions YoY change (%)",
        "Share of emissions (%)",
        "Emissions intensity (gCO2e/kWh)",
        "Continent",
    ]
    more += ["Ember region", "EU member", "OECD member", "G20 member", "G7 member", "ASEAN member"]
    layouts = [Layout("wide, since July 2026", wide | dict.fromkeys(more))]
    for code in ("ISO 3 code", "Country code"):
        long: dict[str, str | None] = {"Area": None, code: "code", period: "period", "Area type": "type"}
        long |= dict.fromkeys(["Continent", "Ember region", "EU", "OECD", "G20", "G7", "ASEAN"])
        long |= {
            "Category": "category",
            "Subcategory": "subcategory",
            "Variable": "label",
            "Unit": "unit",
            "Value": "twh",
        }
        layouts.append(
            Layout(f"long, with {code}", long | dict.fromkeys(["YoY absolute change", "YoY % change"]))
        )
    return layouts


def parse(document: Document, frequency: Literal["year", "month"]) -> Frames:
    """Rows of either layout, for files of years or of months.

    A label, unit, area type or code that is not known here does not slip through: its ``twh`` is a text
    that says so, which no number can be read from, and the row ends in quarantine with that text.
    """
    table = read_csv(document, _layouts(frequency))
    long = table.has("category")
    known = _KNOWN_LONG if long else _KNOWN_WIDE
    printed = "category, ' / ', subcategory, ' / ', label, ' / ', unit" if long else "label"
    problem = (
        f"WHEN NOT coalesce({_COUNTRY}, false) THEN concat('area of type ', type, ', code ', code)"
        f" WHEN NOT coalesce({known}, false) THEN concat('unknown series ', {printed})"
    )
    dates = _PERIOD[frequency] + (f" {_SLASHES}" if long and frequency == "month" else "")
    columns = {
        "country": "code",
        "period": f"CASE {dates} ELSE concat('no first day of a {frequency}: ', period) END",
        "frequency": f"'{frequency}'",
        "series": "CASE lower(label) WHEN 'total generation' THEN 'total' ELSE lower(label) END",
        "twh": f"CASE {problem} ELSE twh END",
    }
    ignore = {
        "region or aggregate: no ISO 3166 code": "code IS NULL AND type = 'Region'",
        **(_UNWANTED_LONG if long else {}),
        "no value printed": f"twh IS NULL AND {_COUNTRY} AND {known}",
    }
    return {"electricity_generation": table.select(columns, value="twh", ignore=ignore)}
