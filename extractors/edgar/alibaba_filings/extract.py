"""EDGAR: the current reports (6-K) of Alibaba and the documents in them."""

from __future__ import annotations

from contextlib import suppress

from extractors.contract import Ask, Document, Frames, Records, UnreadableRecord
from extractors.edgar import filing_index, json_api

FORMS = ("6-K", "6-K/A")
# The segment is called Cloud Intelligence Group since the June 2023 quarter.
SINCE = "2023-06-01"


def follow(document: Document) -> list[Ask]:
    """The index page of each 6-K since June 2023; none of another company. The time of acceptance is when a
    filing became public. A filing that is not listed as the others are is left out, and listed again the next
    time."""
    cik, _, filings = json_api.filings(document)
    asks = []
    for filing in filings if int(cik) == filing_index.ALIBABA else ():
        accession, filed = filing["accessionNumber"] or "", filing["filingDate"] or ""
        if filing["form"] not in FORMS or filed < SINCE or not filing_index.ACCESSION.fullmatch(accession):
            continue
        with suppress(UnreadableRecord):
            published = json_api.accepted(filing, accession)
            folder = f"{filing_index.ARCHIVES}/{filing_index.ALIBABA}/{accession.replace('-', '')}"
            asks.append(Ask(accession, f"{folder}/{accession}-index.html", published))
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
