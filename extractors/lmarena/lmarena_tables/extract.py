"""LMArena's text board as dated CSV tables of 2024 and 2025."""

from __future__ import annotations

import re

from extractors.contract import Document, Frames, LayoutChanged, Records
from extractors.formats.tabular import Layout, csv_records

_FIRST: dict[str, str | None] = {"rank": None}
_REST: dict[str, str | None] = {
    "95_pct_ci": "interval",
    "votes": "votes",
    "organization": "organisation",
    "license": "licence",
    "knowledge_cutoff": None,
    "url": None,  # page about the model
}
LAYOUTS = [
    Layout("June 2024", {**_FIRST, "model": "model", "arena_elo": "rating", **_REST}),
    Layout("July to September 2024", {**_FIRST, "model": "model", "arena_score": "rating", **_REST}),
    Layout(
        "since October 2024",
        {**_FIRST, "rank_stylectrl": None, "model": "model", "arena_score": "rating", **_REST},
    ),
]


def _bounds(rating: str | None, interval: str | None) -> tuple[str | None, str | None]:
    """From '+11/-8' around the rating; anything else ends in quarantine with its text."""
    if interval is None:
        return None, None
    parts = re.fullmatch(r"\+(\d+)/-(\d+)", interval)
    if not parts or not re.fullmatch(r"\d+", rating or ""):
        return f"interval {interval}", f"interval {interval}"
    return str(int(rating or "") - int(parts[2])), str(int(rating or "") + int(parts[1]))


def parse(document: Document) -> Frames:
    """CSV, one row per model; the part is the day of the table. Unit: Elo points, whole; the interval is
    printed as '+11/-8'. A row printed twice with the same values (Yi-34B-Chat in August 2025) counts once.
    Source: https://github.com/fboulnois/llm-leaderboard-csv"""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", document.part):
        raise LayoutChanged(
            f"{document.name}: the table's day does not stand in it: add it with gapwatch backfill"
            " lmarena_tables FILE --part YYYY-MM-DD"
        )
    layout, records, unreadable = csv_records(document, document.content, LAYOUTS)
    rows: list[dict[str, str | None]] = []
    seen: set[tuple[str | None, ...]] = set()
    for record in records:
        values = dict(record)
        number = values.pop("_n")
        low, high = _bounds(values["rating"], values.pop("interval"))
        stated = (*values.values(), low, high)
        rows.append(
            {
                **values,
                "board": "text",
                "configuration": "raw",
                "category": "overall",
                "published_on": document.part,
                "rating_low": low,
                "rating_high": high,
                "_locator": (
                    f"record {number}, column {'arena_elo' if layout is LAYOUTS[0] else 'arena_score'}"
                ),
                "_ignored": "repeated row, the same values" if stated in seen else None,
            }
        )
        seen.add(stated)
    return {"arena_rating": Records(rows, unreadable)}
