"""SEC EDGAR, submissions: the filings of a company."""

from __future__ import annotations

from extractors.contract import Document, Frames, Records
from extractors.edgar import json_api

FLAG = {"0": "false", "1": "true", None: None}
ABOUT_PERSONS = ("3", "3/A", "4", "4/A", "5", "5/A", "144", "144/A")


def parse(document: Document) -> Frames:
    """JSON of one company: lists of equal length under ``filings.recent``, about the 1,000 newest
    filings. ``filings.files`` names lists of older ones, which are not taken. Times are made UTC; an empty
    text is no value.
    Source: https://data.sec.gov/submissions/CIK##########.json"""
    cik, company, filings = json_api.filings(document)
    rows = [
        {
            "company": company,
            "cik": cik,
            "filing": filing["accessionNumber"],
            "form": filing["form"],
            "filed_on": filing["filingDate"],
            "report_date": filing["reportDate"],
            "accepted_at": filing["acceptanceDateTime"],
            "main": filing["primaryDocument"],
            "description": filing["primaryDocDescription"],
            "items": filing["items"],
            "xbrl": FLAG.get(filing["isXBRL"], f"neither 0 nor 1: {filing['isXBRL']}"),
            "inline_xbrl": FLAG.get(filing["isInlineXBRL"], f"neither 0 nor 1: {filing['isInlineXBRL']}"),
            "bytes": filing["size"],
            "_locator": f"$.filings.recent.accessionNumber[{number}]",
            "_ignored": "form 3, 4, 5 or 144: holdings of a person"
            if filing["form"] in ABOUT_PERSONS
            else None,
        }
        for number, filing in enumerate(filings)
    ]
    return {"filing": Records(rows)}
