"""Figures that exist only in a text, kept by hand in ``figures.csv``."""

from __future__ import annotations

from extractors.contract import Document, Frames, Records
from extractors.published.figures import figures


def parse(document: Document) -> Frames:
    """CSV, one row per figure; a document holds those said on one day. Units: in the column ``unit``; a
    percentage is a number from 0 to 100. What the table may hold is said in ``source.yml``.
    Source: the page in ``url`` of each row"""
    rows = []
    for record in figures(document):
        number = record.pop("_n")
        rows.append({**record, "_locator": f"record {number}, column value", "_ignored": None})
    return {"published_figure": Records(rows)}
