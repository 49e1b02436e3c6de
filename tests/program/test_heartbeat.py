"""``status`` knows when the data directory was refreshed, when it is due, and what is held back."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform

import pytest
from loopback import Publisher
from running import Gapwatch

from flows.refresh import heartbeat
from warehouse.acquire.fetch import utc_now
from warehouse.store import journal
from warehouse.store.paths import Layout

NOW = dt.datetime(2026, 11, 28, 12, 0, tzinfo=dt.UTC)
DAILY, WEEKLY = "30 4 * * *", "30 4 * * 1"
UNKNOWN = "0" * 64


def lines(run: Gapwatch, *beginnings: str) -> list[str]:
    return [line for line in run("status").stdout.splitlines() if line.startswith(beginnings)]


def test_a_directory_refreshed_by_hand_is_stale_after_two_days(tmp_path):
    publisher = Publisher()
    run = Gapwatch(tmp_path, publisher.address)
    try:
        [_, line] = lines(run, "Last", "Stale")
        assert line == "Stale: it was never refreshed. Run gapwatch refresh, and look why nothing else does."
        begun = utc_now()
        assert "Published release" in run.refresh().stdout
        [line] = lines(run, "Last", "Stale", "Held")
        assert f"Last refresh: {begun:%Y-%m-%d %H}" in line
        assert f", it published release {run.ledger('release')[-1]['release']}. Last success: " in line

        # A document that the archive lost: the machine's failure, which holds the release back.
        lost = {"source": "epoch_eci_scores", "part": "", "sha256": UNKNOWN, "bytes": 1, "media": "text/csv"}
        lost |= {"known_from": journal.timestamp(utc_now()), "received_at": journal.timestamp(utc_now())}
        whole = (run.data / "ledger/document.ndjson").read_text()
        journal.append(run.data / "ledger", "document", lost | {"origin": "fetched", "precision": "second"})
        assert run.refresh("--dry-run").returncode == 1
        assert lines(run, "Held") == [], "a dry run changes nothing"
        for _ in range(2):
            assert run.refresh("--source", "owid_electricity_generation").returncode == 1
        said = run("status")
        assert said.returncode == 1
        [_, told] = said.stdout.split("Held back since ")
        first = next(entry for entry in run.ledger("refresh") if entry.get("held"))
        assert told.startswith(f"{first['at'][:16]} UTC, the published file is of before:\n  ")
        assert UNKNOWN in told.replace("/", "")
        (run.data / "ledger/document.ndjson").write_text(whole)
        run.refresh("--source", "owid_electricity_generation")
        assert lines(run, "Held") == []
    finally:
        publisher.close()

    ledger = run.data / "ledger/refresh.ndjson"
    old = [
        entry | {"at": journal.timestamp(utc_now() - dt.timedelta(hours=50))}
        for entry in run.ledger("refresh")
    ]
    ledger.write_text("".join(json.dumps(entry) + "\n" for entry in old[:1]))
    told = lines(run, "Last", "Stale")
    assert ", it has not ended. Last success: none." in told[0]
    assert told[1].startswith("Stale: no refresh has begun for 50 hours. ")
    ledger.unlink()  # as a version before would have left it
    [line] = lines(run, "Last", "Stale")
    assert f"Last refresh: {begun:%Y-%m-%d %H}" in line


@pytest.mark.parametrize(
    ("began", "cron", "stale"),
    [
        (NOW - dt.timedelta(hours=47), None, ""),
        (NOW - dt.timedelta(hours=49), None, "no refresh has begun for 49 hours"),
        (dt.datetime(2026, 11, 27, 4, 30, tzinfo=dt.UTC), DAILY, ""),  # one night is missing
        (dt.datetime(2026, 11, 26, 4, 30, tzinfo=dt.UTC), DAILY, "no refresh has begun for 55 hours, 2 runs are missing"),  # noqa: E501
        (dt.datetime(2026, 11, 16, 4, 30, tzinfo=dt.UTC), WEEKLY, ""),  # Monday; one is missing
        (dt.datetime(2026, 11, 9, 4, 30, tzinfo=dt.UTC), WEEKLY, "no refresh has begun for 463 hours, 2 runs are missing"),  # noqa: E501
    ],
)  # fmt: skip
def test_two_nights_of_the_schedule_may_not_be_missing(tmp_path, began, cron, stale):
    layout = Layout(tmp_path)
    entry = {"run": "a", "event": "began", "whole": True, "at": journal.timestamp(began)}
    journal.append(layout.ledger, heartbeat.LEDGER, entry)
    if cron:
        heartbeat.scheduled(layout, cron, "UTC")
    assert heartbeat.of(layout, NOW).stale == stale


def test_the_next_run_is_known_while_somebody_serves_it(tmp_path):
    layout = Layout(tmp_path)
    assert heartbeat.of(layout, NOW).schedule == ""
    heartbeat.scheduled(layout, DAILY, "Asia/Shanghai")
    beat = heartbeat.of(layout, NOW)
    assert beat.due == dt.datetime(2026, 11, 28, 20, 30, tzinfo=dt.UTC)
    assert beat.schedule == "'30 4 * * *' (Asia/Shanghai) of gapwatch serve"
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    gone = layout.memo.get(heartbeat.SCHEDULE) | {"process": child, "host": platform.node()}
    layout.memo.put(heartbeat.SCHEDULE, gone)
    beat = heartbeat.of(layout, NOW)
    assert (beat.due, beat.schedule.rpartition(", ")[2]) == (None, "which does not run any more")
    heartbeat.unscheduled(layout)
    assert heartbeat.of(layout, NOW).schedule == ""
