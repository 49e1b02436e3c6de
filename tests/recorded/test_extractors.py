"""Parsers: every sample is read in full, and the recorded files give the figures that were read in them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile

import pytest
import yaml
from conftest import SOURCES, good
from recordings import ignored, recorded

from flows.refresh import demo_publishers

YEARLY, MONTHLY, OWID, MIX = (
    "ember_generation_yearly",
    "ember_generation_monthly",
    "owid_electricity_generation",
    "owid_electricity_mix",
)
ECI, ZIP, EIA = "epoch_eci_scores", "epoch_benchmark_data", "eia_us_generation"
INPUTS = "epoch_eci_benchmarks"
# the other families find their values by their own locators, in their own tests
HERE = (YEARLY, MONTHLY, OWID, MIX, ECI, ZIP, EIA, INPUTS)
SAMPLES = [
    (name, number)
    for name, source in SOURCES.items()
    for number in range(len(demo_publishers.documents(source)))
]


def records(source: str, body: bytes) -> int:
    """How many statements a document makes, counted without the parser: its records, times the measures in
    TWh of a wide one."""
    if source == EIA:
        return len(json.loads(body)["response"]["data"])
    if source == ZIP:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = packed.read(packed.namelist()[0])
    header, *rows = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    return len(rows) * (sum(column.endswith("(TWh)") for column in header) if source == MIX else 1)


@pytest.mark.parametrize("source", SOURCES)
def test_sample_says_what_it_is(source):
    about = yaml.safe_load((SOURCES[source].folder / "sample" / "sample.yml").read_text("utf-8"))
    assert about["note"] == "hand-written sample"
    assert about["citation"]
    assert demo_publishers.documents(SOURCES[source]) or SOURCES[source].reviewed


@pytest.mark.duckdb2
@pytest.mark.parametrize(("source", "number"), SAMPLES)
def test_sample_is_read_in_full(staging, source, number):
    """No drift, nothing in quarantine, and every record is either staged or ignored by name."""
    entry = demo_publishers.documents(SOURCES[source])[number]
    body = entry["content"]
    staged = staging(source, body, entry["part"])
    assert staged.drift is None
    assert staged.quarantined == 0
    assert sum(staged.rows.values()) > 0
    assert set(staged.rows) <= set(SOURCES[source].datasets)
    if source in HERE:
        assert sum(staged.rows.values()) + ignored(staged) == records(source, body)


@pytest.mark.duckdb2
@pytest.mark.parametrize("source", HERE)
def test_locators_lead_back(staging, source):
    """The place that a row names holds the row's value."""
    body = good(source)
    staged = staging(source, body)
    [dataset] = staged.rows
    column = {"capability_score": "eci", "capability_input": "performance"}.get(dataset, "twh")
    for locator, value in staging.rows(
        staged, f"SELECT locator, {column} FROM rows WHERE {column} IS NOT NULL"
    ):
        if source == EIA:
            printed = (
                float(
                    json.loads(body)["response"]["data"][int(locator.split("[")[1].split("]")[0])][
                        "generation"
                    ]
                )
                / 1000
            )
        elif source in (ECI, ZIP):
            text = (
                zipfile.ZipFile(io.BytesIO(body)).read("epoch_capabilities_index.csv")
                if source == ZIP
                else body
            )
            number, name = (
                locator.removeprefix("member epoch_capabilities_index.csv, ")
                .removeprefix("record ")
                .split(", column ")
            )
            printed = float(
                list(csv.DictReader(io.StringIO(text.decode(), newline="")))[int(number) - 1][name]
            )
        else:
            number, name = locator.removeprefix("record ").split(", column ")
            printed = float(
                list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))[int(number) - 1][name]
            )
        assert printed == pytest.approx(value, abs=1e-9)


def totals(staging, staged) -> dict[tuple[str, int], float]:
    """(country, year or year and month) -> total."""
    return {
        (country, period): twh
        for country, period, twh in staging.rows(
            staged, "SELECT country, period, twh FROM rows WHERE series = 'total'"
        )
    }


def test_recorded_ember_yearly(staging, recordings):
    body = recorded(
        recordings, "energy/ember/EXCERPT_2026-09-22_release_generation_yearly_global_CHN_USA_2024_2025.csv"
    )
    staged = staging(YEARLY, body)
    assert staged.quarantined == 0
    assert sum(staged.rows.values()) + ignored(staged) == records(YEARLY, body)
    found = totals(staging, staged)
    assert found["CHN", dt.date(2025, 1, 1)] == 10505.74
    assert found["CHN", dt.date(2024, 1, 1)] == 10025.008
    assert found["USA", dt.date(2025, 1, 1)] == 4519.79
    assert found["USA", dt.date(2024, 1, 1)] == 4391.02


def test_recorded_ember_monthly(staging, recordings):
    body = recorded(
        recordings, "energy/ember/EXCERPT_2026-09-18_release_generation_monthly_global_CHN_USA.csv"
    )
    staged = staging(MONTHLY, body)
    assert staged.quarantined == 0
    found = totals(staging, staged)
    assert found["CHN", dt.date(2026, 8, 1)] == 1021.987
    assert found["USA", dt.date(2026, 8, 1)] == 465.153
    for country, total in (("CHN", 7149.939), ("USA", 3160.718)):
        assert sum(
            twh for (code, period), twh in found.items() if code == country and period.year == 2026
        ) == pytest.approx(total, abs=0.0005)
    assert sum(
        twh for (code, period), twh in found.items() if code == "CHN" and period.year == 2025
    ) == pytest.approx(10389.228, abs=0.0005)


def test_recorded_owid_chart(staging, recordings):
    body = recorded(recordings, "energy/owid_grapher/2026-05-06_electricity-generation_shortnames.csv")
    staged = staging(OWID, body)
    assert staged.quarantined == 0
    assert sum(staged.rows.values()) + ignored(staged) == records(OWID, body)
    found = totals(staging, staged)
    known = {
        2000: (1355.60, 3802.10),
        2009: (3714.64, 3939.82),
        2010: (4207.16, 4113.94),
        2019: (7503.43, 4158.38),
        2025: (10583.36, 4519.79),
    }
    for year, (china, usa) in known.items():
        assert found["CHN", dt.date(year, 1, 1)] == pytest.approx(china, abs=0.005)
        assert found["USA", dt.date(year, 1, 1)] == pytest.approx(usa, abs=0.005)
    crossed = [
        period.year
        for (code, period), twh in sorted(found.items())
        if code == "CHN" and period.year >= 2000 and twh >= found["USA", period]
    ]
    assert crossed == list(range(2010, 2026))


def test_recorded_owid_chart_with_long_names(staging, recordings):
    """The earlier header, in a download filtered to one country."""
    staged = staging(
        OWID, recorded(recordings, "energy/owid_grapher/2024-07-06_electricity-generation_usa-only.csv")
    )
    assert staged.quarantined == 0
    assert {code for code, _ in totals(staging, staged)} == {"USA"}
    assert totals(staging, staged)["USA", dt.date(1985, 1, 1)] == pytest.approx(2657.1501)


MIX_FIGURES = {
    "2020-09-09": (
        38,
        {
            ("CHN", 2000): 1355.60,
            ("CHN", 2010): 4207.16,
            ("CHN", 2019): 7503.43,
            ("USA", 2010): 4394.25,
            ("USA", 2019): 4401.30,
        },
    ),
    "2021-03-31": (
        43,
        {
            ("CHN", 2010): 4225.47,
            ("CHN", 2019): 7326.70,
            ("CHN", 2020): 7623.70,
            ("USA", 2010): 4125.06,
            ("USA", 2019): 4161.83,
        },
    ),
    "2022-03-30": (
        48,
        {
            ("CHN", 2010): 4225.47,
            ("CHN", 2019): 7326.70,
            ("CHN", 2020): 7623.70,
            ("USA", 2010): 4125.06,
            ("USA", 2019): 4161.83,
        },
    ),
    "2022-04-08": (
        49,
        {
            ("CHN", 2010): 4187.31,
            ("CHN", 2019): 7456.21,
            ("CHN", 2020): 7727.44,
            ("USA", 2010): 4111.33,
            ("USA", 2019): 4155.98,
        },
    ),
}


@pytest.mark.parametrize("vintage", MIX_FIGURES)
def test_recorded_owid_mix(staging, recordings, vintage):
    body = recorded(recordings, f"energy/owid_electricity_mix/{vintage}_electricity_mix_bp_ember.csv")
    columns, figures = MIX_FIGURES[vintage]
    assert len(next(csv.reader(io.StringIO(body.decode("utf-8-sig"))))) == columns
    staged = staging(MIX, body)
    assert staged.quarantined == 0
    assert sum(staged.rows.values()) + ignored(staged) == records(MIX, body)
    found = totals(staging, staged)
    assert {key: round(found[key[0], dt.date(key[1], 1, 1)], 2) for key in figures} == figures


def test_recorded_eia(staging, recordings):
    body = recorded(recordings, "energy/eia_api/2026-09-29_electric-power-operational-data_US_monthly.json")
    staged = staging(EIA, body)
    assert staged.quarantined == 0
    assert records(EIA, body) == 39
    assert sum(staged.rows.values()) == 3
    assert ignored(staged) == 36
    assert totals(staging, staged)["USA", dt.date(2026, 7, 1)] == pytest.approx(453.74439758)


@pytest.mark.parametrize(
    ("name", "rows", "figures"),
    [
        ("eci_scores_2025-12-19.csv", None, {"Gemini 3 Pro": 153.99290428017454, "GPT-5": 150.0}),
        ("eci_scores_2026-08-11.csv", 222, {"Kimi K3": 157.01, "GPT-5.6 Sol": 161.65, "GPT-5": 150.0}),
    ],
)
def test_recorded_eci_scores(staging, recordings, name, rows, figures):
    body = recorded(recordings, f"leaderboards/epoch_eci/{name}")
    staged = staging(ECI, body)
    assert staged.quarantined == 0
    assert staged.rows["capability_score"] + ignored(staged) == records(ECI, body)
    assert rows in (None, staged.rows["capability_score"])
    found = dict(staging.rows(staged, "SELECT model, eci FROM rows"))
    assert {model: found[model] for model in figures} == pytest.approx(figures, abs=0.005)
    [(low, high)] = staging.rows(staged, "SELECT eci_low, eci_high FROM rows WHERE model = 'GPT-5'")
    assert (low, high) == (None, None)


def test_recorded_eci_benchmarks(staging, recordings):
    body = recorded(recordings, "leaderboards/epoch_eci/eci_benchmarks_2026-08-11.csv")
    staged = staging(INPUTS, body)
    assert staged.quarantined == 0
    assert ignored(staged) == 0
    assert staged.rows["capability_input"] == records(INPUTS, body) == 2249
    counted = (
        "count(*), count(DISTINCT model), count(DISTINCT benchmark), count(DISTINCT (model, benchmark)),"
        " min(performance), max(performance)"
    )
    assert staging.rows(staged, f"SELECT {counted} FROM rows") == [(2249, 222, 57, 2249, 0.0, 1.0)]
    assert staging.rows(staged, "SELECT min(n) FROM (SELECT count(*) AS n FROM rows GROUP BY model)") == [
        (4,)
    ]
    [row] = staging.rows(
        staged,
        "SELECT performance, released_on, benchmark_released_on, reported_by FROM rows WHERE model = 'GPT-5'"
        " AND benchmark = 'ARC-AGI'",
    )
    assert row[:2] == (0.657, dt.date(2025, 8, 7))
    blank = "count(*) FILTER (benchmark_released_on IS NULL), count(*) FILTER (reported_by IS NULL)"
    assert staging.rows(staged, f"SELECT {blank} FROM rows") == [(736, 334)]


def test_recorded_benchmark_zip(staging, recordings):
    """The member of the recorded zip, packed again; versions of one model share its score."""
    member = recorded(recordings, "leaderboards/epoch_benchmark_data_2026-03-09/epoch_capabilities_index.csv")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("epoch_capabilities_index.csv", member)
        archive.writestr("README.md", b"other members do not matter")
    staged = staging(ZIP, packed.getvalue())
    assert staged.quarantined == 0
    found = staging.rows(
        staged, "SELECT model, max(eci), min(eci) FROM rows WHERE eci IS NOT NULL GROUP BY model"
    )
    assert all(most == least for _, most, least in found)
    scores = {model: most for model, most, _ in found}
    assert scores["Kimi K2.5"] == pytest.approx(147.7, abs=0.05)
    assert scores["GPT-5"] == pytest.approx(150, abs=0.005)
    [(usa,)] = staging.rows(staged, "SELECT max(eci) FROM rows WHERE contains(country, 'United States')")
    assert usa - scores["Kimi K2.5"] == pytest.approx(6.5, abs=0.1)
    names = {model for (model,) in staging.rows(staged, "SELECT DISTINCT model FROM rows")}
    assert "GPT-5.3 Codex" in names, "printed with a line end behind it"


@pytest.mark.parametrize("source", [YEARLY, MONTHLY, OWID, ECI, INPUTS])
def test_header_alone_is_an_empty_document(staging, source):
    staged = staging(source, good(source).splitlines(keepends=True)[0])
    assert staged.drift is None
    assert sum(staged.rows.values()) == 0


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{",
        b'{"response": {"total": "2", "dateFormat": "YYYY-MM", "frequency": "monthly", "data": []}}',
        b'"text"',
        b"null",
    ],
)
def test_eia_refuses_what_it_does_not_know(staging, body):
    """Each names the document; a page that holds fewer rows than it announces is a cut page."""
    staged = staging(EIA, body)
    assert staged.drift
    assert staged.drift.startswith(f"{EIA} document ")
    assert "Error" not in staged.drift.split(": ")[1]


def test_eia_marks_for_missing_values(staging):
    """What says that there is no value is ignored by name; "w", withheld, is a row that cannot be read."""
    for mark in (b'"--"', b'"NA"', b"null"):
        staged = staging(EIA, good(EIA).replace(b'"354690.52571"', mark).replace(b'"399671.28516"', b'"w"'))
        assert staged.rows["electricity_generation"] == 1
        assert staged.ignored["electricity_generation"]["no value printed"] == 1
        assert staging.rows(staged, "SELECT reason FROM quarantine") == [("twh: w is not a number",)]


def test_partial_release_date_is_set_aside(staging):
    staged = staging(ECI, good(ECI).replace(b"2023-06-01", b"2023"))
    [(locator, reason)] = staging.rows(staged, "SELECT locator, reason FROM quarantine")
    assert locator == "record 3, column eci"
    assert reason == "released_on: 2023 is not a DATE"
