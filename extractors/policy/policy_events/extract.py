"""Reviewed events of export policy: the table ``events.csv`` of this folder, one document a day."""

from __future__ import annotations

from extractors.contract import Document, Frames, LayoutChanged, Records
from extractors.formats.tabular import Layout, csv_records

EVENTS = Layout(
    "events.csv",
    {
        "known_on": None,  # the day of the document
        "event": "event",
        "topic": "topic",
        "event_on": "event_on",
        "effective_on": "effective_on",
        "title": "title",
        "summary": "summary",
        "kind": "kind",
        "direction": "direction",
        "affects": "affects",
        "citation": "citation",
        "url": "url",
        "note": "note",
    },
    strict=True,
)
KINDS = ("rule", "announcement", "order")
DIRECTIONS = ("tightens", "loosens", "clarifies", "suspends")


def parse(document: Document) -> Frames:
    """CSV, one row per event, all of one day. Raises ``LayoutChanged`` for a kind or a direction that is
    none of the known.
    Source: the page named in each row."""
    records = csv_records(document, document.content, [EVENTS]).records
    rows = []
    for record in records:
        values = dict(record)
        where = f"record {values.pop('_n')}"
        for column, known in (("kind", KINDS), ("direction", DIRECTIONS)):
            if values[column] not in known:
                raise LayoutChanged(
                    f"{document.name}, {where}: {column} is {values[column]!r}, expected one of {list(known)}"
                )
        rows.append(values | {"action": None, "docket": None, "_locator": where})
    return {"policy_event": Records(rows)}
