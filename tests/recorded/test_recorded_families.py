"""Recorded releases of revenue, compute and leaderboards, served over HTTP or backfilled, as they are
published: the figures of every indicator, its bounds, breaks and events, and what was known before."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import good_answer, serve_good
from loopback import Publisher
from running import Gapwatch
from tracing import every_input

SEC = "https://www.sec.gov/Archives/edgar/data"
TABLES = ("cumulative_by_designer", "cumulative_by_chip_type", "quarters_by_chip_type")
OWNERS, OWNED = "https://epoch.ai/data/ai_chip_owners_", "compute/ai_chip_owners_2026-07-20/"
ASKED = (
    *("alibaba_filings", "alibaba_results", "ecb_exchange_rates", "federal_register_rules"),
    *("epoch_chip_owners", "epoch_company_revenue", "epoch_gpu_clusters", "epoch_ml_hardware"),
    *("sec_companyfacts", "sec_segment_revenue", "sec_submissions"),
)
RECORDED = {
    **{("epoch_chip_owners", f"{OWNERS}{name}.csv"): f"{OWNED}{name}.csv" for name in TABLES},
    (
        "epoch_gpu_clusters",
        "https://epoch.ai/data/gpu_clusters.csv",
    ): "compute/gpu_clusters/gpu_clusters_2025-11-16.csv",
    (
        "epoch_ml_hardware",
        "https://epoch.ai/data/ml_hardware.csv",
    ): "compute/ml_hardware/ml_hardware_2025-12-14.csv",
    (
        "epoch_company_revenue",
        "https://epoch.ai/data/ai_companies_revenue_reports.csv",
    ): "revenue/epoch_ai_companies/2026-01-16/ai_companies_revenue_reports.csv",
    (
        "sec_companyfacts",
        "https://data.sec.gov/api/xbrl/companyfacts/CIK0001652044.json",
    ): "revenue/sec_companyfacts/2026-07-09_CIK0001652044.json",
    (
        "sec_segment_revenue",
        f"{SEC}/1018724/000101872425000004/amzn-20241231.htm",
    ): "revenue/sec_filings/amzn-10-k-2025-02-07.html",
    (
        "sec_segment_revenue",
        f"{SEC}/1652044/000165204425000014/goog-20241231.htm",
    ): "revenue/sec_filings/googl-10-k-2025-02-05.html",
}
LISTS = {"2019-06": "TOP500_201906.xls", "2020-11": "TOP500_202011.xlsx", "2023-11": "TOP500_202311.xlsx", "2024-11": "TOP500_202411.xlsx",  # noqa: E501
         "2025-06": "TOP500_202506.csv"}  # fmt: skip


@pytest.fixture(scope="module")
def published(tmp_path_factory, recordings, warm):
    """One data directory with all of it."""
    server = Publisher()
    serve_good(server)
    for (source, url), name in RECORDED.items():
        server.serve(url, good_answer(source, (recordings / name).read_bytes()))
    run = Gapwatch(tmp_path_factory.mktemp("recorded"), server.address, warm)
    old = [
        ("top500_lists", recordings / "compute/top500" / name, f"{day}-20", "") for day, name in LISTS.items()
    ]
    for path in sorted((recordings / "leaderboards/lmarena_csv").glob("*.csv")):
        if "vision" not in path.name:
            day = re.search(r"\d{4}-\d\d-\d\d", path.name)[0]
            old.append(("lmarena_tables", path, day, day))
    for path in sorted((recordings / "leaderboards/lmarena_catalog").glob("leaderboard*_2025-05-24.json")):
        old.append(("lmarena_catalog", path, "2025-05-24", path.stem.removeprefix("leaderboard-")))
    for source, path, day, part in old:
        done = run("backfill", source, str(path), "--published-at", day, *(("--part", part) if part else ()))
        assert done.returncode == 0, (source, path.name, done.stdout, done.stderr)
    done = run.refresh(*(word for source in ASKED for word in ("--source", source)))
    assert done.returncode == 0, done.stdout + done.stderr
    yield run
    server.close()


def value(run: Gapwatch, indicator: str, period: str, series: str = "", as_of: str | None = None) -> tuple:
    with run.published() as con:
        if as_of:
            con.execute(f"SET VARIABLE as_of = TIMESTAMP '{as_of}'")
        found = con.execute(
            "SELECT usa, chn, gap, low, high FROM indicator_value WHERE indicator = ? AND series = ?"
            " AND period = ?::DATE",
            [indicator, series, period],
        ).fetchall()
        assert len(found) == 1, (indicator, series, period, found)
        return found[0]


@pytest.mark.parametrize(
    ("period", "series", "usa", "chn"),
    [
        ("2025-10-01", "", 75.2, 5.5),
        ("2025-10-01", "with_smuggled", 75.2, 8.7),
        ("2024-10-01", "", 70.9, 7.5),
    ],
)
def test_compute_stock(published, period, series, usa, chn):
    found = value(published, "compute_stock", period, series)
    assert found[:2] == pytest.approx((usa, chn), abs=0.1)
    assert found[3] < found[2] < found[4]


def test_an_incomplete_quarter_is_not_published(published):
    assert published.query(
        "SELECT max(period)::VARCHAR FROM indicator_value WHERE indicator = 'compute_stock'"
    ) == [("2025-10-01",)]


def test_compute_clusters(published):
    usa, chn, gap, low, high = value(published, "compute_clusters", "2025-05-01")
    assert (usa, chn) == pytest.approx((74.8, 15.3), abs=0.1)
    assert low < gap < high
    (last,) = published.query(
        "SELECT max(period)::VARCHAR FROM indicator_value WHERE indicator = 'compute_clusters'"
    )[0]
    assert last <= "2025-10-01"
    assert published.query("SELECT stale FROM source WHERE source = 'epoch_gpu_clusters'") == [(True,)]


@pytest.mark.parametrize(
    ("day", "usa", "chn"),
    [
        ("2019-06", 38.5, 29.9),
        ("2020-11", 27.5, 23.3),
        ("2023-11", 53.0, 5.8),
        ("2024-11", 55.3, 2.7),
        ("2025-06", 48.4, 2.0),
    ],
)
def test_compute_top500(published, day, usa, chn):
    assert value(published, "compute_top500", f"{day}-01")[:2] == pytest.approx((usa, chn), abs=0.06)
    newest = "SELECT max(period)::VARCHAR FROM indicator_value WHERE indicator = 'compute_top500'"
    with published.published() as con:  # each list was known from its own day on
        con.execute(f"SET VARIABLE as_of = DATE '{day}-25'")
        assert con.execute(newest).fetchall() == [(f"{day}-01",)]


def test_top500_says_that_china_stopped_reporting(published):
    [(side, kind, detail)] = published.query(
        "SELECT side, kind, detail FROM break WHERE indicator = 'compute_top500' AND series = ''"
    )
    assert (side, kind) == ("CHN", "non-reporting"), detail


def test_chip_supply(published):
    assert value(published, "chip_supply", "2026-01-01", "permitted_ceiling_units")[:3] == pytest.approx(
        (890_000, 910_000, 0.98), rel=0.005
    )
    assert value(published, "chip_supply", "2026-01-01", "permitted_ceiling_h100e")[:3] == pytest.approx(
        (890_000, 556_000, 1.6), rel=0.005
    )
    days = {
        day
        for (day,) in published.query("SELECT event_on::VARCHAR FROM event WHERE topic = 'export controls'")
    }
    assert days >= {"2022-10-07", "2023-10-17", "2026-01-15"}
    assert published.query("SELECT events FROM indicator WHERE indicator = 'chip_supply'") == [
        ("export controls",)
    ]


@pytest.mark.parametrize(
    ("day", "gap"),
    [
        ("2024-06-19", 47),
        ("2024-09-28", 82),
        ("2024-12-31", 58),
        ("2025-03-28", 83),
        ("2025-05-23", 78),
        ("2025-08-04", 36),
    ],
)
def test_arena_gap(published, day, gap):
    assert value(published, "arena_gap", day, "raw")[2] == pytest.approx(gap, abs=0.6)
    assert value(published, "arena_gap", day, "raw", as_of=f"{day} 12:00:00")[2] == pytest.approx(
        gap, abs=0.6
    )


def test_the_shift_of_all_ratings_is_a_break(published):
    breaks = dict(
        published.query(
            """SELECT period::VARCHAR, "break" FROM indicator_value WHERE indicator = 'arena_gap'
                AND series = 'raw' AND "break" IS NOT NULL"""
        )
    )
    assert list(breaks) == ["2025-07-18"], breaks
    assert "19" in breaks["2025-07-18"]


def test_run_rate(published):
    usa, chn, gap, *_ = value(published, "revenue_run_rate", "2025-07-01")
    assert chn == pytest.approx(22.4e9, abs=0.1e9)
    assert usa == 12e9
    assert gap == usa - chn


def test_cloud_revenue(published):
    for year, aws, google in ((2022, 80_096, 26_280), (2023, 90_757, 33_088), (2024, 107_556, 43_229)):
        assert value(published, "cloud_revenue", f"{year}-01-01", "aws")[0] == aws * 1e6
        assert value(published, "cloud_revenue", f"{year}-01-01", "google_cloud")[0] == google * 1e6


def test_alibaba_quarters_add_up(published):
    quarters = published.query(
        """SELECT amount / 1e6 FROM (FROM company_revenue WHERE source = 'alibaba_results'
        AND currency = 'CNY' AND period_end - period_start < 100
        QUALIFY row_number() OVER (PARTITION BY period_end ORDER BY filed_on DESC) = 1)
        WHERE period_end BETWEEN '2024-06-30' AND '2026-03-31' ORDER BY period_end"""
    )
    found = [round(amount) for (amount,) in quarters]
    assert found == [26_549, 29_610, 31_742, 30_127, 33_398, 39_824, 43_284, 41_626]
    assert (sum(found[:4]), sum(found[4:])) == (118_028, 158_132)


def test_talent_origin(published):
    assert value(published, "talent_origin", "2022-01-01", "origin_top")[1] == 47
    assert value(published, "talent_origin", "2025-01-01", "deepseek_only_in_china")[1] == pytest.approx(
        55, abs=0.5
    )


def test_claims(published):
    verdicts = dict(published.query("SELECT claim, verdict FROM claim"))
    assert verdicts["h200_ceiling_is_twice_chinese_production"] == "undetermined"
    held = (
        "alibaba_cloud_22_billion",
        "openai_passed_20_billion_by_january_2026",
        "us_owners_hold_three_quarters",
        "known_clusters_by_country",
    )
    assert {verdicts[name] for name in held} == {"holds"}


def test_every_value_leads_back(published):
    """Every input of every value ever known: the recorded documents hold the number at the place that is
    named."""
    inputs = every_input(published)
    assert {given.source for given in inputs} >= {
        "epoch_gpu_clusters",
        "top500_lists",
        "lmarena_catalog",
        "sec_segment_revenue",
    }
    assert [(given, given.reading) for given in inputs if given.verdict != "stated"] == []


def test_every_indicator_shows(published):
    names = [name for (name,) in published.query("SELECT DISTINCT indicator FROM indicator_value ORDER BY 1")]
    with ThreadPoolExecutor(2) as pool:
        for name, done in zip(names, pool.map(lambda name: published("show", name), names), strict=True):
            assert done.returncode == 0, done.stderr
            assert "bounds:" in done.stdout, name
    assert "non-reporting" in published("show", "compute_top500").stdout
    assert "2022-10-07" in published("show", "chip_supply").stdout
