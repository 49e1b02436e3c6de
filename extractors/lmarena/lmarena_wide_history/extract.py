"""LMArena's text board as one wide CSV: a row a day, a column a model."""

from __future__ import annotations

import csv
import io
import re

from extractors.contract import Document, Frames, LayoutChanged, Records

FIRST_DAY = "2024-06-29"
ABSENT = "0.0"


def _reason(day: str, cell: str) -> str | None:
    if cell == ABSENT:
        return "0.0: the model was not on the board that day"
    return "before 29 June 2024 the table holds another fit than the board" if day < FIRST_DAY else None


def parse(document: Document) -> Frames:
    """CSV; the first column has no name and holds the day as yyyymmdd, every other column is a model. Unit:
    Elo points. 0.0 means absent. No organisations and no intervals. Days before 29 June 2024 are on another
    scale than the published board.
    Source: https://github.com/nakasyou/lmarena-history"""
    try:
        header, *records = csv.reader(io.StringIO(document.content.decode("utf-8-sig"), newline=""))
    except (ValueError, csv.Error) as error:
        raise LayoutChanged(f"{document.name}: empty, or not CSV in UTF-8: {error}") from error
    models = header[1:]
    if header[:1] != [""] or not models or "" in models or len(set(models)) < len(models):
        raise LayoutChanged(
            f"{document.name}, header: expected a column without a name, then one column a model, each once;"
            f" found {header[:4]} …"
        )
    rows: list[dict[str, str | None]] = []
    for number, record in enumerate(records, 1):
        if len(record) != len(header):
            raise LayoutChanged(
                f"{document.name}, record {number}: {len(record)} fields where the header has {len(header)};"
                " cut off?"
            )
        day = re.sub(r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3", record[0])
        rows += [
            {
                "board": "text",
                "configuration": "raw",
                "category": "overall",
                "published_on": day,
                "model": model,
                "rating": cell.strip() or None,
                "_locator": f"record {number}, column {model}",
                "_ignored": _reason(day, cell),
            }
            for model, cell in zip(models, record[1:], strict=True)
        ]
    return {"arena_rating": Records(rows)}
