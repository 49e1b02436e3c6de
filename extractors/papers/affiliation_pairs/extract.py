"""Papers by affiliation, as a third party counted them."""

from __future__ import annotations

from extractors.contract import Document, Frames, Records
from extractors.formats.tabular import Layout, csv_records
from extractors.papers.author_slots import CONFERENCE, affiliation_of

# None: region and country were guessed by likeness of names, wrong for a fifth of them.
LAYOUTS = [
    Layout(
        "counts",
        {
            "year": "year",
            "affiliation": "affiliation",
            "paper_count": "papers",
            "region": None,
            "country": None,
        },
    )
]


def parse(document: Document) -> Frames:
    """CSV, one record per year and affiliation.
    Source: https://github.com/prakashkagitha/neurips-us-vs-china"""
    _, records, unreadable = csv_records(document, document.content, LAYOUTS)
    rows: list[dict[str, str | None]] = [
        {
            "conference": CONFERENCE,
            "edition": f"{record['year']}-01-01" if record["year"] else None,
            "affiliation": (affiliation := affiliation_of(record["affiliation"])),
            "papers": record["papers"],
            "unit": "paper and affiliation",
            "_locator": f"record {record['_n']}, column paper_count",
            "_ignored": None if affiliation else "papers without an affiliation",
        }
        for record in records
    ]
    return {"affiliation_count": Records(rows, unreadable)}
