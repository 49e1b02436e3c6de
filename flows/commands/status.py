"""The state of every source and of the published file, from what earlier runs found out: nothing is read or
checked for the question."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import duckdb

from expectations import gate
from extractors import definition
from extractors.definition import Source
from flows.commands import suggest, terminal
from flows.commands.show import published
from flows.refresh import heartbeat
from warehouse.acquire import attempt_summary, documents_due
from warehouse.acquire.fetch import utc_now
from warehouse.compare import live as last_release
from warehouse.publish import publish
from warehouse.staging import source_state, vintage
from warehouse.staging.stage import Staged
from warehouse.staging.vintage import Vintage
from warehouse.store import frames
from warehouse.store.paths import Layout


def show(layout: Layout) -> bool:
    """Print the state of every source now; true when something needs a person."""
    live = publish.last_release(layout) if layout.published.exists() else None
    if not live:
        _sources(layout, None)
        _heartbeat(layout)
        terminal.console.print("Nothing is published yet: run gapwatch refresh.")
        return True
    if damage := last_release.damage(layout, live["release"]):
        _sources(layout, None)
        terminal.tell(f"{damage}: gapwatch refresh or gapwatch rebuild makes it again.")
        return True
    with published(layout) as con:
        needs = _sources(layout, con)
        [checks] = con.execute(
            """SELECT concat('Checks not passed: ',
            (SELECT count(*) FROM check_result WHERE status NOT IN ('pass', 'skipped', 'accepted')),
            ' (view check_result). Claims: ',
            (SELECT string_agg(concat(claim, ' ', verdict), ', ' ORDER BY claim) FROM claim))"""
        ).fetchone() or ("",)
        unmapped = suggest.status_line(con)
    terminal.console.print(
        f"Published: release {live['release']} of {live['released_at'][:16]} UTC;"
        f" {len(live['alerts'])} alerts with it."
    )
    terminal.tell(checks)
    if unmapped:
        terminal.tell(unmapped)
    return _heartbeat(layout) or needs


def _heartbeat(layout: Layout) -> bool:
    """Print when it was refreshed, when it is due, and what is held back; true where a person must look."""
    beat = heartbeat.of(layout, utc_now())
    told = [f"Last refresh: {_minute(beat.attempt)}{f', {beat.how}' if beat.how else ''}."]
    told.append(f"Last success: {_minute(beat.success)}.")
    if beat.schedule:
        told.append(f"Next: {_minute(beat.due)}, by {beat.schedule}.")
    terminal.tell(" ".join(told))
    if beat.held:
        terminal.tell(f"Held back since {_minute(beat.since)}, the published file is of before:")
        for why in beat.held:
            terminal.tell(f"  {why}")
    if beat.stale:
        terminal.tell(f"Stale: {beat.stale}. Run gapwatch refresh, and look why nothing else does.")
    return bool(beat.stale or beat.held)


def _minute(moment: dt.datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "none"


def _sources(layout: Layout, con: duckdb.DuckDBPyConnection | None) -> bool:
    """Print the table of sources; true when one of them needs a person."""
    table, needs, now, attempted = [], False, utc_now(), attempt_summary.of(layout).last
    refused: dict[str, Sequence[Vintage]] = {}
    for source in definition.all_sources().values():
        known, unread = _known(layout, source, con)
        mine = attempted.get(source.id, {})
        state = source_state.of_source(source, known, mine, now)
        refused[source.id] = vintage.refused_parts(known)
        asked = max((row["at"] for row in mine.values()), default=None)
        known_from, when = (
            f"{moment:%Y-%m-%d %H:%M}" if moment else None for moment in (state.known_from, asked)
        )
        why = [state.reason] if state.reason and (known or not unread) else []
        if state.state == "never" and refused.get(source.follows or ""):
            why = [f"its addresses stand in {source.follows}, of which a document was refused"]
        if replaced := sum(one.status == "replaced" for one in known):
            why.append(f"refused and replaced: {replaced}, see view document")
        if unread:
            many = "s" if unread > 1 else ""
            why.append(f"not read by this version yet: {unread} document{many}, see gapwatch refresh")
        table.append((source.id, state.state, state.newest_period, known_from, when, "; ".join(why)))
        needs |= state.stale
    terminal.rows(
        f"Sources of {layout.root}, {now:%Y-%m-%d %H:%M} UTC",
        ("source", "state", "newest period", "known from", "asked (UTC)", "why"),
        table,
    )
    for parts in refused.values():
        for one in parts if len(parts) > 1 else ():
            terminal.tell(f"  refused {one.source}{f' ({one.part})' if one.part else ''}: {one.reason}")
    for told in _layouts(con) if con else ():
        terminal.tell(told)
    return needs


def _layouts(con: duckdb.DuckDBPyConnection) -> list[str]:
    """What is new in the layout of each source's newest accepted document, where that does no harm."""
    if not con.execute("FROM duckdb_views() WHERE view_name = 'layout_change'").fetchall():
        return []  # a release of an earlier version
    found = con.execute(
        """SELECT format('  layout of {} (document {}): {}', source, document[:12],
            string_agg(concat(change, ' ', field), ', ' ORDER BY change, field))
        FROM layout_change JOIN (
            FROM document WHERE status = 'accepted'
            QUALIFY row_number() OVER (PARTITION BY source ORDER BY known_from DESC) = 1
        ) USING (source, document, known_from)
        GROUP BY source, document ORDER BY 1"""
    )
    return [told for (told,) in found.fetchall()]


def _known(
    layout: Layout, source: Source, con: duckdb.DuckDBPyConnection | None
) -> tuple[Sequence[Vintage], int]:
    """The statements of a source as the last run judged them or, where that was another version of gapwatch,
    as the release has them; and how many documents came in besides."""
    documents = len(documents_due.entries(layout, source))
    judged = gate.judge(layout, source, vintage.of_source(layout, source, only_kept=True), only_kept=True)
    if con and len(judged) < documents:
        rows = frames.dicts(
            con,
            """SELECT source, part, document, known_from, "precision", origin, status,
            coalesce(reason, '') AS reason, quarantined, newest_period::VARCHAR AS newest, "full"
            FROM ledger.document WHERE source = ? ORDER BY known_from, part""",
            [source.id],
        )
        judged = max(judged, [_released(**row) for row in rows], key=len)
    return judged, max(documents - len(judged), 0)


def _released(
    known_from: dt.datetime, quarantined: int, newest: str | None, full: bool, **told: Any
) -> Vintage:
    """A statement as the published file has it, without its rows."""
    staged = Staged(None, {}, quarantined, {}, newest)
    known = known_from.replace(tzinfo=dt.UTC)
    return Vintage(**told, known_from=known, entry={"full": full}, staged=staged, stage_key="")
