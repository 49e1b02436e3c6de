"""The state of a source: silence is data too (late, frozen upstream, unreachable, blocked, failing)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from extractors.definition import Source
from warehouse.staging.vintage import Vintage, refused_parts


@dataclass(frozen=True)
class SourceState:
    """``state`` is one of fresh, late, frozen, unreachable, blocked, rejected, failing, never, archive,
    reviewed.

    ``stale``: what is shown of the source may be out of date. ``newest_period`` and ``known_from``
    are those of its newest accepted vintage.
    """

    state: str
    stale: bool
    reason: str
    newest_period: dt.date | None = None
    known_from: dt.datetime | None = None


# A source is late when it has released nothing for this many of its release intervals.
LATE_AFTER = 3


def of_source(
    source: Source, vintages: Sequence[Vintage], asked: Mapping[str, Mapping[str, Any]], at: dt.datetime
) -> SourceState:
    """State at the moment ``at``, from its vintages, oldest first, and the last attempt for each of its
    parts.

    Reasons name days, not ages, so that a state that lasts reads the same every night.
    """
    accepted = [vintage for vintage in vintages if vintage.status == "accepted"]
    newest = max(
        (dt.date.fromisoformat(v.staged.newest_period) for v in accepted if v.staged.newest_period),
        default=None,
    )
    known = accepted[-1].known_from if accepted else None

    state = partial(SourceState, newest_period=newest, known_from=known)
    if refused := refused_parts(vintages):
        which = f"the document known from {refused[-1].known_from:%Y-%m-%d} was not accepted"
        return state("failing", True, f"{which}: {refused[-1].reason}{more(refused)}")
    if failed := _asked_in_vain(asked):
        return state(failed[0], True, failed[1])
    if source.reviewed:
        return state("reviewed" if accepted else "never", False, "a table kept by people")
    if not source.fetched:
        return state("archive" if accepted else "never", False, "takes old documents only")
    if known is None:
        wanting = f"needs an API key in {source.key_env}" if source.key_env else "nothing was received yet"
        return state("never", False, wanting)
    if source.cadence is None:
        return state("fresh", False, "")
    if newest and at.date() - newest > source.cadence.newest_period:
        old = f"more than {source.cadence.newest_period.days} days old"
        return state("frozen", True, f"its newest period is still {newest}, which is {old}")
    if at - known > LATE_AFTER * source.cadence.release:
        return state(
            "late",
            False,
            f"nothing new since {known:%Y-%m-%d}; it releases about every {source.cadence.release.days} days",
        )
    return state("fresh", False, "")


def more(found: Sequence[object]) -> str:
    return f" (and {len(found) - 1} more)" if len(found) > 1 else ""


def _asked_in_vain(asked: Mapping[str, Mapping[str, Any]]) -> tuple[str, str] | None:
    """The gravest outcome among the last attempts for each of its documents, and what was said; None when all
    were answered."""
    for outcome in ("blocked", "rejected", "unreachable"):
        if failed := [row["message"] for row in asked.values() if row["outcome"] == outcome]:
            return outcome, f"{failed[-1]}{more(failed)}"
    return None
