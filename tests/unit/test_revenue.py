"""Exchange rates, and the two revenue indicators over the samples: figures, bounds, choices, and checks that
find what is wrong."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import duckdb
import pytest
from conftest import SOURCES

from expectations import suites
from flows.refresh import demo_publishers
from warehouse.build import indicators
from warehouse.datasets import schema

ECB, RESULTS = "ecb_exchange_rates", "alibaba_results"
MEMBER = "eurofxref-hist.csv"
US = {
    "AmazonWebServicesSegmentMember": ("01-01", {2022: 80096, 2023: 90757, 2024: 107556}),
    "GoogleCloudMember": ("01-01", {2022: 26280, 2023: 33088, 2024: 43229}),
    "IntelligentCloudMember": ("07-01", {2022: 72944, 2023: 87464}),
}
OPENAI = [
    ("openai_2024", "2024-12-31", 6e9, "exact", "2026-01-18"),
    ("openai_2025_06", "2025-06-09", 10e9, "exact", "2025-06-09"),
    ("openai_2025_07", "2025-07-30", 12e9, "exact", "2025-07-30"),
    ("openai_2025", "2025-12-31", 20e9, "at least", "2026-01-18"),
]


def packed(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(MEMBER, text)
    return buffer.getvalue()


def unpacked(body: bytes) -> str:
    return zipfile.ZipFile(io.BytesIO(body)).read(MEMBER).decode()


def newest(source: str) -> bytes:
    return demo_publishers.documents(SOURCES[source])[-1]["content"]


def value_at(body: bytes, locator: str) -> float:
    """The rate that a locator names."""
    _, record, column = locator.split(", ")
    lines = unpacked(body).splitlines()
    return float(lines[int(record.split()[1])].split(",")[lines[0].split(",").index(column.split()[1])])


def test_rates_and_their_places(staging):
    staged = staging(ECB, newest(ECB))
    assert staged.quarantined == 0
    rows = staging.rows(staged, "SELECT locator, rate FROM rows")
    assert [value_at(newest(ECB), locator) for locator, _ in rows] == [rate for _, rate in rows]
    assert len(rows) == 2 * (len(unpacked(newest(ECB)).splitlines()) - 1) - 1  # one N/A: the renminbi of 1999
    assert staged.ignored == {"exchange_rate": {"no rate of that day (N/A)": 1}}
    assert staging.rows(
        staged, "SELECT currency, rate FROM rows WHERE day = DATE '2025-09-30' ORDER BY 1"
    ) == [("CNY", 8.3591), ("USD", 1.1741)]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("USD,JPY", "USDX,JPY", "missing: 'USD' (now 'USDX'?)"),
        ("Date,", "Day,", "missing: 'Date'"),
    ],
)
def test_changed_layout_is_drift(staging, old, new, told):
    text = unpacked(newest(ECB))
    assert old in text
    assert told in staging(ECB, packed(text.replace(old, new))).drift


def test_the_order_of_currencies_and_the_packing_do_not_matter(staging):
    """Until 2018 the shekel stood last; some keep the unpacked file."""
    known = staging.rows(staging(ECB, newest(ECB)), "SELECT day, currency, rate FROM rows ORDER BY ALL")
    lines = [line.split(",") for line in unpacked(newest(ECB)).splitlines()]
    turned = "\n".join(",".join([line[0], *line[:0:-1]]) for line in lines) + "\n"
    for body in (packed(turned), turned.encode()):
        assert staging.rows(staging(ECB, body), "SELECT day, currency, rate FROM rows ORDER BY ALL") == known


def test_a_short_line_is_one_line(staging):
    text = unpacked(newest(ECB))
    staged = staging(ECB, packed(text.replace("2025-09-30,1.1741,", "2025-09-30,")))
    assert staged.quarantined == 1


def test_unreadable_rate_is_set_aside(staging):
    staged = staging(
        ECB,
        packed(
            unpacked(newest(ECB))
            .replace("2025-09-30,1.1741,", "2025-09-30,none,")
            .replace("2025-07-31", "31 July 2025")
        ),
    )
    assert staged.quarantined == 3
    assert len(staging.rows(staged)) == len(staging.rows(staging(ECB, newest(ECB)))) - 3


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("2025-09-30,1.1741,", "2025-09-30,11.741,", "0.8 to 1.7"),
        (",8.3591,", ",0.83591,", "6 to 12"),
        ("2025-09-30", "2025-09-28", "weekend"),
        ("2025-12-31", "2031-12-31", "after the document"),
    ],
)
def test_gate_refuses_wrong_rates(asked, old, new, told):
    text = unpacked(newest(ECB))
    assert old in text
    seen = asked(ECB, packed(text.replace(old, new)), media="application/zip")
    assert seen.outcome == "failed"
    assert told in seen.message


def test_gate_takes_the_sample_and_refuses_lost_days(asked):
    assert asked(ECB, newest(ECB)).outcome == "new"
    lines = unpacked(newest(ECB)).splitlines(keepends=True)
    shorter = asked(ECB, packed("".join(lines[:12])))
    assert shorter.outcome == "failed"
    assert "still there" in shorter.message


@pytest.fixture
def world(staging):
    """A connection with the datasets as views have them: Alibaba and the ECB from the samples, the others by
    hand."""
    con = duckdb.connect()
    con.execute("CREATE SCHEMA reference")
    con.execute(
        "CREATE TABLE reference.series_break AS"
        " FROM read_csv('warehouse/reference/series_break.csv', header=true, types={'period': 'DATE'})"
    )
    for name in ("company_revenue", "exchange_rate", "published_figure"):
        columns = ", ".join(
            f'"{column.name}" {column.type}' for column in schema.all_datasets()[name].columns
        )
        con.execute(f"CREATE TABLE {name} ({columns}, document VARCHAR, locator VARCHAR)")
    for source, entries in (
        (RESULTS, demo_publishers.documents(SOURCES[RESULTS])),
        (ECB, demo_publishers.documents(SOURCES[ECB])[-1:]),
    ):
        for entry in entries:
            staged = staging(source, entry["content"], entry["part"])
            [dataset] = staged.rows
            con.execute(
                f"INSERT INTO {dataset} BY NAME SELECT * EXCLUDE (record, place),"
                f" '{entry['part']}' AS document, place AS locator "
                f"FROM read_parquet('{staged.parquet(dataset)}')"
            )
    for segment, (start, amounts) in US.items():
        for year, millions in amounts.items():
            filing(con, segment, f"{year}-{start}", millions * 1e6, f"{year + 1}-02-05")
    for figure, day, amount, quality, said_on in OPENAI:
        con.execute(
            """INSERT INTO published_figure BY NAME
            SELECT 'published_figures' AS source, ? AS figure, 'OpenAI' AS subject,
            'annualised revenue' AS measure, ?::DATE AS period_end, ? AS value,
            'USD' AS unit, ? AS quality, 'OpenAI' AS publisher, ?::DATE AS said_on""",
            [figure, day, amount, quality, said_on],
        )
    con.execute("\n".join(path.read_text() for path in sorted(indicators.MACROS.glob("usd_cny.sql"))))
    yield con
    con.close()


def filing(con, segment: str, start: str, amount: float, filed_on: str):
    con.execute(
        """INSERT INTO company_revenue BY NAME
        SELECT 'sec_segment_revenue' AS source, ? AS segment, 'revenue' AS measure, 'Revenues' AS concept,
        'USD' AS currency, ?::DATE AS period_start,
        (?::DATE + INTERVAL 1 YEAR - INTERVAL 1 DAY)::DATE AS period_end,
        ? AS amount, ? AS filing, ?::DATE AS filed_on""",
        [segment, start, start, amount, f"filing of {filed_on}", filed_on],
    )


def evaluate(con, name: str) -> dict[tuple, dict]:
    made = con.execute(
        "FROM (SELECT NULL::VARCHAR AS series WHERE false"
        f" UNION ALL BY NAME ({indicators.all_indicators()[name].sql})) WHERE gap IS NOT NULL"
    )
    columns = [column[0] for column in made.description]
    return {
        (row["series"] or "", row["period"]): row
        for row in (dict(zip(columns, values, strict=True)) for values in made.fetchall())
    }


def failures(con, name: str) -> list[str]:
    con.execute(
        f"""CREATE OR REPLACE TEMP VIEW series AS SELECT coalesce(series, '') AS series, * EXCLUDE (series)
        FROM (SELECT NULL::VARCHAR AS series WHERE false
        UNION ALL BY NAME ({indicators.all_indicators()[name].sql})) WHERE gap IS NOT NULL"""
    )
    results = suites.run(con, suites.load("indicators", name))
    assert not [result for result in results if result.status == "broken"], results
    return [result.name for result in results if result.status == "fail"]


def test_run_rate_of_september_2025(world):
    found = evaluate(world, "revenue_run_rate")
    row = found["", dt.date(2025, 7, 1)]
    assert row["chn"] == pytest.approx(39824e6 * 4 / (8.3591 / 1.1741))
    assert row["chn"] / 1e9 == pytest.approx(22.4, abs=0.05)
    assert (row["usa"], row["gap"]) == (12e9, 12e9 - row["chn"])
    assert row["low"] == row["gap"]  # the renminbi was dearest on the quarter's last day
    assert row["high"] == pytest.approx(12e9 - 39824e6 * 4 / (8.235 / 1.1446))
    assert [entry["dataset"] for entry in row["inputs"]] == [
        "published_figure",
        "company_revenue",
        "exchange_rate",
        "exchange_rate",
    ]
    assert [entry["value"] for entry in row["inputs"]] == [12e9, 39824e6, 8.3591, 1.1741]


def test_disclosures_age_and_bound(world):
    found = evaluate(world, "revenue_run_rate")
    assert {period: row["usa"] / 1e9 for (_, period), row in found.items()} == {
        dt.date(2024, 10, 1): 6,
        dt.date(2025, 1, 1): 6,
        dt.date(2025, 4, 1): 10,
        dt.date(2025, 7, 1): 12,
        dt.date(2025, 10, 1): 20,
        dt.date(2026, 1, 1): 20,
    }  # before, the last disclosure known is none of the half-year before
    assert found["", dt.date(2025, 10, 1)]["high"] is None  # "20 billion or more"
    assert found["", dt.date(2025, 10, 1)]["low"] is not None
    world.execute("UPDATE published_figure SET quality = 'at most'")
    assert evaluate(world, "revenue_run_rate")["", dt.date(2025, 10, 1)]["low"] is None


def test_run_rate_needs_a_rate_at_the_end_of_the_quarter(world):
    world.execute("DELETE FROM exchange_rate WHERE day > DATE '2025-09-01' AND day < DATE '2025-10-01'")
    assert ("", dt.date(2025, 7, 1)) not in evaluate(world, "revenue_run_rate")


def test_other_measures_of_openai_are_not_used(world):
    world.execute("UPDATE published_figure SET measure = 'revenue' WHERE figure = 'openai_2025'")
    assert evaluate(world, "revenue_run_rate")["", dt.date(2025, 10, 1)]["usa"] == 12e9
    world.execute("UPDATE published_figure SET publisher = 'a newspaper' WHERE figure = 'openai_2025_07'")
    assert evaluate(world, "revenue_run_rate")["", dt.date(2025, 7, 1)]["usa"] == 10e9


def test_cloud_revenue(world):
    found = evaluate(world, "cloud_revenue")
    aws = {period.year: row["usa"] / 1e6 for (series, period), row in found.items() if series == "aws"}
    google = {
        period.year: row["usa"] / 1e6 for (series, period), row in found.items() if series == "google_cloud"
    }
    assert (aws, google) == (US["AmazonWebServicesSegmentMember"][1], US["GoogleCloudMember"][1])
    row = found["", dt.date(2024, 1, 1)]
    assert row["usa"] == (107556 + 43229) * 1e6
    assert row["chn"] / 1e9 == pytest.approx(15.8, abs=0.1)  # RMB 113,496 million at about 7.19
    assert row["low"] < row["gap"] < row["high"]
    # 2025 lacks the US companies, 2023 Alibaba
    assert [period for series, period in found if series == ""] == [dt.date(2024, 1, 1)]
    assert {period for series, period in found if series == "alibaba_cloud"} == {
        dt.date(2024, 4, 1),
        dt.date(2025, 4, 1),
    }
    # RMB 158,132 million at about 7.09
    assert found["alibaba_cloud", dt.date(2025, 4, 1)]["gap"] / 1e9 == pytest.approx(22.3, abs=0.2)
    assert found["alibaba_cloud", dt.date(2025, 4, 1)]["usa"] is None


def test_the_filing_filed_last_wins(world):
    filing(world, "IntelligentCloudMember", "2023-07-01", 105362e6, "2024-07-30")
    found = evaluate(world, "cloud_revenue")
    # in the world above the recast is filed before it
    assert found["microsoft_intelligent_cloud", dt.date(2023, 7, 1)]["usa"] == 105362e6
    filing(world, "IntelligentCloudMember", "2023-07-01", 87464e6, "2025-07-30")
    assert (
        evaluate(world, "cloud_revenue")["microsoft_intelligent_cloud", dt.date(2023, 7, 1)]["usa"] == 87464e6
    )


def test_older_segment_is_another_series(world):
    before = evaluate(world, "cloud_revenue")
    world.execute(
        """INSERT INTO company_revenue BY NAME
        SELECT * REPLACE ('Cloud computing' AS segment, amount * 2 AS amount, DATE '2027-01-01' AS filed_on)
        FROM company_revenue WHERE source = 'alibaba_results'"""
    )
    assert evaluate(world, "cloud_revenue") == before


@pytest.mark.parametrize("name", ["cloud_revenue", "revenue_run_rate"])
def test_checks_pass_on_the_sample(world, name):
    assert failures(world, name) == []


@pytest.mark.parametrize(
    ("quarter", "millions"), [("2025-07-01", 39825), ("2024-04-01", 26548), ("2025-04-01", 33389)]
)
def test_a_digit_altered_is_found(world, quarter, millions):
    """Each quarter in both fiscal years is held by the sum."""
    world.execute(
        f"UPDATE company_revenue SET amount = {millions}e6 WHERE measure = 'revenue'"
        f" AND period_start = DATE '{quarter}' AND amount < 50e9"
    )
    assert "Alibaba's four quarters add up to its fiscal year" in failures(world, "cloud_revenue")


def test_restated_year_is_no_failure(world):
    """Fiscal year 2024 was 58 less than its quarters as first reported: a reviewed break, for those filings
    alone."""
    for month, (start, millions) in enumerate(
        [("2023-04-01", 25123), ("2023-07-01", 27648), ("2023-10-01", 28066), ("2024-01-01", 25595)], 5
    ):
        for days, amount in ((3, millions), *([(12, 106374)] if month == 8 else [])):
            first = "2023-04-01" if days == 12 else start
            world.execute(
                f"""INSERT INTO company_revenue BY NAME
                SELECT 'alibaba_results' AS source, 'Cloud Intelligence Group' AS segment,
                'revenue' AS measure, 'CNY' AS currency, DATE '{first}' AS period_start,
                (DATE '{first}' + INTERVAL {days} MONTH - INTERVAL 1 DAY)::DATE AS period_end,
                {amount}e6 AS amount,
                'filing {month}' AS filing, DATE '2024-0{month - 3}-01' AS filed_on"""
            )
    assert failures(world, "cloud_revenue") == []
    world.execute("DELETE FROM reference.series_break WHERE kind = 'restatement'")
    assert "Alibaba's four quarters add up to its fiscal year" in failures(world, "cloud_revenue")


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        (
            "revenue_run_rate",
            (
                "UPDATE company_revenue SET amount = amount / 10 WHERE source = 'alibaba_results'"
                " AND measure = 'revenue'"
            ),
            "own conversion",
        ),
        (
            "revenue_run_rate",
            "UPDATE published_figure SET value = value * 1000",
            "OpenAI is 1 to 200 billion",
        ),
        (
            "revenue_run_rate",
            "UPDATE exchange_rate SET rate = rate * 1.03 WHERE currency = 'CNY'",
            "own conversion",
        ),
        (
            "cloud_revenue",
            "UPDATE company_revenue SET amount = amount / 1000 WHERE source = 'alibaba_results'",
            "20,000 to 120,000",
        ),
        (
            "cloud_revenue",
            "UPDATE company_revenue SET amount = amount * 1000 WHERE source = 'sec_segment_revenue'",
            "1 to 1000 billion",
        ),
        (
            "cloud_revenue",
            (
                "UPDATE company_revenue SET amount = amount * 3 WHERE source = 'alibaba_results'"
                " AND period_start = DATE '2025-10-01'"
            ),
            "grows by",
        ),
    ],
)
def test_checks_find_wrong_magnitudes(world, name, change, told):
    world.execute(change)
    assert any(told in failure for failure in failures(world, name))


def test_two_amounts_in_one_filing_are_found(world):
    world.execute(
        "INSERT INTO company_revenue BY NAME SELECT * REPLACE ('Other' AS concept, amount + 1 AS amount)"
        " FROM company_revenue"
        " WHERE segment = 'GoogleCloudMember'"
    )
    assert "a filing states one amount for a segment and period" in failures(world, "cloud_revenue")
