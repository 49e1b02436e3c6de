"""AI chips: tables of owners, of designers and of hardware, and the traps in them."""

from __future__ import annotations

import csv
import datetime as dt
import io

import duckdb
import pytest
from chips import COUNTS, HARDWARE, OUTPUT, OWNERS, PARTS, QUARTERS, SALES, TOTALS, good, recorded
from conftest import SOURCES

from flows.refresh import demo_publishers
from warehouse.datasets import schema

SAMPLES = [
    (source, number)
    for source in (OWNERS, SALES, COUNTS, OUTPUT, HARDWARE)
    for number in range(len(demo_publishers.documents(SOURCES[source])))
]


def value_at(body: bytes, locator: str) -> float:
    number, name = locator.removeprefix("record ").split(", column ")
    return float(list(csv.DictReader(io.StringIO(body.decode(), newline="")))[int(number) - 1][name])


@pytest.mark.parametrize(("source", "number"), SAMPLES)
def test_sample_is_read_in_full_and_locators_lead_back(staging, source, number):
    entry = demo_publishers.documents(SOURCES[source])[number]
    staged = staging(source, entry["content"], entry["part"])
    assert staged.drift is None
    assert staged.quarantined == 0
    assert sum(staged.rows.values()) == len(
        list(csv.DictReader(io.StringIO(entry["content"].decode(), newline="")))
    )
    column = "processing_performance" if source == HARDWARE else "h100e"
    for locator, value in staging.rows(staged, f"SELECT locator, {column} FROM rows"):
        assert value_at(entry["content"], locator) == value


def test_all_parts_have_a_sample_and_share_no_key(staging):
    for source in (OWNERS, COUNTS, OUTPUT):
        entries = demo_publishers.documents(SOURCES[source])
        assert {entry["part"] for entry in entries} == set(SOURCES[source].urls)
        [dataset] = SOURCES[source].datasets
        files = [str(staging(source, entry["content"], entry["part"]).parquet(dataset)) for entry in entries]
        keys = ", ".join(schema.all_datasets()[dataset].key)
        assert (
            duckdb.sql(
                f"SELECT {keys} FROM read_parquet({files}) GROUP BY ALL HAVING count(*) > 1"
            ).fetchall()
            == []
        )


# ── traps of the files ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("source", "part", "old", "new"),
    [
        (OWNERS, TOTALS, "Compute estimate in H100e (median)", "H100e compute power (median)"),
        (SALES, "", "Compute estimate in H100e (median)", "H100e compute power (median)"),
        (COUNTS, "nvidia", "Number of Units,", "Number of Units (median),"),
        (OUTPUT, "amd", "Number of units (median)", "Number of Units"),
        (HARDWARE, "", "TDP (W)", "TDP"),
    ],
)
def test_a_renamed_column_is_drift(staging, source, part, old, new):
    body = good(source, part).decode()
    assert old in body
    staged = staging(source, body.replace(old, new, 1).encode(), part)
    assert new.rstrip(",") in staged.drift
    assert old.rstrip(",") in staged.drift
    assert "add a layout" in staged.drift


def test_a_table_of_another_part_is_drift(staging):
    staged = staging(OWNERS, good(OWNERS, QUARTERS), TOTALS)
    assert "layout of quarters_by_chip_type" in staged.drift
    assert staging(OWNERS, good(OWNERS, QUARTERS)).drift is None, (
        "an old document added without a part is known by its header"
    )


def test_quoted_line_ends_and_quotes(staging):
    staged = staging(OWNERS, good(OWNERS, TOTALS), TOTALS)
    [(note,)] = staging.rows(
        staged, "SELECT notes FROM rows WHERE organisation = 'xAI' AND period_end = DATE '2025-12-31'"
    )
    assert note == 'Lumpy, by data centers in operation.\nSee "Frontier AI Data Centers".'
    sold = staging(SALES, good(SALES))
    assert staging.rows(sold, "SELECT chip_type, units FROM rows WHERE organisation = 'AMD'") == [
        ("MI325X", 12777)
    ]


@pytest.mark.parametrize(
    ("source", "part", "incomplete"),
    [
        (OWNERS, TOTALS, dt.date(2026, 3, 31)),
        (COUNTS, "nvidia", dt.date(2026, 3, 31)),
        (OUTPUT, "nvidia", dt.date(2026, 3, 31)),
        (SALES, "", dt.date(2026, 9, 30)),
    ],
)
def test_incomplete_by_flag(staging, source, part, incomplete):
    staged = staging(source, good(source, part), part)
    assert staging.rows(staged, "SELECT DISTINCT period_end FROM rows WHERE incomplete") == [(incomplete,)]


def test_incomplete_by_its_note_alone_and_an_unknown_flag(staging):
    noted = good(SALES).replace(b"2026-09-30,True,", b"2026-09-30,,")
    assert staging.rows(staging(SALES, noted), "SELECT count(*) FROM rows WHERE incomplete") == [(1,)]
    staged = staging(SALES, good(SALES).replace(b"2026-06-30,,", b"2026-06-30,perhaps,"))
    assert staging.rows(staged, "SELECT reason FROM quarantine") == [
        ("incomplete: perhaps is not a BOOLEAN",)
    ]


def test_days_of_the_repository_are_month_first(staging):
    staged = staging(COUNTS, good(COUNTS, "amd"), "amd")
    assert staging.rows(staged, "SELECT period_start, period_end FROM rows") == [
        (dt.date(2024, 1, 1), dt.date(2024, 3, 31))
    ]
    turned = staging(COUNTS, good(COUNTS, "amd").replace(b"3/31/2024", b"31/3/2024"), "amd")
    assert staging.rows(turned, "SELECT reason FROM quarantine") == [("period_end: 31/3/2024 is not a DATE",)]


def test_watts_become_megawatts_and_a_bad_one_stays_as_printed(staging):
    staged = staging(COUNTS, good(COUNTS, "amd"), "amd")
    assert staging.rows(staged, "SELECT power_mw FROM rows") == [(6.338081,)]
    bad = staging(COUNTS, good(COUNTS, "amd").replace(b"6338081", b"6.3 MW"), "amd")
    assert staging.rows(bad, "SELECT reason FROM quarantine") == [("power_mw: 6.3 MW is not a number",)]


def test_no_names_of_editors_are_kept(staging):
    staged = staging(
        SALES,
        good(SALES).replace(b"Ascend 910B,,,Ascend 910B", b"Ascend 910B,Jane Roe,2026-01-28,Ascend 910B"),
    )
    assert "Jane" not in str(staging.rows(staged))


# ── over HTTP: what the gate keeps back ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("source", "part", "old", "new", "said"),
    [
        (OWNERS, TOTALS, b"3151500,2424300.0", b"3151500,3424300.0", "99 of 100 medians lie"),
        (OWNERS, TOTALS, b"2025-12-31,708000", b"2025-12-31,100000", "a stock does not fall"),
        (OWNERS, TOTALS, b"2025-12-31,1427900", b"2025-12-30,1427900", "a period ends with a quarter"),
        (
            OWNERS,
            TOTALS,
            b"Huawei,China,2024-01-01,2025-12-31,708000,,,1250000",
            b"Huawei,China,2024-01-01,2025-12-31,708000,,,1250",
            "a chip is 0.01 to 12 H100",
        ),
        (
            OWNERS,
            QUARTERS,
            b"2025-10-01,2025-12-31,8277",
            b"2024-10-01,2025-12-31,8277",
            "a period starts with a month",
        ),
        (SALES, "", b"2025-12-31,,23384,", b"2025-12-31,,2338400,", "99 of 100 medians of chips lie"),
        (HARDWARE, "", b"1.5832e+16", b"1.5832e+13", "an H100 is"),
    ],
)
def test_a_document_that_cannot_be_right_is_kept_back(asked, source, part, old, new, said):
    assert old in good(source, part)
    seen = asked(source, good(source, part).replace(old, new), part=part)
    assert seen.outcome == "failed"
    assert said in seen.message


def test_an_owner_that_is_gone_keeps_the_next_document_back(asked):
    assert asked(OWNERS, good(OWNERS, TOTALS), part=TOTALS).outcome == "new"
    renamed = asked(OWNERS, good(OWNERS, TOTALS).replace(b"Nvidia,xAI,", b"Nvidia,SpaceX,"), part=TOTALS)
    assert (renamed.outcome, "no owner of a designer's chips known before is gone" in renamed.message) == (
        "failed",
        True,
    )
    lines = good(OWNERS, TOTALS).splitlines(keepends=True)
    half = asked(OWNERS, b"".join(lines[: len(lines) // 2]), part=TOTALS)
    assert (half.outcome, "at least 90 % of the rows" in half.message) == ("failed", True)


def test_recorded_owners_pass_the_gate(asked, recordings):
    for part in PARTS:
        seen = asked(OWNERS, recorded(recordings, f"ai_chip_owners_2026-07-20/{part}.csv"), part=part)
        assert seen.outcome == "new", seen.message


def test_recorded_hardware(staging, recordings):
    staged = staging(HARDWARE, recorded(recordings, "ml_hardware/ml_hardware_2025-12-14.csv"))
    assert (staged.rows, staged.quarantined) == ({"accelerator": 170}, 0)
    row = staging.rows(
        staged,
        "SELECT manufacturer, released_on, memory_bandwidth, processing_performance FROM rows"
        " WHERE name = 'NVIDIA H200 SXM'",
    )
    assert row == [("NVIDIA", dt.date(2024, 11, 18), 4.8e12, 1.5832e16)]
