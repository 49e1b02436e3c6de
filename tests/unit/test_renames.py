"""Rows that a publisher calls by another name: told as renamed, not as one that vanished and one that is
new."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction

import duckdb
import pytest
from conftest import SOURCES

from flows.commands import why
from warehouse.compare import snapshot
from warehouse.compare.decomposition import Decomposition
from warehouse.compare.snapshot import Known, Snapshot
from warehouse.datasets import schema
from warehouse.reference import renames
from warehouse.staging import stage
from warehouse.store import archive
from warehouse.store.paths import Layout

HEADER = "dataset,column,former,later,note,reviewed_on"
GOOD = "capability_score,model,Old,New,the same,2026-11-26"
SCORES, SCORE = "epoch_eci_scores", schema.all_datasets()["capability_score"]
CSV = (
    "Model,Display name,eci,eci_ci_low,eci_ci_high,date,Organization,Country (of organization),Model"
    " accessibility,Accessibility group,model_versions"
)
USA, CHINA = "United States of America", "China"
OTHERS = {
    "First of one": (90, "2023-01-10", USA),
    "First of the other": (80, "2023-01-11", CHINA),
    "Second": (100, "2023-03-14", CHINA),
}
FORMER = {"GPT-3.5 Turbo": (120, "2023-11-06", USA)}
LATER = {"GPT-3.5 Turbo (Nov 2023)": (121, "2023-06-13", USA)}


def test_the_reviewed_renames_are_good():
    found = renames.read(schema.all_datasets())
    assert found
    assert {rename.dataset for rename in found} <= set(schema.all_datasets())


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "capability,model,Old,New,the same,2026-11-26",
            "rename.csv, line 3: there is no dataset 'capability'",
        ),
        (
            "capability_score,source,Old,New,the same,2026-11-26",
            "line 3: 'source' is no name in the key of capability_score",
        ),
        (
            "capability_score,display_name,Old,New,the same,2026-11-26",
            "line 3: 'display_name' is no name in the key",
        ),
        ("capability_score,model,Old,Old,the same,2026-11-26", "line 3: 'Old' is renamed to itself"),
        ("capability_score,model,Old,New,again,2026-11-26", "line 3: the same rename as rename.csv, line 2"),
        ("capability_score,model,Old,Newer,,2026-11-26", "line 3: note is empty"),
        (
            "capability_score,model,Old,Newer,seen,26 November",
            "line 3: reviewed_on is '26 November', expected a date",
        ),
    ],
)
def test_a_wrong_table_is_refused_by_line(tmp_path, line, told):
    (tmp_path / "rename.csv").write_text(f"{HEADER}\n{GOOD}\n{line}\n", "utf-8")
    with pytest.raises(ValueError, match=re.escape(told)):
        renames.read(schema.all_datasets(), tmp_path)


@pytest.mark.duckdb2
@pytest.mark.parametrize(
    ("before", "after", "renamed"),
    [
        (["Old"], ["New"], {"Old": "New"}),
        (["Old"], ["Newest"], {"Old": "Newest"}),
        (["Old", "Other"], ["New", "Other"], {"Old": "New"}),
        (["Old"], ["Old", "New"], {}),  # New came beside it
        (["Old", "New"], ["New"], {}),  # Old vanished
        (["Old"], ["Other"], {}),
        (["Old"], ["New", "Newest"], {}),  # a split
        (["Old", "Elder"], ["New"], {}),  # a merger
    ],
)
def test_which_rows_are_renamed(before, after, renamed):
    listed = [
        renames.Rename(SCORE.name, "model", *names)
        for names in (("Old", "New"), ("Old", "Newest"), ("Elder", "New"))
    ]
    listed.append(renames.Rename("electricity_generation", "series", "Other", "New"))
    with duckdb.connect() as con:
        for table, models in (("rows_a", before), ("rows_b", after)):
            con.execute(f"CREATE TABLE {table} (source VARCHAR, model VARCHAR, variant VARCHAR)")
            con.executemany(f"INSERT INTO {table} VALUES (?, ?, '')", [[SCORES, model] for model in models])
            # another source still calls it so
            con.execute(f"INSERT INTO {table} VALUES ('another', 'Old', '')")
        renames.match(con, "renamed", SCORE, listed, ["rows_a", "rows_a"], "rows_b")
        found = con.execute("SELECT was, later FROM renamed").fetchall()
        assert {was["model"]: later["model"] for was, later in found} == renamed
        renames.match(con, "none", SCORE, [], ["rows_a"], "rows_b")
        assert con.execute("SELECT typeof(was), count(*) FROM none GROUP BY ALL").fetchall() == []


@pytest.fixture
def known(tmp_path):
    """Stores a document of the index that lists these models: ``known(day, models)``."""

    def store(day: str, models: dict[str, tuple[float, str, str]]) -> Known:
        rows = (
            f"{name},{name},{eci},{eci - 5},{eci + 5},{released},Somebody,{country},API access,,"
            for name, (eci, released, country) in models.items()
        )
        body = "\n".join((CSV, *rows)) + "\n"
        sha256 = archive.store(Layout(tmp_path).archive, [body.encode()], 10**6).sha256
        return Known(SCORES, "", sha256, dt.datetime.fromisoformat(f"{day}T00:00:00+00:00"))

    return store


def test_a_renamed_model_is_neither_new_nor_gone(tmp_path, known):
    """What moved of it counts where it belongs: its date with the dates, its score with the scores."""
    layout, parsers = Layout(tmp_path), {SCORES: stage.stage_key(SOURCES[SCORES])}
    documents = known("2026-01-01", OTHERS | FORMER), known("2026-02-01", OTHERS | LATER)
    before, after = (Snapshot(name, documents[:count], parsers, {}) for name, count in (("a", 1), ("b", 2)))
    decomposition = Decomposition(layout, "capability_lag", before, after)
    try:
        assert decomposition.components == ["numbers", "dates", "texts", "renamed", "new"]
        said = [decomposition.values(()), decomposition.values(decomposition.components)]
    finally:
        decomposition.close()
    found = why.split(layout, why.Asked("capability_lag", statistic="current"), (before, after), said)
    [split] = found.changes
    assert split.before + sum((part.effect for part in split.parts), Fraction(0)) == split.after
    parts = {part.components: part for part in split.parts}
    assert {components for components, part in parts.items() if part.effect} == {("dates",), ("new",)}, (
        "the newer document is of a later day"
    )
    [row] = parts["renamed",].rows
    assert (row.key["model"], row.formerly, row.effect) == (
        "GPT-3.5 Turbo (Nov 2023)",
        {"model": "GPT-3.5 Turbo"},
        0,
    )
    with duckdb.connect() as con:
        snapshot.pair(con, layout, SCORE, [SCORES], before, after)
        assert snapshot.counts(con, SCORE) == [(SCORES, 1, 0, 1, 0)], (
            "in the tables it is one row withdrawn and one new"
        )
