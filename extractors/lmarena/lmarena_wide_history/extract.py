"""LMArena's text board as one wide CSV: a row a day, a column a model."""

from __future__ import annotations

import csv
import io
import re

from extractors.contract import Difference, Document, Frames, LayoutChanged, Records, Row, Unreadable
from extractors.formats import values

FIRST_DAY = "2024-06-29"
ABSENT = "0.0"


def _reason(day: str, cell: str) -> str | None:
    if cell == ABSENT:
        return "0.0: the model was not on the board that day"
    return "before 29 June 2024 the table holds another fit than the board" if day < FIRST_DAY else None


def parse(document: Document) -> Frames:
    """CSV; one column has no name and holds the day as yyyymmdd, every other column is a model. Unit:
    Elo points. 0.0 means absent. No organisations and no intervals. Days before 29 June 2024 are on another
    scale than the published board.
    Source: https://github.com/nakasyou/lmarena-history"""
    try:
        header, *records = csv.reader(io.StringIO(document.content.decode("utf-8-sig"), newline=""))
    except (ValueError, csv.Error) as error:
        raise LayoutChanged(f"{document.name}: empty, or not CSV in UTF-8: {error}") from error
    models = [name for name in header if name]
    if header.count("") != 1 or not models or len(set(models)) < len(models):
        raise LayoutChanged(
            f"{document.name}, header: expected a column without a name, and one column a model, each once;"
            f" found {header[:4]} …",
            [Difference("header", "missing", "", "a column without a name, which holds the day")],
        )
    rows: list[Row] = []
    aside: list[Unreadable] = []
    for number, record in enumerate(filter(None, records), 1):
        if len(record) != len(header):
            why = f"{len(record)} fields where the header has {len(header)}"
            if number == len(records) and not document.content.endswith((b"\n", b"\r")):
                raise LayoutChanged(f"{document.name}, record {number}: {why}; cut off?")
            aside.append(Unreadable(f"record {number}", why, ",".join(record)[:1000]))
            continue
        cells = dict(zip(header, record, strict=True))
        day = re.sub(r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3", cells.pop(""))
        rows += [
            {
                "board": "text",
                "configuration": "raw",
                "category": "overall",
                "published_on": day,
                "model": model,
                "rating": values.printed(cell),
                "_locator": f"record {number}, column {model}",
                "_ignored": _reason(day, cell),
            }
            for model, cell in cells.items()
        ]
    return {"arena_rating": Records(rows, aside)}
