"""LiveBench: results and categories as printed, and the averages made of them."""

from __future__ import annotations

import csv
import io
import json

import duckdb
import pytest
from conftest import SOURCES, Stage, good_document, read

from flows.refresh import demo_publishers
from warehouse.build import history, indicators
from warehouse.datasets import schema
from warehouse.staging import vintage
from warehouse.store import journal

TABLES, CATEGORIES = "livebench_tables", "livebench_categories"
NEWEST = "2026-01-08"
HIGH, MEDIUM = "claude-opus-4-8-high-effort", "gpt-5.5-medium"


def body() -> bytes:
    return good_document(TABLES)["content"]


def value_at(table: bytes, locator: str) -> float:
    """The number that stands at a place in a table, read without the parser."""
    number, task = locator.removeprefix("record ").split(", column ")
    return float(list(csv.DictReader(io.StringIO(table.decode(), newline="")))[int(number) - 1][task])


def averages(
    staging: Stage, table: bytes, categories: bytes, day: str = NEWEST
) -> dict[tuple[str, str | None], float | None]:
    """(model, category; None: overall) -> average."""
    with duckdb.connect() as con:
        for source, content in ((TABLES, table), (CATEGORIES, categories)):
            [dataset] = SOURCES[source].datasets
            con.execute(
                f"CREATE TABLE {dataset} AS FROM"
                f" read_parquet('{staging(source, content, day).parquet(dataset)}')"
            )
        con.execute((indicators.MACROS / "livebench_overall.sql").read_text("utf-8"))
        return {
            (model, category): average
            for model, category, average in con.execute(
                "SELECT model, category, average FROM livebench_overall()"
            ).fetchall()
        }


@pytest.mark.parametrize("entry", demo_publishers.documents(SOURCES[TABLES]), ids=lambda entry: entry["file"])
def test_sample_leads_back(staging, entry):
    staged = staging(TABLES, entry["content"], NEWEST)
    rows = staging.rows(staged, "SELECT locator, printed, score FROM rows")
    assert (len(rows), staged.quarantined) == (46, 0)
    for locator, printed, score in rows:
        assert value_at(entry["content"], locator) == float(printed) == (score or 0.0)


def test_categories_lead_back(staging):
    content = good_document(CATEGORIES)["content"]
    rows = staging.rows(staging(CATEGORIES, content, NEWEST), "SELECT locator, category, task FROM rows")
    assert len(rows) == 23
    for locator, category, task in rows:
        assert json.loads(content)[category][int(locator.rsplit("[", 1)[1].removesuffix("]"))] == task


def test_a_failed_task_is_no_result(staging):
    """gpt-5.5-medium: olympiad 0.0."""
    rows = staging.rows(
        staging(TABLES, body(), NEWEST), "SELECT model, task, printed FROM rows WHERE score IS NULL"
    )
    assert rows == [(MEDIUM, "olympiad", "0.0")]
    blank = staging(TABLES, body().replace(b",0.0,", b",,"), NEWEST)
    assert staging.rows(blank, "SELECT score, printed FROM rows WHERE score IS NULL") == [(None, None)]


def test_a_small_result_is_a_result(staging):
    rows = staging.rows(
        staging(TABLES, body().replace(b",0.0,", b",0.25,"), NEWEST), "SELECT score FROM rows WHERE score < 1"
    )
    assert rows == [(0.25,)]


def test_averages(staging):
    """Mean of the tasks, then mean of the categories; a category that lacks a task has none, nor has the
    model."""
    found = averages(staging, body(), good_document(CATEGORIES)["content"])
    assert found[HIGH, "Mathematics"] == pytest.approx((97 + 81 + 95.098 + 90.903) / 4)
    assert found[HIGH, None] == pytest.approx(
        sum(value for (model, category), value in found.items() if model == HIGH and category) / 7
    )
    assert (found[MEDIUM, "Mathematics"], found[MEDIUM, None]) == (None, None)
    assert found[MEDIUM, "Coding"] == pytest.approx((82.609 + 74.648) / 2)


def test_a_task_without_a_column_is_missing(staging):
    content = good_document(CATEGORIES)["content"].replace(b'"code_completion"', b'"LCB_generation"')
    assert averages(staging, body(), content)[HIGH, "Coding"] is None


def test_effort_variants_are_models_of_their_own(staging):
    twice = body() + body().splitlines(keepends=True)[1].replace(b"high-effort", b"low-effort")
    assert staging.rows(staging(TABLES, twice, NEWEST), "SELECT count(DISTINCT model) FROM rows") == [(3,)]


def test_a_new_task_or_category_is_noted(staging):
    """Which tasks count is said by the list of the day, not by the parser."""
    header, rest = body().split(b"\n", 1)
    new = staging(TABLES, header.replace(b"zebra_puzzle", b"zebra_puzzle_v2") + b"\n" + rest, NEWEST)
    assert [tuple(one) for one in new.differences] == [("header", "added", "zebra_puzzle_v2", "")]
    content = good_document(CATEGORIES)["content"].replace(b'"IF"', b'"Vision"')
    assert [tuple(one) for one in staging(CATEGORIES, content, NEWEST).differences] == [
        ("$", "added", "Vision", "")
    ]


@pytest.mark.parametrize("printed", [b"N/A", b"", b"0.0", b"--", b"NaN"])
def test_what_was_not_run_has_no_result(staging, printed):
    staged = staging(TABLES, body().replace(b"97.0", printed, 1), NEWEST)
    assert staged.quarantined == 0
    assert staging.rows(staged, "SELECT count(*) - count(score) FROM rows") == [
        (staging.rows(staging(TABLES, body(), NEWEST), "SELECT count(*) - count(score) + 1 FROM rows")[0])
    ]


def test_a_row_of_another_width_is_given_to_no_task(staging):
    """Its cells cannot be told apart: the known one is left out by name, another is set aside; where the
    file breaks off in it, the file is cut."""
    header, first, second = body().splitlines(keepends=True)
    short = first.replace(b"97.0,73.913,78.873,", b"")
    known = staging(
        TABLES, header + short.replace(HIGH.encode(), b"nemotron-3-super-120b-a12b") + second, NEWEST
    )
    assert known.ignored["livebench_score"] == {
        "row of nemotron-3-super-120b-a12b: 20 cells where the header has 23 tasks": 1
    }
    other = staging(TABLES, header + short + second, NEWEST)
    assert (other.rows["livebench_score"], other.quarantined) == (23, 1)
    assert staging(TABLES, header + second + short, NEWEST).quarantined == 1
    assert "cut off?" in staging(TABLES, header + second + short.rstrip(), NEWEST).drift


@pytest.mark.parametrize("source", [TABLES, CATEGORIES])
def test_a_document_without_its_day_says_what_to_do(staging, source):
    assert (
        f"gapwatch backfill {source} FILE --part YYYY-MM-DD"
        in staging(source, good_document(source)["content"]).drift
    )


@pytest.mark.parametrize(
    ("source", "old", "new", "said"),
    [
        (TABLES, b"97.0,", b"970.0,", "a result is 0 to 100 per cent"),
        (
            TABLES,
            b"96.078,0.0,63.6,70.711,35.0,",
            b"0.0,0.0,0.0,0.0,0.0,",
            "at most 10 % of the results are missing",
        ),
        (CATEGORIES, b'"spatial"', b'"typos"', "a task is in one category"),
    ],
)
def test_the_suite_keeps_nonsense_back(asked, source, old, new, said):
    seen = asked(source, good_document(source)["content"].replace(old, new), part=NEWEST)
    assert seen.outcome == "failed"
    assert said in seen.message


def test_models_gone_are_kept_back(tmp_path):
    staging, source = Stage(tmp_path / "data"), SOURCES[TABLES]
    header, first, _ = body().splitlines(keepends=True)
    for day, content in (("2026-08-12", body()), ("2026-08-19", header + first)):
        (tmp_path / day).write_bytes(content)
        vintage.backfill(
            staging.layout, source, tmp_path / day, journal.moment(f"{day}T00:00:00+00:00"), part=NEWEST
        )
    judged = read(staging.layout, source)
    assert [found.status for found in judged] == ["accepted", "failed"]
    assert "at least 90 % of the models known before are still in the table" in judged[1].reason


def test_recorded_tables(staging, recordings):
    """Every task of every table has its category; the zeros are failed tasks."""
    found = {}
    for path in sorted((recordings / "leaderboards/livebench").glob("table*.csv")):
        day = path.stem[6:].replace("_", "-")
        staged = staging(TABLES, path.read_bytes(), day)
        assert staged.quarantined == 0
        categories = staging(
            CATEGORIES,
            path.with_name(path.name.replace("table", "categories")).with_suffix(".json").read_bytes(),
            day,
        )
        tasks = {task for (task,) in staging.rows(staged, "SELECT DISTINCT task FROM rows")}
        assert tasks == {task for (task,) in staging.rows(categories, "SELECT task FROM rows")}
        [found[day]] = staging.rows(staged, "SELECT count(DISTINCT model), count(*) - count(score) FROM rows")
    assert len(found) == 10
    assert found["2026-01-08"] == (126, 23), "and one row that is too short, with two zeros"
    assert found["2024-06-24"] == (73, 50)


def test_recorded_revisions(tmp_path, recordings):
    """The newest table is edited in place: history shows what it said before."""
    staging = Stage(tmp_path)
    for path in sorted((recordings / "leaderboards/livebench/revisions").glob("*.csv")):
        published = journal.moment(f"{path.stem[17:27]}T00:00:00+00:00")
        vintage.backfill(staging.layout, SOURCES[TABLES], path, published, part=NEWEST)
    stated = vintage.of_source(staging.layout, SOURCES[TABLES])
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA history")
        history.write_dataset(
            con, schema.all_datasets()["livebench_score"], history.statements(stated, "livebench_score")
        )
        corrected = con.execute(
            """SELECT model, task, old.score, new.score FROM history.livebench_score AS old
            JOIN history.livebench_score AS new USING (model, task)
            WHERE old.known_to = new.known_from AND new.known_from = TIMESTAMP '2026-06-19' ORDER BY ALL"""
        ).fetchall()
    assert corrected == [
        ("claude-opus-4-7-low-effort", "integrals_with_game", 31.0, 58.0),
        ("claude-opus-4-8-high-effort", "AMPS_Hard", 96.0, 97.0),
        ("claude-opus-4-8-high-effort", "integrals_with_game", 46.0, 81.0),
        ("claude-opus-4-8-low-effort", "integrals_with_game", 38.0, 71.0),
        ("claude-opus-4-8-medium-effort", "integrals_with_game", 45.0, 82.0),
        ("claude-opus-4-8-xhigh-effort", "integrals_with_game", 51.0, 95.0),
    ]
