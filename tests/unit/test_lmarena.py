"""LMArena: what the parsers make of samples, recorded files and the publisher's known traps."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

import duckdb
import pytest
from conftest import SOURCES, good_document

from extractors.lmarena.layouts import BOARD
from flows.refresh import demo_publishers

TEXT, STYLE, HISTORY = "lmarena_text", "lmarena_text_style_control", "lmarena_text_history"
CATALOG, TABLES, WIDE = "lmarena_catalog", "lmarena_tables", "lmarena_wide_history"
PARQUET = (TEXT, STYLE, HISTORY)
SAMPLES = [
    (name, entry)
    for name in (*PARQUET, CATALOG, TABLES, WIDE)
    for entry in demo_publishers.documents(SOURCES[name])
]
# A row as the publisher prints it (board of 11 September 2026).
ROW = (
    "claude-opus-5-high",
    "anthropic",
    "Proprietary",
    1505.270740,
    1501.013063,
    1509.528416,
    4.718991,
    41777.0,
    2.0,
    "overall",
    "2026-09-11",
)


# The publisher's columns and their types.
TYPES = {
    name: "DOUBLE" if name.startswith(("rating", "variance", "vote", "rank")) else "VARCHAR"
    for name in BOARD.columns
}


def parquet(*rows: tuple, types: dict[str, str] | None = None) -> bytes:
    """A file of the publisher's layout, or of another one."""
    columns = TYPES if types is None else types
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE board ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        for row in rows:
            con.execute(f"INSERT INTO board VALUES ({', '.join('?' * len(row))})", row)
        with tempfile.TemporaryDirectory() as folder:
            con.execute(f"COPY board TO '{folder}/board.parquet' (FORMAT parquet)")
            return Path(folder, "board.parquet").read_bytes()


def changed(**values) -> tuple:
    return tuple(values.get(name, value) for name, value in zip(BOARD.columns, ROW, strict=True))


def value_at(source: str, body: bytes, locator: str) -> float:
    """The number that stands at a place in a document, read without the parser."""
    if source == CATALOG:
        category, model = locator.removeprefix("$.").removesuffix(".rating").split("[")
        return json.loads(body)[category][json.loads(model.removesuffix("]"))]["rating"]
    number, column = locator.removeprefix("record ").split(", column ")
    if source in PARQUET:
        with tempfile.NamedTemporaryFile() as file:
            file.write(body)
            file.flush()
            return duckdb.sql(f"SELECT {column} FROM read_parquet('{file.name}')").fetchall()[
                int(number) - 1
            ][0]
    return float(list(csv.DictReader(io.StringIO(body.decode(), newline="")))[int(number) - 1][column])


def ignored(staged) -> dict[str, int]:
    return staged.ignored["arena_rating"]


@pytest.mark.parametrize(("source", "entry"), SAMPLES)
def test_sample_leads_back(staging, source, entry):
    staged = staging(source, entry["content"], entry["part"])
    rows = staging.rows(staged, "SELECT locator, rating FROM rows")
    assert rows
    for locator, rating in rows:
        assert value_at(source, entry["content"], locator) == rating


@pytest.mark.parametrize(
    ("source", "statements"), [(TEXT, 5), (STYLE, 6), (HISTORY, 4), (TABLES, 5), (CATALOG, 3), (WIDE, 12)]
)
def test_sample_is_counted(staging, source, statements):
    entry = good_document(source)
    staged = staging(source, entry["content"], entry["part"])
    assert (staged.quarantined, sum(staged.rows.values()) + sum(ignored(staged).values())) == (0, statements)


@pytest.mark.duckdb2
def test_a_row_of_the_official_board(staging):
    staged = staging(
        TEXT,
        parquet(
            ROW, changed(model_name="glm-5.3-max", organization="zai", rating_lower=None, rating_upper=None)
        ),
    )
    [row, other] = staging.rows(staged, "SELECT * EXCLUDE (source, locator) FROM rows ORDER BY model")
    overall = ("text", "raw", "overall", ROW[10].__class__(ROW[10]))
    assert (*row[:3], str(row[3])) == overall
    assert row[4:] == (
        "claude-opus-5-high",
        "anthropic",
        "Proprietary",
        1505.27074,
        1501.013063,
        1509.528416,
        41777,
    )
    assert other[8:10] == (None, None)


def test_style_control_is_another_configuration(staging):
    for source, configuration in ((TEXT, "raw"), (HISTORY, "raw"), (STYLE, "style control")):
        assert staging.rows(staging(source, parquet(ROW)), "SELECT DISTINCT configuration FROM rows") == [
            (configuration,)
        ]


def test_rows_keep_their_own_date(staging):
    """'latest' held several publish dates in July 2026."""
    staged = staging(
        TEXT,
        parquet(
            ROW,
            changed(leaderboard_publish_date="2026-07-02"),
            changed(leaderboard_publish_date="2026-06-25"),
        ),
    )
    assert [str(day) for (day,) in staging.rows(staged, "SELECT published_on FROM rows ORDER BY 1")] == [
        "2026-06-25",
        "2026-07-02",
        "2026-09-11",
    ]
    assert staged.newest_period == "2026-09-11"


def test_the_row_with_the_most_votes_counts(staging):
    staged = staging(
        TEXT,
        parquet(changed(vote_count=5.0, rating=1600.0), ROW, changed(vote_count=None, rating=900.0), ROW),
    )
    assert staging.rows(staged, "SELECT rating, votes FROM rows") == [(1505.27074, 41777)]
    assert ignored(staged) == {
        "repeated model: another row of the day has more votes": 2,
        "repeated row, the same values": 1,
    }


def test_as_many_votes_and_another_rating_is_a_contradiction(asked):
    seen = asked(TEXT, parquet(ROW, changed(rating=1600.0, rating_upper=1610.0), changed(model_name="other")))
    assert seen.outcome != "new"
    assert "claude-opus-5-high" in seen.message


def test_other_categories_are_left_out_by_name(staging):
    staged = staging(
        HISTORY, parquet(ROW, changed(category="chinese", rating=1530.0), changed(category="coding"))
    )
    assert staged.rows == {"arena_rating": 1}
    assert ignored(staged) == {"category other than overall": 2}
    assert staging(HISTORY, parquet(changed(category=None))).quarantined == 1


def test_effort_variants_are_models_of_their_own(staging):
    staged = staging(
        TEXT, parquet(ROW, changed(model_name="claude-opus-5-max"), changed(model_name="claude-opus-5"))
    )
    assert staged.rows == {"arena_rating": 3}


def test_the_agent_board_is_refused(staging):
    """Its scores are shares on another scale."""
    own = ("score", "score_ci_lower", "score_ci_upper", "observation_count", "session_count")
    types = {
        name: kind for name, kind in TYPES.items() if not name.startswith(("rating", "variance", "vote"))
    } | dict.fromkeys(own, "DOUBLE")
    drift = staging(TEXT, parquet(types=types)).drift
    assert "score_ci_lower" in drift
    assert "missing: 'rating'" in drift


def test_another_type_of_what_is_used_is_refused(staging):
    drift = staging(TEXT, parquet(types=TYPES | {"rating": "VARCHAR"})).drift
    assert "of another kind: 'rating' (VARCHAR where DOUBLE or" in drift


@pytest.mark.parametrize(
    "types", [{"rank": "BIGINT"}, {"variance": "VARCHAR"}, {"leaderboard_publish_date": "DATE"}]
)
def test_another_type_of_what_is_not_used_is_fine(staging, types):
    assert staging.rows(staging(TEXT, parquet(ROW, types=TYPES | types))) == staging.rows(
        staging(TEXT, parquet(ROW))
    )


def test_a_further_column_is_noted(staging):
    staged = staging(TEXT, parquet((*ROW, 1), types=TYPES | {"__index_level_0__": "BIGINT"}))
    assert [tuple(one) for one in staged.differences] == [("schema", "added", "__index_level_0__", "")]


def test_column_order_does_not_matter(staging):
    order = sorted(TYPES)
    values = dict(zip(BOARD.columns, ROW, strict=True))
    staged = staging(
        TEXT,
        parquet(tuple(values[name] for name in order), types={name: TYPES[name] for name in order}),
    )
    assert staging.rows(staged, "SELECT model, rating FROM rows") == [("claude-opus-5-high", 1505.27074)]


@pytest.mark.parametrize(
    "body",
    [b"", b"Found. Redirecting to https://cdn-lfs.example/" + b"x" * 1000, b"PAR1", parquet(ROW)[:-40]],
)
def test_no_parquet_is_drift(staging, body):
    drift = staging(TEXT, body).drift
    assert drift.startswith(f"{TEXT} document ")
    assert "Parquet" in drift


def test_a_file_damaged_inside_is_drift(staging):
    body = parquet(ROW)
    assert staging(TEXT, body[:4] + bytes(40) + body[44:]).drift


def test_the_body_of_the_redirect_is_not_taken(asked):
    seen = asked(TEXT, b"Found. Redirecting to https://cdn-lfs.example/" + b"x" * 970, media="text/plain")
    assert seen.outcome == "rejected"


def test_a_value_that_is_no_number_is_set_aside(staging):
    staged = staging(
        TEXT,
        parquet(changed(rating=float("nan")), changed(model_name="b", leaderboard_publish_date="Sep 11")),
    )
    reasons = staging.rows(staged, "SELECT reason FROM quarantine ORDER BY 1")
    assert reasons == [("published_on: Sep 11 is not a DATE",), ("rating: nan is not a number",)]


@pytest.mark.parametrize("source", [TABLES, CATALOG])
@pytest.mark.parametrize("part", ["", "2025", "text 2025-05-24"])
def test_a_document_without_its_day_says_what_to_do(staging, source, part):
    drift = staging(source, good_document(source)["content"], part).drift
    assert f"gapwatch backfill {source} FILE --part" in drift


def test_an_interval_that_is_none_is_set_aside(staging):
    body = good_document(TABLES)["content"].replace(b"+5/-5,26019", b"5,26019")
    assert staging(TABLES, body, "2025-08-04").quarantined == 1


@pytest.mark.parametrize("renamed", [b'"overall"', b'"full_old"'])
def test_a_renamed_overall_board_is_refused(staging, renamed):
    assert (
        "full"
        in staging(
            CATALOG, good_document(CATALOG)["content"].replace(b'"full"', renamed), "text_2025-05-24"
        ).drift
    )


def test_a_catalog_that_cannot_be_read_is_refused(staging):
    body = good_document(CATALOG)["content"]
    for wrong in (
        body.replace(b'"rating":', b'"score":'),
        body.replace(b"o3-2025-04-16", b"deepseek-v3-0324"),
        body[:-20],
        b"[]",
    ):
        assert staging(CATALOG, wrong, "text_2025-05-24").drift.startswith(f"{CATALOG} document ")


def test_further_categories_of_a_catalog_are_ignored(staging):
    body = json.loads(good_document(CATALOG)["content"])
    before = staging(CATALOG, json.dumps(body).encode(), "text_2025-05-24")
    after = staging(CATALOG, json.dumps(body | {"new": {"a": 1}, "odd": []}).encode(), "text_2025-05-24")
    assert staging.rows(after) == staging.rows(before)
    assert sum(ignored(after).values()) == sum(ignored(before).values()) + 1


def test_zero_is_absent_in_the_wide_history(staging):
    body = good_document(WIDE)["content"]
    staged = staging(WIDE, body)
    assert staging.rows(staged, "SELECT count(*) FROM rows WHERE rating < 700") == [(0,)]
    assert ignored(staged)["0.0: the model was not on the board that day"] == 4
    assert staging(WIDE, body.replace(b"0.0,1186", b",1186")).quarantined == 1
    for wrong in (
        body.replace(b"deepseek-r1", b"gpt-4-0314"),
        body.replace(b",gemini", b"day,gemini"),
        body[:-30],
        b"",
    ):
        assert staging(WIDE, wrong).drift.startswith(f"{WIDE} document ")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"GLM-4.5,1434,+9/-9", b"GLM-4.5,434,+9/-9", "a rating is 500 to 2000 Elo"),
        (
            b"200,188,Yi-34B-Chat,1134,+6/-6",
            b"200,188,Yi-34B-Chat,1134,+6/-600",
            "the rating is not below its interval",
        ),
    ],
)
def test_the_suite_keeps_nonsense_back(asked, old, new, said):
    body = good_document(TABLES)["content"]
    assert said in asked(TABLES, body.replace(old, new), part="2025-08-04").message


def test_half_of_the_models_gone_is_kept_back(asked):
    rows = [changed(model_name=f"model {number}") for number in range(10)]
    assert asked(TEXT, parquet(*rows)).outcome == "new"
    seen = asked(TEXT, parquet(*[(*row[:10], "2026-09-18") for row in rows[:5]]))
    assert seen.outcome == "failed"
    assert "the largest board has at least 70 % of the models of the one before" in seen.message


def test_recorded_files(staging, recordings):
    folder = recordings / "leaderboards"
    found = {}
    for path in sorted((folder / "lmarena_csv").glob("l*.csv")):
        if "vision" not in path.name:
            staged = staging(TABLES, path.read_bytes(), path.stem[-10:])
            assert staged.quarantined == 0
            [(found[path.stem[-10:]], most)] = staging.rows(staged, "SELECT count(*), max(rating) FROM rows")
            assert most > 1200
    assert (len(found), found["2024-06-19"], found["2025-08-04"]) == (12, 109, 265)
    for name, best in (("text", "deepseek-v3-0324"), ("text-style-control", "deepseek-v3-0324")):
        staged = staging(
            CATALOG,
            (folder / f"lmarena_catalog/leaderboard-{name}_2025-05-24.json").read_bytes(),
            f"{name}_2025-05-24",
        )
        assert staged.rows == {"arena_rating": 236}
        assert staged.quarantined == 0
        assert staging.rows(staged, f"SELECT count(*) FROM rows WHERE model = '{best}'") == [(1,)]
    assert staging(
        CATALOG, (folder / "lmarena_catalog/scatterplot-data_2025-12-17.json").read_bytes(), "text_2025-12-17"
    ).drift
    staged = staging(
        WIDE, (folder / "lmarena_history/arena_overall_wide_2023-05-08_2025-03.csv").read_bytes()
    )
    assert (staged.rows, staged.quarantined) == ({"arena_rating": 8595}, 0)
    assert ignored(staged)["0.0: the model was not on the board that day"] == 10419
