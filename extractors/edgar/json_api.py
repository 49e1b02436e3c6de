"""SEC EDGAR: what its documents have in common: the companies asked for, their revenue concepts, the list of
filings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from extractors.contract import Document, LayoutChanged, Row, UnreadableRecord
from extractors.formats import json_fields
from extractors.formats.json_fields import Fields

# CIK -> currency the company reports in. An amount in US dollars beside it is a translation at one day's
# rate.
REPORTS_IN = {
    "0000789019": "USD",  # Microsoft
    "0001018724": "USD",  # Amazon
    "0001045810": "USD",  # Nvidia
    "0001329099": "CNY",  # Baidu
    "0001577552": "CNY",  # Alibaba
    "0001652044": "USD",  # Alphabet
}
# us-gaap concepts that are revenue of the whole company, the most comprehensive first. Parts of it (goods,
# services, other than from contracts) are not; nor is anything under IFRS, which none of the companies
# reports under.
REVENUE = (
    "Revenues",
    "RevenueFromContractWithCustomerExcludingAssessedTax",
    "RevenueFromContractWithCustomerIncludingAssessedTax",
    "SalesRevenueNet",
)
COMPANY = Fields(
    {"cik": str, "name": str, "filings": dict},
    unused=(
        *("entityType", "sic", "sicDescription", "ownerOrg", "insiderTransactionForOwnerExists"),
        *("insiderTransactionForIssuerExists", "tickers", "exchanges", "ein", "lei", "description"),
        *("website", "investorWebsite", "category", "fiscalYearEnd", "stateOfIncorporation"),
        *("stateOfIncorporationDescription", "addresses", "phone", "flags", "formerNames"),
    ),
)
FILINGS = Fields({"recent": dict}, unused=("files",))
USED = (
    *("accessionNumber", "filingDate", "reportDate", "acceptanceDateTime", "form", "items", "size"),
    *("isXBRL", "isInlineXBRL", "primaryDocument", "primaryDocDescription"),
)
RECENT = Fields(
    dict.fromkeys(USED, list), unused=("act", "fileNumber", "filmNumber", "core_type", "isXBRLNumeric")
)
_EASTERN = ZoneInfo("America/New_York")  # EDGAR's clock
_OPENS, _CLOSES = dt.time(6), dt.time(22)
_NEXT_DAY = dt.time(17, 30)  # what is accepted later counts as filed on the next working day
_LATE_FORMS = ("3", "4", "5", "144", "3/A", "4/A", "5/A", "144/A")  # but for these


def measure(cik: str, currency: str, where: str) -> str:
    """What an amount in ``currency`` is for that company, as dataset company_revenue names it.

    Raises ``LayoutChanged`` for a company that nobody has looked at, ``UnreadableRecord`` for such a
    currency.
    """
    if cik not in REPORTS_IN:
        raise LayoutChanged(
            f"{where}: company {cik} is not known; add the currency it reports in to"
            " extractors/edgar/json_api.py"
        )
    if currency == REPORTS_IN[cik]:
        return "revenue"
    if currency == "USD":
        return "revenue, convenience translation"
    raise UnreadableRecord(
        f"revenue in {currency}, where the company reports in {REPORTS_IN[cik]};"
        " say what it is in extractors/edgar/json_api.py"
    )


def cik_of(document: Document, answer: dict[str, Any]) -> str:
    """The company's ten-digit key, which is also the name of the part. Raises ``LayoutChanged`` when the two
    differ."""
    cik = str(answer["cik"]).zfill(10)
    if document.part not in ("", cik):
        raise LayoutChanged(
            f"{document.name}: is about company {cik}; the publisher answered with another file"
        )
    return cik


def filings(document: Document) -> tuple[str, str, list[Row]]:
    """CIK and name of a company and its newest filings, newest first, from its submissions JSON.

    The publisher keeps them as one list a column. ``acceptanceDateTime`` is given in UTC, which it is not in
    every file (see ``_zone``); a text that is no time stays as printed. The older lists that it names under
    ``filings.files`` are left out.
    """
    answer = COMPANY.one(document, json_fields.read(document, dict), "$")
    listed = FILINGS.one(document, answer["filings"], "$.filings")
    columns = RECENT.one(document, listed["recent"], "$.filings.recent")
    lengths = {column: len(values) for column, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise LayoutChanged(
            f"{document.name}, $.filings.recent: columns of unequal length {lengths}: which value belongs to"
            " which filing cannot be told"
        )
    rows: list[Row] = [
        {
            column: None if value in ("", None) else str(value)
            for column, value in zip(columns, values, strict=True)
        }
        for values in zip(*columns.values(), strict=True)
    ]
    zone = _zone(rows)
    for row in rows:
        if moment := _moment(row["acceptanceDateTime"]):
            row["acceptanceDateTime"] = moment.replace(tzinfo=zone).astimezone(dt.UTC).isoformat()
    return cik_of(document, answer), answer["name"], rows


def accepted(filing: Row, where: str) -> dt.datetime:
    """When a filing became public. Raises ``UnreadableRecord`` where its list prints no time."""
    try:
        return dt.datetime.fromisoformat(filing["acceptanceDateTime"] or "")
    except ValueError:
        raise UnreadableRecord(f"{where}: {filing['acceptanceDateTime']!r} is no time") from None


def _moment(printed: str | None) -> dt.datetime | None:
    """A time as printed, without the zone that it says."""
    try:
        return dt.datetime.fromisoformat(printed or "").replace(tzinfo=None, microsecond=0)
    except ValueError:
        return None


def _zone(rows: Iterable[Row]) -> dt.tzinfo:
    """The zone that the times of a list are in: all end in Z, and in many files they are New York's.

    EDGAR is open from 6 to 22 in New York, and what it accepts after 17:30 counts as filed on a later day:
    the zone that contradicts this less often. Where neither does New York's, the later one, so that no filing
    is known before it was public.
    """
    against = dict.fromkeys((_EASTERN, dt.UTC), 0)
    for row in rows:
        if moment := _moment(row["acceptanceDateTime"]):
            for zone in against:
                local = moment.replace(tzinfo=zone).astimezone(_EASTERN)
                same_day = row["filingDate"] == local.date().isoformat()
                late = local.time() > _NEXT_DAY and row["form"] not in _LATE_FORMS
                against[zone] += not _OPENS <= local.time() < _CLOSES or (late and same_day)
    return dt.UTC if against[dt.UTC] < against[_EASTERN] else _EASTERN
