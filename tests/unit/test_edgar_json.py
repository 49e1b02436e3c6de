"""EDGAR's JSON: lists of filings and revenue of whole companies, their traps, and the checks that keep a bad
document back."""

from __future__ import annotations

import json
import re

import pytest
from conftest import SOURCES, good_document

from extractors.contract import Document
from extractors.edgar import json_api
from flows.refresh import demo_publishers

LIST, FACTS = "sec_submissions", "sec_companyfacts"
ALPHABET, AMAZON, MICROSOFT, ALIBABA = "0001652044", "0001018724", "0000789019", "0001577552"


def recorded(recordings, name: str) -> bytes:
    path = recordings / "revenue" / name
    if not path.exists():
        pytest.skip(f"the recording {name} is not in the folder")
    return path.read_bytes()


def of(source: str, part: str):
    """A sample document to change, and its bytes again."""
    return json.loads(good_document(source, part)["content"])


def ignored(staged) -> int:
    return sum(count for reasons in staged.ignored.values() for count in reasons.values())


def value_at(body: bytes, locator: str):
    value = json.loads(body)
    for field, index in re.findall(r"\.([\w-]+)|\[(\d+)\]", locator.partition("$")[2]):
        value = value[field] if field else value[int(index)]
    return value


def statements(body: bytes) -> int:
    """Filings listed, or facts."""
    document = json.loads(body)
    if "filings" in document:
        return len(document["filings"]["recent"]["form"])
    return sum(
        len(facts)
        for concepts in document["facts"].values()
        for concept in concepts.values()
        for facts in concept["units"].values()
    )


@pytest.mark.parametrize(("source", "column"), [(LIST, "filing"), (FACTS, "amount")])
def test_locators_of_samples_lead_back(staging, source, column):
    for entry in demo_publishers.documents(SOURCES[source]):
        staged = staging(source, entry["content"], entry["part"])
        assert sum(staged.rows.values()) + ignored(staged) == statements(entry["content"])
        for locator, stated in staging.rows(staged, f"SELECT locator, {column} FROM rows"):
            assert value_at(entry["content"], locator) == stated


def test_recorded_list(staging, recordings):
    staged = staging(LIST, recorded(recordings, "sec_submissions/2026-02-03_CIK0000789019.json"), MICROSOFT)
    assert staged.quarantined == 0
    assert (staged.rows["filing"], ignored(staged)) == (219, 787)
    found = staging.rows(
        staged,
        "SELECT accepted_at::VARCHAR, main, inline_xbrl FROM rows WHERE filing = '0001193125-26-027207'",
    )
    assert found == [("2026-01-28 21:07:34", "msft-20251231.htm", True)]
    assert staging.rows(staged, "SELECT count(*) FROM rows WHERE items LIKE '%2.02%' AND form = '8-K'") == [
        (26,)
    ]


def test_recorded_list_passes_its_checks(asked, recordings):
    assert (
        asked(
            LIST, recorded(recordings, "sec_submissions/2026-02-03_CIK0000789019.json"), part=MICROSOFT
        ).outcome
        == "new"
    )


def test_recorded_facts(asked, recordings):
    body = recorded(recordings, "sec_companyfacts/2026-07-09_CIK0001652044.json")
    seen = asked(FACTS, body, part=ALPHABET)
    assert seen.outcome == "new", seen.message
    staged = seen.vintage.staged
    assert (staged.rows["company_revenue"], ignored(staged), staged.quarantined) == (160, 20164, 0)
    # fy and fp are about the filing: it says 2025 of this quarter
    assert seen.rows(
        "SELECT DISTINCT amount FROM rows WHERE period_start = '2024-07-01' AND period_end = '2024-09-30'"
    ) == [(88268e6,)]
    assert all(
        value_at(body, locator) == amount for locator, amount in seen.rows("SELECT locator, amount FROM rows")
    )


def test_recorded_facts_of_a_company_that_reports_in_renminbi(asked, recordings):
    seen = asked(
        FACTS, recorded(recordings, "sec_companyfacts/EXCERPT_2021_CIK0001577552_Revenues.json"), part=ALIBABA
    )
    assert seen.outcome == "new", seen.message
    assert seen.rows("SELECT measure, currency, count(*) FROM rows GROUP BY ALL ORDER BY ALL") == [
        ("revenue", "CNY", 27),
        ("revenue, convenience translation", "USD", 9),
    ]
    rates = seen.rows(
        """SELECT DISTINCT round(max(amount) FILTER (currency = 'CNY') / max(amount) FILTER (currency =
        'USD'), 3)
        FROM rows GROUP BY period_end, filing HAVING count(DISTINCT currency) = 2 ORDER BY 1"""
    )
    assert [rate for (rate,) in rates] == [6.199, 6.273, 6.448, 6.711, 6.883, 7.081]


def changed(source: str, part: str, change) -> bytes:
    document = of(source, part)
    change(document)
    return json.dumps(document).encode()


def recent(column: str, value):
    return lambda document: document["filings"]["recent"].__setitem__(column, value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (recent("form", ["10-K"]), "columns of unequal length"),
        (recent("size", []), "columns of unequal length"),
        (recent("form", "10-K"), "'form' (a text where a list is known)"),
        (lambda d: d["filings"]["recent"].pop("items"), "missing: 'items'"),
        (lambda d: d.__setitem__("cik", "0001652044"), "is about company 0001652044"),
        (lambda d: d.__setitem__("filings", []), "'filings' (a list where an object is known)"),
    ],
)
def test_list_that_cannot_be_read_is_refused(staging, change, says):
    assert says in staging(LIST, changed(LIST, MICROSOFT, change), MICROSOFT).drift


@pytest.mark.parametrize(
    "change",
    [
        recent("act", "34"),
        recent("isSecret", [0]),
        lambda d: d["filings"]["recent"].pop("fileNumber"),
        lambda d: d.__setitem__("rating", "A"),
    ],
)
def test_what_of_a_list_is_not_used_may_be_anything(staging, change):
    """The sixteenth column of 2026 refused every list."""
    staged = staging(LIST, changed(LIST, MICROSOFT, change), MICROSOFT)
    assert staging.rows(staged) == staging.rows(staging(LIST, changed(LIST, MICROSOFT, len), MICROSOFT))


def test_what_of_a_list_is_set_aside(staging):
    staged = staging(LIST, changed(LIST, MICROSOFT, recent("isInlineXBRL", [2, 1])), MICROSOFT)
    assert staging.rows(staged, "SELECT reason FROM quarantine") == [
        ("inline_xbrl: neither 0 nor 1: 2 is not a BOOLEAN",)
    ]
    staged = staging(
        LIST, changed(LIST, MICROSOFT, recent("acceptanceDateTime", ["", "5 February"])), MICROSOFT
    )
    assert staging.rows(staged, "SELECT reason FROM quarantine ORDER BY ALL") == [
        ("accepted_at: 5 February is not a TIMESTAMP",),
        ("accepted_at: no value",),
    ]
    staged = staging(LIST, changed(LIST, MICROSOFT, recent("form", ["4", "144"])), MICROSOFT)
    assert staged.ignored == {"filing": {"form 3, 4, 5 or 144: holdings of a person": 2}}


def revenue(document, number=0):
    return document["facts"]["us-gaap"]["Revenues"]["units"]["USD"][number]


def test_same_fact_twice_is_one_and_two_values_are_none(staging):
    staged = staging(
        FACTS,
        changed(
            FACTS, ALPHABET, lambda d: d["facts"]["us-gaap"]["Revenues"]["units"]["USD"].append(revenue(d))
        ),
        ALPHABET,
    )
    assert staged.ignored["company_revenue"]["the same fact again"] == 1
    assert staged.quarantined == 0

    def differ(document):
        document["facts"]["us-gaap"]["Revenues"]["units"]["USD"].append(revenue(document) | {"val": 5})

    staged = staging(FACTS, changed(FACTS, ALPHABET, differ), ALPHABET)
    assert staging.rows(staged, "SELECT DISTINCT reason FROM quarantine") == [
        ("amount: 88268000000 and 5 in one filing is not a number",)
    ]
    assert staged.quarantined == 2


@pytest.mark.parametrize(
    ("fields", "kept", "ignored", "quarantined"),
    [
        ({"form": "DEF 14A", "fy": None, "fp": None}, 11, 2, 0),
        ({"form": "8-K"}, 12, 1, 0),
        ({"form": "99-X"}, 11, 1, 1),
        ({"val": None}, 11, 1, 1),
        ({"val": "about 5"}, 11, 1, 1),
        ({"end": "2024-09-31"}, 11, 1, 1),
    ],
)
def test_forms_and_values_of_facts(staging, fields, kept, ignored, quarantined):
    staged = staging(FACTS, changed(FACTS, ALPHABET, lambda d: revenue(d).update(fields)), ALPHABET)
    assert (
        staged.rows["company_revenue"],
        sum(staged.ignored["company_revenue"].values()),
        staged.quarantined,
    ) == (kept, ignored, quarantined)


def test_fact_of_one_day_is_no_revenue(staging):
    staged = staging(FACTS, changed(FACTS, ALPHABET, lambda d: revenue(d).pop("start")), ALPHABET)
    assert staging.rows(staged, "SELECT reason FROM quarantine") == [("period_start: no value",)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.__setitem__("cik", 1), "is about company 0000000001"),
        (lambda d: d.__setitem__("facts", None), "'facts' (null where an object is known)"),
    ],
)
def test_facts_that_cannot_be_read_are_refused(staging, change, says):
    assert says in staging(FACTS, changed(FACTS, ALPHABET, change), ALPHABET).drift


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: revenue(d).pop("accn"), "missing: 'accn'"),
        (
            lambda d: d["facts"]["us-gaap"]["Revenues"]["units"].__setitem__("EUR", [revenue(d)]),
            "revenue in EUR",
        ),
    ],
)
def test_one_fact_that_cannot_be_read_is_one_fact(staging, change, says):
    staged = staging(FACTS, changed(FACTS, ALPHABET, change), ALPHABET)
    [(reason,)] = staging.rows(staged, "SELECT reason FROM quarantine")
    assert says in reason


def test_a_further_field_of_a_fact_is_noted(staging):
    staged = staging(FACTS, changed(FACTS, ALPHABET, lambda d: revenue(d).__setitem__("scale", 6)), ALPHABET)
    assert (staged.drift, staged.quarantined) == (None, 0)
    assert "scale" in {field for _, change, field, _ in staged.differences if change == "added"}


def test_cut_json_is_refused(staging):
    assert "cut off" in staging(FACTS, good_document(FACTS)["content"][:-9], ALPHABET).drift
    assert "cut off" in staging(LIST, good_document(LIST)["content"][:-9], ALIBABA).drift


def times(factor: float, only: str = ""):
    """All revenue times a factor, or that of the periods which end on one day."""

    def change(document):
        for concept in document["facts"]["us-gaap"].values():
            for fact in concept["units"]["USD"]:
                fact["val"] = int(fact["val"] * (factor if only in fact["end"] else 1))

    return change


@pytest.mark.parametrize("factor", [10, 100, 1000, 0.1])
def test_wrong_scale_is_kept_back(asked, factor):
    """Against the vintage before, and within one document."""
    assert asked(FACTS, changed(FACTS, ALPHABET, lambda d: None), part=ALPHABET).outcome == "new"
    seen = asked(FACTS, changed(FACTS, ALPHABET, times(factor)), part=ALPHABET)
    assert (seen.outcome, "one filing says no other amount" in seen.message) == ("failed", True), seen.message


@pytest.mark.parametrize("factor", [10, 1000, 0.1])
def test_wrong_scale_of_one_period_is_kept_back(asked, factor):
    seen = asked(FACTS, changed(FACTS, ALPHABET, times(factor, "2025-06-30")), part=ALPHABET)
    assert (seen.outcome, "within a factor of 5" in seen.message) == ("failed", True), seen.message


def test_half_of_the_facts_gone_is_kept_back(asked):
    assert asked(FACTS, changed(FACTS, ALPHABET, lambda d: None), part=ALPHABET).outcome == "new"
    seen = asked(
        FACTS, changed(FACTS, ALPHABET, lambda d: d["facts"]["us-gaap"].pop("Revenues")), part=ALPHABET
    )
    assert (seen.outcome, "still there" in seen.message) == ("failed", True), seen.message


def test_filings_gone_or_from_the_future_are_kept_back(asked):
    assert asked(LIST, changed(LIST, ALIBABA, lambda d: None), part=ALIBABA).outcome == "new"

    def thinned(document):
        document["filings"]["recent"] = {
            column: values[-1:] + values[:1] for column, values in document["filings"]["recent"].items()
        }

    seen = asked(LIST, changed(LIST, ALIBABA, thinned), part=ALIBABA)
    assert (seen.outcome, "still there" in seen.message) == ("failed", True), seen.message
    seen = asked(
        LIST,
        changed(LIST, MICROSOFT, recent("acceptanceDateTime", ["2126-01-28T21:11:41.000Z"] * 2)),
        part=MICROSOFT,
    )
    assert (seen.outcome, "after this list was known" in seen.message) == ("failed", True), seen.message


def follows(part: str, tmp_path, body: bytes | None = None):
    path = tmp_path / "followed.json"
    path.write_bytes(good_document(LIST, part)["content"] if body is None else body)
    return SOURCES["sec_segment_revenue"].follower()(Document(LIST, "0" * 64, path, part))


def test_what_is_followed(tmp_path, recordings):
    asks = follows(ALPHABET, tmp_path)
    assert [(ask.part, ask.url) for ask in asks] == [
        (entry["part"], entry["url"])
        for entry in reversed(demo_publishers.documents(SOURCES["sec_segment_revenue"]))
        if entry["part"].startswith(ALPHABET)
    ]
    assert str(asks[-1].published) == "2025-02-05 01:41:40+00:00", (
        "accepted in the evening of the day before, in New York"
    )
    assert follows(ALIBABA, tmp_path) == [], "files forms 20-F and 6-K"
    assert follows(MICROSOFT, tmp_path) == [], "an 8-K is no report"
    asks = follows(MICROSOFT, tmp_path, recorded(recordings, "sec_submissions/2026-02-03_CIK0000789019.json"))
    assert len(asks) == 26
    assert (
        asks[0].url == "https://www.sec.gov/Archives/edgar/data/789019/000119312526027207/msft-20251231.htm"
    )
    assert min(ask.part[-10:] for ask in asks) == "2019-10-23"


@pytest.mark.parametrize("accepted", ["yesterday", ""])
def test_report_of_no_known_time_is_not_followed(tmp_path, accepted):
    """The others of a list are; it is listed again the next time."""
    assert (
        follows(AMAZON, tmp_path, changed(LIST, AMAZON, recent("acceptanceDateTime", [accepted] * 3))) == []
    )
    known = ["2026-02-05T21:20:00.000Z"] * 3
    assert follows(AMAZON, tmp_path, changed(LIST, AMAZON, recent("acceptanceDateTime", known)))


def filed(*times: str) -> bytes:
    """A list of as many reports filed on 5 February 2026, accepted at times as printed."""
    count = len(times)
    columns = {name: ["x"] * count for name in json_api.USED} | {
        "accessionNumber": [f"0000000000-26-{number:06}" for number in range(count)],
        "filingDate": ["2026-02-05"] * count,
        "acceptanceDateTime": [f"2026-02-05T{time}.000Z" for time in times],
        "form": ["8-K"] * count,
    }
    return json.dumps({"cik": 1, "name": "A", "filings": {"recent": columns, "files": []}}).encode()


@pytest.mark.parametrize(
    ("times", "first"),
    [
        (["21:05:00", "16:31:00"], "21:05"),  # 21:05 in New York is the next day's
        (["16:05:00", "07:30:00"], "21:05"),  # 7:30 UTC is 2:30 in New York, when nobody is there
        (["12:00:00"], "17:00"),  # it may be either: never known before it was public
    ],
    ids=["UTC", "New York", "either"],
)
def test_the_zone_of_a_list_is_the_one_that_fits(tmp_path, times, first):
    path = tmp_path / "list.json"
    path.write_bytes(filed(*times))
    _, _, filings = json_api.filings(Document(LIST, "0" * 64, path))
    assert filings[0]["acceptanceDateTime"] == f"2026-02-05T{first}:00+00:00"


def test_the_same_list_in_two_zones_is_no_revision(staging, recordings):
    """1,123 of 1,137 filings were false revisions, known four to five hours early."""
    found = []
    for day, zone in (("2026-02-08", "New-York"), ("2026-03-05", "UTC")):
        body = recorded(recordings, f"sec_submissions/{day}_CIK0000310522_Z-means-{zone}.json")
        staged = staging(LIST, body, "0000310522")
        found.append(
            dict(staging.rows(staged, "SELECT filing, (accepted_at, form, filed_on, bytes) FROM rows"))
        )
    earlier, later = found
    assert len(earlier) == 1123
    assert {filing: later[filing] for filing in earlier} == earlier
