"""TOP500: workbooks that must not be trusted, units, countries, and a break that is no decline."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile

import evaluating
import pytest
from conftest import SOURCES, good, good_document

from expectations.alerts import rules
from extractors.top500_lists.extract import TERAFLOPS
from flows.refresh import demo_publishers
from warehouse.build import indicators
from warehouse.compare.changes import Change
from warehouse.reference import tables
from warehouse.staging import source_state

SOURCE, DATASET, INDICATOR = "top500_lists", "supercomputer", "compute_top500"
OLD, NEW = (entry["content"] for entry in demo_publishers.documents(SOURCES[SOURCE]))
SHEET = "xl/worksheets/sheet1.xml"
FILES = {
    "2019-06": "201906.xls",
    "2020-11": "202011.xlsx",
    "2023-11": "202311.xlsx",
    "2024-11": "202411.xlsx",
    "2025-06": "202506.csv",
}
# list -> systems and share of the performance, in per cent, of the United States and of China
FIGURES = {
    "2019-06": (116, 38.5, 220, 29.9),
    "2020-11": (113, 27.5, 213, 23.3),
    "2023-11": (161, 53.0, 104, 5.8),
    "2024-11": (173, 55.3, 63, 2.7),
    "2025-06": (175, 48.4, 47, 2.0),
}


def recorded(recordings, listed: str) -> bytes:
    path = recordings / f"compute/top500/TOP500_{FILES[listed]}"
    if not path.exists():
        pytest.skip(f"the recording {path.name} is not in the folder")
    return path.read_bytes()


def edited(
    body: bytes, *changes: tuple[str, str], member: str = SHEET, more: dict[str, bytes] | None = None
) -> bytes:
    """A workbook with texts of one member replaced (each must be there), and perhaps more members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name).decode()
            for before, after in changes if name == member else ():
                assert before in text, before
                text = text.replace(before, after)
            new.writestr(name, text)
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return packed.getvalue()


def cells(body: bytes) -> dict[str, str]:
    """Reference -> text of each cell of a sample workbook, without the parser."""
    text = zipfile.ZipFile(io.BytesIO(body)).read(SHEET).decode()
    return {
        ref: re.sub("<[^>]+>", "", inside) for ref, inside in re.findall(r'<c r="(\w+)"[^>]*>(.*?)</c>', text)
    }


def value_at(body: bytes, locator: str) -> float:
    row, name = re.search(r"row (\d+), column (.+)", locator).groups()
    return float(
        cells(body)[
            next(ref[:-1] for ref, text in cells(body).items() if text == name and ref.endswith("1")) + row
        ]
    )


def continental(rows: list[list[str]]) -> bytes:
    """Rows of rank, first list, country, Rmax and Rpeak as the CSV with semicolons and decimal commas."""
    header = list(TERAFLOPS.columns)
    given = ("Rank", "First Appearance", "Country", "Rmax [TFlop/s]", "Rpeak [TFlop/s]")
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerows(
        [header, *([dict(zip(given, row, strict=True)).get(name, "") for name in header] for row in rows)]
    )
    return b"\xef\xbb\xbf" + text.getvalue().encode()


@pytest.mark.parametrize("body", [OLD, NEW], ids=["2020-11", "2024-11"])
def test_locators_lead_back(staging, body):
    found = staging.rows(staging(SOURCE, body), "SELECT locator, rmax_tflops FROM rows")
    assert len(found) in (7, 15)
    assert all(value_at(body, locator) == value for locator, value in found)


@pytest.mark.parametrize("listed", FILES)
def test_recorded_lists(staging, recordings, listed):
    staged = staging(SOURCE, recorded(recordings, listed))
    assert (staged.drift, staged.rows, staged.quarantined, staged.newest_period) == (
        None,
        {DATASET: 500},
        0,
        f"{listed}-01",
    )
    kept = {
        part: staging(SOURCE, recorded(recordings, listed), part=part).drift for part in (listed, "2010-06")
    }
    assert kept[listed] is None
    assert (
        f"it holds list {1 + (int(listed[:4]) - 1993) * 2 + (listed[5:] == '11')}, {listed}"
        in kept["2010-06"]
    )
    con = evaluating.over(INDICATOR, DATASET, [staged])
    [(usa, chn)] = con.execute("SELECT usa, chn FROM series WHERE series = ''").fetchall()
    [(systems_usa, systems_chn)] = con.execute(
        "SELECT usa * 5, chn * 5 FROM series WHERE series = 'systems'"
    ).fetchall()
    assert (systems_usa, round(usa, 1), systems_chn, round(chn, 1)) == FIGURES[listed]


def test_recorded_series_rests_on_one_unit(staging, recordings):
    con = evaluating.over(
        INDICATOR, DATASET, [staging(SOURCE, recorded(recordings, listed)) for listed in FILES]
    )
    assert evaluating.failed(con, INDICATOR) == set()
    con.execute("UPDATE supercomputer SET rmax_tflops = rmax_tflops * 1000 WHERE list = DATE '2023-11-01'")
    assert evaluating.failed(con, INDICATOR) == {
        "the total is within a factor of 5 of the list before and the trend"
    }


def test_hong_kong_and_taiwan_are_not_china(staging):
    [(chn,)] = (
        evaluating.over(INDICATOR, DATASET, [staging(SOURCE, NEW)])
        .execute("SELECT chn FROM series WHERE series = 'systems'")
        .fetchall()
    )
    for apart in ("Hong Kong", "Taiwan"):
        staged = staging(SOURCE, edited(NEW, ("<t>Italy</t>", f"<t>{apart}</t>")))
        assert staging.rows(staged, f"SELECT count(*) FROM rows WHERE country = '{apart}'") == [(2,)]
        con = evaluating.over(INDICATOR, DATASET, [staged])
        assert con.execute("SELECT chn FROM series WHERE series = 'systems'").fetchall() == [(chn,)]


FAR = '</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
UNSAFE = {
    "a zip bomb": (edited(NEW, more={"xl/media/image1.png": b"\0" * 60_000_000}), "bytes unpacked; refused"),
    "a cell far away": (edited(NEW, ("</row>\n</sheetData>", FAR)), "beyond row"),
    "cut off": (NEW[:1500], "not a readable workbook"),
    "cut off inside": (edited(NEW, ("</sheetData>\n</worksheet>", "")), "not XML"),
    "entities": (
        edited(NEW, ("<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet')),
        "declares entities",
    ),
    "a formula": (edited(NEW, ("<v>1742000</v>", "<f>1+1</f><v>1742000</v>")), "cell N2: a formula"),
    "an error": (
        edited(NEW, ('<c r="N2"><v>1742000</v>', '<c r="N2" t="e"><v>#REF!</v>')),
        "cell N2: an error",
    ),
    "a merged header": (
        edited(
            NEW,
            ('<c r="O1" t="inlineStr"><is><t>Rpeak [TFlop/s]</t></is></c>', ""),
            ("</sheetData>", '</sheetData><mergeCells><mergeCell ref="N1:O1"/></mergeCells>'),
        ),
        "missing: 'Rpeak [TFlop/s]'",
    ),
    "GFlop/s": (
        edited(NEW, ("Rmax [TFlop/s]", "Rmax [GFlop/s]")),
        "missing: 'Rmax [TFlop/s]' (now 'Rmax [GFlop/s]'?)",
    ),
    "no list": (
        edited(NEW, ('name="64"', 'name="Sheet1"'), member="xl/workbook.xml"),
        "expected one sheet that is a list",
    ),
    "another list": (
        edited(NEW, ('name="64"', 'name="63"'), member="xl/workbook.xml"),
        "cannot tell which list it is",
    ),
    "a page": (b"<!doctype html><title>Log in</title>", "not a known layout"),
    "other bytes": (b"\xff\xfe\x00\x01", "neither a workbook nor a CSV"),
    "commas": (
        continental([["1", "65", "China", "93014,59", "125435,90"]]).replace(b";", b","),
        "not a known layout",
    ),
}


@pytest.mark.parametrize("kind", UNSAFE)
def test_what_cannot_be_trusted_is_refused(asked, kind):
    body, told = UNSAFE[kind]
    seen = asked(SOURCE, body)
    assert seen.outcome == "drift", seen.message
    assert told in seen.message


def test_damaged_old_workbooks_are_refused(staging, recordings):
    """Cut off, and with bytes on which the reader itself panics; none of it ends the process."""
    body = recorded(recordings, "2019-06")
    assert "not a readable workbook" in staging(SOURCE, body[:200_000]).drift
    for place in range(512, 4096, 256):
        staged = staging(
            SOURCE, body[:place] + bytes(255 - byte for byte in body[place : place + 64]) + body[place + 64 :]
        )
        assert staged.drift or staged.rows


def test_decimal_commas(staging):
    rows = [
        ["1", "65", "United States", "1 742 000,00", "2 746 376,09"],
        ["2", "59", "China", "93\u00a0014,59", "125\u202f435,9"],
    ]
    staged = staging(SOURCE, continental(rows))
    assert staged.newest_period == "2025-06-01"
    found = staging.rows(staged, "SELECT rmax_tflops, rpeak_tflops, locator FROM rows ORDER BY rank")
    assert found == [
        (1742000.0, 2746376.09, "record 1, column Rmax [TFlop/s]"),
        (93014.59, 125435.9, "record 2, column Rmax [TFlop/s]"),
    ]


@pytest.mark.parametrize("printed", ["1,742,000.00", "1.742.000,00", "17 42,0"])
def test_other_numbers_are_not_guessed(staging, printed):
    staged = staging(SOURCE, continental([["1", "65", "China", printed, "2 746 376,09"]]))
    assert staging.rows(staged, "SELECT reason FROM quarantine") == [
        (f"rmax_tflops: {printed} is not a number",)
    ]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            edited(
                NEW,
                *(
                    (f"<v>{value}</v>", f"<v>{value}000</v>")
                    for value in re.findall(
                        r'<c r="[NO]\d+"><v>(\d+)</v>', zipfile.ZipFile(io.BytesIO(NEW)).read(SHEET).decode()
                    )
                ),
            ),
            "factor",
        ),
        (edited(NEW, ("<v>241200</v>", "<v>241.2</v>")), "without a jump"),
        (edited(NEW, ("<t>United States</t>", "<t>USA</t>")), "both countries are there"),
        (edited(NEW, ('<c r="A9"><v>8</v>', '<c r="A9"><v>7</v>')), "each key once"),
        (edited(NEW, ('<c r="A16"><v>15</v>', '<c r="A16"><v>16</v>')), "no rank is missing"),
    ],
    ids=[
        "GFlop/s under TFlop/s",
        "one in another unit",
        "country renamed",
        "rank twice",
        "rank missing",
    ],
)
def test_what_cannot_be_is_kept_back(asked, body, told):
    seen = asked(SOURCE, body)
    assert seen.outcome == "failed", seen.message
    assert told in seen.message


@pytest.mark.parametrize(
    ("old", "new"),
    [('<c r="A16"><v>15</v>', '<c r="A16"><v>501</v>'), ("<v>93014.59</v>", "<v>1e999</v>")],
    ids=["rank past 500", "no number"],
)
def test_one_row_that_cannot_be_read_is_one_row(staging, old, new):
    before, after = staging(SOURCE, NEW), staging(SOURCE, edited(NEW, (old, new)))
    assert (after.rows["supercomputer"], after.quarantined) == (before.rows["supercomputer"] - 1, 1)


def test_a_peak_below_what_was_measured_is_left_open(staging):
    """As for system 179801 in November 2019 and June 2020; the system stays on the list."""
    staged = staging(
        SOURCE, continental([["1", "65", "China", "1661,0", "181,3"], ["2", "65", "China", "9", "10"]])
    )
    assert staging.rows(staged, "SELECT rank, rmax_tflops, rpeak_tflops FROM rows ORDER BY rank") == [
        (1, 1661.0, None),
        (2, 9.0, 10.0),
    ]
    assert (staged.quarantined, staged.opened) == (0, 1)
    [(locator, reason)] = staging.rows(staged, "SELECT locator, reason FROM quarantine")
    assert locator == "record 1, column Rpeak [TFlop/s]"
    assert "rank 1" in reason


def many(systems: int) -> bytes:
    return continental(
        [
            [str(n), "65", "China" if n % 9 == 0 else "United States", f"{400000 // n},5", f"{500000 // n}"]
            for n in range(1, systems + 1)
        ]
    )


def test_a_list_of_499_rows(asked):
    """Said of the first list; kept back after a list with all of them."""
    assert asked(SOURCE, many(499)).outcome == "new"
    assert asked(SOURCE, many(500)).outcome == "new"
    seen = asked(SOURCE, many(499).replace(b"400000,5", b"400000,6"))
    assert seen.outcome == "failed"
    assert "not fewer systems than the list before" in seen.message


def test_a_list_in_another_unit_than_the_one_before(asked):
    assert asked(SOURCE, OLD).outcome == "new"
    assert asked(SOURCE, NEW).outcome == "new"
    smaller = [
        (f"<v>{value}</v>", f"<v>{int(value) // 9}</v>")
        for value in dict.fromkeys(
            re.findall(r'<c r="[NO]\d+"><v>(\d+)</v>', zipfile.ZipFile(io.BytesIO(NEW)).read(SHEET).decode())
        )
    ]
    seen = asked(SOURCE, edited(NEW, *smaller))
    assert seen.outcome == "failed"
    assert "of the list before and the trend" in seen.message


def test_missing_reports_are_a_break_and_no_alarm():
    """China's fall on the list is told as a break; no rule may take it for a change of the lead."""
    assert str(indicators.all_indicators()[INDICATOR].alert) == "{}"
    before = {
        "period": "2019-06-01",
        "usa": 23.2,
        "chn": 44.0,
        "gap": -20.8,
        "leader": "CHN",
        "low": None,
        "high": None,
    }
    after = before | {"period": "2023-11-01", "usa": 32.2, "chn": 20.8, "gap": 11.4, "leader": "USA"}
    moved = Change("newest", f"{INDICATOR}/systems", before=before, after=after)
    assert rules.of("release", "2026-01-01", [moved], {}) == []
    with (tables.FOLDER / "series_break.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["indicator"] == INDICATOR]
    assert {(row["series"], row["side"], row["kind"]) for row in rows} == {
        ("", "CHN", "non-reporting"),
        ("systems", "CHN", "non-reporting"),
    }
    assert all("not decline" in row["detail"] and row["url"].startswith("https://") for row in rows)


def test_nothing_is_asked_of_the_publisher():
    source = SOURCES[SOURCE]
    assert (source.fetched, source.redistribute) == (False, False)
    assert source_state.of_source(source, [], {}, dt.datetime(2026, 9, 23, tzinfo=dt.UTC)).stale is False
    assert good_document(SOURCE)["url"] is None
    assert good(SOURCE) == NEW
