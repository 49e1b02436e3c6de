"""Alibaba's filings and results: what is followed, what is read, and each trap of the exhibits."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from bs4 import BeautifulSoup
from conftest import SOURCES

from extractors import contract, definition
from extractors.edgar.alibaba_filings import extract as filings
from extractors.edgar.alibaba_results import extract as results
from flows.refresh import demo_publishers

INDEX, RESULTS = "alibaba_filings", "alibaba_results"
SUBMISSIONS = definition.folders()["sec_submissions"] / "sample"
AMOUNTS = "SELECT period_start, period_end, amount / 1e6 FROM rows WHERE measure = 'revenue' ORDER BY ALL"


def entry(source: str, day: str) -> dict:
    return next(
        found for found in demo_publishers.documents(SOURCES[source]) if found["file"].startswith(day)
    )


def document(tmp_path, body: bytes, part: str = "", source: str = "sec_submissions") -> contract.Document:
    path = tmp_path / "document"
    path.write_bytes(body)
    return contract.Document(source, "0" * 64, path, part)


@pytest.fixture
def stage_results(staging):
    """Stages the exhibit of 25 November 2025, changed as asked; each text to replace must be there exactly
    once, or ``times``."""

    def stage(*changes: tuple[str, str], day: str = "2025-11-25", times: int = 1, part: str | None = None):
        found = entry(RESULTS, day)
        body = found["content"].decode()
        for old, new in changes:
            assert body.count(old) == times, (old, body.count(old))
            body = body.replace(old, new)
        return staging(RESULTS, body.encode(), part or found["part"])

    return stage


def value_at(body: bytes, locator: str) -> str:
    """The text of the cell that a locator of an HTML document names."""
    table, row, cell = map(int, re.fullmatch(r"table (\d+), row (\d+), cell (\d+)", locator).groups())
    line = BeautifulSoup(body, "html.parser").find_all("table")[table - 1].find_all("tr")[row - 1]
    return line.find_all(["td", "th"])[cell - 1].get_text(strip=True)


@pytest.mark.parametrize("day", ["2025-05-15", "2025-08-29", "2025-11-25", "2026-03-19", "2026-05-13"])
def test_locators_lead_back(staging, day):
    found = entry(RESULTS, day)
    staged = staging(RESULTS, found["content"], found["part"])
    rows = staging.rows(staged, "SELECT locator, amount, printed, scale FROM rows")
    assert rows
    for locator, amount, printed, scale in rows:
        assert (
            float(value_at(found["content"], locator).replace(",", "")) * 10**scale
            == amount
            == float(printed) * 10**scale
        )
    listed = entry(INDEX, day)
    staged = staging(INDEX, listed["content"], listed["part"])
    for locator, name in staging.rows(staged, "SELECT locator, file FROM rows"):
        assert value_at(listed["content"], locator) == name


def test_published_figures_of_the_cloud_segment(staging):
    """Eight quarters and three fiscal years, each from the exhibit filed last; quarters add up to their
    years."""
    found: dict[tuple[dt.date, dt.date], float] = {}
    for each in demo_publishers.documents(SOURCES[RESULTS]):
        staged = staging(RESULTS, each["content"], each["part"])
        assert (staged.quarantined, staged.drift) == (0, None)
        found |= {(start, end): millions for start, end, millions in staging.rows(staged, AMOUNTS)}
    quarters = [millions for (start, end), millions in sorted(found.items()) if (end - start).days < 100]
    assert quarters == [25595, 26549, 29610, 31742, 30127, 33398, 39824, 43284, 41626]
    years = {end.year: millions for (start, end), millions in found.items() if (end - start).days > 300}
    assert years == {2024: 106374, 2025: 118028, 2026: 158132}
    assert (sum(quarters[1:5]), sum(quarters[5:])) == (118028, 158132)


def test_company_dollars_are_a_measure_of_their_own(stage_results, staging):
    rows = staging.rows(
        stage_results(), "SELECT measure, currency, period_end, amount FROM rows ORDER BY ALL"
    )
    assert rows == [
        ("revenue", "CNY", dt.date(2024, 9, 30), 29610e6),
        ("revenue", "CNY", dt.date(2025, 9, 30), 39824e6),
        ("revenue, convenience translation", "USD", dt.date(2025, 9, 30), 5594e6),
    ]


def test_growth_of_external_customers_and_ebita_are_not_the_segment(stage_results, staging):
    """The text says +29 %, and the line of adjusted EBITA bears the same label: neither is read."""
    staged = stage_results()
    assert {int(millions) for (_, _, millions) in staging.rows(staged, AMOUNTS)} == {29610, 39824}
    assert staged.ignored == {"company_revenue": {"share or change in per cent": 1}}


def test_footnote_marks_and_labels(stage_results, staging):
    assert staging.rows(stage_results(), "SELECT DISTINCT segment, concept FROM rows") == [
        ("Cloud Intelligence Group", "Cloud Intelligence Group (1)")
    ]
    old = stage_results(("Cloud Intelligence Group<SUP>(1)</SUP>", "Cloud computing"))
    # another series, under its own name
    assert staging.rows(old, "SELECT DISTINCT segment FROM rows") == [("Cloud computing",)]


def test_scale_is_read_from_the_head(stage_results, staging):
    staged = stage_results(
        ("(in millions, except percentages)", "(in thousands, except percentages)"), times=2
    )
    assert staging.rows(staged, "SELECT max(amount), any_value(scale) FROM rows WHERE currency = 'CNY'") == [
        (39824e3, 3)
    ]
    assert "one scale" in stage_results(("(in millions, except percentages)", "&nbsp;"), times=2).drift


def test_brackets_are_negative(stage_results, staging):
    """An opening bracket with the number, the closing one in the next cell, as EDGAR's tables have it."""
    staged = stage_results(
        (
            '<TD STYLE="text-align: right">29,610</TD><TD>&nbsp;</TD>',
            '<TD STYLE="text-align: right">(29,610</TD><TD>)</TD>',
        )
    )
    assert staging.rows(staged, "SELECT amount, printed FROM rows ORDER BY 1 LIMIT 1") == [
        (-29610e6, "(29610)")
    ]


@pytest.mark.parametrize("mark", ["n.m.", "29,6l0", "(29,610"])
def test_unreadable_amount_is_set_aside_as_printed(stage_results, staging, mark):
    staged = stage_results((">29,610<", f">{mark}<"))
    assert staged.quarantined == 1
    [(reason,)] = staging.rows(staged, "SELECT reason FROM quarantine")
    assert mark in reason


def test_dash_is_no_amount(stage_results):
    assert stage_results((">29,610<", ">—<")).ignored["company_revenue"]["no amount (—)"] == 1


def test_half_year_beside_the_quarter_is_ignored_by_name(staging):
    """Two groups of columns in one table, the second of six months."""
    found = entry(RESULTS, "2025-11-25")
    body = found["content"].decode()
    table = body[body.index("<TABLE") : body.index("</TABLE>") + len("</TABLE>")]
    more = (
        table.replace("Three months", "Six months")
        .replace("29,610", "56,159")
        .replace("39,824", "73,222")
        .replace("5,594", "10,286")
    )
    lines = [(left, right) for left, right in zip(table.splitlines(), more.splitlines(), strict=True)]
    both = "\n".join(
        left.removesuffix("</TR>") + re.sub(r"^<TR>(<TD>[^<]*(<SUP>[^<]*</SUP>)?</TD>)", "", right)
        if left.startswith("<TR>") and right.count("<TD") > 1
        else left
        for left, right in lines
    )
    staged = staging(RESULTS, body.replace(table, both).encode(), found["part"])
    assert [row[2] for row in staging.rows(staged, AMOUNTS)] == [29610, 39824]
    assert (
        staged.ignored["company_revenue"]["half-year or nine months: the quarters in it are stated apart"]
        == 3
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            [("Cloud Intelligence Group<SUP>", "Intelligent Cloud Group<SUP>")],
            "a label or the layout changed",
        ),
        ([("Consolidated revenue", "Revenue, consolidated")], "a label or the layout changed"),
        (
            [("Three months ended September 30,", "Three months ended June 30,")],
            "announces the quarter ended 2025-09-30",
        ),
        ([("Three months ended September 30,", "Thirteen weeks ended September 27,")], "unknown"),
        ([("<B>US$</B>", "<B>HK$</B>")], "unknown"),
        ([("<B>2025</B>", "<B>FY2026</B>")], "unknown"),
        (
            [("Three months ended September 30,", "Three months ended September 15,")],
            "does not end with a month",
        ),
        (
            [("Three months ended September 30,", "Three months ended September 31,")],
            "does not end with a month",
        ),
    ],
)
def test_what_is_not_understood_is_drift(stage_results, changes, told):
    times = 1 if "SUP" in changes[0][0] or "Consolidated revenue" in changes[0][0] else 2
    assert told in stage_results(*changes, times=times).drift


def test_two_lines_of_the_segment_are_ambiguous(stage_results):
    line = re.search(
        r"<TR><TD>Cloud Intelligence Group<SUP>.*?</TR>\n", entry(RESULTS, "2025-11-25")["content"].decode()
    ).group()
    assert "cannot tell which is meant" in stage_results((line, line + line)).drift


def test_a_second_table_repeats_or_contradicts(stage_results, staging):
    body = entry(RESULTS, "2025-11-25")["content"].decode()
    table = body[body.index("<TABLE") : body.index("</TABLE>") + len("</TABLE>")]
    again = stage_results((table, table + table))
    assert len(staging.rows(again)) == 3
    assert again.ignored["company_revenue"]["the same amount in another table"] == 3
    other = stage_results((table, table + table.replace("39,824", "39,825")))
    assert [reason for (reason,) in staging.rows(other, "SELECT reason FROM quarantine")] == [
        "amount: 39824 and 39825 in one exhibit is not a number"
    ] * 2


@pytest.mark.parametrize(
    "title",
    [
        "DATE OF BOARD MEETING FOR APPROVING THE ANNOUNCEMENT OF THE SEPTEMBER QUARTER 2025 RESULTS",
        "Alibaba Group Will Announce September Quarter 2025 Results on November 25, 2025",
        "NEXT DAY DISCLOSURE RETURN",
        "NOTICE OF ANNUAL GENERAL MEETING",
    ],
)
def test_other_exhibits_state_nothing(staging, title):
    head = (
        "<DOCUMENT>\n<TYPE>EX-99.2\n<SEQUENCE>3\n<FILENAME>other_ex99-2.htm\n<TEXT>\n"
        "<HTML><BODY><P>Exhibit 99.2</P>"
    )
    body = f"{head}<P>Alibaba Group Holding Limited</P><P>{title}</P>"
    staged = staging(RESULTS, body.encode(), "2025-11-03/0001104659-25-000001/other_ex99-2.htm")
    assert staged.rows == {"company_revenue": 0}
    assert staged.ignored == {"company_revenue": {"exhibit that announces no quarterly results": 1}}


def test_press_release_title_counts_too(stage_results, staging):
    staged = stage_results(
        (
            (
                "ANNOUNCEMENT OF THE SEPTEMBER QUARTER 2025 RESULTS AND INTERIM RESULTS FOR THE SIX MONTHS"
                " ENDED"
                " SEPTEMBER 30, 2025"
            ),
            "Alibaba Group Announces September Quarter 2025 Results",
        )
    )
    assert len(staging.rows(staged)) == 3


def test_another_document_is_not_taken_for_the_exhibit(stage_results, staging):
    wrong = "2025-11-25/0001104659-25-115949/tm2532163d1_ex99-2.htm"
    assert "not the document asked for" in stage_results(part=wrong).drift
    page = (
        b"<html><body>Your request has been identified as part of a network of automated tools</body></html>"
    )
    assert "not the document asked for" in staging(RESULTS, page, wrong).drift
    assert "cannot tell which filing" in staging(RESULTS, entry(RESULTS, "2025-11-25")["content"]).drift
    assert (
        "not of Alibaba" in stage_results(("Alibaba Group Holding Limited", "Another Company Limited")).drift
    )


def test_follow_the_list_of_filings(tmp_path):
    """Index pages of current reports since June 2023, known since they were accepted; other companies have
    none."""
    body = (SUBMISSIONS / "alibaba-2026-08.json").read_bytes()
    asks = filings.follow(document(tmp_path, body))
    assert len(asks) == 5
    assert asks[2].part == "0001104659-25-115949"
    assert asks[2].url == (
        "https://www.sec.gov/Archives/edgar/data/1577552/000110465925115949/0001104659-25-115949-index.html"
    )
    # The list says 11:05 Z, and nothing in it says in which zone that is: the later of the two.
    assert asks[2].published == dt.datetime(2025, 11, 25, 16, 5, 40, tzinfo=dt.UTC)
    listed = json.loads(body)
    listed["filings"]["recent"]["form"][0] = "20-F"
    listed["filings"]["recent"]["filingDate"][1] = "2023-05-18"
    assert len(filings.follow(document(tmp_path, json.dumps(listed).encode()))) == 3
    assert filings.follow(document(tmp_path, json.dumps(listed | {"cik": "0000789019"}).encode())) == []
    del listed["filings"]["recent"]["form"][0]
    with pytest.raises(contract.LayoutChanged, match="unequal length"):
        filings.follow(document(tmp_path, json.dumps(listed).encode()))
    for bad in (b"<html>", b"{}", b"[1]"):
        with pytest.raises(contract.LayoutChanged, match=r"not JSON|missing: .cik.|is a list"):
            filings.follow(document(tmp_path, bad))


def test_recorded_list_of_another_company_is_followed_to_nothing(tmp_path, recordings):
    path = recordings / "revenue/sec_submissions/2026-02-03_CIK0000789019.json"
    if not path.exists():
        pytest.skip("the recording is not in the folder")
    assert filings.follow(document(tmp_path, path.read_bytes())) == []


def test_follow_an_index_page(tmp_path):
    """Exhibits 99 that are pages, in winter time of New York; a share count form or picture is not asked
    for."""
    body = entry(INDEX, "2025-11-25")["content"].decode()
    [ask] = results.follow(document(tmp_path, body.encode()))
    found = entry(RESULTS, "2025-11-25")
    assert (ask.part, ask.url) == (found["part"], found["url"])
    assert ask.published == dt.datetime(2025, 11, 25, 11, 5, 40, tzinfo=dt.UTC)
    assert results.follow(document(tmp_path, body.replace("EX-99.1", "EX-10.1").encode())) == []
    assert results.follow(document(tmp_path, body.replace("_ex99-1.htm<", "_ex99-1.pdf<").encode())) == []


def test_index_page(staging):
    found = entry(INDEX, "2025-11-25")
    staged = staging(INDEX, found["content"], found["part"])
    assert staging.rows(staged, "SELECT file, type, form, filed_on FROM rows ORDER BY 1") == [
        ("tm2532163d1_6k.htm", "6-K", "6-K", dt.date(2025, 11, 25)),
        ("tm2532163d1_ex99-1.htm", "EX-99.1", "6-K", dt.date(2025, 11, 25)),
    ]
    assert staged.ignored == {"filing_document": {"all documents once more, in one text file": 1}}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b">Description</th>", b">Name</th>", "columns are"),
        (b'id="secNum"', b'id="number"', "not EDGAR's index page"),
        (b">Accepted<", b">Received<", "'Accepted' is missing"),
        (
            b"tm2532163d1_6k.htm</a></td>",
            b"tm2532163d1_6k.htm</a></td><td>new</td>",
            "cells where the header has",
        ),
        (b"0001104659-25-115949</div>", b"0001104659-25-115950</div>", "another filing"),
    ],
)
def test_changed_index_page_is_drift(staging, old, new, told):
    found = entry(INDEX, "2025-11-25")
    assert old in found["content"]
    assert told in staging(INDEX, found["content"].replace(old, new), found["part"]).drift


def test_data_files_are_ignored_by_name(staging):
    found = entry(INDEX, "2025-11-25")
    head, _, _ = found["content"].partition(b"<tr>\n<td")
    head = head[head.index(b"<table") :]
    line = (
        b'<tr><td>3</td><td>SCHEMA</td><td><a href="/x">baba.xsd</a>'
        b" <span>iXBRL</span></td><td>EX-101.SCH</td><td>500</td></tr></table>"
    )
    staged = staging(INDEX, found["content"].replace(b"</table>", b"</table>" + head + line), found["part"])
    assert staged.ignored["filing_document"]["XBRL data file"] == 1


def test_asked_over_http(asked):
    """Exhibit and index page pass the gate; another page in its place is received and refused."""
    found = entry(RESULTS, "2025-11-25")
    seen = asked(RESULTS, found["content"], part=found["part"], url=found["url"])
    assert seen.outcome == "new", seen.message
    listed = entry(INDEX, "2025-11-25")
    seen = asked(INDEX, listed["content"], part=listed["part"], url=listed["url"])
    assert seen.outcome == "new", seen.message
    assert (
        asked(INDEX, b"<html>Not here</html>", part="0001104659-25-085638", url=listed["url"]).outcome
        == "drift"
    )
