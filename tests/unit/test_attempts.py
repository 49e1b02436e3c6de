"""What is asked of the fetch ledger is what the whole of it says, and the published file holds it up to its
release, whatever was read when."""

from __future__ import annotations

import datetime as dt
import json
import os

import duckdb
import pytest

from extractors.sql import literal
from warehouse.acquire import attempt_summary
from warehouse.build import build, indicators
from warehouse.store import journal
from warehouse.store.paths import Layout

pytestmark = pytest.mark.duckdb2

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
LINES = [
    ("a", "", "new"),
    ("a", "", "unreachable"),
    ("b", "x", "unchanged"),
    ("b", "y", "rejected"),
    ("b", "x", "new"),
    ("c", "", "not_due"),
]


def moment(number: int) -> dt.datetime:
    return START + dt.timedelta(seconds=number)


def record(layout: Layout, lines: list[tuple[str, str, str]], first: int = 1) -> None:
    """Attempts, one a second; the number of each is its document."""
    for number, (source, part, outcome) in enumerate(lines, first):
        row = {
            "at": journal.timestamp(moment(number)),
            "source": source,
            "part": part,
            "outcome": outcome,
            "sha256": str(number),
        }
        journal.append(layout.ledger, "fetch", row)


def told(layout: Layout) -> dict[str, dict[str, dict[str, str]]]:
    found = attempt_summary.of(layout)._asdict()
    return {
        name: {
            source: {part: row["document"] for part, row in parts.items()} for source, parts in said.items()
        }
        for name, said in found.items()
    }


def replayed(layout: Layout) -> dict[str, dict[str, dict[str, str]]]:
    """The same, told plainly: line by line."""
    found: dict[str, dict[str, dict[str, str]]] = {"last": {}, "answered": {}, "received": {}}
    for row in journal.read(layout.ledger, "fetch"):
        answered = row["outcome"] in ("new", "unchanged")
        for name, counts in (
            ("last", True),
            ("answered", answered),
            ("received", answered and bool(row["sha256"])),
        ):
            if counts:
                found[name].setdefault(row["source"], {})[row["part"]] = row["sha256"]
    return found


def publish(layout: Layout, until: dt.datetime | None = None, *, whole: bool = False) -> None:
    """A published file with the attempts up to a moment, made on top of the one before where that can be."""
    place = journal.START if whole else attempt_summary.held(layout, layout.published)
    path = layout.root / "next.duckdb"
    if place != journal.START:
        path.write_bytes(layout.published.read_bytes())
    with duckdb.connect() as con:
        con.execute(f"ATTACH {literal(path)} AS building")
        con.execute("USE building")
        if place == journal.START:
            for name in ("history", "derived", "ledger", "reference"):
                con.execute(f"CREATE SCHEMA {name}")
            con.execute(build.surface().replace("{inputs}", indicators.INPUTS))
        end = attempt_summary.extend(con, layout, place, until or moment(10**6))
    path.replace(layout.published)
    attempt_summary.keep(layout, layout.published, end)


def published(layout: Layout) -> list[str]:
    with duckdb.connect() as con:
        con.execute(f"ATTACH {literal(layout.published)} AS live (READ_ONLY)")
        return [
            document
            for (document,) in con.execute("SELECT document FROM live.ledger.fetch ORDER BY rowid").fetchall()
        ]


def documents(layout: Layout) -> list[str]:
    return [row["sha256"] for row in journal.read(layout.ledger, "fetch")]


@pytest.fixture
def layout(tmp_path):
    return Layout(tmp_path / "it's here")


def test_the_last_words_on_each_part_and_the_last_answers(layout):
    assert told(layout) == {"last": {}, "answered": {}, "received": {}}, "before the first attempt"
    record(layout, LINES)
    assert told(layout) == {
        "last": {"a": {"": "2"}, "b": {"x": "5", "y": "4"}, "c": {"": "6"}},
        "answered": {"a": {"": "1"}, "b": {"x": "5"}},
        "received": {"a": {"": "1"}, "b": {"x": "5"}},
    }
    assert list(attempt_summary.of(layout).last["b"]) == ["x", "y"], "in order of the first attempt"
    more = {
        "at": "2026-01-02 00:00:00.000001",
        "source": "a",
        "outcome": "unchanged",
        "status": 304,
        "etag": '"1"',
        "message": "",
    }
    journal.append(layout.ledger, "fetch", more)
    found = attempt_summary.of(layout)
    row = {
        "at": dt.datetime(2026, 1, 2, 0, 0, 0, 1, dt.UTC),
        "outcome": "unchanged",
        "message": "",
        "document": None,
        "etag": '"1"',
    }
    assert found.answered["a"][""] == row | {"last_modified": None}
    assert found.received["a"][""]["document"] == "1", "a 304 brings no document"


def test_the_last_one_is_that_of_the_last_line(layout):
    """Whatever the machine's clock says."""
    record(layout, [("a", "", "new")], 100)
    record(layout, [("a", "", "rejected")], 50)
    assert told(layout)["last"] == {"a": {"": "50"}}
    publish(layout)
    record(layout, [("a", "", "blocked")], 20)
    assert told(layout)["last"] == {"a": {"": "20"}}
    publish(layout)
    assert published(layout) == ["100", "50", "20"]


def test_night_after_night_the_same_as_the_whole_ledger(layout):
    """With lines that a crash tore, parts that are sealed, releases now and then: nothing is missing, nothing
    twice."""
    for number in range(1, 61):
        source, part, outcome = LINES[number * 7 % len(LINES)]
        record(layout, [(source, part, outcome)], number)
        if number % 9 == 0:
            with (layout.ledger / "fetch.ndjson").open("ab") as file:
                file.write(b'{"at": "2026-01-01 00:00:00.000000", "source": "\xc3')
        if number % 13 == 0:
            journal.seal(layout.ledger, "fetch", 1)
        if number % 4 == 0:
            publish(layout)
            assert attempt_summary.held(layout, layout.published) != journal.START
            assert published(layout) == documents(layout)
        assert told(layout) == replayed(layout), number
    assert len(list(layout.ledger.glob("*.gz"))) == 4


def test_what_the_published_file_holds_is_not_read_again(layout):
    record(layout, LINES)
    publish(layout)
    with duckdb.connect(str(layout.published)) as con:
        con.execute("UPDATE ledger.fetch SET document = 'from the file' WHERE document = '5'")
    attempt_summary.keep(layout, layout.published, journal.place(layout.ledger, "fetch"))
    record(layout, [("a", "", "unchanged")], 7)
    assert told(layout)["last"] == {"a": {"": "7"}, "b": {"x": "from the file", "y": "4"}, "c": {"": "6"}}
    journal.seal(layout.ledger, "fetch", 1)
    for number in range(8, 10):
        record(layout, [("a", "", "new")], number)
    place = attempt_summary.held(layout, layout.published)
    with journal.after(layout.ledger, "fetch", place) as path:
        assert [json.loads(line)["sha256"] for line in path.read_text().splitlines()] == ["7", "8", "9"]
    publish(layout)
    assert published(layout) == ["1", "2", "3", "4", "from the file", "6", "7", "8", "9"]


@pytest.mark.parametrize("lines", [LINES[3:], [*LINES[::-1], *LINES]], ids=["shorter", "longer"])
@pytest.mark.parametrize("sealed", [False, True], ids=["open", "sealed"])
def test_a_ledger_that_begins_otherwise_is_read_anew(layout, lines, sealed):
    record(layout, LINES)
    if sealed:
        journal.seal(layout.ledger, "fetch", 1)
        record(layout, LINES[:1], 7)
    publish(layout)
    for path in layout.ledger.iterdir():
        path.unlink()
    record(layout, lines, 11)
    assert told(layout) == replayed(layout)
    publish(layout)
    assert published(layout) == documents(layout)


@pytest.mark.parametrize(
    "damage",
    [lambda file: file[:-4096], lambda file: b"", lambda file: file[:4096] + bytes(len(file) - 4096)],
    ids=["cut off", "empty", "zeros"],
)
@pytest.mark.parametrize("noticed", [True, False], ids=["written since", "as if it were the same"])
def test_without_a_published_file_that_can_be_opened_all_is_read(layout, damage, noticed):
    record(layout, LINES)
    publish(layout)
    record(layout, LINES, 7)
    before = layout.published.stat()
    layout.published.write_bytes(damage(layout.published.read_bytes()))
    if not noticed:
        os.utime(layout.published, ns=(before.st_mtime_ns, before.st_mtime_ns))
    assert told(layout) == replayed(layout)
    layout.published.unlink()
    assert told(layout) == replayed(layout)


def test_what_came_after_the_release_that_is_made_again_is_in_the_next_one(layout):
    record(layout, LINES[:3])
    publish(layout)
    record(layout, LINES[3:], 4)
    publish(layout, moment(3), whole=True)
    assert published(layout) == ["1", "2", "3"]
    assert told(layout) == replayed(layout)
    publish(layout)
    assert published(layout) == documents(layout)


def test_lines_that_say_nothing_are_left_out(layout):
    """Of another type, without a moment, or with fields of another version; what is missing is null."""
    record(layout, LINES[:1])
    odd = [
        b"[1]",
        b"null",
        b"3",
        b"\0\0",
        b'{"at": "soon", "source": "a"}',
        b'{"source": "a"}',
        b'{"at": "2026-01-01 00:00:09", "source": "d", "x": {}}',
    ]
    with (layout.ledger / "fetch.ndjson").open("ab") as file:
        file.writelines(line + b"\n" for line in odd)
    record(layout, LINES[1:2], 2)
    assert told(layout)["last"] == {"a": {"": "2"}, "d": {"": None}}
    publish(layout)
    assert published(layout) == ["1", None, "2"]
    record(layout, LINES[3:4], 3)
    publish(layout)
    assert published(layout) == ["1", None, "2", "3"]


def test_every_field_arrives(layout):
    row = {
        "at": "2026-01-01 00:00:00.500000",
        "source": "a",
        "part": "p",
        "url": "https://example.org/ü?a=1",
        "attempt": 2,
        "outcome": "new",
    }
    row |= {
        "status": 200,
        "media": "text/csv",
        "bytes": 2**40,
        "sha256": "f" * 64,
        "etag": 'W/"a\\b"',
        "last_modified": "Tue",
        "seconds": 0.125,
    }
    journal.append(layout.ledger, "fetch", row | {"message": "a\nb\0c 'd'"})
    publish(layout)
    with duckdb.connect() as con:
        con.execute(f"ATTACH {literal(layout.published)} AS live (READ_ONLY)")
        found = con.execute("FROM live.ledger.fetch")
        names = [name for name, *_ in found.description]
        kept = dict(zip(names, found.fetchone(), strict=True))
    assert kept == {name: value for name, value in row.items() if name != "sha256"} | {
        "at": START.replace(tzinfo=None, microsecond=500000),
        "document": row["sha256"],
        "message": "a\nb\0c 'd'",
    }
