"""Epoch AI's table of reported revenue: two layouts, three measures, and what must not pass for a company's
revenue."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from conftest import SOURCES, judged

from flows.refresh import demo_publishers

SOURCE = "epoch_company_revenue"
JANUARY, SEPTEMBER = (entry["content"] for entry in demo_publishers.documents(SOURCES[SOURCE]))
FOLDER = "revenue/epoch_ai_companies"


def value_at(body: bytes, locator: str) -> float:
    number, column = locator.removeprefix("record ").split(", column ")
    return float(list(csv.DictReader(io.StringIO(body.decode(), newline="")))[int(number) - 1][column])


def edited(body: bytes, *changes: tuple[bytes, bytes]) -> bytes:
    for old, new in changes:
        assert old in body, old
        body = body.replace(old, new)
    return body


@pytest.fixture
def recorded(recordings):
    def read(name: str) -> bytes:
        path = recordings / FOLDER / name
        if not path.exists():
            pytest.skip(f"the recording {name} is not in the folder")
        return path.read_bytes()

    return read


@pytest.mark.parametrize(
    ("body", "rows", "placeholders"), [(JANUARY, 13, 1), (SEPTEMBER, 16, 0)], ids=["15 columns", "18 columns"]
)
def test_sample_is_read_in_full(staging, body, rows, placeholders):
    """15 records of the later sample make 16 statements: a quarter's revenue is stated as such and
    annualised."""
    staged = staging(SOURCE, body)
    assert staged.drift is None
    assert (staged.rows, staged.quarantined) == ({"revenue_report": rows}, 0)
    assert sum(staged.ignored["revenue_report"].values()) == placeholders
    for locator, amount in staging.rows(staged, "SELECT locator, amount_usd FROM rows"):
        assert value_at(body, locator) == amount


def test_three_measures_are_never_one(staging):
    """End of 2024: 5.5 billion recurring beside 3.7 billion in the year; a quarter times four is a measure of
    its own."""
    for body in (JANUARY, SEPTEMBER):
        staged = staging(SOURCE, body)
        of_2024 = (
            "SELECT measure, amount_usd, period_type FROM rows WHERE organisation = 'OpenAI'"
            " AND day = '2024-12-31' ORDER BY 1"
        )
        assert staging.rows(staged, of_2024) == [
            ("annual recurring revenue", 5.5e9, None),
            ("period revenue", 3.7e9, "year"),
        ]
        quarters = staging.rows(
            staged,
            "SELECT measure, amount_usd, period_type FROM rows WHERE organisation = 'xAI'"
            " AND amount_usd < 2e8 ORDER BY 2",
        )
        assert ("annualised period revenue", 172e6, "quarter") in quarters
    assert ("period revenue", 43e6, "quarter") in quarters


@pytest.mark.parametrize("body", [JANUARY, SEPTEMBER], ids=["15 columns", "18 columns"])
def test_a_product_is_not_the_company(staging, body):
    """Claude Code's billion must not count as Anthropic's revenue, whatever its type says."""
    staged = staging(SOURCE, body)
    assert staging.rows(staged, "SELECT scope FROM rows WHERE caption = 'Claude Code near 1B'") == [
        ("product or division",)
    ]
    october = (
        "SELECT amount_usd FROM rows WHERE organisation = 'Anthropic' AND scope = 'company'"
        " AND day >= '2025-10-01' ORDER BY day LIMIT 1"
    )
    assert staging.rows(staged, october) == [(7e9,)]


def test_list_in_one_cell(staging):
    staged = staging(SOURCE, SEPTEMBER)
    days = "'2025-04-01', '2026-07-31', '2025-12-18', '2025-12-31'"
    told = staging.rows(
        staged,
        f"SELECT disclosure, company_disclosed FROM rows WHERE day IN ({days}) GROUP BY ALL ORDER BY 1",
    )
    assert told == [
        ("Company disclosure,Media report", True),
        ("Company disclosure,Other", True),
        ("Media report", False),
        (None, None),
    ]


def test_placeholders_are_ignored_by_name(staging):
    """A company alone; a day without an amount; an amount without a day."""
    unfinished = b"2024,Mistral AI,,,,,,Uncertain,https://example.org/,,,,2025-09-11,Media report,\n"
    staged = staging(
        SOURCE, JANUARY + unfinished + b"x,Cohere,2026-01-01,,,,,,,,,,,,\n" + b"x,Cohere,,1e6,,,,,,,,,,,\n"
    )
    assert staged.ignored == {"revenue_report": {"placeholder: no amount": 3, "placeholder: no date": 1}}
    assert (staged.rows["revenue_report"], staged.quarantined) == (13, 0)


def test_blank_annualised_amount_is_no_run_rate(staging):
    body = edited(JANUARY, (b"19000000000.0,19000000000.0,", b"19000000000.0,,"))
    assert staging.rows(staging(SOURCE, body), "SELECT measure FROM rows WHERE day = '2025-12-18'") == [
        ("not stated",)
    ]


@pytest.mark.parametrize(
    ("body", "changes", "says"),
    [
        (JANUARY, [(b"Quarterly revenue,", b"Bookings,")], "Type 'Bookings' is not known"),
        (SEPTEMBER, [(b"Full company", b"Group")], "Scope 'Group' is not known"),
        (
            SEPTEMBER,
            [(b"Annualized run rate", b"Run rate")],
            "Annualized revenue type 'Run rate' is not known",
        ),
    ],
    ids=["type", "scope", "annualised type"],
)
def test_what_is_not_known_is_set_aside(staging, body, changes, says):
    staged = staging(SOURCE, edited(body, *changes))
    found = staging.rows(staged, "SELECT reason, raw FROM quarantine")
    assert found
    assert all(says in reason and "organisation" in raw for reason, raw in found)


def test_a_renamed_column_is_drift(staging):
    drift = staging(SOURCE, edited(SEPTEMBER, (b",Scope,", b",Scope (company),"))).drift
    assert "missing: 'Scope' (now 'Scope (company)'?)" in drift


def test_blank_scope_never_counts_as_the_company(staging):
    body = edited(
        SEPTEMBER, (b"Annualized run rate,Full company,40000000000.0", b"Annualized run rate,,40000000000.0")
    )
    assert staging.rows(staging(SOURCE, body), "SELECT scope FROM rows WHERE amount_usd = 40e9") == [
        ("not stated",)
    ]


@pytest.mark.parametrize(("old", "new", "reason"), [
    (b"2025-12-18,19000000000.0", b"12/18/2025,19000000000.0", "day: 12/18/2025 is not a DATE"),
    (b"19000000000.0,19000000000.0", b"19000000000.0,about 19B", "amount_usd: about 19B is not a number"),
])  # fmt: skip
def test_unreadable_values_are_set_aside(staging, old, new, reason):
    staged = staging(SOURCE, edited(JANUARY, (old, new)))
    assert staging.rows(staged, "SELECT locator, reason FROM quarantine") == [
        ("record 14, column Annualized revenue (USD)", reason)
    ]


def test_renamed_company_is_the_same_organisation():
    """Z.ai became 'Z.ai (Zhipu)': both printed names lead to one organisation in China."""
    folder = SOURCES[SOURCE].folder.parents[2] / "warehouse" / "reference"
    with (folder / "organisation_alias.csv").open(encoding="utf-8", newline="") as file:
        aliases = {row["alias"]: row["organisation"] for row in csv.DictReader(file)}
    with (folder / "organisation.csv").open(encoding="utf-8", newline="") as file:
        countries = {row["organisation"]: row["country"] for row in csv.DictReader(file)}
    names = {
        row["Company"]
        for body in (JANUARY, SEPTEMBER)
        for row in csv.DictReader(io.StringIO(body.decode(), newline=""))
    }
    assert {name: countries[aliases[name]] for name in names} == {
        "OpenAI": "USA",
        "Anthropic": "USA",
        "xAI": "USA",
        "Z.ai": "CHN",
        "Z.ai (Zhipu)": "CHN",
    }
    assert aliases["Z.ai"] == aliases["Z.ai (Zhipu)"]


def test_renaming_does_not_hold_the_document_back(asked):
    assert asked(SOURCE, JANUARY).outcome == "new"
    seen = asked(SOURCE, SEPTEMBER)
    assert seen.outcome == "new", seen.message


DECEMBER = b"Dec 2025 19B,OpenAI,2025-12-18,19000000000.0,19000000000.0,Annualized revenue,,Likely,"
AGAIN = (
    DECEMBER.replace(b"2025-12-18", b"2025-07-30")
    + b"https://www.cnbc.com/2025/08/20/openai-compute-ai.html,,,,,,\n"
    + DECEMBER
)


@pytest.mark.parametrize(
    ("change", "outcome", "says"),
    [
        ((b",3700000000.0,,", b",3.7,,"), "failed", "an amount is 1 million to 1 trillion"),
        ((b"OpenAI,2025-12-18", b"OpenAI,2062-12-18"), "failed", "no figure is for a day after it was known"),
        ((DECEMBER, AGAIN), "failed", "each key once"),
        ((b"Id,Company,Date,", b"Company,Id,Date,"), "rejected", "it begins"),
    ],
    ids=["billions as units", "day to come", "one key, two amounts", "columns moved"],
)
def test_bad_documents_are_held_back(asked, change, outcome, says):
    seen = asked(SOURCE, edited(JANUARY, change))
    assert (seen.outcome, says in seen.message) == (outcome, True), seen.message


def test_half_of_the_figures_gone(asked):
    assert asked(SOURCE, JANUARY).outcome == "new"
    seen = asked(SOURCE, b"".join(JANUARY.splitlines(keepends=True)[:4]))
    assert seen.outcome == "failed"
    assert "at least 60 % of the figures known before" in seen.message


def warned(asked, body: bytes) -> set[str]:
    """Names of the checks that fail on a document, also of those that only warn."""
    seen = asked(SOURCE, body)
    assert seen.vintage, seen.message
    described = SOURCES[SOURCE]
    _, results = judged(seen.stage.layout, described)
    return {row["name"] for row in results if row["status"] != "pass"}


def test_a_slip_by_ten_is_told(asked):
    """200 billion in the middle of 12 and 19, as a translated page had it."""
    assert "no figure is out of line with the ones before and after it" not in warned(asked, JANUARY)


def test_a_slip_by_ten_is_told_when_it_is_there(asked):
    slipped = edited(JANUARY, (b"12000000000.0,12000000000.0", b"120000000000.0,120000000000.0"))
    assert "no figure is out of line with the ones before and after it" in warned(asked, slipped)


def test_recorded_january(staging, recorded):
    """42 records: 33 with an annualised amount, 7 without, 2 placeholders."""
    body = recorded("2026-01-16/ai_companies_revenue_reports.csv")
    staged = staging(SOURCE, body)
    assert (staged.rows["revenue_report"], staged.quarantined, staged.ignored) == (
        40,
        0,
        {"revenue_report": {"placeholder: no amount": 2}},
    )
    counted = dict(staging.rows(staged, "SELECT measure, count(*) FROM rows GROUP BY 1"))
    assert counted == {
        "run rate": 24,
        "annual recurring revenue": 5,
        "annualised period revenue": 4,
        "period revenue": 2,
        "not stated": 5,
    }
    assert staging.rows(staged, "SELECT scope, count(*) FROM rows GROUP BY 1 ORDER BY 1") == [
        ("company", 36),
        ("product or division", 4),
    ]
    disclosed = "company_disclosed AND scope = 'company' AND organisation IN ('OpenAI', 'Anthropic')"
    assert staging.rows(
        staged, f"SELECT organisation, day, amount_usd FROM rows WHERE {disclosed} ORDER BY 1, 2"
    ) == [
        ("Anthropic", dt.date(2024, 1, 1), 87e6),
        ("Anthropic", dt.date(2025, 3, 31), 2e9),
        ("Anthropic", dt.date(2025, 7, 29), 5e9),
        ("Anthropic", dt.date(2025, 10, 21), 7e9),
        ("OpenAI", dt.date(2025, 6, 9), 10e9),
        ("OpenAI", dt.date(2025, 7, 30), 12e9),
    ]
    newest = (
        "SELECT measure, amount_usd, company_disclosed FROM rows WHERE organisation = 'OpenAI'"
        " ORDER BY day DESC LIMIT 1"
    )
    assert staging.rows(staged, newest) == [("run rate", 19e9, False)]
    assert staging.rows(
        staged,
        "SELECT count(*) FROM (SELECT organisation, measure, scope, day, url FROM rows GROUP BY ALL"
        " HAVING count(*) > 1)",
    ) == [(0,)]
    for locator, amount in staging.rows(staged, "SELECT locator, amount_usd FROM rows"):
        assert value_at(body, locator) == amount


def test_recorded_january_passes_its_checks(asked, recorded):
    assert warned(asked, recorded("2026-01-16/ai_companies_revenue_reports.csv")) <= {
        "the newest figure is as recent as this source's should be"
    }


def test_file_saved_again_by_excel_is_drift(staging, recorded):
    """Days as m/d/yyyy, columns cut: refused by its header, not read as something else."""
    staged = staging(SOURCE, recorded("ALTERED_2025-12-14_excel_resave/ai_companies_revenue_reports.csv"))
    assert staged.drift
    assert "not a known layout" in staged.drift
