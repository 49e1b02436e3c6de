"""A document that another parser reads again: equal rows are kept once, other rows beside the older ones."""

from __future__ import annotations

import json
import os
from pathlib import Path

import duckdb
import pytest
from conftest import SOURCES, good

from extractors.contract import Document
from warehouse.staging import stage
from warehouse.store import archive
from warehouse.store.memo import digest
from warehouse.store.paths import Layout

OWID = "owid_electricity_generation"
TODAY = stage.stage_key(SOURCES[OWID])


@pytest.fixture
def layout(tmp_path):
    return Layout(tmp_path)


@pytest.fixture
def document(layout):
    stored = archive.store(layout.archive, [good(OWID)], SOURCES[OWID].limit)
    return Document(OWID, stored.sha256, stored.path)


def read(layout: Layout, document: Document) -> stage.Staged:
    return stage.stage(layout, SOURCES[OWID], document)


def read_earlier(layout: Layout, document: Document, key: str, more: float = 0, age: int = 1) -> None:
    """The document as a parser of earlier read it: every figure was larger by ``more``."""
    folder = Path(read(layout, document).folder)
    file, summary = folder / "electricity_generation.parquet", folder / stage.SUMMARY
    if more:
        rows = duckdb.sql(f"SELECT * REPLACE (twh + {more} AS twh) FROM read_parquet('{file}')").df()
        duckdb.sql(f"COPY (FROM rows) TO '{file}' (FORMAT parquet)")
        assert len(rows)
    told = json.loads(summary.read_bytes())
    told["files"] = {name: digest(folder / name) for name in told["files"]}
    summary.write_text(json.dumps(told), "utf-8")
    earlier = folder.rename(stage.folder_of(layout, document, key))
    os.utime(earlier, (1000 - age, 1000 - age))


def folders(layout: Layout) -> set[str]:
    return {path.name.split("-")[1] for path in layout.stage.glob("??/*") if path.is_dir()}


def test_equal_rows_are_kept_once(layout, document):
    read_earlier(layout, document, "earlier")
    again = read(layout, document)
    assert folders(layout) == {TODAY}
    assert stage.kept(layout, document, "earlier") == again == stage.kept(layout, document, TODAY)
    assert stage.kept(layout, document, "another") is None


def test_an_earlier_key_is_known_over_several_parsers(layout, document):
    read_earlier(layout, document, "first")
    read_earlier(layout, document, "second", age=0)
    again = read(layout, document)
    assert folders(layout) == {TODAY}
    assert stage.kept(layout, document, "first") == stage.kept(layout, document, "second") == again


def test_an_earlier_key_is_known_after_a_rebuild(layout, document):
    read_earlier(layout, document, "earlier")
    read(layout, document)
    stage.clear(layout, {TODAY})
    assert stage.kept(layout, document, TODAY) is None
    assert stage.kept(layout, document, "earlier") is not None
    again = read(layout, document)
    assert folders(layout) == {TODAY}
    assert stage.kept(layout, document, "earlier") == again


def test_other_rows_stay_beside(layout, document):
    read_earlier(layout, document, "earlier", more=1)
    again = read(layout, document)
    assert folders(layout) == {TODAY, "earlier"}
    earlier = stage.kept(layout, document, "earlier")
    sums = [
        duckdb.sql(f"SELECT sum(twh) FROM '{one.parquet('electricity_generation')}'").fetchone()[0]
        for one in (earlier, again)
    ]
    assert sums[0] == pytest.approx(sums[1] + sum(again.rows.values()))


def test_three_older_readings_are_kept_at_most(layout, document):
    for number in range(5):
        read_earlier(layout, document, f"earlier{number}", more=number + 1, age=5 - number)
    read(layout, document)
    assert folders(layout) == {TODAY, "earlier2", "earlier3", "earlier4"}


def test_a_damaged_older_reading_is_dropped(layout, document):
    read_earlier(layout, document, "earlier", more=1)
    (stage.folder_of(layout, document, "earlier") / "electricity_generation.parquet").write_bytes(b"")
    assert stage.kept(layout, document, "earlier") is None
    read(layout, document)
    assert folders(layout) == {TODAY}
