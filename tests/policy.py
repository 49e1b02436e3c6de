"""Documents about export policy, good ones and changed ones, for more than one test file."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict

from conftest import SOURCES, good

RULES, REVIEWED = "federal_register_rules", "policy_events"
TABLE = (SOURCES[REVIEWED].folder / "events.csv").read_text("utf-8")


def answer(change=None, **envelope) -> bytes:
    """The sample's answer with its second rule, of October 2022, changed, or the fields around the rules."""
    body = json.loads(good(RULES))
    body["results"][1].update(change or {})
    return json.dumps(body | envelope).encode()


def days(table: str = TABLE) -> dict[str, bytes]:
    """The reviewed table by day: header and the rows of that day, as the documents it is taken for."""
    header, *rows = csv.reader(io.StringIO(table, newline=""))
    found = defaultdict(list)
    for row in rows:
        found[row[header.index("known_on")]].append(row)
    return {day: written([header, *kept]) for day, kept in found.items()}


def written(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
