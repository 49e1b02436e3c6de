"""Counts by country of NeurIPS as they were published: the shares that they give, and what is unknown."""

from __future__ import annotations

import pytest
from country_counts import COUNTS, Counts

FILES = {
    **{str(year): f"v2/neurips-{year}-analytics.json" for year in range(2018, 2025)},
    "2024-accepted": "neurips-2024-analytics.json",
    # without the names that the publisher's file has
    "2024-places": "ALTERED_neurips-2024-cc-authors_without_names.json",
}
pytestmark = pytest.mark.duckdb2


@pytest.fixture
def counts(staging, recordings):
    made = Counts(staging)
    for part, name in FILES.items():
        made.add((recordings / "talent/indiaml" / name).read_bytes(), part)
    return made


@pytest.mark.parametrize(
    ("year", "usa", "chn", "unknown"),
    [
        (2018, 47.4, 9.3, 15.91),
        (2019, 46.6, 8.1, 18.57),
        (2020, 45.2, 10.1, 16.58),
        (2021, 41.6, 15.7, 8.65),
        (2022, 36.6, 23.2, 9.56),
        (2023, 37.8, 24.4, 7.98),
        (2024, 34.3, 33.2, 3.85),
    ],
)
def test_shares_of_the_third_party(counts, year, usa, chn, unknown):
    found = counts.shares()[year]
    assert tuple(round(share, 1) for share in found[:2]) == (usa, chn)
    assert round(100 * (1 - found[5]), 2) == unknown
    assert found[3] == pytest.approx(found[1] - found[0])
    assert found[2] < found[3] < found[4]


def test_shares_by_places(counts):
    [(year, found)] = counts.shares("third_party_places").items()
    assert (year, *(round(share, 1) for share in found[:2]), found[5]) == (2024, 34.8, 32.6, 1)
    [(places, hong_kong)] = counts.con.execute(
        "SELECT sum(counted), 100 * sum(counted) FILTER (country = 'HK') / sum(counted) FROM country_count"
        " WHERE unit = 'places'"
    ).fetchall()
    assert (places, round(hong_kong, 1)) == (19296, 3.1)


def test_only_the_accepted_list_has_hong_kong_apart(counts):
    rows = "SELECT DISTINCT china, unit FROM country_count WHERE country IN ('HK', 'MO', 'TW') ORDER BY ALL"
    assert counts.con.execute(rows).fetchall() == [
        ("mainland", "authors"),
        ("mainland", "papers"),
        ("mainland", "places"),
    ]


@pytest.mark.parametrize("part", FILES)
def test_recorded_files_pass_their_checks(asked, recordings, part):
    seen = asked(COUNTS, (recordings / "talent/indiaml" / FILES[part]).read_bytes(), part=part)
    assert seen.outcome == "new", seen.message
    assert seen.vintage.staged.quarantined == 0
