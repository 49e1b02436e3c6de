"""The table of published figures, ``published_figures/figures.csv``: kept by one source, its pages searched
by another."""

from __future__ import annotations

from pathlib import Path

from extractors.contract import Document
from extractors.formats.tabular import Layout, csv_records

TABLE = Path(__file__).parent / "published_figures" / "figures.csv"
COLUMNS = (
    *("figure", "subject", "measure", "period_start", "period_end", "value", "unit", "quality"),
    *("publisher", "url", "said_on", "quote", "watched", "redistribute", "note"),
)
LAYOUT = Layout("figures.csv", {column: column for column in COLUMNS}, strict=True)


def figures(document: Document) -> list[dict[str, str | None]]:
    """The figures of one day, with ``_n``, the number of the record in the document."""
    return csv_records(document, document.content, [LAYOUT]).records


def all_figures() -> list[dict[str, str | None]]:
    """The figures of every day, as the table holds them now."""
    return figures(Document("published_figures", TABLE.name, TABLE))
