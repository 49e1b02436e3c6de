"""LiveBench: the dated tables of task results."""

from __future__ import annotations

import csv
import io
import re

from extractors.contract import Difference, Document, Frames, LayoutChanged, Records, Row, Unreadable
from extractors.formats import differences, values

# Every task that a table has had. Which of them count in a table is said by the list of its day.
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
MODEL = "model"
FAILED = "0.0"
# Printed with 20 of 23 cells since April 2026: which of them are missing cannot be told.
SHORT = {"nemotron-3-super-120b-a12b"}


def _header(document: Document, header: list[str]) -> list[str]:
    tasks = [name for name in header if name != MODEL]
    if header.count(MODEL) != 1 or not tasks or len(set(tasks)) < len(tasks):
        raise LayoutChanged(
            f"{document.name}, header: expected 'model', and one column a task, each once;"
            f" found {header[:4]} …",
            [Difference("header", "missing", MODEL, differences.nearest(MODEL, header))],
        )
    document.note(Difference("header", "added", task) for task in tasks if task not in TASKS)
    return tasks


def parse(document: Document) -> Frames:
    """CSV, one row per model, one column per task; the part is the day of the table. Unit: per cent.
    0.0 is printed for a task that failed: no result, not the result zero; so is a blank, or N/A.
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
    rows: list[Row] = []
    aside: list[Unreadable] = []
    for number, record in enumerate(records, 1):
        cells = dict(zip(header, record, strict=False))
        model = values.printed(cells.get(MODEL, ""))
        if len(record) != len(header):
            why = f"{len(record) - 1} cells where the header has {len(tasks)} tasks"
            known = model in SHORT
            if number == len(records) and not known and not document.content.endswith((b"\n", b"\r")):
                raise LayoutChanged(f"{document.name}, record {number}: {why}; cut off?")
            if known:
                rows.append({"_locator": f"record {number}", "_ignored": f"row of {model}: {why}"})
            else:
                aside.append(
                    Unreadable(f"record {number}", f"row of {model}: {why}", ",".join(record)[:1000])
                )
            continue
        rows += [
            {
                "table_date": document.part,
                "model": model,
                "task": task,
                "score": None if cells[task].strip() == FAILED else values.printed(cells[task]),
                "printed": cells[task].strip() or None,
                "_locator": f"record {number}, column {task}",
                "_ignored": None,
            }
            for task in tasks
        ]
    return {"livebench_score": Records(rows, aside)}
