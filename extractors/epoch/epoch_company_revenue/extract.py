"""Epoch AI, ``ai_companies_revenue_reports.csv``: what AI companies are reported to earn."""

from __future__ import annotations

from dataclasses import dataclass

from extractors.contract import Document, Frames, Records, Row, UnreadableRecord
from extractors.formats.tabular import Layout, csv_records

_START = {"Id": "caption", "Company": "organisation", "Date": "day"}
_NORMAL, _ANNUAL = {"Revenue amount (normalize to annual)": "normal"}, {"Annualized revenue (USD)": "annual"}
_END = {
    "Confidence": "confidence",
    "Source 1": "url",
    "Source 2": None,
    "Source 3": None,
    "Notes": None,  # quotes the press at length
    "Report date": "reported_on",
    "Source type": "disclosure",
    "Graph note": "remark",
}
JANUARY = Layout(
    "15 columns, January 2026",
    {**_START, **_NORMAL, **_ANNUAL, "Type": "kind", "Revenue info (non-annualized)": None, **_END},
)
SEPTEMBER = Layout(
    "18 columns, September 2026",
    {
        **_START,
        **_ANNUAL,
        "Annualized revenue type": "kind",
        "Scope": "scope",
        **_NORMAL,
        "Period revenue": "period",
        "Period type": "period_type",
        "Other revenue info": None,
        **_END,
    },
)

RUN_RATE, RECURRING, SCALED, PERIOD, UNSTATED = (
    "run rate",
    "annual recurring revenue",
    "annualised period revenue",
    "period revenue",
    "not stated",
)
COMPANY, PRODUCT = "company", "product or division"
# January's one column of types: printed -> measure, scope, type of period
TYPES = {
    "Annualized revenue": (RUN_RATE, COMPANY, None),
    "Annual recurring revenue": (RECURRING, COMPANY, None),
    "Quarterly revenue": (SCALED, COMPANY, "quarter"),
    "Yearly revenue": (PERIOD, COMPANY, "year"),
    "Product/division revenue": (UNSTATED, PRODUCT, None),
    "Other": (UNSTATED, COMPANY, None),
}
# September's two
KINDS = {
    "Annualized run rate": RUN_RATE,
    "Annual recurring revenue (ARR)": RECURRING,
    "Period interpolation": SCALED,
}
SCOPES = {"Full company": COMPANY, "Product/division": PRODUCT, None: UNSTATED}


@dataclass(frozen=True)
class Stated:
    """One amount that a record states: short name of the column it stands in, and what it measures."""

    column: str
    measure: str
    scope: str
    period_type: str | None


def parse(document: Document) -> Frames:
    """CSV, one row per report, many lines to a row where notes are long. Unit: US dollars a year, and for the
    measure 'period revenue' in the period. ``Id`` is a caption that repeats. A report of a period's revenue
    in the layout of September states two amounts: the period's own and the annualised one. A record of an
    unknown type or scope, and an unreadable amount or date, end in quarantine.
    Source: https://epoch.ai/data/ai_companies_revenue_reports.csv"""
    layout, records, unreadable = csv_records(document, document.content, [JANUARY, SEPTEMBER])
    read = _january if layout is JANUARY else _september
    printed = {short: name for name, short in layout.columns.items() if short}

    def rows(place: str, record: Row) -> list[Row]:
        stated = read(record)
        if reason := _placeholder(record):
            return [_row(record, Stated("normal", UNSTATED, UNSTATED, None), place, reason)]
        return [_row(record, one, f"{place}, column {printed[one.column]}") for one in stated]

    numbered = ((f"record {record['_n']}", record) for record in records)
    return {"revenue_report": Records.of(numbered, rows, unreadable)}


def _placeholder(record: Row) -> str | None:
    if not any(record.get(column) for column in ("annual", "normal", "period")):
        return "placeholder: no amount"
    return None if record["day"] else "placeholder: no date"


def _january(record: Row) -> list[Stated]:
    """A blank annualised amount marks what is no run rate, whatever its type says."""
    kind = record["kind"]
    if kind is None:
        return [Stated("normal", UNSTATED, UNSTATED, None)]
    if kind not in TYPES:
        raise UnreadableRecord(f"Type {kind!r} is not known; say in extract.py what it measures")
    measure, scope, period = TYPES[kind]
    if measure != PERIOD and record["annual"]:
        return [Stated("annual", measure, scope, period)]
    return [Stated("normal", UNSTATED if measure in (RUN_RATE, RECURRING) else measure, scope, period)]


def _september(record: Row) -> list[Stated]:
    kind, period = record["kind"], (record["period_type"] or "").lower() or None
    if record["scope"] not in SCOPES:
        raise UnreadableRecord(f"Scope {record['scope']!r} is not known; is it the whole company?")
    if kind is not None and kind not in KINDS:
        raise UnreadableRecord(
            f"Annualized revenue type {kind!r} is not known; say in extract.py what it measures"
        )
    scope = SCOPES[record["scope"]]
    stated = []
    if kind or record["annual"]:
        column = "annual" if record["annual"] else "normal"  # products have the second alone
        stated.append(
            Stated(
                column,
                KINDS[kind] if kind else UNSTATED,
                scope,
                period if kind == "Period interpolation" else None,
            )
        )
    if record["period"]:
        stated.append(Stated("period", PERIOD, scope, period))
    elif period and not stated:
        # of a year both are the same
        stated.append(Stated("normal", PERIOD if period == "year" else SCALED, scope, period))
    return stated or [Stated("normal", UNSTATED, scope, None)]


def _row(record: Row, stated: Stated, place: str, ignored: str | None = None) -> Row:
    disclosure = record["disclosure"]
    return {
        "organisation": record["organisation"],
        "measure": stated.measure,
        "scope": stated.scope,
        "day": record["day"],
        "url": record["url"] or "",
        "amount_usd": record[stated.column],
        "period_type": stated.period_type,
        "caption": record["caption"],
        "disclosure": disclosure,
        "company_disclosed": disclosure and str("Company disclosure" in disclosure.split(",")).lower(),
        "confidence": record["confidence"],
        "reported_on": record["reported_on"],
        "remark": record["remark"],
        "_locator": place,
        "_ignored": ignored,
    }
