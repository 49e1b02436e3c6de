"""Events of export policy: their checks can fail, and the two sources give one list."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import duckdb
import pytest
from conftest import SOURCES, good
from policy import REVIEWED, RULES, answer, days, written

from expectations import suites
from warehouse.build import derived
from warehouse.datasets import schema

FIRST = next(iter(days()))


def judged(
    staging, source: str, body: bytes, before: bytes | None = None, known: str = "2026-05-07"
) -> dict[str, str]:
    """Check -> how it ended, for those of the suite that did not pass; ``before`` is the document accepted
    last."""
    staged, parquet = staging(source, body), "CREATE VIEW {} AS FROM read_parquet('{}')"
    assert staged.drift is None, staged.drift
    with duckdb.connect() as con:
        con.execute(parquet.format("staged", staged.parquet("policy_event")))
        con.execute(
            parquet.format("previous", staging(source, before).parquet("policy_event"))
            if before
            else "CREATE VIEW previous AS FROM staged LIMIT 0"
        )
        cadence = SOURCES[source].cadence
        con.execute(
            """CREATE TABLE facts AS SELECT ?::BIGINT AS row_count, ?::BIGINT AS quarantined,
            ?::TIMESTAMP AS known_from,
            ?::DATE AS newest_period, ?::BIGINT AS allowed_age_days, true AS is_full""",
            [
                staged.rows["policy_event"],
                staged.quarantined,
                known,
                staged.newest_period,
                cadence.newest_period.days if cadence else None,
            ],
        )
        results = suites.run(con, suites.load("datasets", "policy_event"), source)
    return {
        result.name: f"{result.status} {result.severity}" for result in results if result.status != "pass"
    }


def test_good_documents_pass(staging):
    assert judged(staging, RULES, good(RULES), before=good(RULES)) == {}
    for day, body in days().items():
        assert judged(staging, REVIEWED, body, before=body, known=day) == {}


def halved() -> bytes:
    body = json.loads(good(RULES))
    return json.dumps(body | {"results": body["results"][:5], "count": 5}).encode()


def without_one() -> bytes:
    body = json.loads(good(RULES))
    return json.dumps(body | {"results": body["results"][:-1], "count": len(body["results"]) - 1}).encode()


GONE = "at least 90 % of the rules known before are still there"


@pytest.mark.parametrize(
    ("body", "name", "ended"),
    [
        (
            answer({"document_number": "RIN 0694-AI94"}),
            "a rule is called by its document number",
            "fail error",
        ),
        (answer({"citation": "62186"}), "a citation is volume and page", "fail error"),
        (
            answer({"html_url": "http://www.federalregister.gov/d/2022-21658"}),
            "the page is asked over TLS",
            "fail error",
        ),
        (
            answer({"publication_date": "2025-10-13"}),
            "a rule is dated by the year of its number",
            "fail error",
        ),
        (
            answer({"publication_date": "2020-10-13"}),
            "a rule is dated by the year of its number",
            "fail error",
        ),
        (answer({"publication_date": "2026-06-13"}), "no event lies more than two weeks ahead", "fail error"),
        (
            answer({"effective_on": "2032-10-13"}),
            "a rule takes effect between a month before its date and two years after",
            "fail warn",
        ),
        (answer({"publication_date": "2022-10-14"}), "a known rule is not dated anew", "fail warn"),
        (halved(), GONE, "fail error"),
        (without_one(), "no rule known before is gone", "fail warn"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_checks_can_fail(staging, body, name, ended):
    assert judged(staging, RULES, body, before=good(RULES))[name] == ended


def test_an_answer_that_lost_its_rules_is_kept_back(asked):
    assert asked(RULES, good(RULES)).outcome == "new"
    seen = asked(RULES, halved())
    assert seen.outcome == "failed"
    assert GONE in seen.message
    assert asked(RULES, answer(count=900)).outcome == "drift"


def test_an_old_search_is_noticed(staging):
    found = judged(staging, RULES, good(RULES), known="2027-12-01")
    assert found == {"the newest rule is as recent as this source's should be": "fail warn"}


@pytest.mark.parametrize(
    ("column", "value", "name"),
    [
        ("topic", "weather", "the topic is known"),
        ("summary", "", "a reviewed event says what it does"),
        ("affects", "", "a reviewed event says what it affects"),
        ("event_on", "2022-11-07", "no event lies more than two weeks ahead"),
        ("event", "first-rule", "a rule is called by its document number"),
    ],
)
def test_checks_of_reviewed_events_can_fail(staging, column, value, name):
    header, row = csv.reader(io.StringIO(days()[FIRST].decode(), newline=""))
    row[header.index(column)] = value
    assert judged(staging, REVIEWED, written([header, row]), known=FIRST)[name] == "fail error"


def test_what_people_entered_may_be_mended(staging):
    """An event that gets another name replaces the one before; the register may not do that."""
    header, row = csv.reader(io.StringIO(days()[FIRST].decode(), newline=""))
    row[header.index("event")] = "2022-21659"
    assert judged(staging, REVIEWED, written([header, row]), before=days()[FIRST], known=FIRST) == {}


@pytest.fixture
def events(staging):
    """The view ``event`` over what both sources say."""
    with duckdb.connect() as con:
        con.execute((schema.DATASETS / "policy_event.sql").read_text("utf-8"))
        names = ", ".join(column.name for column in schema.all_datasets()["policy_event"].columns)
        for source, body in [(RULES, good(RULES)), *((REVIEWED, body) for body in days().values())]:
            con.execute(
                f"INSERT INTO policy_event SELECT {names}"
                f" FROM read_parquet('{staging(source, body).parquet('policy_event')}')"
            )
        con.execute(derived.all_tables()["event"].sql)
        yield con


@pytest.mark.duckdb2
def test_each_event_once(events):
    (lines, names) = events.execute("SELECT count(*), count(DISTINCT event) FROM event").fetchone()
    (stated,) = events.execute("SELECT count(*) FROM policy_event").fetchone()
    assert (lines, names, stated) == (14, 14, 22)
    found = events.execute(
        "SELECT event_on, printed_on, effective_on, title, printed_title[:26], citation, reviewed FROM event"
        " WHERE event = '2022-21658'"
    )
    assert found.fetchall() == [
        (
            dt.date(2022, 10, 7),
            dt.date(2022, 10, 13),
            dt.date(2022, 10, 7),
            "First controls on advanced chips and chip-making equipment for China",
            "Implementation of Addition",
            "87 FR 62186",
            True,
        )
    ]


def test_a_rule_nobody_reviewed_is_listed_as_printed(events):
    events.execute("DELETE FROM policy_event WHERE source = 'policy_events' AND event = '2024-28270'")
    found = events.execute(
        "SELECT event_on, title[:7], direction, reviewed FROM event WHERE event = '2024-28270'"
    ).fetchall()
    assert found == [(dt.date(2024, 12, 5), "Foreign", None, False)]


def test_reviewed_events_agree_with_what_is_printed(events):
    """Citation and first day of effect, wherever the Federal Register's sample holds the same rule."""
    found = events.execute(
        """SELECT event, a.citation = b.citation, a.effective_on = b.effective_on, a.event_on <= b.event_on
        FROM policy_event AS a JOIN policy_event AS b USING (event) WHERE a.source = 'policy_events'
        AND b.source = 'federal_register_rules'"""
    ).fetchall()
    assert len(found) == 8
    assert [row for row in found if row[1:] != (True, True, True)] == []
