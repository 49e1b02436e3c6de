"""LMArena's own JSON exports of the text board, raw and under style control."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from extractors.contract import Difference, Document, Frames, LayoutChanged, Records, Row
from extractors.formats import differences, json_fields
from extractors.formats.json_fields import Fields

OVERALL = "full"
RATING = Fields({"rating": str, "rating_q025": str | None, "rating_q975": str | None})


def parse(document: Document) -> Frames:
    """JSON: category -> model -> rating and its 2.5 % and 97.5 % quantiles. Unit: Elo points. The part says
    configuration and day, as in the name of the file. 'full' is the overall board; the other categories are
    left out, whatever they hold.
    Source: https://github.com/lmarena/arena-catalog"""
    part = re.fullmatch(r"(text|text-style-control)_(\d{4}-\d{2}-\d{2})", document.part)
    if not part:
        raise LayoutChanged(
            f"{document.name}: neither day nor configuration stand in it: add it with"
            " gapwatch backfill lmarena_catalog FILE --part text_YYYY-MM-DD or --part"
            " text-style-control_YYYY-MM-DD"
        )
    boards = json_fields.read(document, dict)
    if not isinstance(boards.get(OVERALL), dict):
        gone = [Difference("$", "missing", OVERALL, differences.nearest(OVERALL, boards))]
        raise LayoutChanged(
            f"{document.name}, $: {differences.described(gone)}, the overall board; it holds"
            f" {', '.join(sorted(boards)[:8])}: this is another export, or the publisher renamed it",
            gone,
        )
    board: dict[str, Any] = boards.pop(OVERALL)
    fixed = {
        "board": "text",
        "configuration": "raw" if part[1] == "text" else "style control",
        "published_on": part[2],
    }
    found, unreadable = RATING.each(document, board.values(), f"$.{OVERALL}")
    places = {f"$.{OVERALL}[{number}]": model for number, model in enumerate(board)}

    def where(place: str) -> str:
        return f"$.{OVERALL}[{json.dumps(places[place])}]"

    rows: list[Row] = [
        fixed
        | {
            "category": "overall",
            "model": places[place],
            "rating": fields["rating"],
            "rating_low": fields["rating_q025"],
            "rating_high": fields["rating_q975"],
            "_locator": f"{where(place)}.rating",
            "_ignored": None,
        }
        for place, fields in found
    ]
    rows += [
        {"_locator": f"$.{category}[{json.dumps(model)}]", "_ignored": "category other than overall"}
        for category, models in boards.items()
        for model in (models if isinstance(models, dict) else ())
    ]
    aside = [replace(one, place=where(one.place)) for one in unreadable]
    return {"arena_rating": Records(rows, aside)}
