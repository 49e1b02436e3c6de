"""SEC EDGAR, companyfacts: revenue of whole companies from the XBRL of all their filings."""

from __future__ import annotations

from typing import Any

from extractors.contract import Document, Frames, Records
from extractors.edgar import json_api
from extractors.formats.tabular import finished, take

REPORTS = (
    "10-K",
    "10-K/A",
    "10-KT",
    "10-KT/A",
    "10-Q",
    "10-Q/A",
    "10-QT",
    "10-QT/A",
    "20-F",
    "20-F/A",
    "6-K",
    "6-K/A",
    "8-K",
    "8-K/A",
)
# Beginnings of forms that repeat figures of a report, perhaps in part or for a table on pay.
OTHERS = ("DEF", "PRE", "424B", "S-", "F-", "POS", "11-K", "SC ", "ARS")

EMPTY: dict[str, str | None] = dict.fromkeys(
    (
        "company",
        "segment",
        "measure",
        "concept",
        "currency",
        "period_end",
        "period_start",
        "filing",
        "amount",
        "printed",
        "scale",
        "filed_on",
        "form",
    )
)


def _ignored(taxonomy: str, concept: str, form: str | None = None) -> str | None:
    if taxonomy != "us-gaap":
        return "taxonomy other than us-gaap"
    if concept not in json_api.REVENUE:
        return "concept other than revenue"
    return "proxy statement, registration or prospectus" if form and form.startswith(OTHERS) else None


def _row(
    cik: str, company: str, concept: str, currency: str, fact: dict[str, Any], where: str
) -> dict[str, str | None]:
    fact = dict(fact)
    end, value, filing, form, filed = (
        take(fact, field, where) for field in ("end", "val", "accn", "form", "filed")
    )
    # without one it is a balance of one day, which revenue cannot be: quarantine
    start = fact.pop("start", None)
    # about the filing, not about the period: a quarter of 2024 says fy 2025
    for about in ("fy", "fp", "frame"):
        fact.pop(about, None)
    finished(fact, where)
    return {
        "company": company,
        "segment": "",
        "measure": json_api.measure(cik, currency, where),
        "concept": concept,
        "currency": currency,
        "period_end": end,
        "period_start": start,
        "filing": filing,
        "amount": value
        if form in REPORTS or str(form).startswith(OTHERS)
        else f"{value} in unknown form {form}",
        "printed": value,
        "scale": "0",
        "filed_on": filed,
        "form": form,
        "_ignored": _ignored("us-gaap", concept, form),
    }


def _settle(rows: list[dict[str, str | None]]) -> None:
    """The same fact twice in one filing is one; if the two differ, neither is known: both go to
    quarantine."""
    seen: dict[tuple[str | None, ...], dict[str, str | None]] = {}
    for row in (row for row in rows if not row["_ignored"]):
        first = seen.setdefault(
            tuple(row[name] for name in ("concept", "currency", "period_start", "period_end", "filing")), row
        )
        if first is not row and first["printed"] == row["printed"]:
            row["_ignored"] = "the same fact again"
        elif first is not row:
            first["amount"] = row["amount"] = f"{first['printed']} and {row['printed']} in one filing"


def parse(document: Document) -> Frames:
    """JSON of one company: facts by taxonomy, concept and unit, without any that have dimensions, so without
    segments. Unit: as the key of the list, a currency, not scaled. Quarters, half-years, nine months and
    years are in one list and only ``start`` and ``end`` tell them apart; a fourth quarter is hardly ever
    there.
    Source: https://data.sec.gov/api/xbrl/companyfacts/CIK##########.json"""
    answer = json_api.read_json(document)
    where = f"{document.name}, $"
    cik, company, taxonomies = (
        json_api.take_cik(document, answer),
        str(take(answer, "entityName", where)),
        take(answer, "facts", where),
    )
    finished(answer, where)
    rows: list[dict[str, str | None]] = []
    for taxonomy, concepts in json_api.mapping(taxonomies, f"{where}.facts").items():
        for concept, about in json_api.mapping(concepts, f"{where}.facts.{taxonomy}").items():
            at = f"{where}.facts.{taxonomy}.{concept}"
            units = take(json_api.mapping(about, at), "units", at)
            for unit, facts in json_api.mapping(units, f"{at}.units").items():
                for number, fact in enumerate(json_api.rows_of(facts, f"{at}.units.{unit}")):
                    place = f"{at}.units.{unit}[{number}]"
                    other = _ignored(taxonomy, concept)
                    row = (
                        EMPTY | {"_ignored": other}
                        if other
                        else _row(cik, company, concept, unit, json_api.mapping(fact, place), place)
                    )
                    rows.append(row | {"_locator": place.removeprefix(f"{document.name}, ") + ".val"})
    _settle(rows)
    return {"company_revenue": Records(rows)}
