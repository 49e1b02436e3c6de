"""The heartbeat of a data directory: when it was last refreshed, how that ended, and when it is due again.

The ledger ``refresh`` has a line when a refresh begins and one when it ends, by the clock of the machine.
Data directories of earlier versions have none: there the attempts and the releases say what they can.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from flows.refresh.report import Report
from warehouse.acquire import attempt_summary
from warehouse.acquire.fetch import utc_now
from warehouse.publish import publish
from warehouse.store import journal
from warehouse.store.paths import Layout

LEDGER = "refresh"
SCHEDULE = "schedule"  # remembered: what `gapwatch serve` runs by, and whether it does
MISSED = 2  # nights without a refresh after which the data directory is stale
UNSCHEDULED = dt.timedelta(hours=48)  # as long, where no schedule is known
LATE = dt.timedelta(hours=1)  # what a run may begin late


@dataclass(frozen=True)
class Beat:
    """``attempt``: when the last refresh of all sources began, and ``how`` it ended. ``success``: when the
    last one ended that was not held back. ``held``: why the build is held back, ``since`` when. ``due``: the
    next run, as ``schedule`` says. ``stale``: why nothing beats; empty where all is well."""

    attempt: dt.datetime | None = None
    how: str = ""
    success: dt.datetime | None = None
    held: list[str] = field(default_factory=list)
    since: dt.datetime | None = None
    due: dt.datetime | None = None
    schedule: str = ""
    stale: str = ""


@contextmanager
def recorded(layout: Layout, *, whole: bool) -> Iterator[Callable[[Report], None]]:
    """Record that a refresh begins and how it ends, which the caller tells. ``whole``: of all sources.

    A full disk stops no refresh here. One that is killed leaves a beginning without an end.
    """
    run = uuid.uuid4().hex[:12]

    def record(event: str, **told: object) -> None:
        with suppress(OSError):
            entry = {"run": run, "event": event, "at": journal.timestamp(utc_now()), **told}
            journal.append(layout.ledger, LEDGER, entry)

    record("began", whole=whole)
    try:
        yield lambda report: record("ended", release=report.release, held=report.held)
    except Exception as error:
        record("ended", failed=" ".join(f"{type(error).__name__}: {error}".split()))
        raise


def scheduled(layout: Layout, cron: str, timezone: str) -> None:
    """Remember the schedule by which this process refreshes from now on."""
    now = journal.timestamp(utc_now())
    process = {"host": platform.node(), "process": os.getpid()}
    layout.memo.put(SCHEDULE, {"cron": cron, "timezone": timezone, "since": now, **process})


def unscheduled(layout: Layout) -> None:
    """Remember that this process refreshes no more."""
    layout.memo.put(SCHEDULE, None)


def of(layout: Layout, now: dt.datetime) -> Beat:
    """The heartbeat as the ledgers tell it."""
    entries = journal.read(layout.ledger, LEDGER)
    ends = {entry["run"]: entry for entry in entries if entry["event"] == "ended"}
    whole = [entry for entry in entries if entry["event"] == "began" and entry["whole"]]
    attempt: dt.datetime | None
    schedule = layout.memo.get(SCHEDULE)
    live = publish.last_release(layout)
    if whole:
        attempt, how = journal.moment(whole[-1]["at"]), _how(ends.get(whole[-1]["run"]))
        well = [ends[entry["run"]]["at"] for entry in whole if _well(ends.get(entry["run"]))]
    else:
        known = [row["at"] for rows in attempt_summary.of(layout).last.values() for row in rows.values()]
        attempt, how = max(known, default=None), ""
        well = [live["released_at"]] if live else []
    told = [end for end in ends.values() if "held" in end]
    held = [*takewhile(lambda end: end["held"], reversed(told))]
    beat = {
        "attempt": attempt,
        "how": how,
        "success": journal.moment(well[-1]) if well else None,
        "held": held[0]["held"] if held else [],
        "since": journal.moment(held[-1]["at"]) if held else None,
    }
    if schedule:
        beat["due"] = next(_fires(schedule, now), None) if _runs(schedule) else None
        runs = "" if beat["due"] else ", which does not run any more"
        beat["schedule"] = f"'{schedule['cron']}' ({schedule['timezone']}) of gapwatch serve{runs}"
    return Beat(**beat, stale=_stale(attempt, schedule, now))


def _stale(attempt: dt.datetime | None, schedule: Mapping[str, Any] | None, now: dt.datetime) -> str:
    """Why the data directory is stale: two nights of its schedule passed, or as many hours without one."""
    begin = attempt or (journal.moment(schedule["since"]) if schedule else None)
    if begin is None:
        return "it was never refreshed"
    latest = begin + UNSCHEDULED
    if schedule:
        fires = [at for at, _ in zip(_fires(schedule, begin), range(MISSED), strict=False)]
        latest = fires[-1] + LATE if len(fires) == MISSED else latest
    if now <= latest:
        return ""
    hours = (now - begin) // dt.timedelta(hours=1)
    return f"no refresh has begun for {hours} hours" + (f", {MISSED} runs are missing" if schedule else "")


def _how(end: Mapping[str, Any] | None) -> str:
    if end is None:
        return "it has not ended"
    if "failed" in end:
        return f"it failed: {end['failed']}"
    if end["held"]:
        return "it was held back"
    return f"it published release {end['release']}" if end["release"] else "it found nothing new"


def _well(end: Mapping[str, Any] | None) -> bool:
    return end is not None and not end.get("failed") and not end["held"]


def _fires(schedule: Mapping[str, Any], after: dt.datetime) -> Iterator[dt.datetime]:
    with suppress(CronSimError):
        for at in CronSim(schedule["cron"], after.astimezone(ZoneInfo(schedule["timezone"]))):
            yield at.astimezone(dt.UTC)


def _runs(schedule: Mapping[str, Any]) -> bool:
    """Whether the process that remembered its schedule is there; yes where that cannot be seen from here."""
    if schedule["host"] != platform.node():
        return True
    try:
        os.kill(schedule["process"], 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is somebody else's
    return True
