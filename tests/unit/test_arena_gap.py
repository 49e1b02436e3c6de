"""The indicator arena_gap on boards built from the dataset: recorded ones and small ones that show one thing
each."""

from __future__ import annotations

import datetime as dt

import pytest
from boards import Boards
from conftest import SOURCES

from expectations import suites
from flows.refresh import demo_publishers
from warehouse.build import indicators

CATALOG, TABLES, WIDE, TEXT, HISTORY = (
    "lmarena_catalog",
    "lmarena_tables",
    "lmarena_wide_history",
    "lmarena_text",
    "lmarena_text_history",
)
pytestmark = pytest.mark.duckdb2


@pytest.fixture
def boards(staging):
    return Boards(staging)


@pytest.fixture
def recorded(boards, recordings):
    folder = recordings / "leaderboards"
    for path in sorted((folder / "lmarena_csv").glob("l*.csv")):
        if "vision" not in path.name:
            boards.add(TABLES, path.read_bytes(), path.stem[-10:])
    for name in ("text", "text-style-control"):
        boards.add(
            CATALOG,
            (folder / f"lmarena_catalog/leaderboard-{name}_2025-05-24.json").read_bytes(),
            f"{name}_2025-05-24",
        )
    boards.add(WIDE, (folder / "lmarena_history/arena_overall_wide_2023-05-08_2025-03.csv").read_bytes())
    return boards


def test_recorded_boards_give_the_figures(recorded):
    gaps = recorded.gaps()
    expected = {
        "2024-06-19": 47,
        "2024-09-28": 82,
        "2024-12-31": 58,
        "2025-01-28": 24,
        "2025-03-28": 83,
        "2025-05-23": 78,
        "2025-08-04": 36,
    }
    assert {day: round(gaps[day]) for day in expected} == expected
    assert len(gaps) == 65
    assert {day: round(gap, 1) for day, gap in recorded.gaps(series="style_control").items()} == {
        "2025-05-24": 64.0
    }


def test_recorded_boards_are_mapped(recorded):
    """No model of any recorded board is without a country."""
    assert (
        recorded.con.execute(
            "SELECT DISTINCT model, organisation FROM arena_board() WHERE country IS NULL"
        ).fetchall()
        == []
    )


def test_a_maker_by_name_is_the_maker_that_is_printed(recorded):
    """The rule for documents without organisations, on those that print them: same country, or no answer."""
    wrong = recorded.con.execute(
        """SELECT DISTINCT printed, told FROM (
            SELECT organisation AS printed, arena_maker(replace(model, ' ', '-')) AS told, published_on
            FROM arena_rating
        ) WHERE country_of(printed, published_on) <> country_of(told, published_on)"""
    ).fetchall()
    assert wrong == []
    [(told,)] = recorded.con.execute(
        "SELECT avg((arena_maker(replace(model, ' ', '-')) IS NOT NULL)::INTEGER) FROM arena_rating"
        " WHERE organisation IS NOT NULL"
    ).fetchall()
    assert told > 0.9


def test_recorded_rebasing(recorded):
    """All models of 23 May 2025 stand 19 points higher on 18 July; the three points of May 2025 and new
    models are no break."""
    broken = {day: text for day, text in recorded.gaps('"break"').items() if text}
    assert broken == {
        "2025-07-18": "re-based: the 201 models on both boards moved by +19.0 Elo (median) since 2025-05-23"
    }


@pytest.mark.parametrize(
    ("moves", "broken"),
    [
        ([20.9] * 12, True),
        ([-20.9, -19.0, -22.0] * 4, True),
        ([0.0] * 12, False),
        ([4.0] * 12, False),  # a small drift of a refit
        ([-60.0, 80.0, 10.0] * 4, False),  # models moved, but not alike
        ([20.9] * 9, False),  # too few to tell
    ],
)
def test_rebasing(boards, moves, broken):
    models = [(f"gpt-{number}", "OpenAI", 1300.0 + number) for number in range(len(moves))]
    boards.put(*models, ("qwen-max", "Alibaba", 1200.0), day="2026-09-04")
    boards.put(
        *[(name, maker, rating + move) for (name, maker, rating), move in zip(models, moves, strict=True)],
        ("qwen-new", "Alibaba", 1200.0),
    )
    assert [text is not None for text in boards.gaps('"break"').values()] == [False, broken]


def test_rebasing_is_seen_within_one_way_of_naming(boards):
    """A board between them that names its models otherwise does not hide it."""
    models = [(f"GPT {number}", "OpenAI", 1300.0 + number) for number in range(11)]
    china = ("Qwen", "Alibaba", 1200.0)
    boards.put(*models, china, source=TABLES, day="2025-05-23")
    boards.put(("gpt-1", None, 1300.0), ("qwen", None, 1200.0), source=CATALOG, day="2025-05-24")
    boards.put(
        *[(name, maker, rating + 20) for name, maker, rating in [*models, china]],
        source=TABLES,
        day="2025-07-18",
    )
    assert list(boards.gaps('"break"').values()) == [
        None,
        None,
        "re-based: the 12 models on both boards moved by +20.0 Elo (median) since 2025-05-23",
    ]


def test_configurations_are_never_mixed(boards):
    """The best US model stands on one board, the best Chinese on the other: neither gives a value."""
    boards.put(("gpt-6", "openai", 1500.0))
    boards.put(
        ("kimi-k3", "moonshot", 1470.0), configuration="style control", source="lmarena_text_style_control"
    )
    assert boards.gaps() == boards.gaps(series="style_control") == {}
    boards.put(("glm-5", "zai", 1450.0))
    assert boards.gaps() == {"2026-09-11": 50.0}
    assert boards.gaps(series="style_control") == {}


def test_dates_are_never_mixed(boards):
    boards.put(("gpt-6", "openai", 1500.0), ("glm-5", "zai", 1450.0))
    boards.put(("kimi-k3", "moonshot", 1470.0), ("o3-2025-04-16", "openai", 1400.0), day="2026-09-04")
    assert boards.gaps() == {"2026-09-04": -70.0, "2026-09-11": 50.0}


def test_a_remnant_of_an_older_board_is_no_board(boards):
    """'latest' with several dates: a few rows of the day before are not that day's board."""
    boards.put(
        *[(f"gpt-{number}", "openai", 1500.0 - number) for number in range(9)], ("glm-5", "zai", 1450.0)
    )
    boards.put(("gpt-old", "openai", 1300.0), ("glm-4", "zai", 1290.0), day="2026-09-04")
    assert boards.gaps() == {"2026-09-11": 50.0}
    boards.put(("gpt-old", "openai", 1300.0), ("glm-4", "zai", 1290.0), source=TABLES, day="2026-09-04")
    assert boards.gaps() == {"2026-09-04": 10.0, "2026-09-11": 50.0}, "another source states that day in full"


def test_the_first_source_counts_and_is_named(boards):
    for source, best in ((TABLES, 1440.0), (HISTORY, 1450.0), (WIDE, 1430.0), (TEXT, 1460.0)):
        boards.put(("gpt-6", "OpenAI", 1500.0, 5), ("glm-5", "Zhipu AI", best, 5), source=source)
    found = boards.gaps("gap, list_distinct([input.source FOR input IN inputs])")
    assert found == {"2026-09-11": [50.0, [HISTORY]]}


def test_bounds_are_those_of_the_intervals(boards):
    boards.put(
        ("gpt-6", "openai", 1500.0, 4),
        ("gpt-new", "openai", 1499.0, 20),
        ("glm-5", "zai", 1450.0, 3),
        ("kimi-k3", "moonshot", 1448.0, 10),
    )
    assert tuple(boards.gaps("low, gap, high")["2026-09-11"]) == (1496.0 - 1458.0, 50.0, 1519.0 - 1447.0)


def test_no_intervals_no_bounds(boards):
    boards.put(("gpt-6", "openai", 1500.0), ("glm-5", "zai", 1450.0, 3))
    assert tuple(boards.gaps("low, high")["2026-09-11"]) == (None, None)


@pytest.mark.parametrize(
    ("rating", "bounds"), [(1480.0, (20.0, 50.0)), (1530.0, (-30.0, 80.0)), (1400.0, (None, None))]
)
def test_an_unknown_maker_widens_the_bounds(boards, rating, bounds):
    boards.put(
        ("gpt-6", "openai", 1500.0),
        ("glm-5", "zai", 1450.0),
        ("late-june-chatbot", None, rating),
        ("x", "Nobody Mapped", 1000.0),
    )
    low, gap, high, coverage = boards.gaps("low, gap, high, coverage")["2026-09-11"]
    assert (low, high) == bounds
    assert (gap, coverage) == (50.0, 0.5)


def test_an_organisation_renamed_stays_in_its_country(boards):
    """The same maker under three names, and as a misspelling."""
    boards.put(("gpt-6", "OpenAI", 1500.0), ("a", "Zhipu AI", 1450.0), day="2025-01-01")
    boards.put(("gpt-6", "OpenAI", 1500.0), ("b", "Z.ai", 1440.0), day="2025-09-01")
    boards.put(("gpt-6", "OpenAI", 1500.0), ("c", "zai", 1430.0), day="2026-01-01")
    boards.put(("gpt-6", "OpenAI", 1500.0), ("d", "Aliaba", 1420.0), day="2026-05-01")
    assert list(boards.gaps().values()) == [50.0, 60.0, 70.0, 80.0]


def test_who_counts_for_whom(boards):
    day = dt.date(2025, 6, 1)
    names = {
        "Google DeepMind": "USA",
        "Mistral": "FRA",
        "Cohere": "CAN",
        "TII": "ARE",
        "Upstage AI": "KOR",
        "AI21 Labs": "ISR",
        "Stability AI": "GBR",
    }
    names |= {"AllenAI/UW": "USA", "DeepSeek AI": "CHN", "zai": "CHN", "SenseTime": None}
    for name, country in names.items():
        assert boards.con.execute("SELECT country_of(?, ?)", [name, day]).fetchone() == (country,), name
    assert boards.con.execute("SELECT country_of('Google DeepMind', DATE '2023-04-01')").fetchone() == (None,)


def test_a_column_called_organisation_is_the_callers(boards):
    """Where a row stands in a WHERE clause, the macro must not take the column for its own."""
    boards.put(("gpt-6", "openai", 1500.0), ("glm-5", "zai", 1450.0), ("x", "Nobody Mapped", 1000.0))
    counted = "SELECT count(*) FROM arena_rating WHERE country_of(organisation, published_on) = ?"
    assert [boards.con.execute(counted, [country]).fetchone() for country in ("USA", "CHN")] == [(1,), (1,)]


def test_reference_is_whole(boards):
    """Every organisation is its own alias, every alias leads to one organisation."""
    assert (
        boards.con.execute(
            "SELECT organisation FROM reference.organisation EXCEPT SELECT alias"
            " FROM reference.organisation_alias"
        ).fetchall()
        == []
    )
    assert (
        boards.con.execute(
            "SELECT organisation FROM reference.organisation_alias EXCEPT SELECT organisation"
            " FROM reference.organisation"
        ).fetchall()
        == []
    )
    assert (
        boards.con.execute(
            "SELECT alias FROM reference.organisation_alias GROUP BY alias HAVING count(*) > 1"
        ).fetchall()
        == []
    )


def test_samples_give_values(boards):
    for source in (TABLES, CATALOG, WIDE, TEXT, HISTORY, "lmarena_text_style_control"):
        newest = {entry["part"]: entry for entry in demo_publishers.documents(SOURCES[source])}
        for part, entry in newest.items():
            boards.add(source, entry["content"], part)
    assert {day: round(gap, 1) for day, gap in boards.gaps().items()}["2026-09-11"] == 35.4
    assert {day: round(gap, 1) for day, gap in boards.gaps(series="style_control").items()} == {
        "2025-05-24": 64.0,
        "2026-04-27": 57.8,
    }


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        ("SELECT *", set()),
        (
            "SELECT * REPLACE (high + 500 AS gap)",
            {"the gap is -150 to 250 Elo", "the gap is within its bounds"},
        ),
        ("SELECT * REPLACE (low - 1 AS gap)", {"the gap is within its bounds"}),
        (
            "SELECT * REPLACE ('vision' AS series)",
            {"the series are raw or under style control or of the site"},
        ),
        ("SELECT * REPLACE (inputs[1:1] AS inputs)", {"both sides are named"}),
        (
            "SELECT * REPLACE (list_append(inputs[1:1], {'side': 'USA', 'source': 'other'}) AS inputs)",
            {"both sides are from one source"},
        ),
        ("FROM evaluated UNION ALL SELECT *", {"one value a date and series"}),
        ("SELECT * REPLACE (0.5 AS coverage)", {"most models have a maker with a country"}),
        ("SELECT * REPLACE (gap - 200 AS low)", {"the bounds are at most 120 Elo apart"}),
    ],
)
def test_the_suite_can_fail(boards, change, failed):
    boards.put(("gpt-6", "openai", 1500.0, 4), ("glm-5", "zai", 1450.0, 3))
    columns = (
        "series, period, gap, low, high, coverage, [{'side': input.side, 'source':"
        " input.source} FOR input IN inputs] AS inputs"
    )
    boards.con.execute(
        f"CREATE TABLE evaluated AS SELECT {columns} FROM ({indicators.all_indicators()['arena_gap'].sql})"
    )
    boards.con.execute(f"CREATE TABLE series AS {change} FROM evaluated")
    results = suites.run(boards.con, suites.load("indicators", "arena_gap"))
    assert {result.name for result in results if result.status != "pass"} == failed
