"""LiveBench: the dated tables of task results."""

from __future__ import annotations

import csv
import io
import re

from extractors.contract import Document, Frames, LayoutChanged, Records

# Every task that a table has had. A new one is looked at first: its unit, and whether it replaces another.
TASKS = {
    *(
        "AMPS_Hard",
        "LCB_generation",
        "code_completion",
        "code_generation",
        "coding_completion",
        "connections",
        "consecutive_events",
        "cta",
    ),
    *(
        "integrals_with_game",
        "javascript",
        "logic_with_navigation",
        "math_comp",
        "olympiad",
        "paraphrase",
        "plot_unscrambling",
        "python",
    ),
    *(
        "simplify",
        "spatial",
        "story_generation",
        "summarize",
        "tablejoin",
        "tablereformat",
        "theory_of_mind",
        "typescript",
        "typos",
    ),
    *("web_of_lies_v2", "web_of_lies_v3", "zebra_puzzle"),
}
FAILED = "0.0"
# Printed with 20 of 23 cells since April 2026: which of them are missing cannot be told.
SHORT = {"nemotron-3-super-120b-a12b"}


def _header(document: Document, header: list[str]) -> list[str]:
    tasks = header[1:]
    if header[:1] != ["model"] or not tasks or len(set(tasks)) < len(tasks):
        raise LayoutChanged(
            f"{document.name}, header: expected 'model', then one column a task, each once;"
            f" found {header[:4]} …"
        )
    if new := [task for task in tasks if task not in TASKS]:
        raise LayoutChanged(
            f"{document.name}, header: unknown tasks {new}; look at what they measure, then add them to the"
            " parser"
        )
    return tasks


def _short(
    document: Document, number: int, record: list[str], width: int, *, last: bool
) -> dict[str, str | None]:
    """A row of another width than the header: none of its cells can be given to a task."""
    known = record[0] in SHORT
    if last and not known:
        raise LayoutChanged(
            f"{document.name}, record {number}: {len(record)} fields where the header has {width}; cut off?"
        )
    why = f"{len(record) - 1} cells where the header has {width - 1} tasks"
    reason = f"row of {record[0]}: {why}" if known else None
    return {
        "table_date": document.part,
        "model": record[0],
        "task": None,
        "score": why,
        "_locator": f"record {number}",
        "_ignored": reason,
    }


def parse(document: Document) -> Frames:
    """CSV, one row per model, one column per task; the part is the day of the table. Unit: per cent.
    0.0 is printed for a task that failed: no result, not the result zero; so is a blank.
    Source: https://livebench.ai"""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", document.part):
        raise LayoutChanged(
            f"{document.name}: the table's day does not stand in it: add it with gapwatch backfill"
            " livebench_tables FILE --part YYYY-MM-DD"
        )
    try:
        header, *records = [
            record
            for record in csv.reader(io.StringIO(document.content.decode("utf-8-sig"), newline=""))
            if record
        ]
    except (ValueError, csv.Error) as error:
        raise LayoutChanged(f"{document.name}: empty, or not CSV in UTF-8: {error}") from error
    tasks = _header(document, header)
    rows: list[dict[str, str | None]] = []
    for number, record in enumerate(records, 1):
        if len(record) != len(header):
            rows.append(_short(document, number, record, len(header), last=number == len(records)))
            continue
        rows += [
            {
                "table_date": document.part,
                "model": record[0].strip() or None,
                "task": task,
                "score": None if cell.strip() in ("", FAILED) else cell.strip(),
                "printed": cell.strip() or None,
                "_locator": f"record {number}, column {task}",
                "_ignored": None,
            }
            for task, cell in zip(tasks, record[1:], strict=True)
        ]
    return {"livebench_score": Records(rows)}
