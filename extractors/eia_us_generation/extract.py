"""EIA, electric power operational data: utility-scale generation of the United States per month."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from extractors.contract import Document, Frames, LayoutChanged, Records, Row, UnreadableRecord
from extractors.evidence import locate as evidence
from extractors.formats import json_fields, values
from extractors.formats.json_fields import Fields

ANSWER = Fields({"response": dict}, {"error": object}, ("request", "apiVersion", "ExcelAddInVersion"))
RESPONSE = Fields(
    {"dateFormat": str, "frequency": str, "total": str, "data": list},
    unused=("description", "warnings"),  # "incomplete return" comes with complete answers too
)
ITEM = Fields(
    {
        "location": str,
        "sectorid": str,
        "generation-units": str,
        "period": str,
        "fueltypeid": str,
        "generation": str | None,
    },
    unused=("stateDescription", "sectorDescription", "fuelTypeDescription"),
)
ASKED = {"location": "US", "sectorid": "99", "generation-units": "thousand megawatthours"}


def _terawatt_hours(generation: str | None) -> str | None:
    """From thousand MWh (GWh). A mark such as "w" (withheld) stays as printed and ends in quarantine."""
    try:
        return None if generation is None else format(Decimal(generation) / 1000, "f")
    except InvalidOperation:
        return generation


def _row(place: str, item: dict[str, Any]) -> Row:
    for field, expected in ASKED.items():
        if item[field] != expected:
            raise UnreadableRecord(
                f"{field} is {item[field]!r}, expected {expected!r}; not what the query asks for"
            )
    period, generation = item["period"], values.printed(item["generation"] or "")
    reason = None if item["fueltypeid"] == "ALL" else "fuel other than ALL: fuels overlap"
    return {
        "country": "USA",
        "period": f"{period}-01" if re.fullmatch(r"\d{4}-\d{2}", period) else f"no month: {period}",
        "frequency": "month",
        "series": "total",
        "twh": _terawatt_hours(generation),
        "_locator": f"{place}.generation",
        "_ignored": reason or ("no value printed" if generation is None else None),
    }


def parse(document: Document) -> Frames:
    """JSON of API v2, ``response.data``: one object per month and fuel, every value a text.
    Unit: thousand MWh, kept as TWh. Only fuel ALL is taken; it is utility-scale only, while the series cannot
    tell that from a total with small-scale solar: compare it with other sources, do not join them.
    Source: https://www.eia.gov/opendata/"""
    printed = json_fields.read(document, dict)
    if "error" in printed:
        raise LayoutChanged(f"{document.name}: EIA answered with an error: {str(printed)[:300]}")
    response = RESPONSE.one(document, ANSWER.one(document, printed, "$")["response"], "$.response")
    for field, expected in (("dateFormat", "YYYY-MM"), ("frequency", "monthly")):
        if response[field] != expected:
            raise LayoutChanged(
                f"{document.name}, $.response: {field} is {response[field]!r}, expected {expected!r}"
            )
    total, data = response["total"], response["data"]
    if not total.isdecimal() or int(total) > len(data):
        raise LayoutChanged(
            f"{document.name}, $.response: holds {len(data)} of {total} rows: a cut page; ask for more rows"
            " or for fewer fuels"
        )
    items, unreadable = ITEM.each(document, data, "$.response.data")
    return {"electricity_generation": Records.of(items, _row, unreadable)}


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """Thousand MWh are printed, TWh are kept."""
    found = evidence.locate(document, locators)
    return {
        place: got.times(Decimal("0.001"), "thousand MWh, divided by 1000 for TWh")
        if isinstance(got, evidence.Evidence)
        else got
        for place, got in found.items()
    }
