"""LMArena's own JSON exports of the text board, raw and under style control."""

from __future__ import annotations

import json
import re
from typing import Any

from extractors.contract import Document, Frames, LayoutChanged, Records
from extractors.formats.tabular import finished, take

OVERALL = "full"
OTHERS = (
    *(
        "chinese",
        "coding",
        "creative_writing",
        "english",
        "french",
        "german",
        "hard_6",
        "hard_english_6",
        "if",
        "japanese",
    ),
    *("korean", "long_user", "math", "multiturn", "no_refusal", "no_short", "no_tie", "russian", "spanish"),
)
_FIELDS = {"rating": "rating", "rating_q025": "rating_low", "rating_q975": "rating_high"}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; a name that stands in it twice would be lost without a word."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise LayoutChanged(
            "a name stands twice in one object:"
            f" {sorted({name for name, _ in pairs if [n for n, _ in pairs].count(name) > 1})[:3]}"
        )
    return found


def parse(document: Document) -> Frames:
    """JSON: category -> model -> rating and its 2.5 % and 97.5 % quantiles. Unit: Elo points. The part says
    configuration and day, as in the name of the file. 'full' is the overall board; the other categories are
    left out.
    Source: https://github.com/lmarena/arena-catalog"""
    part = re.fullmatch(r"(text|text-style-control)_(\d{4}-\d{2}-\d{2})", document.part)
    if not part:
        raise LayoutChanged(
            f"{document.name}: neither day nor configuration stand in it: add it with"
            " gapwatch backfill lmarena_catalog FILE --part text_YYYY-MM-DD or --part"
            " text-style-control_YYYY-MM-DD"
        )
    try:
        boards = json.loads(
            document.content.decode("utf-8-sig"), parse_float=str, parse_int=str, object_pairs_hook=_once
        )
    except LayoutChanged as drift:
        raise LayoutChanged(f"{document.name}: {drift}") from None
    except ValueError as error:
        raise LayoutChanged(f"{document.name}: not JSON, or cut off: {error}") from error
    if not isinstance(boards, dict) or OVERALL not in boards:
        raise LayoutChanged(
            f"{document.name}, $: no category {OVERALL!r}, which is the overall board;"
            " this is another export, or the publisher renamed it"
        )
    if unknown := sorted(set(boards) - {OVERALL, *OTHERS}):
        raise LayoutChanged(
            f"{document.name}, $: unknown categories {unknown}; say in the parser whether they are the"
            " overall board"
        )
    rows = []
    for category, models in boards.items():
        for model, fields in models.items():
            where = f"$.{category}[{json.dumps(model)}]"
            if not isinstance(fields, dict):
                raise LayoutChanged(f"{document.name}, {where}: {fields!r} is not a set of ratings")
            values = {
                short: take(fields, name, f"{document.name}, {where}") for name, short in _FIELDS.items()
            }
            finished(fields, f"{document.name}, {where}")
            rows.append(
                {
                    "board": "text",
                    "configuration": "raw" if part[1] == "text" else "style control",
                    "category": "overall" if category == OVERALL else category,
                    "published_on": part[2],
                    "model": model,
                    **values,
                    "_locator": f"{where}.rating",
                    "_ignored": None if category == OVERALL else "category other than overall",
                }
            )
    return {"arena_rating": Records(rows)}
