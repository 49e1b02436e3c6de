"""What is remembered of the fetch ledger is what the whole of it says."""

from __future__ import annotations

import shutil
from dataclasses import asdict

import pytest

from warehouse import attempts, ledger
from warehouse.layout import Layout

LINES = [("a", "", "new"), ("a", "", "unreachable"), ("b", "x", "unchanged"), ("b", "y", "rejected"), ("b", "x", "new")]


def record(layout: Layout, lines: list[tuple[str, str, str]], first: int = 1) -> None:
    for number, (source, part, outcome) in enumerate(lines, first):
        row = {"at": f"2026-01-01 00:00:{number:02}.000000", "source": source, "part": part, "outcome": outcome, "sha256": str(number)}
        ledger.append(layout.ledger, "fetch", row)


def told(layout: Layout) -> dict[str, dict[str, dict[str, str]]]:
    found = attempts.of(layout)
    return {
        name: {source: {part: row["sha256"] for part, row in parts.items()} for source, parts in said.items()}
        for name, said in (("last", found.last), ("answered", found.answered))
    }


@pytest.fixture
def layout(tmp_path):
    yield Layout(tmp_path)
    attempts._KNOWN.clear()


def test_the_last_words_on_each_part_and_the_last_answers(layout):
    record(layout, LINES)
    assert told(layout) == {"last": {"a": {"": "2"}, "b": {"x": "5", "y": "4"}}, "answered": {"a": {"": "1"}, "b": {"x": "5"}}}
    record(layout, [("a", "", "unchanged")], 6)
    assert told(layout)["answered"]["a"] == {"": "6"}, "a line that was added since"
    ledger.append(layout.ledger, "fetch", {"at": "2026-01-02 00:00:00.000000", "source": "a", "part": "", "outcome": "unchanged", "status": 304})
    found = attempts.of(layout)
    assert (found.answered["a"][""].get("status"), found.received["a"][""]["sha256"]) == (304, "6"), "a 304 brings no document"


def test_another_process_goes_on_from_what_was_kept(layout, monkeypatch):
    record(layout, LINES[:3])
    attempts.keep(layout)
    attempts._KNOWN.clear()
    record(layout, LINES[3:], 4)
    parsed: list[bytes] = []
    with monkeypatch.context() as watching:
        whole = ledger.parsed
        watching.setattr(ledger, "parsed", lambda text: parsed.append(text) or whole(text))
        found = asdict(attempts.of(layout))
    assert len(parsed) == 2, "only what is new was read"
    attempts._KNOWN.clear()
    shutil.rmtree(layout.stage)
    assert asdict(attempts.of(layout)) == found


@pytest.mark.parametrize("lines", [LINES[3:], [*LINES[::-1], *LINES]], ids=["shorter", "longer"])
def test_a_ledger_that_begins_otherwise_is_read_anew(layout, lines):
    record(layout, LINES)
    attempts.keep(layout)
    (layout.ledger / "fetch.ndjson").unlink()
    attempts._KNOWN.clear()
    record(layout, lines)
    kept = told(layout)
    shutil.rmtree(layout.stage)
    attempts._KNOWN.clear()
    assert told(layout) == kept
    assert "a" not in kept["last"] or kept["last"]["a"][""] != "2"
