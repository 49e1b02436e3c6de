"""EIA, electric power operational data: utility-scale generation of the United States per month."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from extractors.contract import Document, Frames, LayoutChanged, Records
from extractors.evidence import locate as evidence
from extractors.formats.tabular import finished, take


def _terawatt_hours(generation: str | None) -> str | None:
    """From thousand MWh (GWh). Marks such as "--", "NA" and "w" stay as printed and end in quarantine."""
    try:
        return None if generation is None else format(Decimal(generation) / 1000, "f")
    except InvalidOperation:
        return generation


def _row(number: int, item: dict[str, Any], where: str) -> dict[str, str | None]:
    item = dict(item)
    for field, expected in (
        ("location", "US"),
        ("sectorid", "99"),
        ("generation-units", "thousand megawatthours"),
    ):
        if (found := take(item, field, where)) != expected:
            raise LayoutChanged(
                f"{where}: {field} is {found!r}, expected {expected!r}; not what the query asks for"
            )
    period, fuel, generation = (take(item, field, where) for field in ("period", "fueltypeid", "generation"))
    for described in ("stateDescription", "sectorDescription", "fuelTypeDescription"):
        take(item, described, where)
    finished(item, where)
    return {
        "country": "USA",
        "period": f"{period}-01" if re.fullmatch(r"\d{4}-\d{2}", period or "") else f"no month: {period}",
        "frequency": "month",
        "series": "total",
        "twh": _terawatt_hours(generation),
        "_locator": f"$.response.data[{number}].generation",
        "_ignored": None if fuel == "ALL" else "fuel other than ALL: fuels overlap",
    }


def parse(document: Document) -> Frames:
    """JSON of API v2, ``response.data``: one object per month and fuel, every value a text.
    Unit: thousand MWh, kept as TWh. Only fuel ALL is taken; it is utility-scale only, while the series cannot
    tell that from a total with small-scale solar: compare it with other sources, do not join them.
    Source: https://www.eia.gov/opendata/"""
    try:
        answer = json.loads(document.content.decode("utf-8-sig"), parse_float=str, parse_int=str)
    except ValueError as error:
        raise LayoutChanged(f"{document.name}: not JSON: {error}") from error
    if not isinstance(answer, dict) or "error" in answer:
        raise LayoutChanged(f"{document.name}: EIA answered with an error: {str(answer)[:300]}")
    where = f"{document.name}, $"
    response = take(answer, "response", where)
    for about in ("request", "apiVersion", "ExcelAddInVersion"):
        answer.pop(about, None)
    finished(answer, where)
    where = f"{where}.response"
    for field, expected in (("dateFormat", "YYYY-MM"), ("frequency", "monthly")):
        if (found := take(response, field, where)) != expected:
            raise LayoutChanged(f"{where}: {field} is {found!r}, expected {expected!r}")
    for about in ("description", "warnings"):  # "incomplete return" comes with complete answers too
        response.pop(about, None)
    total, data = take(response, "total", where), take(response, "data", where)
    finished(response, where)
    if int(total) > len(data):
        raise LayoutChanged(
            f"{where}: holds {len(data)} of {total} rows: a cut page; ask for more rows or for fewer fuels"
        )
    return {
        "electricity_generation": Records(
            [_row(number, item, f"{where}.data[{number}]") for number, item in enumerate(data)]
        )
    }


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """Thousand MWh are printed, TWh are kept."""
    found = evidence.locate(document, locators)
    return {
        place: got.times(Decimal("0.001"), "thousand MWh, divided by 1000 for TWh")
        if isinstance(got, evidence.Evidence)
        else got
        for place, got in found.items()
    }
