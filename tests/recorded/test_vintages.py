"""Recorded releases of several vintages through HTTP: the figures, and each earlier answer again through
as_of."""

from __future__ import annotations

import json
import zipfile
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import SOURCES, good_answer
from loopback import Publisher
from releasing import release_what_is_there
from running import Gapwatch

from warehouse.store.paths import Layout

ECI = "leaderboards/epoch_eci"
ENERGY = "energy"
MIX = ("2020-09-09", "2021-03-31", "2022-03-30", "2022-04-08")


def zipped(folder: Path) -> bytes:
    import io

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return packed.getvalue()


@pytest.fixture(scope="module")
def nights(tmp_path_factory, recordings, warm):
    """Three nights of recorded releases; after each, what every indicator said and the moment just after."""
    server = Publisher()
    run = Gapwatch(tmp_path_factory.mktemp("vintages"), server.address, warm)
    for day in MIX:
        file = recordings / ENERGY / "owid_electricity_mix" / f"{day}_electricity_mix_bp_ember.csv"
        added = run("backfill", "owid_electricity_mix", str(file), "--published-at", day)
        assert added.returncode == 0, added.stderr

    def serve(source: str, body: bytes) -> None:
        server.serve(SOURCES[source].url, good_answer(source, body))

    eci = [(recordings / ECI / f"eci_scores_{day}.csv").read_bytes() for day in ("2025-12-19", "2026-08-11")]
    steps = [
        {
            "epoch_eci_scores": eci[0],
            "owid_electricity_generation": (
                recordings / ENERGY / "owid_grapher/2026-05-06_electricity-generation_shortnames.csv"
            ).read_bytes(),
        },
        {"epoch_benchmark_data": zipped(recordings / "leaderboards/epoch_benchmark_data_2026-03-09")},
        {
            "epoch_eci_scores": eci[1],
            "epoch_eci_benchmarks": (recordings / ECI / "eci_benchmarks_2026-08-11.csv").read_bytes(),
            "ember_generation_yearly": next(
                (recordings / ENERGY / "ember").glob("*2026-09-22*yearly*")
            ).read_bytes(),
            "ember_generation_monthly": next(
                (recordings / ENERGY / "ember").glob("*2026-09-18*monthly*")
            ).read_bytes(),
            "eia_us_generation": next((recordings / ENERGY / "eia_api").glob("*.json")).read_bytes(),
        },
    ]
    told = []
    for documents in steps:
        for source, body in documents.items():
            serve(source, body)
        done = run.refresh(*(word for source in documents for word in ("--source", source)))
        assert done.returncode == 0, done.stdout + done.stderr
        (moment,) = run.query("SELECT max(known_from) FROM document")[0]
        told.append((moment, said(run), headline(run)))
    yield run, told
    server.close()


def said(run: Gapwatch, as_of: object = None) -> list[tuple]:
    with run.published() as con:
        if as_of is not None:
            con.execute(f"SET VARIABLE as_of = TIMESTAMP '{as_of}'")
        return con.execute("SELECT * FROM indicator_value ORDER BY indicator, period").fetchall()


def headline(run: Gapwatch, as_of: object = None) -> dict[tuple, float]:
    with run.published() as con:
        if as_of is not None:
            con.execute(f"SET VARIABLE as_of = TIMESTAMP '{as_of}'")
        rows = con.execute('SELECT indicator, statistic, "value" FROM indicator_headline').fetchall()
        return {(name, statistic): value for name, statistic, value in rows}


@pytest.mark.parametrize(
    ("night", "least", "most", "points"),
    # The series ends on the day a document was known, here today: mean and current are checked with
    # backfilled dates below.
    [(0, 1.1, 13.8, 8.7), (1, 1.1, 13.8, 6.5), (2, 1.5, 14.8, 4.6)],
)
def test_three_vintages_of_the_index_over_http(nights, night, least, most, points):
    found = nights[1][night][2]
    assert found["capability_lag", "min"] == pytest.approx(least, abs=0.1)
    assert found["capability_points", "current"] == pytest.approx(points, abs=0.1)
    assert found["capability_lag", "max"] >= most - 0.1


def test_as_of_gives_each_earlier_answer_exactly(nights):
    run, told = nights
    for moment, values, statistics in told:
        assert said(run, moment) == values
        assert headline(run, moment) == statistics


def test_crossover_and_newest_ratio(nights):
    run, _ = nights
    crossover = (
        "SELECT min(year(period)) FROM indicator_value WHERE indicator = 'energy_generation'"
        " AND leader = 'CHN'"
    )
    assert run.query(crossover) == [(2010,)]
    newest = run.query("SELECT usa, chn, gap FROM indicator_latest WHERE indicator = 'energy_generation'")[0]
    assert newest == pytest.approx((4519.79, 10505.74, 2.324), abs=0.001)
    month = run.query(
        "SELECT usa, chn, gap FROM indicator_latest WHERE indicator = 'energy_generation_monthly'"
    )[0]
    assert month == pytest.approx((465.153, 1021.987, 2.197), abs=0.001)
    with run.published() as con:
        answers = {}
        for day in MIX:
            con.execute(f"SET VARIABLE as_of = DATE '{day}'")
            answers[day] = con.execute(crossover).fetchone()[0]
    assert answers == {"2020-09-09": 2011, "2021-03-31": 2010, "2022-03-30": 2010, "2022-04-08": 2010}


def test_change_of_source_is_a_break(nights):
    found = nights[0].query(
        "SELECT period::VARCHAR, side, detail FROM break WHERE indicator = 'energy_generation' ORDER BY ALL"
    )
    assert found == [
        ("2024-01-01", side, "owid_electricity_generation → ember_generation_yearly")
        for side in ("CHN", "USA")
    ]


def test_as_of_takes_dates_texts_and_moments_with_a_zone(nights):
    run, _ = nights
    with run.published() as con:
        counted = []
        for value in (
            "DATE '2021-12-31'",
            "'2021-12-31'",
            "TIMESTAMP '2021-12-31'",
            "TIMESTAMPTZ '2021-12-31 08:00:00+08'",
        ):
            con.execute("SET TimeZone = 'America/Los_Angeles'")  # the reader's own zone must not matter
            con.execute(f"SET VARIABLE as_of = {value}")
            counted.append(
                con.execute(
                    "SELECT count(*), sum(twh::DECIMAL(18, 6)) FROM electricity_generation"
                ).fetchone()
            )
        con.execute("RESET VARIABLE as_of")
        now = con.execute("SELECT count(*) FROM electricity_generation").fetchone()
    assert len(set(counted)) == 1
    assert now[0] > counted[0][0] > 0


def test_second_refresh_with_nothing_new_changes_nothing(nights):
    run, _ = nights
    before, documents = (run.data / "gapwatch.duckdb").read_bytes(), len(run.ledger("document"))
    served = sorted({entry["source"] for entry in run.ledger("document") if entry["origin"] == "fetched"})
    done = run.refresh(*(word for source in served for word in ("--source", source)))
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("unchanged") == len(served), done.stdout
    assert (run.data / "gapwatch.duckdb").read_bytes() == before
    assert len(run.ledger("document")) == documents


def test_every_input_leads_to_an_archived_document(nights):
    run, _ = nights
    inputs = run.query(
        """SELECT DISTINCT input.document, input.source
        FROM (SELECT unnest(inputs) AS input FROM indicator_value)
        ANTI JOIN document ON document.document = input.document AND document.source = input.source
        AND document.status = 'accepted'"""
    )
    assert inputs == []
    for (sha256,) in run.query("SELECT DISTINCT document FROM document"):
        assert (run.data / "archive" / sha256[:2] / sha256).exists()


@pytest.fixture(scope="module")
def backfilled(tmp_path_factory, recordings, warm):
    """The recorded vintages of the index, each known from its own publication date."""
    run = Gapwatch(tmp_path_factory.mktemp("backfilled"), "http://127.0.0.1:9", warm)
    packed = run.home / "benchmark_data.zip"
    packed.write_bytes(zipped(recordings / "leaderboards/epoch_benchmark_data_2026-03-09"))
    for source, file, day in (
        # order of arrival does not matter
        ("epoch_eci_scores", recordings / ECI / "eci_scores_2026-08-11.csv", "2026-08-11"),
        ("epoch_benchmark_data", packed, "2026-03-09"),
        ("epoch_eci_scores", recordings / ECI / "eci_scores_2025-12-19.csv", "2026-01-02"),
    ):
        assert run("backfill", source, str(file), "--published-at", day).returncode == 0
    release_what_is_there(Layout(run.data))
    return run


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-01-02", (6.2, 1.1, 13.8, 8.6, 8.7)),
        ("2026-03-09", (6.2, 1.1, 13.8, 7.0, 6.5)),
        ("2026-08-11", (7.1, 1.5, 14.8, 5.2, 4.6)),
    ],
)
def test_lag_of_each_vintage(backfilled, day, expected):
    found = headline(backfilled, day)
    lag = tuple(found["capability_lag", statistic] for statistic in ("mean", "min", "max", "current"))
    assert (*lag, found["capability_points", "current"]) == pytest.approx(expected, abs=0.1)


def test_bounds_of_the_lag(backfilled):
    rows = {
        statistic: (low, high)
        for statistic, low, high in backfilled.query(
            "SELECT statistic, low, high FROM indicator_headline WHERE indicator = 'capability_lag'"
        )
    }
    assert rows["mean"] == pytest.approx((5.1, 9.2), abs=0.3)
    assert rows["current"] == pytest.approx((3.6, 6.1), abs=0.3)
    with backfilled.published() as con:
        con.execute("SET VARIABLE as_of = DATE '2026-03-09'")
        unknown = con.execute(
            "SELECT count(*) FROM indicator_value WHERE indicator = 'capability_lag'"
            " AND (low IS NOT NULL OR high IS NOT NULL)"
        )
        assert unknown.fetchone() == (0,), "a vintage without intervals has no bounds"


def test_claims_by_vintage(backfilled):
    with backfilled.published() as con:
        verdicts = []
        for day in ("2026-01-02", "2026-08-11"):
            con.execute(f"SET VARIABLE as_of = DATE '{day}'")
            verdicts.append(dict(con.execute("SELECT claim, verdict FROM claim").fetchall()))
    assert [verdict["no_chinese_model_passed_o3"] for verdict in verdicts] == ["holds", "fails"]
    assert verdicts[1]["china_trails_by_seven_months"] == "holds"
    assert verdicts[0]["china_generates_more_since_2010"] == "undetermined"


def told(run: Gapwatch, *arguments: str) -> dict[str, dict]:
    """What `gapwatch why --json` says, by what is questioned; the parts of each sum to its change without
    rounding."""
    done = run("why", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    changes = {change["what"]: change for change in json.loads(done.stdout)["changes"]}
    for change in changes.values():
        assert sum(Fraction(part["effect"]["exact"]) for part in change["parts"]) == Fraction(
            change["change"]["exact"]
        )
        assert Fraction(change["after"]) - Fraction(change["before"]) == Fraction(change["change"]["exact"])
        assert "code" not in {name for part in change["parts"] for name in part["components"]}, (
            "all that decides is kept"
        )
    return changes


def moving(change: dict) -> dict[tuple[str, ...], float]:
    return {
        tuple(part["components"]): part["effect"]["value"]
        for part in change["parts"]
        if part["effect"]["value"]
    }


def test_why_the_crossover_moved(nights):
    """Our World in Data revised 2010 for both countries, by which China is ahead a year earlier."""
    changes = told(nights[0], "energy_generation", "--as-of", MIX[0], "--as-of", MIX[1])
    crossover = changes["first year in which CHN leads"]
    assert (crossover["before"], crossover["after"]) == (2011, 2010)
    assert moving(crossover) == {("numbers",): -1}
    rows = {
        (row["key"]["country"], row["key"]["period"]): row
        for part in crossover["parts"]
        for row in part["rows"]
    }
    sides = {
        country: [rows[country, "2010-01-01"][side]["twh"] for side in ("before", "after")]
        for country in ("USA", "CHN")
    }
    moved = {country: tuple(round(twh, 2) for twh in numbers) for country, numbers in sides.items()}
    assert moved == {"USA": (4394.25, 4125.06), "CHN": (4207.16, 4225.47)}
    assert rows["USA", "2010-01-01"]["effect"]["value"] == -1
    assert {row["key"]["source"] for row in rows.values()} == {"owid_electricity_mix"}


def test_a_source_that_joins_is_no_revision(nights):
    run, _ = nights
    releases = [entry["release"] for entry in run.ledger("release")]
    changes = told(run, "energy_generation", "--from", releases[1], "--to", releases[2])
    newest = changes["2025-01-01"]
    assert (round(newest["before"], 3), round(newest["after"], 3)) == (2.342, 2.324)
    assert set(moving(newest)) == {("source",)}
    [part] = [part for part in newest["parts"] if part["components"] == ["source"]]
    assert {(row["key"]["source"], row["key"]["country"]) for row in part["rows"]} >= {
        ("ember_generation_yearly", "CHN")
    }
    shown = run("why", "energy_generation", "--from", releases[1], "--to", releases[2]).stdout
    assert "change of source" in shown
    assert "revisions" not in shown.split("2025-01-01")[1].split("no effect")[0]


def test_why_the_lag_moved(backfilled):
    [mean] = told(
        backfilled, "capability_lag", "--as-of", "2026-01-02", "--as-of", "2026-08-11", "--statistic", "mean"
    ).values()
    assert (mean["before"], mean["after"]) == pytest.approx((6.2, 7.1), abs=0.1)
    parts = moving(mean)
    assert {("dates",), ("numbers",), ("new",)} <= set(parts)
    gone = {
        name: part
        for part in mean["parts"]
        for name in part["components"]
        if name in ("renamed", "withdrawn")
    }
    assert (gone["renamed"]["effect"]["value"], gone["renamed"]["in_reverse_order"]["value"]) == (0, 0)
    assert {"model": "DeepSeek-V2 (MoE-236B)"} in [row["formerly"] for row in gone["renamed"]["rows"]]
    assert (
        gone["withdrawn"]["effect"]["value"],
        gone["withdrawn"]["in_reverse_order"]["value"],
    ) == pytest.approx((0, -0.42), abs=0.01)
    assert gone["withdrawn"]["rows"][0]["key"]["model"] == "Gemini 1.5 Pro", "it was split in two"
    named = {
        row["key"]["model"]: row
        for part in mean["parts"]
        if part["components"] == ["dates"]
        for row in part["rows"]
    }
    assert named
    assert all(row["before"]["released_on"] != row["after"]["released_on"] for row in named.values())
