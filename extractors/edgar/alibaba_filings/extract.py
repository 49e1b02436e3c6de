"""EDGAR: the current reports (6-K) of Alibaba and the documents in them."""

from __future__ import annotations

import json
from typing import Any

from extractors.contract import Ask, Document, Frames, LayoutChanged, Records
from extractors.edgar import filing_index

FORMS = ("6-K", "6-K/A")
# The segment is called Cloud Intelligence Group since the June 2023 quarter.
SINCE = "2023-06-01"


def _recent(document: Document) -> dict[str, list[Any]]:
    """The columns of the newest filings; empty for another company. Raises ``LayoutChanged``."""
    try:
        answer = json.loads(document.content.decode("utf-8-sig"))
        if int(answer["cik"]) != filing_index.ALIBABA:
            return {}
        recent: dict[str, list[Any]] = answer["filings"]["recent"]
        columns = {
            name: recent[name] for name in ("accessionNumber", "filingDate", "acceptanceDateTime", "form")
        }
    except (ValueError, KeyError, TypeError) as error:
        raise LayoutChanged(
            f"{document.name}: not EDGAR's list of a company's filings: {type(error).__name__}: {error}"
        ) from error
    if len({len(column) for column in columns.values()}) != 1:
        raise LayoutChanged(
            f"{document.name}, $.filings.recent: columns differ in length:"
            f" { {name: len(column) for name, column in columns.items()} }"
        )
    return columns


def follow(document: Document) -> list[Ask]:
    """The index page of each 6-K since June 2023. The time of acceptance is when a filing became public."""
    asks = []
    for accession, filed, accepted, form in zip(*_recent(document).values(), strict=True):
        if form not in FORMS or filed < SINCE:
            continue
        if not filing_index.ACCESSION.fullmatch(accession):
            raise LayoutChanged(
                f"{document.name}, $.filings.recent.accessionNumber: {accession!r} is no accession number"
            )
        published = filing_index.accepted(f"{document.name}, $.filings.recent.acceptanceDateTime", accepted)
        url = (
            f"{filing_index.ARCHIVES}/{filing_index.ALIBABA}/{accession.replace('-', '')}/"
            f"{accession}-index.html"
        )
        asks.append(Ask(accession, url, published))
    return asks


def parse(document: Document) -> Frames:
    """HTML, ``<accession>-index.html``: one line per document of the filing. Sizes are in bytes.
    Source: https://www.sec.gov/Archives/edgar/data/1577552/"""
    filing = filing_index.read(document)
    rows: list[dict[str, str | None]] = []
    for listed in filing.documents:
        reason = (
            "XBRL data file"
            if listed.data
            else "all documents once more, in one text file"
            if not listed.sequence
            else None
        )
        rows.append(
            {
                "filing": filing.accession,
                "file": listed.document,
                "form": filing.form,
                "filed_on": filing.filed_on,
                "type": listed.type,
                "description": listed.description or None,
                "url": filing_index.address(filing, filing_index.ALIBABA, listed.document),
                "size_bytes": listed.size or None,
                "_locator": listed.place,
                "_ignored": reason,
            }
        )
    return {"filing_document": Records(rows)}
