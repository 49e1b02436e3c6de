"""Authors and papers by country as a third party counted them: three layouts, a code printed twice, no name,
and series that stand beside our own."""

from __future__ import annotations

import hashlib
import json
import re

import duckdb
import pytest
from conftest import SOURCES, good_document
from country_counts import COUNTS, Counts

from expectations import suites
from extractors.contract import Document
from extractors.evidence import text_of
from extractors.evidence.locate import Nowhere
from flows.refresh import demo_publishers
from warehouse.build import indicators

ENTRIES = demo_publishers.documents(SOURCES[COUNTS])
pytestmark = pytest.mark.duckdb2


def document(part: str):
    return json.loads(good_document(COUNTS, part)["content"])


def body(content) -> bytes:
    return json.dumps(content).encode()


@pytest.fixture
def counts(staging):
    made = Counts(staging)
    for entry in ENTRIES:
        made.add(entry["content"], entry["part"])
    return made


def test_a_year_by_country(staging):
    staged = staging(COUNTS, good_document(COUNTS, "2024")["content"], "2024")
    rows = staging.rows(
        staged,
        "SELECT conference, year(edition), china, unit, country, counted, locator FROM rows"
        " WHERE country IN ('CN', 'UNK', 'all') ORDER BY country DESC, unit",
    )
    fixed = ("NeurIPS", 2024, "with Hong Kong")
    place = "$.globalStats.countries"
    assert rows == [
        (*fixed, "authors", "all", 20000, "$.globalStats.totalAuthors"),
        (*fixed, "authors", "UNK", 75, f"{place}[10].author_count + {place}[11].author_count"),
        (*fixed, "papers", "UNK", 55, f"{place}[10].paper_count + {place}[11].paper_count"),
        (*fixed, "authors", "CN", 6634, f"{place}[1].author_count"),
        (*fixed, "papers", "CN", 1765, f"{place}[1].paper_count"),
    ]


def test_the_accepted_list_has_hong_kong_apart(staging):
    staged = staging(COUNTS, good_document(COUNTS, "2024-accepted")["content"], "2024-accepted")
    assert staging.rows(
        staged,
        "SELECT china, unit, country, counted FROM rows WHERE country IN ('HK', 'all') ORDER BY 3, 2",
    ) == [
        ("mainland", "authors", "HK", 583),
        ("mainland", "papers", "HK", 294),
        ("mainland", "papers", "all", 4035),
    ]


def test_places_are_counted(staging):
    staged = staging(COUNTS, good_document(COUNTS, "2024-places")["content"], "2024-places")
    assert staging.rows(
        staged, "SELECT unit, counted, locator FROM rows WHERE country IN ('US', 'CN') ORDER BY country DESC"
    ) == [
        ("places", 8, '$[*].affiliation_country = "US"'),
        ("places", 7, '$[*].affiliation_country = "CN"'),
    ]


def test_one_place_that_cannot_be_read_is_set_aside_without_its_name(staging):
    people = [*document("2024-places"), {"full_name": "Z. Author", "affiliation_country": None}]
    staged = staging(COUNTS, body(people), "2024-places")
    assert staged.quarantined == 1
    assert "Author" not in str(staging.rows(staged, "FROM quarantine"))
    assert staging.rows(staged, "SELECT sum(counted) FROM rows") == [(len(people) - 1,)]


@pytest.mark.parametrize(
    ("part", "change", "said"),
    [
        ("2023", {"year": 2024}, "another conference or year than NeurIPS 2023"),
        ("2024", {"conference": "ICML"}, "another conference or year"),
        ("", {}, "--part YYYY, YYYY-accepted or YYYY-places"),
        ("2024-accepted", {}, "conferenceInfo"),
        ("2024-places", {}, "an object where a list is known"),
    ],
)
def test_counts_under_another_name_are_refused(staging, part, change, said):
    drift = staging(COUNTS, body(document("2024") | change), part).drift
    assert said in drift
    assert not re.search("Author|Writer", drift)


def test_a_count_that_is_no_number_is_set_aside(staging):
    content = document("2024")
    content["globalStats"]["countries"][10]["author_count"] = "some"
    staged = staging(COUNTS, body(content), "2024")
    assert staging.rows(staged, "SELECT reason FROM quarantine") == [("counted: some + 16 is not a INTEGER",)]


def test_every_row_leads_back_and_nothing_else_is_shown(tmp_path):
    for entry in ENTRIES:
        path = tmp_path / "document"
        path.write_bytes(entry["content"])
        told = Document(
            COUNTS, hashlib.sha256(entry["content"]).hexdigest(), path, entry["part"], b"a secret"
        )
        rows = SOURCES[COUNTS].parser()(told)["country_count"].rows
        found = text_of.finder(SOURCES[COUNTS])(told, [row["_locator"] for row in rows])
        assert {place: int(one.number) for place, one in found.items()} == {
            row["_locator"]: int(row["counted"]) for row in rows
        }
        assert {one.around for one in found.values()} == {""}
        for place in ("$.globalStats", "$[0].full_name", '$[*].affiliation_country = "A. Author"', "$[*]"):
            [nothing] = text_of.finder(SOURCES[COUNTS])(told, [place]).values()
            assert isinstance(nothing, Nowhere), place


def test_samples_give_the_third_partys_shares(counts):
    shares = {
        year: tuple(round(value, 1) for value in values[:2]) for year, values in counts.shares().items()
    }
    assert (len(shares), shares[2019], shares[2024]) == (7, (46.6, 8.1), (34.3, 33.2))
    for year, (usa, chn, low, gap, high, coverage) in counts.shares().items():
        assert gap == pytest.approx(chn - usa), year
        assert (gap - low, high - gap) == pytest.approx((100 * (1 - coverage),) * 2), year
    [places] = counts.shares("third_party_places").values()
    assert places == (
        pytest.approx(800 / 23),
        pytest.approx(700 / 23),
        None,
        pytest.approx(-100 / 23),
        None,
        1,
    )
    assert counts.shares("") == {}


def test_the_two_counts_of_2024_do_not_meet(counts):
    """The list of accepted papers has the same units: it is in no series."""
    inputs = counts.con.execute(
        f"SELECT series, list_distinct([i.document FOR i IN inputs]) FROM"
        f" ({indicators.all_indicators()['talent_work'].sql}) WHERE year(period) = 2024 ORDER BY 1"
    ).fetchall()
    assert inputs == [("third_party", ["2024"]), ("third_party_places", ["2024-places"])]


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        ({}, set()),
        ({"unit": "'slots'"}, {"the unit is a known one"}),
        ({"china": "'HK'"}, {"what China takes in is known"}),
        ({"counted": "0"}, {"what is counted is there at least once"}),
        ({"country": "CASE country WHEN 'CN' THEN 'KP' ELSE country END"}, {"China is there"}),
        ({"country": "CASE country WHEN 'US' THEN 'USA' ELSE country END"}, {"the United States are there"}),
        ({"edition": "DATE '2030-01-01'"}, {"no edition is of the future"}),
        (
            {"counted": "CASE WHEN country = 'all' THEN 10 * counted ELSE counted END"},
            {"the countries hold 80 to 120 % of the total of authors"},
        ),
    ],
)  # fmt: skip
def test_the_suite_can_fail(staging, change, failed):
    staged = staging(COUNTS, good_document(COUNTS, "2024")["content"], "2024")
    replaced = ", ".join(f"{sql} AS {column}" for column, sql in change.items())
    rows = f"read_parquet('{staged.parquet('country_count')}')"
    with duckdb.connect() as con:
        con.execute(
            f"CREATE TABLE staged AS SELECT *{f' REPLACE ({replaced})' if change else ''} FROM {rows};"
            " CREATE VIEW previous AS FROM staged; CREATE TABLE facts AS SELECT count(*) AS row_count,"
            " 0 AS quarantined, TIMESTAMP '2026-05-07' AS known_from FROM staged"
        )
        results = suites.run(con, suites.load("datasets", "country_count"), COUNTS)
    found = {result.name for result in results if result.status != "pass"}
    assert failed <= found
    assert bool(found) == bool(failed)
    assert not [result.message for result in results if result.status == "broken"]
