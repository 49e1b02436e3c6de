"""Events of export policy: how rules of the Federal Register and reviewed events are read."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re

import pytest
from conftest import SOURCES, good
from loopback import Answer
from policy import REVIEWED, RULES, TABLE, answer, days

BRIEFING = "invitation to a public briefing: printed among rules, changes none"
ELSEWHERE = "neither title nor abstract is about advanced computing or semiconductors"


def value_at(body: bytes, locator: str) -> str:
    """The event that a place names: an index in the JSON's results, or a record of the table."""
    number = int(re.search(r"\d+", locator)[0])
    return (
        json.loads(body)["results"][number]["document_number"]
        if locator[0] == "$"
        else list(csv.DictReader(io.StringIO(body.decode())))[number - 1]["event"]
    )


@pytest.mark.duckdb2
def test_rules_are_read_in_full(staging):
    staged = staging(RULES, good(RULES))
    assert (staged.drift, staged.quarantined) == (None, 0)
    assert staged.rows == {"policy_event": 8}
    assert staged.ignored == {"policy_event": {BRIEFING: 1}}
    found = staging.rows(staged, "SELECT event, event_on, effective_on, citation FROM rows ORDER BY event")
    assert found == [
        ("2022-21658", dt.date(2022, 10, 13), dt.date(2022, 10, 7), "87 FR 62186"),
        ("2023-23049", dt.date(2023, 10, 25), dt.date(2023, 11, 17), "88 FR 73424"),
        ("2023-23055", dt.date(2023, 10, 25), dt.date(2023, 11, 17), "88 FR 73458"),
        ("2024-07004", dt.date(2024, 4, 4), dt.date(2024, 4, 4), "89 FR 23876"),
        ("2024-28270", dt.date(2024, 12, 5), dt.date(2024, 12, 2), "89 FR 96790"),
        ("2025-00636", dt.date(2025, 1, 15), dt.date(2025, 1, 13), "90 FR 4544"),
        ("2025-00711", dt.date(2025, 1, 16), dt.date(2025, 1, 16), "90 FR 5298"),
        ("2026-00789", dt.date(2026, 1, 15), dt.date(2026, 1, 15), "91 FR 1684"),
    ]
    assert staging.rows(staged, "SELECT DISTINCT topic, kind, direction FROM rows") == [
        ("export controls", "rule", None)
    ]
    assert staging.rows(staged, "SELECT title, docket, action FROM rows WHERE event = '2023-23049'") == [
        (
            "Export Controls on Semiconductor Manufacturing Items",
            "Docket No. 231013-0246",
            "Interim final rule; request for comments.",
        )
    ]


@pytest.mark.duckdb2
def test_locators_lead_back(staging):
    for source, body in [(RULES, good(RULES)), *((REVIEWED, body) for body in days().values())]:
        for locator, event in staging.rows(staging(source, body), "SELECT locator, event FROM rows"):
            assert value_at(body, locator) == event


CUT = {
    "more matches than rules": {"count": 1200},
    "fewer matches than rules": {"count": 3},
    "a second page": {"total_pages": 2},
    "a next page": {"next_page_url": "https://www.federalregister.gov/api/v1/documents?page=2"},
}


@pytest.mark.parametrize("what", CUT)
def test_a_cut_page_is_refused(staging, what):
    assert "a cut page" in staging(RULES, answer(**CUT[what])).drift


def test_an_answer_without_a_match_is_refused(staging):
    """It has no results at all; a search that finds no rule where rules are known is a broken search."""
    drift = staging(RULES, b'{"description": "Documents matching nothing", "count": 0}').drift
    assert "no rule matches the query" in drift


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"errors": {"conditions": "agency does not exist"}}', "answered with an error"),
        (b'{"count": 2, "total_pages": 1}', "missing: 'results'"),
        (
            b'{"count": 1, "total_pages": 1, "results": ["2022-21658"]}',
            "$.results[*]: of another kind: 'the object' (a text where an object is known)",
        ),
        (
            b'{"count": 1, "total_pages": 1, "results": {"0": {}}}',
            "'results' (an object where a list is known)",
        ),
        (b'{"count": 1, "total_pages": 1, "res', "not JSON"),
        (b"[]", "is a list where an object is known"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_another_layout_is_refused_by_its_place(staging, body, told):
    assert told in staging(RULES, body).drift


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"agencies": None}, "'agencies' (null where a list is known)"),
        ({"docket_ids": "Docket No. 220930-0204"}, "'docket_ids' (a text where a list or null is known)"),
        ({"title": 7}, "'title' (a whole number where a text is known)"),
    ],
)
def test_one_rule_that_cannot_be_read_is_one_rule(staging, change, told):
    staged = staging(RULES, answer(change))
    [(locator, reason)] = staging.rows(staged, "SELECT locator, reason FROM quarantine")
    assert locator == "$.results[1]"
    assert told in reason
    assert staged.rows == {"policy_event": 7}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"type": "Proposed Rule"}, "no rule but a Proposed Rule"),
        (
            {"agencies": [{"slug": "foreign-assets-control-office"}, {"raw_name": "no page"}]},
            "of another agency",
        ),
    ],
)
def test_what_was_not_asked_for_is_ignored_by_name(staging, change, told):
    assert staging(RULES, answer(change)).ignored["policy_event"][told] == 1


@pytest.mark.parametrize(
    "body", [answer(facets={}), answer({"significant": True}), answer({"docket_ids": None})]
)
def test_further_fields_and_no_dockets_are_fine(staging, body):
    assert (staging(RULES, body).rows, staging(RULES, body).quarantined) == ({"policy_event": 8}, 0)


@pytest.mark.parametrize(
    ("change", "topic"),
    [
        ({}, "export controls"),
        ({"correction_of": "https://www.federalregister.gov/api/v1/documents/2022-21658"}, "corrections"),
        ({"action": "Correcting amendment."}, "corrections"),
        ({"document_number": "C1-2022-21658"}, "corrections"),
        ({"cfr_references": [{"title": 15, "part": 705}]}, "import measures"),
        (
            {
                "cfr_references": [],
                "title": "Section 232 Inclusions: Semiconductors",
                "abstract": "Adds articles to the tariff on imports of semiconductors.",
            },
            "import measures",
        ),
        (
            {"cfr_references": [{"title": 15, "part": 744}], "title": "Semiconductors: imports"},
            "export controls",
        ),
    ],
)
def test_what_a_rule_is_about_stands_in_it(staging, change, topic):
    found = staging.rows(
        staging(RULES, answer(change)), "SELECT topic FROM rows WHERE locator = '$.results[1]'"
    )
    assert found == [(topic,)]


@pytest.mark.parametrize(
    "field",
    [
        "document_number",
        "title",
        "abstract",
        "publication_date",
        "effective_on",
        "citation",
        "html_url",
        "docket_ids",
        "agencies",
    ],
)
def test_a_field_that_is_gone_is_named(staging, field):
    body = json.loads(good(RULES))
    del body["results"][4][field]
    staged = staging(RULES, json.dumps(body).encode())
    assert staging.rows(staged, "SELECT locator, reason FROM quarantine") == [
        ("$.results[4]", f"missing: '{field}'")
    ]


def test_an_agency_without_a_page_beside_the_bureau_is_fine(staging):
    agencies = [
        {"raw_name": "Some Office"},
        {"raw_name": "Bureau of Industry and Security", "slug": "industry-and-security-bureau"},
    ]
    assert staging(RULES, answer({"agencies": agencies})).drift is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"title": "Public Briefing on Framework for Artificial Intelligence Diffusion"}, BRIEFING),
        ({"title": "Public Briefing", "action": None, "abstract": None}, BRIEFING),
        (
            {"title": "Additions to the Entity List", "abstract": "Adds companies that supply drones."},
            ELSEWHERE,
        ),
        ({"title": "Additions to the Entity List", "abstract": None}, ELSEWHERE),
    ],
)
def test_rules_on_other_matters_are_ignored_by_name(staging, change, reason):
    staged = staging(RULES, answer(change))
    assert staged.ignored["policy_event"][reason] == 1 + (reason == BRIEFING)
    assert ("2022-21658",) not in staging.rows(staged, "SELECT event FROM rows")


def test_a_rule_about_chips_by_its_abstract_alone_is_kept(staging):
    staged = staging(
        RULES,
        answer(
            {
                "title": "Additions to the Entity List ",
                "abstract": "Developers of advanced computing\n integrated circuits.",
            }
        ),
    )
    assert staging.rows(staged, "SELECT title, summary FROM rows WHERE event = '2022-21658'") == [
        ("Additions to the Entity List", "Developers of advanced computing integrated circuits.")
    ]


def test_a_rule_not_yet_effective_has_no_day(staging):
    staged = staging(RULES, answer({"effective_on": None, "citation": None, "docket_ids": []}))
    assert staging.rows(
        staged, "SELECT effective_on, citation, docket FROM rows WHERE event = '2022-21658'"
    ) == [(None, None, None)]


def test_a_day_that_is_none_goes_to_quarantine(staging):
    staged = staging(RULES, answer({"publication_date": "13 October 2022"}))
    [(reason, raw)] = staging.rows(staged, "SELECT reason, raw FROM quarantine")
    assert reason == "event_on: 13 October 2022 is not a DATE"
    assert "2022-21658" in raw


def test_the_question_is_asked_as_it_is_written(asked, publisher):
    """Brackets, quotes and the bar of the search reach the publisher; robots.txt is asked about the path."""
    source = SOURCES[RULES]
    assert asked(RULES, good(RULES)).outcome == "new"
    [request] = publisher.asked_for(source.url)
    assert request.query["conditions[agencies][]"] == ["industry-and-security-bureau"]
    assert request.query["conditions[term]"] == ['"advanced computing" | "semiconductor manufacturing"']
    assert request.query["conditions[publication_date][gte]"] == ["2022-01-01"]
    assert request.query["per_page"] == ["1000"]
    printed = set(json.loads(good(RULES))["results"][0])
    assert set(request.query["fields[]"]) == printed, "the sample holds what is asked for"
    assert asked(RULES, good(RULES)).outcome == "unchanged"


@pytest.mark.parametrize(
    ("rules", "outcome"),
    [
        ("Disallow: /documents/search", "new"),
        ("Disallow: /api/", "blocked"),
        ("Disallow: /*per_page=", "blocked"),
    ],
)
def test_robots_are_obeyed_with_a_question_in_the_address(asked, publisher, rules, outcome):
    publisher.robots(
        "www.federalregister.gov", Answer(f"User-agent: *\n{rules}\n".encode(), media="text/plain")
    )
    assert asked(RULES, good(RULES)).outcome == outcome


def test_reviewed_events_are_read_in_full(staging):
    found = {}
    for day, body in days().items():
        staged = staging(REVIEWED, body)
        assert (staged.drift, staged.quarantined, staged.ignored["policy_event"]) == (None, 0, {})
        found |= {
            event: (day, str(event_on))
            for event, event_on in staging.rows(staged, "SELECT event, event_on FROM rows")
        }
    assert len(found) == TABLE.count("\n") - 1, "each event once"
    assert found["2022-21658"] == ("2022-10-07", "2022-10-07")
    assert found["2023-23055"] == found["2023-23049"] == ("2023-10-17", "2023-10-17")
    assert found["2026-00789"] == ("2026-01-13", "2026-01-15")


FIRST = next(iter(days()))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            ",rule,tightens,",
            ",law,tightens,",
            "record 1: kind is 'law', expected one of ['rule', 'announcement', 'order']",
        ),
        (",rule,tightens,", ",rule,helps,", "record 1: direction is 'helps', expected one of"),
        (",rule,tightens,", ",rule,,", "record 1: direction is None"),
        ("known_on,event,topic", "known_on,event,theme", "missing: 'topic'"),
    ],
)
def test_a_reviewed_event_of_another_kind_is_refused(staging, old, new, told):
    assert told in staging(REVIEWED, days()[FIRST].replace(old.encode(), new.encode(), 1)).drift
