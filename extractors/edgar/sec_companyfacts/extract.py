"""SEC EDGAR, companyfacts: revenue of whole companies from the XBRL of all their filings."""

from __future__ import annotations

from functools import partial
from typing import Any

from extractors.contract import Document, Frames, Records, Row
from extractors.edgar import json_api
from extractors.formats import json_fields
from extractors.formats.json_fields import Fields

COMPANY = Fields({"cik": str, "entityName": str, "facts": dict})
CONCEPT = Fields({"units": dict}, unused=("label", "description"))
# fy, fp and frame are about the filing, not about the period: a quarter of 2024 says fy 2025. Without a start
# a fact is a balance of one day, which revenue cannot be: quarantine.
FACT = Fields(
    {"end": str, "val": str, "accn": str, "form": str | None, "filed": str},
    optional={"start": str | None},
    unused=("fy", "fp", "frame"),
)

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


def _row(cik: str, company: str, concept: str, currency: str, place: str, fact: dict[str, Any]) -> Row:
    value, form = fact["val"], fact["form"]
    return {
        "company": company,
        "segment": "",
        "measure": json_api.measure(cik, currency, place),
        "concept": concept,
        "currency": currency,
        "period_end": fact["end"],
        "period_start": fact["start"],
        "filing": fact["accn"],
        "amount": value
        if form in REPORTS or str(form).startswith(OTHERS)
        else f"{value} in unknown form {form}",
        "printed": value,
        "scale": "0",
        "filed_on": fact["filed"],
        "form": form,
        "_locator": f"{place}.val",
        "_ignored": _ignored("us-gaap", concept, form),
    }


def _others(about: Any, place: str, reason: str) -> list[Row]:
    """A concept that is not used: one ignored row a fact, whatever it holds."""
    units = about.get("units") if isinstance(about, dict) else None
    lists = units.items() if isinstance(units, dict) else ()
    return [
        EMPTY | {"_locator": f"{place}.units.{unit}[{number}].val", "_ignored": reason}
        for unit, facts in lists
        for number in range(len(facts) if isinstance(facts, list) else 0)
    ]


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
    answer = COMPANY.one(document, json_fields.read(document, dict), "$")
    cik, company = json_api.cik_of(document, answer), answer["entityName"]
    found = Records([])
    for taxonomy, concepts in answer["facts"].items():
        for concept, about in (concepts if isinstance(concepts, dict) else {}).items():
            at = f"$.facts.{taxonomy}.{concept}"
            if reason := _ignored(taxonomy, concept):
                found.rows.extend(_others(about, at, reason))
                continue
            for unit, facts in CONCEPT.one(document, about, at)["units"].items():
                listed, unreadable = FACT.each(document, facts, f"{at}.units.{unit}")
                read = Records.of(listed, partial(_row, cik, company, concept, unit), unreadable)
                found.rows.extend(read.rows)
                found.unreadable.extend(read.unreadable)
    _settle(found.rows)
    return {"company_revenue": found}
