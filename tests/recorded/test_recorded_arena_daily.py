"""The arena's site on 18 recorded days: nothing is set aside, every maker has a country, and each day gives a
gap with bounds."""

from __future__ import annotations

import pytest
from boards import Boards

DAILY = "arena_daily"
pytestmark = pytest.mark.duckdb2


@pytest.fixture
def boards(staging, recordings):
    made = Boards(staging)
    for path in sorted((recordings / "leaderboards" / DAILY).glob("text_*.json")):
        made.add(DAILY, path.read_bytes(), path.stem.removeprefix("text_"))
    return made


def test_recorded_days_give_a_series(boards):
    gaps = boards.gaps("usa, chn, gap, low, high, coverage", series="site")
    assert (len(gaps), min(gaps), max(gaps)) == (18, "2026-03-19", "2026-04-05")
    assert gaps["2026-03-28"][:3] == [1504, 1465, 39]
    for day, (_, _, gap, low, high, coverage) in gaps.items():
        assert low < gap < high, day
        assert coverage == 1, day
    assert boards.con.execute("SELECT count(*) FROM arena_rating").fetchone() == (712,)
    assert not any(boards.gaps('"break"', series="site").values())


def test_recorded_days_pass_their_checks(asked, recordings):
    for path in sorted((recordings / "leaderboards" / DAILY).glob("text_*.json")):
        seen = asked(DAILY, path.read_bytes(), part=path.stem.removeprefix("text_"))
        assert seen.outcome == "new", seen.message
        assert seen.vintage.staged.quarantined == 0
