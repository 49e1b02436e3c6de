"""Bad input that needs a setting of its own: single rows, time that passes, transfers that end too late or
too large."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import pytest
from conftest import SOURCES, good, good_answer, only, serve_good
from loopback import Answer, Publisher

from warehouse.acquire.fetch import Fetcher
from warehouse.acquire.http import Web
from warehouse.store import archive, journal
from warehouse.store.paths import Layout

MONTHLY, OWID, ECI, EIA = (
    "ember_generation_monthly",
    "owid_electricity_generation",
    "epoch_eci_scores",
    "eia_us_generation",
)
MORE = ("AUS", "BRA", "CAN", "DEU", "ESP", "FRA", "GBR", "IND", "JPN", "KEN")
LINE = (
    "{area},{area},2026-{month:02}-01,Country or economy,Total"
    " generation,True,{value},,,,,,,,,,,,False,False,False,False,False\n"
)


def longer(*changes: tuple[bytes, bytes]) -> bytes:
    """The good monthly document with 80 more rows, so that one bad row is less than one in a hundred; then
    ``changes``."""
    more = "".join(
        LINE.format(area=area, month=month, value=10 + month) for area in MORE for month in range(1, 9)
    )
    body = good(MONTHLY) + more.encode()
    for old, new in changes:
        assert body.count(old) == 1, (old, body.count(old))
        body = body.replace(old, new)
    return body


def at_its_place(body: bytes, text: bytes) -> int:
    """Number of the record (from 1) that holds ``text``."""
    return next(number for number, line in enumerate(body.splitlines()) if text in line)


KENYA = b"KEN,KEN,2026-08-01,Country or economy,Total generation,True,18,"
CHINA = b"China,CHN,2026-08-01,Country or economy,Total generation,True,1021.987,"
CHANGED = (
    KENYA.replace(b"-08-", b"-07-").replace(b"18,", b"17,"),
    KENYA.replace(b"-08-", b"-07-").replace(b"18,", b"17.5,"),
)


@pytest.fixture(scope="module")
def longer_night(good_night, tmp_path_factory):
    """A data directory whose monthly document is the longer one."""
    server = Publisher()
    serve_good(server)
    server.serve(SOURCES[MONTHLY].url, good_answer(MONTHLY, longer()))
    run = good_night.copy_to(tmp_path_factory.mktemp("longer"), server.address)
    assert run.refresh().returncode == 0
    server.close()
    return run


@pytest.mark.parametrize("row", [KENYA, CHINA], ids=["Kenya", "China"])
def test_unreadable_row_is_set_aside(longer_night, publisher, tmp_path, row):
    """A word for one number: that row is quarantined, its key keeps its value, all other rows count."""
    run = longer_night.copy_to(tmp_path, publisher.address)
    rows = "SELECT country, period, series, twh FROM electricity_generation WHERE source = ? ORDER BY ALL"
    before = run.query(rows, MONTHLY)
    number = row.split(b",")[-2]
    body = longer((row, row.removesuffix(number + b",") + b"many,"), CHANGED)
    publisher.serve(SOURCES[MONTHLY].url, good_answer(MONTHLY, body))
    done = run.refresh()
    assert done.returncode == 0, done.stdout
    [(locator, reason, raw, document)] = run.query(
        "SELECT locator, reason, raw, document FROM quarantine WHERE source = ?", MONTHLY
    )
    assert document == hashlib.sha256(body).hexdigest()
    assert locator == f"record {at_its_place(body, row.rsplit(b',', 2)[0])}, column Generation (TWh)"
    assert reason == "twh: many is not a number"
    assert json.loads(raw)["twh"] == "many"
    after = run.query(rows, MONTHLY)
    assert len(after) == len(before)
    assert set(after) - set(before) == {("KEN", dt.date(2026, 7, 1), "total", 17.5)}
    [(status, counted)] = run.query("SELECT status, quarantined FROM document WHERE document = ?", document)
    assert (status, counted) == ("accepted", 1)


def test_newest_period_stands_still(gapwatch, publisher):
    """An address that answers 200 with a file that goes no further: frozen, and status asks for a person."""
    old = b"".join(
        line for line in good(OWID).splitlines(keepends=True) if b",201" not in line and b",202" not in line
    )
    publisher.serve(SOURCES[OWID].url, good_answer(OWID, old))
    done = gapwatch.refresh("--source", OWID)
    [(state, stale, reason, newest)] = gapwatch.query(
        "SELECT state, stale, reason, newest_period FROM source WHERE source = ?", OWID
    )
    assert (state, stale, newest) == ("frozen", True, dt.date(2009, 1, 1))
    assert "newest period is still 2009-01-01" in reason
    assert f"frozen {OWID}: its newest period is still 2009-01-01" in done.stdout
    assert gapwatch.query("SELECT state FROM indicator WHERE indicator = 'energy_generation'") == [("stale",)]
    status = gapwatch("status")
    assert status.returncode == 1
    assert "frozen" in status.stdout


@pytest.fixture(scope="module")
def quiet_night(good_night, tmp_path_factory):
    """A night on which nothing is new and one address answers only at the second attempt; no terminal, as
    under cron."""
    server = Publisher()
    serve_good(server)
    server.serve(SOURCES[EIA].url, Answer(b"oops", 500), good_answer(EIA))
    run = good_night.copy_to(tmp_path_factory.mktemp("quiet"), server.address)
    yield run, run.refresh(COLUMNS=None)
    server.close()


def test_retry_within_a_run(quiet_night):
    """A 500 that passes costs a second attempt and nothing else."""
    run, done = quiet_night
    assert done.returncode == 0
    attempts = run.ledger("fetch", EIA)[-2:]
    assert [(row["attempt"], row["outcome"]) for row in attempts] == [(1, "unreachable"), (2, "unchanged")]
    assert "Nothing new" in done.stdout


def test_table_names_sources_in_full(quiet_night):
    """Under cron there is no terminal and no COLUMNS; the table must still tell one source from another."""
    _, done = quiet_night
    assert all(f" {source} " in done.stdout for source in SOURCES), done.stdout


def test_skipped_source_is_named(quiet_night):
    _, done = quiet_night
    assert "skipped owid_electricity_mix: takes old documents only" in done.stdout


def test_silence_needs_a_person_after_three_days(after_good_night, publisher):
    """An address that has not answered for four days is no longer left to the next run."""
    _age(after_good_night.data / "ledger" / "fetch.ndjson", dt.timedelta(days=4))
    publisher.serve(SOURCES[OWID].url, Answer(slam=True))
    assert after_good_night.refresh("--source", OWID).returncode == 1


def _age(path, by: dt.timedelta):
    """Rewrite a ledger as if its moments lay further back."""
    entries = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    aged = [entry | {"at": journal.timestamp(journal.moment(entry["at"]) - by)} for entry in entries]
    path.write_text("".join(json.dumps(entry) + "\n" for entry in aged), "utf-8")


def test_address_that_never_answered_needs_a_person(gapwatch, publisher):
    """A new installation that hears nothing from a source has no grace to wait for."""
    publisher.serve(SOURCES[OWID].url, Answer(slam=True))
    done = gapwatch.refresh("--source", OWID)
    assert done.returncode == 1
    assert f"unreachable {OWID}" in done.stdout


@pytest.fixture
def hasty(tmp_path, publisher):
    """A fetcher that waits 0.2 s for an answer and 2 s for a body."""
    return Fetcher(
        Layout(tmp_path),
        Web(Layout(tmp_path).memo, contact="tests", mirror=publisher.address, read_seconds=0.2),
    )


def test_body_that_drips_is_ended(hasty, publisher):
    """Every part comes in time, the whole does not: it is ended at the deadline, and what had come is
    kept."""
    body = good(OWID)
    publisher.serve(SOURCES[OWID].url, good_answer(OWID, body, drip=0.07))
    fetched = hasty.fetch(SOURCES[OWID], only(OWID))
    rows = journal.read(hasty.layout.ledger, "fetch")
    assert fetched.outcome == "rejected"
    assert "longer than 2 s" in fetched.message
    assert [row["attempt"] for row in rows] == [1, 2, 3]
    for row in rows:
        assert row["seconds"] < 3
        kept = archive.path_of(hasty.layout.archive, row["sha256"]).read_bytes()
        assert kept == body[: row["bytes"]]
        assert 0 < len(kept) < len(body)


def test_body_over_the_limit(hasty, publisher):
    """A body larger than the source's limit is rejected; no more than the limit is read and kept."""
    limit = SOURCES[ECI].limit
    body = good(ECI) + b"x" * limit
    publisher.serve(SOURCES[ECI].url, good_answer(ECI, body))
    fetched = hasty.fetch(SOURCES[ECI], only(ECI))
    assert fetched.outcome == "rejected"
    assert f"larger than {limit:,} bytes" in fetched.message
    assert fetched.message.startswith(f"{ECI}: ")
    [row] = journal.read(hasty.layout.ledger, "fetch")
    assert archive.path_of(hasty.layout.archive, row["sha256"]).read_bytes() == body[:limit]


@pytest.mark.parametrize(
    ("chunks", "kept", "too_large"),
    [([b"12345"], b"12345", False), ([b"123", b"456"], b"12345", True), ([b"123456789"], b"12345", True)],
)
def test_archive_keeps_at_most_the_limit(tmp_path, chunks, kept, too_large):
    stored = archive.store(tmp_path / "archive", chunks, 5)
    assert stored.path.read_bytes() == kept
    assert (stored.sha256, stored.bytes) == (hashlib.sha256(kept).hexdigest(), len(kept))
    assert isinstance(stored.error, archive.TooLarge) is too_large


def test_archive_keeps_what_came_before_a_failure(tmp_path):
    def torn():
        yield b"half"
        raise ConnectionError("gone")

    stored = archive.store(tmp_path / "archive", torn(), 100)
    assert stored.path.read_bytes() == b"half"
    assert isinstance(stored.error, ConnectionError)
    assert not list((tmp_path / "archive").glob(".incoming-*"))
