"""The arena's site collected daily: what the parser makes of it, and the series of its own that it gives."""

from __future__ import annotations

import json

import pytest
from boards import Boards
from conftest import SOURCES, good_document

from flows.refresh import demo_publishers

DAILY, DAY = "arena_daily", "2026-03-28"
pytestmark = pytest.mark.duckdb2


def changed(**fields) -> bytes:
    """The newest sample with fields of its first model changed."""
    document = json.loads(good_document(DAILY)["content"])
    document["models"][0] |= fields
    return json.dumps(document).encode()


def about(**fields) -> bytes:
    document = json.loads(good_document(DAILY)["content"])
    document["meta"] |= fields
    return json.dumps(document).encode()


def test_a_model_of_the_site(staging):
    staged = staging(DAILY, good_document(DAILY)["content"], DAY)
    [row] = staging.rows(staged, "SELECT * EXCLUDE (source) FROM rows WHERE model = 'qwen3.5-max-preview'")
    assert (*row[:3], str(row[3])) == ("text", "site", "overall", DAY)
    assert row[4:] == (
        *("qwen3.5-max-preview", "Alibaba", "proprietary"),
        *(1465, 1456, 1474, 4504),
        "$.models[2].score",
    )


@pytest.mark.parametrize("part", ["", "2026-03", "text_2026-03-28"])
def test_a_document_without_its_day_says_what_to_do(staging, part):
    drift = staging(DAILY, good_document(DAILY)["content"], part).drift
    assert "gapwatch backfill arena_daily FILE --part YYYY-MM-DD" in drift


def test_another_board_or_another_day_is_refused(staging):
    assert (
        "'vision' where the board 'text' is known" in staging(DAILY, about(leaderboard="vision"), DAY).drift
    )
    assert "not the day of the edition" in staging(DAILY, about(), "2026-03-29").drift
    assert staging(DAILY, about(fetched_at=None), "2026-03-29").drift is None


def test_what_the_site_leaves_open_is_left_open(staging):
    staged = staging(DAILY, changed(vendor=None, license=None, ci=None, votes=None), DAY)
    assert staging.rows(
        staged,
        "SELECT organisation, licence, rating, rating_low, rating_high, votes FROM rows WHERE rating = 1504",
    ) == [(None, None, 1504, None, None, None)]


@pytest.mark.parametrize(
    "fields", [{"ci": 6.5}, {"ci": -6}, {"ci": "±6"}, {"score": "1504?"}, {"model": None}]
)
def test_one_model_that_cannot_be_read_is_set_aside_alone(staging, fields):
    staged = staging(DAILY, changed(**fields), DAY)
    assert (staged.drift, staged.rows, staged.quarantined) == (None, {"arena_rating": 5}, 1)


def test_a_shorter_board_of_the_same_day_is_accepted(asked):
    """How many models it holds says how far the collector has read."""
    document = json.loads(good_document(DAILY)["content"])
    assert asked(DAILY, json.dumps(document).encode(), part=DAY).outcome == "new"
    document["models"] = document["models"][:3]
    seen = asked(DAILY, json.dumps(document).encode(), part=DAY)
    assert seen.outcome == "new", seen.message


def test_samples_give_a_series_of_their_own(staging):
    boards = Boards(staging)
    for entry in demo_publishers.documents(SOURCES[DAILY]):
        boards.add(DAILY, entry["content"], entry["part"])
    assert boards.gaps("usa, chn, gap, low, high, coverage", series="site") == {
        "2026-03-20": [1502, 1464, 38, 1496 - 1473, 1508 - 1455, 1],
        DAY: [1504, 1465, 39, 1498 - 1474, 1510 - 1457, 1],
    }
    assert boards.gaps() == boards.gaps(series="style_control") == {}


def test_the_site_joins_with_no_other_configuration(staging):
    """On one day the best US model stands on the site, the best Chinese one on the official board."""
    boards = Boards(staging)
    boards.put(("gpt-6", "OpenAI", 1500.0), source=DAILY, configuration="site")
    boards.put(("glm-5", "Z.ai", 1450.0))
    assert boards.gaps() == boards.gaps(series="site") == {}


def test_a_short_board_of_the_site_is_no_remnant(staging):
    boards = Boards(staging)
    models = [(f"gpt-{number}", "OpenAI", 1500.0 - number) for number in range(70)]
    china = ("glm-5", "Z.ai", 1450.0)
    for day, many in (("2026-03-29", 70), ("2026-03-30", 19)):
        boards.put(*models[:many], china, source=DAILY, configuration="site", day=day)
    assert boards.gaps(series="site") == {"2026-03-29": 50.0, "2026-03-30": 50.0}
