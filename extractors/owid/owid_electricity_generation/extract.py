"""Our World in Data, chart "Electricity generation": total generation per country and year."""

from __future__ import annotations

from extractors.contract import Document, Frames
from extractors.formats.tabular import Layout, read_csv

LAYOUTS = [
    Layout("short names", {"entity": None, "code": "code", "year": "year", "total_generation__twh": "twh"}),
    Layout(
        "long names, unit in brackets (2022)",
        {"Entity": None, "Code": "code", "Year": "year", "Electricity generation (TWh)": "twh"},
    ),
    Layout(
        "long names", {"Entity": None, "Code": "code", "Year": "year", "Electricity generation - TWh": "twh"}
    ),
]
COUNTRY = "(regexp_full_match(code, '[A-Z]{3}') OR code = 'OWID_KOS')"


def parse(document: Document) -> Frames:
    """CSV of the chart, one row per entity and year. Unit: TWh, as printed in the column name.
    Codes are ISO 3166-1 alpha-3; OWID's own begin with OWID_, of which only Kosovo (XKX) is a country today.
    Years before 2000 are on another basis (Energy Institute, gross). Any other code ends in quarantine.
    Source: https://ourworldindata.org/grapher/electricity-generation"""
    table = read_csv(document, LAYOUTS)
    columns = {
        "country": "CASE code WHEN 'OWID_KOS' THEN 'XKX' ELSE code END",
        "period": (
            r"CASE WHEN regexp_full_match(year, '\d{4}') THEN year || '-01-01'"
            r" ELSE 'no year: ' || year END"
        ),
        "frequency": "'year'",
        "series": "'total'",
        "twh": f"CASE WHEN {COUNTRY} THEN twh ELSE 'unknown code ' || code END",
    }
    ignore = {
        "region or aggregate: no code": "code IS NULL",
        "region, aggregate or former country: OWID's own code": (
            "starts_with(code, 'OWID_') AND code <> 'OWID_KOS'"
        ),
        "no value printed": f"twh IS NULL AND {COUNTRY}",
    }
    return {"electricity_generation": table.select(columns, value="twh", ignore=ignore)}
