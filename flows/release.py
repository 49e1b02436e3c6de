"""Make one release: build beside the live file, check, compare, swap in, record what moved."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

import duckdb

from expectations import alerts, claims, gate, verdicts
from extractors.sql import literal
from flows import releases
from flows.report import Line, Report
from warehouse import bases, build, code_identity, comments, ledger, publish, released, schema, vintage
from warehouse.layout import Layout


def make(
    layout: Layout, state: build.State, report: Report, last: dict[str, Any] | None, signature: str, *, whole: bool = False, new_id: bool = False
) -> None:
    """Build and, unless it is a dry run or a check holds it back, publish; the report is completed either way.

    The build extends the last release by what is new, unless ``whole``. With the signature of the last release this is a
    rebuild: the same release, made again from the archive; where that holds other content than is published under its id, it
    gets a ``new_id``.
    """
    again = not new_id and last is not None and last["signature"] == signature
    given = state
    if again and last:
        state = build.State(state.sources, state.vintages, state.states, ledger.moment(last["released_at"]))
    name = last["release"] if again and last else publish.new_name()
    of_claims = code_identity.of("expectations.claims").digest
    turn = bases.turn(layout, state.vintages, None if whole or again or last is None else last["release"], of_claims)
    for source, known in turn.read(state.vintages).items():
        vintage.assure(layout, state.sources[source], known)
    built = build.start(layout, state, name, turn)
    try:
        con = built.con
        if turn.claims:
            claims.write(con, turn.claims)
        report.held = verdicts.check_indicators(con, layout, gate.rows(layout, state.sources, state.vintages, turn.told_anew(state.vintages)))
        newest = alerts.newest_values(con)
        _count(con, layout, report)
        report.moved = _moved(last["newest"] if last else None, newest)
        said = {"newest": newest, "claims": alerts.verdicts(con), "lost": alerts.lost_words(con, last["released_at"]) if last else []}
        entry = last if again and last else _entry(layout, name, state, signature, said, last, keep=not report.dry_run)
        report.alerts = [alert["message"] for alert in entry["alerts"]]
        _ledgers(con, layout, entry, again)
        comments.write(con)
        if report.dry_run:
            report.diff = releases.upcoming(con, layout, state.vintages)
        if report.held or report.dry_run:
            built.abandon()
            return
        if not again:
            released.keep(con, layout, name)
        built.finish()
    except BaseException:
        built.abandon()
        raise
    if again and publish.says_other(built.path, layout.published):
        built.path.unlink()
        make(layout, given, report, last, signature, whole=whole, new_id=True)
        return
    bases.save(layout, name, built.path, turn.basis, state.vintages, built.fetches)
    publish.publish(layout, built.path, entry)
    report.release = name


def _entry(
    layout: Layout, name: str, state: build.State, signature: str, said: dict[str, Any], last: dict[str, Any] | None, *, keep: bool
) -> dict[str, Any]:
    at = ledger.timestamp(state.at)
    return {
        "release": name,
        "released_at": at,
        "code": version("gapwatch"),
        "signature": signature,
        "documents": sum(len(known) for known in state.vintages.values()),
        **released.head(layout),
        "method": released.method(layout, state.vintages, keep=keep),
        **said,
        "alerts": alerts.compare(name, at, last, said),
    }


def _ledgers(con: duckdb.DuckDBPyConnection, layout: Layout, entry: dict[str, Any], again: bool) -> None:
    """Earlier releases and alerts, then this one's; those of the build that was begun from are there."""
    entries = ledger.read(layout.ledger, "release")
    released.said(con, layout, entries, None if again else entry)
    (there,) = con.execute("SELECT count(*) FROM ledger.release").fetchone() or (0,)
    entries = (entries if again else [*entries, entry])[there:]
    build.insert(
        con, "ledger.release", [item | {field: json.dumps(item.get(field, {}), sort_keys=True) for field in ("newest", "claims")} for item in entries]
    )
    build.insert(con, "ledger.alert", [alert for item in entries for alert in item["alerts"]])


def _moved(before: dict[str, Any] | None, after: dict[str, Any]) -> list[str]:
    lines = []
    for name, new in after.items():
        old = (before or {}).get(name)
        if old is None:
            lines.append(f"{name}: {alerts.number(new['gap'])} for {new['period']} (first value)")
        elif (old["gap"], old["period"]) != (new["gap"], new["period"]):
            lines.append(f"{name}: {alerts.number(old['gap'])} for {old['period']} → {alerts.number(new['gap'])} for {new['period']}")
    return lines


def _count(con: duckdb.DuckDBPyConnection, layout: Layout, report: Report) -> None:
    """Rows new, revised and withdrawn by the vintages that the live release does not know."""
    lines = {line.source: line for line in report.lines}
    known = "SELECT NULL, NULL, NULL WHERE false"
    if layout.published.exists():
        con.execute(f"ATTACH {literal(layout.published)} AS live (READ_ONLY)")
        known = "SELECT document, source, known_from FROM live.ledger.document WHERE status = 'accepted'"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE added AS SELECT source, known_from, sum(quarantined)::BIGINT AS quarantined FROM ledger.document
        WHERE status = 'accepted' AND (document, source, known_from) NOT IN ({known}) GROUP BY ALL"""
    )
    if layout.published.exists():
        con.execute("DETACH live")
    moments = "(SELECT source, known_from FROM added)"
    for dataset in schema.all_datasets().values():
        keys = ", ".join(f'"{name}"' for name in dataset.key)
        rows = con.execute(
            f"""WITH versions AS (
                SELECT source, known_from, known_to, coalesce(lag(known_to) OVER k = known_from, false) AS revises,
                    coalesce(lead(known_from) OVER k = known_to, false) AS followed
                FROM history.{dataset.name} WHERE (source, known_from) IN {moments} OR (source, known_to) IN {moments}
                WINDOW k AS (PARTITION BY {keys} ORDER BY known_from)
            )
            SELECT versions.source,
                count(*) FILTER (begun.source IS NOT NULL AND NOT revises),
                count(*) FILTER (begun.source IS NOT NULL AND revises),
                count(*) FILTER (ended.source IS NOT NULL AND NOT followed)
            FROM versions
            LEFT JOIN added AS begun ON begun.source = versions.source AND begun.known_from = versions.known_from
            LEFT JOIN added AS ended ON ended.source = versions.source AND ended.known_from = versions.known_to
            GROUP BY versions.source"""
        ).fetchall()
        for source, new, revised, withdrawn in rows:
            if line := lines.get(source):
                _add(line, new, revised, withdrawn)
    for source, quarantined in con.execute("SELECT source, sum(quarantined)::BIGINT FROM added GROUP BY source").fetchall():
        if line := lines.get(source):
            line.quarantined += quarantined


def _add(line: Line, new: int, revised: int, withdrawn: int) -> None:
    line.new, line.revised, line.withdrawn = line.new + new, line.revised + revised, line.withdrawn + withdrawn
