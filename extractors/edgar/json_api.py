"""SEC EDGAR: what its documents have in common: the companies asked for, their revenue concepts, the list of
filings."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from extractors.contract import Document, LayoutChanged
from extractors.formats.tabular import finished, take

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
_COLUMNS = (
    "accessionNumber", "filingDate", "reportDate", "acceptanceDateTime", "act", "form", "fileNumber",
    "filmNumber", "items",
    "core_type", "size", "isXBRL", "isInlineXBRL", "primaryDocument", "primaryDocDescription",
)  # fmt: skip
_ABOUT = (
    "entityType", "sic", "sicDescription", "ownerOrg", "insiderTransactionForOwnerExists",
    "insiderTransactionForIssuerExists",
    "tickers", "exchanges", "ein", "lei", "description", "website", "investorWebsite", "category",
    "fiscalYearEnd",
    "stateOfIncorporation", "stateOfIncorporationDescription", "addresses", "phone", "flags", "formerNames",
)  # fmt: skip


def measure(cik: str, currency: str, where: str) -> str:
    """What an amount in ``currency`` is for that company, as dataset company_revenue names it.

    Raises ``LayoutChanged`` for a company or a currency that nobody has looked at.
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
    raise LayoutChanged(
        f"{where}: revenue in {currency}, where the company reports in {REPORTS_IN[cik]};"
        " say what it is in extractors/edgar/json_api.py"
    )


def mapping(value: Any, where: str) -> dict[str, Any]:
    """A copy of an object, to take fields from. Raises ``LayoutChanged`` for anything else."""
    if not isinstance(value, dict):
        raise LayoutChanged(f"{where}: not an object but {str(value)[:80]!r}")
    return dict(value)


def rows_of(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise LayoutChanged(f"{where}: not a list but {str(value)[:80]!r}")
    return value


def read_json(document: Document) -> dict[str, Any]:
    """The document's object; numbers stay as printed. Raises ``LayoutChanged`` when it is none, as one cut
    off."""
    try:
        answer = json.loads(document.content.decode("utf-8-sig"), parse_float=str, parse_int=str)
    except ValueError as error:
        raise LayoutChanged(f"{document.name}: not JSON, perhaps cut off: {error}") from error
    return mapping(answer, f"{document.name}, $")


def take_cik(document: Document, answer: dict[str, Any]) -> str:
    """The company's ten-digit key, which is also the name of the part. Raises ``LayoutChanged`` when the two
    differ."""
    cik = str(take(answer, "cik", f"{document.name}, $")).zfill(10)
    if document.part not in ("", cik):
        raise LayoutChanged(
            f"{document.name}: is about company {cik}; the publisher answered with another file"
        )
    return cik


def moment(text: str, where: str) -> dt.datetime:
    """When a filing was accepted. Raises ``LayoutChanged`` for a text that is no time, or that does not say
    in which zone."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise LayoutChanged(f"{where}: {text!r} is no time: {error}") from error
    if found.tzinfo is None:
        raise LayoutChanged(f"{where}: {text!r} says no time zone, where it used to be UTC")
    return found.astimezone(dt.UTC)


def filings(document: Document) -> tuple[str, str, list[dict[str, str | None]]]:
    """CIK and name of a company and its newest filings, newest first, from its submissions JSON.

    The publisher keeps them as one list a column; ``place`` is where a filing stands in each. The older
    lists it names under ``filings.files`` are left out.
    """
    answer = read_json(document)
    where = f"{document.name}, $"
    cik, name, listed = (
        take_cik(document, answer),
        str(take(answer, "name", where)),
        mapping(take(answer, "filings", where), f"{where}.filings"),
    )
    for about in _ABOUT:
        answer.pop(about, None)
    finished(answer, where)
    recent = mapping(take(listed, "recent", f"{where}.filings"), f"{where}.filings.recent")
    take(listed, "files", f"{where}.filings")
    finished(listed, f"{where}.filings")
    where = f"{where}.filings.recent"
    columns = {column: rows_of(take(recent, column, where), f"{where}.{column}") for column in _COLUMNS}
    finished(recent, where)
    lengths = {column: len(values) for column, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise LayoutChanged(
            f"{where}: columns of unequal length {lengths}: which value belongs to which filing cannot be"
            " told"
        )
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return (
        cik,
        name,
        [
            {column: None if value in ("", None) else str(value) for column, value in row.items()}
            for row in rows
        ],
    )
