"""The top of the arena's text board as its site prints it, collected once a day by a third party."""

from __future__ import annotations

import re
from typing import Any

from extractors.contract import Document, Frames, LayoutChanged, Records, Row
from extractors.formats import json_fields
from extractors.formats.json_fields import Fields

BOARD = "text"
DOCUMENT = Fields({"meta": dict, "models": list})
META = Fields(
    {"leaderboard": str},
    optional={"fetched_at": str | None},
    # the last change of the site repeats or is null; the number of models says how far the collector read
    unused=("source_url", "last_updated", "model_count"),
)
MODEL = Fields(
    {"model": str, "score": str, "ci": str | None},
    optional={"vendor": str | None, "license": str | None, "votes": str | None},
    unused=("rank",),  # follows from the scores
)


def parse(document: Document) -> Frames:
    """JSON: the first models of the overall text board, as many as the collector has read. The part is the
    day of collection. Unit: Elo points, whole, with the half width of the interval. The page does not say
    whether style control is on.
    Source: https://github.com/oolong-tea-2026/arena-ai-leaderboards"""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", document.part):
        raise LayoutChanged(
            f"{document.name}: no day of collection is named: add it with gapwatch backfill arena_daily FILE"
            " --part YYYY-MM-DD"
        )
    top = DOCUMENT.one(document, json_fields.read(document, dict), "$")
    meta = META.one(document, top["meta"], "$.meta")
    if meta["leaderboard"] != BOARD:
        raise LayoutChanged(
            f"{document.name}, $.meta.leaderboard: {meta['leaderboard']!r} where the board {BOARD!r} is known"
        )
    collected = meta["fetched_at"]
    if collected is not None and not collected.startswith(document.part):
        raise LayoutChanged(
            f"{document.name}, $.meta.fetched_at: collected at {collected}, which is not the day of the"
            " edition: add it under its own day"
        )
    models, unreadable = MODEL.each(document, top["models"], "$.models")
    return {"arena_rating": Records([_row(document.part, *model) for model in models], unreadable)}


def _row(day: str, place: str, model: dict[str, Any]) -> Row:
    low, high = _bounds(model["score"], model["ci"])
    return {
        "board": BOARD,
        "configuration": "site",
        "category": "overall",
        "published_on": day,
        "model": model["model"],
        "organisation": model["vendor"] or None,
        "licence": model["license"] or None,
        "rating": model["score"],
        "rating_low": low,
        "rating_high": high,
        "votes": model["votes"],
        "_locator": f"{place}.score",
        "_ignored": None,
    }


def _bounds(score: str, half: str | None) -> tuple[str | None, str | None]:
    """From the half width of the interval; anything that is no whole number ends in quarantine with its
    text."""
    if half is None:
        return None, None
    if not re.fullmatch(r"\d+", half) or not re.fullmatch(r"\d+", score):
        return f"interval {half}", f"interval {half}"
    return str(int(score) - int(half)), str(int(score) + int(half))
