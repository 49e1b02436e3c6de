"""What publishers do to their documents without a word: for every source, its sample with fields added,
moved, gone, renamed or of another type, and with one record that cannot be read."""

from __future__ import annotations

import pytest
from conftest import SOURCES
from layouts import NEW, WITHOUT_FIELDS, Objects, Table, kind_of, sample

WITH_FIELDS = [name for name in SOURCES if name not in WITHOUT_FIELDS]
TABLES = [
    name
    for name in WITH_FIELDS
    if kind_of(sample(SOURCES[name])["content"]) in ("csv", "zipped csv", "parquet")
]
OBJECTS = [
    name for name in WITH_FIELDS if kind_of(sample(SOURCES[name])["content"]) in ("json", "zipped json")
]
# Tables in which every further column is a column of data: a model, a task.
WIDE = ("lmarena_wide_history", "livebench_tables", "livebench_categories")
# A document that is one record: one of very many.
ONE_RECORD = ("neurips_paper_metadata",)
# Names of one column, of which a message gives the newest.
RENAMED = {"Memory size per board (Byte)": "Memory (bytes)"}


def kept(staging, staged) -> list[tuple]:
    """The rows of a document, without where they stand in it."""
    assert staged.drift is None, staged.drift
    return [
        staging.rows(staged, "SELECT COLUMNS(c -> c <> 'locator') FROM rows ORDER BY ALL", dataset)
        for dataset in sorted(staged.rows)
    ]


def differences(staged) -> set[tuple[str, str]]:
    """Change and field of every difference that was found."""
    return {(change, field) for _, change, field, _ in staged.differences}


@pytest.mark.parametrize("name", TABLES)
def test_columns_that_are_not_used_may_be_anything(staging, name):
    document = sample(SOURCES[name])
    table, part = Table(document["content"]), document["part"]
    before = kept(staging, staging(name, document["content"], part))
    turned = staging(name, table.columns(lambda row: row[::-1]), part)
    assert kept(staging, turned) == before
    if name not in WIDE:
        added = staging(
            name, table.packed([[*row, NEW if row is table.header else "x"] for row in table.rows]), part
        )
        assert kept(staging, added) == before
        assert ("added", NEW) in differences(added)
    used = []
    for place, column in enumerate(table.header):
        without = staging(name, table.columns(lambda row, place=place: row[:place] + row[place + 1 :]), part)
        if without.drift is None:
            if name not in WIDE and kept(staging, without) == before:
                other = staging(
                    name,
                    table.columns(
                        lambda row, place=place: [
                            *row[:place],
                            row[place]
                            if row is table.header or row[place] == table.header[place]
                            else "any text",
                            *row[place + 1 :],
                        ]
                    )
                    if table.kind != "parquet"
                    else table.packed(table.rows, {column: "VARCHAR"}),
                    part,
                )
                assert kept(staging, other) == before, column
            continue
        used.append(column)
        assert ("missing", RENAMED.get(column, column)) in differences(without), (column, without.drift)
        if not column or column in RENAMED:
            continue
        renamed = staging(
            name,
            table.columns(
                lambda row, column=column, place=place: [
                    *row[:place],
                    f"{column} 2" if row[place] == column else row[place],
                    *row[place + 1 :],
                ]
            ),
            part,
        )
        assert renamed.drift, column
        assert repr(column) in renamed.drift
        assert repr(f"{column} 2") in renamed.drift, renamed.drift
    assert used, "a table of which nothing is used"
    if len(used) > 1:
        places = [table.header.index(column) for column in used[:2]]
        both = staging(
            name,
            table.columns(lambda row: [cell for place, cell in enumerate(row) if place not in places]),
            part,
        )
        assert {("missing", column) for column in used[:2]} <= differences(both), both.drift


@pytest.mark.parametrize("name", [name for name in TABLES if not name.startswith("lmarena_text")])
def test_one_record_that_cannot_be_read_is_one_record(staging, name):
    document = sample(SOURCES[name])
    table, part = Table(document["content"]), document["part"]
    before = staging(name, document["content"], part)
    rows = table.rows
    odd = staging(name, table.packed([rows[0], ["one cell", "more"], *rows[1:]]), part)
    assert odd.drift is None, odd.drift
    assert (odd.rows, odd.quarantined) == (before.rows, before.quarantined + 1)
    assert kept(staging, odd) == kept(staging, before)


@pytest.mark.parametrize("name", OBJECTS)
def test_fields_that_are_not_used_may_be_anything(staging, name):
    document = sample(SOURCES[name])
    found, part = Objects(document["content"]), document["part"]
    before = kept(staging, staging(name, document["content"], part))
    used = {}
    for (place, field), count in found.fields().items():
        without = staging(name, found.without(place, field), part)
        if without.drift:
            used[place, field] = count
            assert field in without.drift, (place, field, without.drift)
            if ("missing", field) in differences(without):
                renamed = staging(name, found.renamed(place, field), part)
                assert repr(f"{field}_2") in (renamed.drift or ""), (place, field, renamed.drift)
    assert used or name in WIDE, "a document of which nothing is used"
    places = {place for place, _ in used}
    assert kept(staging, staging(name, found.added(places, NEW), part)) == before
    for (place, field), count in used.items():
        if count > 1 and "[*]" in place and name not in ONE_RECORD:
            odd = staging(name, found.without(place, field, times=1), part)
            assert odd.drift is None, (place, field, odd.drift)
            assert odd.quarantined == 1, (place, field)
