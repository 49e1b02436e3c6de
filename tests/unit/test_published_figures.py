"""Figures kept by hand, and what is published of them: talent_origin and five claims."""

from __future__ import annotations

import csv
import io

import duckdb
import pytest
from conftest import SOURCES

from expectations import claims, suites
from extractors.published.figures import COLUMNS, TABLE
from warehouse.acquire import documents_due
from warehouse.build import indicators
from warehouse.datasets import schema

FIGURES = "published_figures"
WHOLE = TABLE.read_bytes()
ROWS = list(csv.DictReader(io.StringIO(WHOLE.decode(), newline="")))
SLIP = "no figure is out of line with the ones before and after it"


def value_at(body: bytes, locator: str) -> float:
    number, column = locator.removeprefix("record ").split(", column ")
    return float(list(csv.DictReader(io.StringIO(body.decode(), newline="")))[int(number) - 1][column])


def table(*rows: dict[str, str]) -> bytes:
    """A document of the table: rows over the first figure that has no words."""
    blank = next(row for row in ROWS if not row["quote"])
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(blank | row for row in rows)
    return text.getvalue().encode()


def judged(staging, body: bytes, known: str = "2026-09-23") -> set[str]:
    """Names of the checks of published_figure that a document fails."""
    staged = staging(FIGURES, body)
    assert staged.drift is None, staged.drift
    with duckdb.connect() as con:
        con.execute(f"CREATE VIEW staged AS FROM read_parquet('{staged.parquet('published_figure')}')")
        con.execute("CREATE VIEW previous AS FROM staged LIMIT 0")
        con.execute(
            f"CREATE TABLE facts AS SELECT {staged.quarantined} AS quarantined,"
            f" TIMESTAMP '{known}' AS known_from"
        )
        return {
            result.name
            for result in suites.run(con, suites.load("datasets", "published_figure"))
            if result.status != "pass"
        }


def test_the_table_is_read_in_full(staging):
    """Every row; each locator leads back to its value; a correction by ten anywhere would fail one of the
    checks."""
    staged = staging(FIGURES, WHOLE)
    assert (staged.drift, staged.quarantined, staged.rows) == (None, 0, {"published_figure": len(ROWS)})
    for locator, value in staging.rows(staged, "SELECT locator, value FROM rows"):
        assert value_at(WHOLE, locator) == value
    assert judged(staging, WHOLE) == set()


@pytest.mark.parametrize("day", sorted({row["said_on"] for row in ROWS}))
def test_each_day_passes_its_checks(staging, day):
    body = documents_due.reviewed(SOURCES[FIGURES])[day]
    assert staging(FIGURES, body).rows["published_figure"] == sum(row["said_on"] == day for row in ROWS)
    assert judged(staging, body, known=day) == set()


def test_nothing_from_memory_is_in_the_table():
    """Rows that were read nowhere: India's, Europe's and the United Kingdom's shares of 2022, and 57 % of the
    elite."""
    told = {(row["subject"], row["measure"]) for row in ROWS if row["period_end"].startswith("2022")}
    assert (
        not {
            ("IND", "share of top-tier AI researchers from"),
            ("USA", "share of elite AI researchers working in"),
        }
        & told
    )
    assert all(row["url"].startswith("https://") for row in ROWS)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        # as a translated page had it
        ({"figure": "openai_annualised_revenue_2024", "value": "200000000000"}, SLIP),
        ({"figure": "openai_annualised_revenue_2024", "value": "60000000000"}, SLIP),
        ({"figure": "anthropic_annualised_revenue_2025_03_31", "value": "200000000"}, SLIP),
        ({"figure": "macropolo_2022_top_works_in_chn", "value": "2.8"}, SLIP),
        ({"figure": "macropolo_2022_top_from_chn", "value": "470"}, "a share is 0 to 100"),
        ({"figure": "cnas_h200_ceiling_2026", "quality": "estimate"}, "quality is one of five"),
        ({"figure": "cnas_h200_ceiling_2026", "unit": "thousand chips"}, "unit is one of five"),
        ({"figure": "cnas_h200_ceiling_2026", "watched": "true"}, "a watched page has words to look for"),
        ({"figure": "cnas_h200_ceiling_2026", "note": ""}, "a figure without words says why"),
        ({"figure": "cnas_h200_ceiling_2026", "quote": "890,000"}, "the words are 20 to 250 characters"),
        ({"figure": "cnas_h200_ceiling_2026", "period_start": "2027-01-01"}, "a period does not end before it starts"),  # noqa: E501
        ({"figure": "cnas_h200_ceiling_2026", "said_on": "2027-01-01"}, "nothing was said after it was known"),  # noqa: E501
        ({"figure": "cnas_h200_ceiling_2026", "url": "www.cnas.org"}, "the page is a web address"),
    ],
)  # fmt: skip
def test_slips_are_found(staging, change, name):
    assert name in judged(
        staging, table(*(row | change if row["figure"] == change["figure"] else row for row in ROWS))
    )


def test_unknown_column_is_drift(staging):
    assert (
        "missing: 'publisher'; new: 'source'"
        in staging(FIGURES, WHOLE.replace(b"publisher,url", b"source,url", 1)).drift
    )


def test_permitted_ordered_and_delivered_are_measures_of_their_own():
    about = {row["measure"]: row["quality"] for row in ROWS if row["unit"] == "chips"}
    assert about == {"H200 export ceiling": "ceiling", "H200 ordered": "at least"}


@pytest.fixture
def known(staging):
    """A connection that sees the table as published_figure, and can be given other figures."""
    con = duckdb.connect()

    def load(body: bytes = WHOLE):
        path = staging(FIGURES, body).parquet("published_figure")
        select = (
            f"SELECT * EXCLUDE (record, place), 'd' AS document, place AS locator FROM read_parquet('{path}')"
        )
        con.execute(f"CREATE OR REPLACE VIEW published_figure AS {select}")
        con.execute(
            "CREATE OR REPLACE VIEW series AS SELECT *"
            f" FROM ({indicators.all_indicators()['talent_origin'].sql}) WHERE gap IS NOT NULL"
        )
        return con

    yield load
    con.close()


def test_talent_origin(known):
    rows = (
        known()
        .execute(
            'SELECT series, year(period), usa, chn, gap, low, "break" IS NOT NULL FROM series ORDER BY 1, 2'
        )
        .fetchall()
    )
    assert rows == [
        ("china_origin_still_in_usa", 2025, 87, None, 87, None, False),
        ("deepseek_only_in_china", 2025, None, 55, 55, None, False),
        ("elite_origin", 2019, 35, 10, -25, None, False),
        ("elite_origin", 2022, 28, 26, -2, None, True),
        ("origin_top", 2019, 20, 29, 9, None, False),
        ("origin_top", 2022, 18, 47, 29, None, False),
        ("works_in_top", 2019, 59, 11, -48, None, False),
        ("works_in_top", 2022, 42, 28, -14, None, False),
    ]


def origin(con) -> set[str]:
    return {
        result.name
        for result in suites.run(con, suites.load("indicators", "talent_origin"))
        if result.status != "pass"
    }


def test_talent_origin_passes_its_checks(known):
    assert origin(known()) == set()


def changed(figure: str, value: str) -> bytes:
    return table(*(row | ({"value": value} if row["figure"] == figure else {}) for row in ROWS))


@pytest.mark.parametrize(
    ("figure", "value", "name"),
    [
        ("macropolo_2022_top_from_chn", "84", "both shares together are at most 100"),
        (
            "macropolo_2022_top_works_in_chn",
            "2.8",
            "no share is out of line with the ones before and after it",
        ),
        ("macropolo_2019_elite_from_usa", "90", "a gap moves by at most 50 points between editions"),
        ("hoover_deepseek_share_only_in_china", "555", "the share of China is 0 to 100"),
    ],
)
def test_talent_origin_fails_its_checks(known, figure, value, name):
    assert name in origin(known(changed(figure, value)))


def test_two_days_of_the_table_are_compared(staging, known):
    """18 was said on another day than 20 of 2019: the table's own checks see each alone, the indicator's see
    both."""
    body = changed("macropolo_2022_top_from_usa", "1.8")
    day = table(
        *(row for row in csv.DictReader(io.StringIO(body.decode())) if row["said_on"] == "2024-03-22")
    )
    assert judged(staging, day) == set()
    assert SLIP.replace("figure", "share") in origin(known(body))


CLAIMS = {
    "published_share_working_in_china_doubled": "holds",
    "china_is_origin_of_far_more_top_researchers": "holds",
    "most_deepseek_authors_never_left_china": "holds",
    "openai_passed_20_billion_by_january_2026": "holds",
    "h200_ceiling_is_twice_chinese_production": "undetermined",
}


def verdicts(con) -> dict[str, str]:
    con.execute(
        schema.DATASETS.joinpath("chip_output.sql")
        .read_text("utf-8")
        .replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS")
    )
    stated = [claim for claim in claims.all_claims() if claim.claim in CLAIMS]
    answers = {claim.claim: con.execute(claim.holds_when).fetchone()[0] for claim in stated}
    return {
        name: "undetermined" if holds is None else "holds" if holds else "fails"
        for name, holds in answers.items()
    }


def test_claims(known):
    assert verdicts(known()) == CLAIMS


@pytest.mark.parametrize(
    ("claim", "figure", "value"),
    [
        ("published_share_working_in_china_doubled", "macropolo_2022_top_works_in_chn", "21"),
        ("china_is_origin_of_far_more_top_researchers", "macropolo_2022_top_from_usa", "24"),
        ("most_deepseek_authors_never_left_china", "hoover_deepseek_authors_only_in_china", "100"),
        ("openai_passed_20_billion_by_january_2026", "openai_annualised_revenue_2025", "19000000000"),
    ],
)
def test_claims_can_fail(known, claim, figure, value):
    assert verdicts(known(changed(figure, value))) == CLAIMS | {claim: "fails"}


@pytest.mark.parametrize(("value", "verdict"), [("400000", "holds"), ("910000", "fails")])
def test_the_ceiling_is_judged_when_production_is_known(known, value, verdict):
    year = {"period_start": "2026-01-01", "period_end": "2026-12-31", "subject": "CHN", "unit": "chips"}
    made = {"figure": "made", "measure": "AI chips produced", "value": value, "quality": "about"} | year
    assert verdicts(known(table(*ROWS, made)))["h200_ceiling_is_twice_chinese_production"] == verdict
    last_year = made | {"period_start": "2025-01-01", "period_end": "2025-12-31"}
    assert (
        verdicts(known(table(*ROWS, last_year)))["h200_ceiling_is_twice_chinese_production"] == "undetermined"
    )
