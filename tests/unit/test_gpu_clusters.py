"""Epoch AI's GPU clusters: rows without a key, planned and anonymised systems, and the shares of the
indicator."""

from __future__ import annotations

import csv
import datetime as dt
import io

import evaluating
import pytest
from conftest import SOURCES, good

from warehouse.staging import source_state

SOURCE, DATASET, INDICATOR = "epoch_gpu_clusters", "compute_cluster", "compute_clusters"
RECORDED = "compute/gpu_clusters/gpu_clusters_2025-11-16.csv"
MAY = "SELECT usa, chn, gap, low, high, coverage, len(inputs) FROM evaluated WHERE statistic = 'May 2025'"


def recorded(recordings, name: str = RECORDED) -> bytes:
    path = recordings / name
    if not path.exists():
        pytest.skip(f"the recording {name} is not in the folder")
    return path.read_bytes()


def table(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


def packed(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def changed(column: str, value: str, **where: str) -> bytes:
    """The good document with ``value`` in every row that has what ``where`` says."""
    rows = table(good(SOURCE))
    touched = [
        row for row in rows if all(row[name.replace("_", " ")] == wanted for name, wanted in where.items())
    ]
    assert touched
    for row in touched:
        row[column] = value
    return packed(rows)


def value_at(body: bytes, locator: str) -> float:
    number, column = locator.removeprefix("record ").split(", column ")
    return float(table(body)[int(number) - 1][column])


def keys(staging, body: bytes) -> list[tuple[str, str]]:
    return staging.rows(staging(SOURCE, body), "SELECT name, which FROM rows ORDER BY ALL")


def test_locators_lead_back(staging):
    found = staging.rows(
        staging(SOURCE, good(SOURCE)), "SELECT locator, h100e FROM rows WHERE h100e IS NOT NULL"
    )
    assert len(found) == 19
    assert all(value_at(good(SOURCE), locator) == value for locator, value in found)


def test_recorded_clusters(staging, recordings):
    staged = staging(SOURCE, recorded(recordings))
    assert (staged.rows, staged.quarantined, staged.ignored) == ({DATASET: 786}, 0, {DATASET: {}})
    counted = (
        "count(*), count(DISTINCT (name, which)), count(DISTINCT name), count(*) FILTER (which = ''),"
        " count(*) FILTER (status = 'Planned')"
    )
    assert staging.rows(staged, f"SELECT {counted} FROM rows") == [(786, 786, 530, 529, 171)]
    assert staging.rows(staged, "SELECT count(*) FROM rows WHERE name = 'Anonymized Chinese System'") == [
        (257,)
    ]


def test_recorded_shares(staging, recordings):
    """May 2025 as the publisher says it, and the range of the other rules."""
    con = evaluating.over(INDICATOR, DATASET, [staging(SOURCE, recorded(recordings))])
    [(usa, chn, gap, low, high, coverage, counted)] = con.execute(MAY).fetchall()
    assert (usa, chn, counted) == (pytest.approx(74.798, abs=0.001), pytest.approx(15.346, abs=0.001), 423)
    assert gap == pytest.approx(usa - chn)
    assert (low, high) == (
        pytest.approx(68.947 - 21.934, abs=0.001),
        pytest.approx(79.418 - 8.668, abs=0.001),
    )
    assert coverage == pytest.approx(0.942, abs=0.001)
    [(last,)] = con.execute("SELECT max(period) FROM series").fetchall()
    assert last == dt.date(2025, 7, 1), "no trend is drawn past the newest cluster"
    assert evaluating.failed(con, INDICATOR) == set()


def test_recorded_keys_outlive_corrections(staging, recordings):
    """Corrected measures and another order of the file leave every cluster the one it was."""
    body = recorded(recordings)
    rows = table(body)
    for number, row in enumerate(rows):
        if row["Power Capacity (MW)"] and number % 20 == 0:
            row["Power Capacity (MW)"] = str(float(row["Power Capacity (MW)"]) * 2)
    assert keys(staging, packed(rows[::-1])) == keys(staging, body)


def test_file_saved_again_by_a_spreadsheet_is_refused(asked, recordings):
    body = recorded(recordings, "compute/gpu_clusters/gpu_clusters_2025-12-14_excel.csv")
    for content, says in (
        (body, "standard is 'TRUE'"),
        (body.replace(b"TRUE", b"True"), "is a spreadsheet's"),
    ):
        seen = asked(SOURCE, content)
        assert seen.outcome == "failed"
        assert "few records are unreadable" in seen.message
        assert says in seen.message


def test_a_spreadsheets_date_alone_is_set_aside(staging):
    body = changed("First Operational Date", "2/18/2025", Name="xAI Colossus Memphis Phase 2")
    [(reason,)] = staging.rows(staging(SOURCE, body), "SELECT reason FROM quarantine")
    assert "the date '2/18/2025' is a spreadsheet's" in reason


def test_anonymised_rows_are_told_apart(staging):
    found = keys(staging, good(SOURCE))
    assert len(set(found)) == len(found)
    assert ("Anonymized Chinese System", "Existing | 2024-11-15 | China | Private | 1") in found
    assert ("Meta 100k", "") in found


def test_a_corrected_measure_is_a_revision(staging):
    """H100 equivalents, power and owner may change: the key does not."""
    for column, value in (
        ("H100 equivalents", "31000"),
        ("Power Capacity (MW)", "77"),
        ("Owner", "someone else"),
    ):
        body = changed(column, value, Name="Anonymized Chinese System", Country="China")
        assert keys(staging, body) == keys(staging, good(SOURCE)), column


def test_rows_wholly_alike_are_numbered(staging):
    rows = table(good(SOURCE))
    twin = next(row for row in rows if row["Name"] == "Anonymized Chinese System")
    found = [
        which
        for name, which in keys(staging, packed([*rows, twin, twin]))
        if name == twin["Name"] and "2024-12-15" in which
    ]
    assert [which.rsplit(" ", 1)[1] for which in found] == ["1", "2", "3"]


def test_planned_clusters_count_nowhere(staging):
    """Not in the shares, and a planned day does not make the source look fresh."""
    planned = staging(SOURCE, changed("First Operational Date", "2031-01-01", Status="Planned"))
    assert planned.newest_period == "2025-07-22"
    assert staging.rows(
        planned, "SELECT DISTINCT operational_on, planned_on FROM rows WHERE status = 'Planned'"
    ) == [(None, dt.date(2031, 1, 1))]
    plain = evaluating.over(INDICATOR, DATASET, [staging(SOURCE, good(SOURCE))])
    con = evaluating.over(INDICATOR, DATASET, [planned])
    assert (
        con.execute("SELECT period, gap FROM series ORDER BY 1").fetchall()
        == plain.execute("SELECT period, gap FROM series ORDER BY 1").fetchall()
    )


def test_shares_of_the_sample(staging):
    """Counted by hand: 400,000 of 523,011 H100 equivalents in the United States, 80,000 in China; Hong Kong
    is neither."""
    con = evaluating.over(INDICATOR, DATASET, [staging(SOURCE, good(SOURCE))])
    [(usa, chn, gap, low, high, coverage, counted)] = con.execute(MAY).fetchall()
    total = 400000 + 80000 + 400 + 16384 + 10752 + 8000 + 7475.37
    assert (usa, chn, gap) == (
        pytest.approx(100 * 400000 / total),
        pytest.approx(100 * 80000 / total),
        pytest.approx(100 * 320000 / total),
    )
    assert low <= gap <= high
    assert coverage == pytest.approx(total / (total + 16384 + 242.16))
    assert counted == 12
    assert evaluating.failed(con, INDICATOR) == set()


def test_a_month_past_the_newest_cluster_is_caught(staging):
    con = evaluating.over(INDICATOR, DATASET, [staging(SOURCE, good(SOURCE))])
    con.execute(
        "INSERT INTO series SELECT * REPLACE (DATE '2025-12-01' AS period, 5 AS low) FROM series"
        " WHERE period = DATE '2025-07-01'"
    )
    con.execute("UPDATE series SET high = gap - 1 WHERE period = DATE '2025-06-01'")
    broken = {
        "the series ends with the newest cluster",
        "no month is left out",
        "the value lies within those of the four rules",
    }
    assert evaluating.failed(con, INDICATOR) == broken


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (good(SOURCE).replace(b"H100 equivalents", b"H100e", 1), "missing: 'H100 equivalents'"),
        (good(SOURCE)[:-20], "cut off"),
    ],
    ids=["renamed column", "truncated"],
)
def test_what_the_parser_does_not_know_is_refused(asked, body, told):
    seen = asked(SOURCE, body)
    assert seen.outcome == "drift"
    assert told in seen.message


@pytest.mark.parametrize(("status", "told"), [("Cancelled", "status is 'Cancelled'"), ("", "status is None")])
def test_a_status_that_is_not_known_is_set_aside(staging, status, told):
    staged = staging(SOURCE, changed("Status", status, Name="Meta 100k"))
    [(reason, raw)] = staging.rows(staged, "SELECT reason, raw FROM quarantine")
    assert told in reason
    assert "Meta 100k" in raw


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (good(SOURCE).replace(b"United States of America", b"United States"), "both countries are there"),
        (
            changed("First Operational Date", "2099-07-22", Name="Meta 100k"),
            "no cluster begins to operate after it was known",
        ),
        (changed("H100 equivalents", "9000000", Name="Meta 100k"), "0.01 to 5 million"),
        (good(SOURCE).replace(b"e+19,", b"e+22,"), "16-bit performance fits"),
        (changed("Country", "", Status="Existing", Sector="Private"), "lack a country"),
    ],
    ids=["country renamed", "in the future", "too large", "another unit", "countries gone"],
)
def test_what_cannot_be_is_kept_back(asked, body, told):
    seen = asked(SOURCE, body)
    assert seen.outcome == "failed"
    assert told in seen.message


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (packed(table(good(SOURCE))[:9]), "not smaller than 95 %"),
        (changed("H100 equivalents", "200000", Name="Meta 100k"), "shares of May 2025 move"),
        (changed("Name", "Another", Owner="Meta AI"), "still there"),
    ],
    ids=["half gone", "share moved", "renamed"],
)
def test_what_differs_too_much_from_before_is_kept_back(asked, body, told):
    assert asked(SOURCE, good(SOURCE)).outcome == "new"
    seen = asked(SOURCE, body)
    assert seen.outcome == "failed"
    assert told in seen.message


def test_it_is_frozen_once_its_newest_cluster_is_old(asked):
    seen = asked(SOURCE, good(SOURCE))
    assert seen.outcome == "new"
    state = source_state.of_source(
        SOURCES[SOURCE], [seen.vintage], {}, dt.datetime(2026, 9, 23, tzinfo=dt.UTC)
    )
    assert (state.state, state.stale) == ("frozen", True)
    assert "2025-07-22" in state.reason
