"""LiveBench: which tasks make up the categories of a dated table."""

from __future__ import annotations

import json
import re

from extractors.contract import Difference, Document, Frames, LayoutChanged, Records
from extractors.formats import json_fields

# A further category is taken as well: the list of the day decides what counts.
CATEGORIES = ("Reasoning", "Coding", "Agentic Coding", "Mathematics", "Data Analysis", "Language", "IF")


def parse(document: Document) -> Frames:
    """JSON: category -> list of tasks; the part is the day of the table.
    Source: https://livebench.ai"""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", document.part):
        raise LayoutChanged(
            f"{document.name}: the table's day does not stand in it: add it with gapwatch backfill"
            " livebench_categories FILE --part YYYY-MM-DD"
        )
    found = json_fields.read(document, dict)
    if not found:
        raise LayoutChanged(f"{document.name}, $: expected categories with their tasks, found none")
    document.note(Difference("$", "added", name) for name in found if name not in CATEGORIES)
    rows: list[dict[str, str | None]] = []
    for category, tasks in found.items():
        if not isinstance(tasks, list) or not all(isinstance(task, str) for task in tasks):
            raise LayoutChanged(
                f"{document.name}, $[{category!r}]: {str(tasks)[:100]} is not a list of tasks"
            )
        rows += [
            {
                "table_date": document.part,
                "category": category,
                "task": task,
                "_locator": f"$[{json.dumps(category)}][{number}]",
                "_ignored": None,
            }
            for number, task in enumerate(tasks)
        ]
    return {"livebench_category": Records(rows)}
