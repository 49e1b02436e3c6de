"""Make one release: build beside the live file, check, compare, swap in, record what moved."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

import duckdb

from expectations import alerts, claims, verdicts
from flows.report import Line, Report
from warehouse import build, ledger, publish, schema
from warehouse.layout import Layout


def make(layout: Layout, state: build.State, checks: list[dict[str, Any]], report: Report, last: dict[str, Any] | None, signature: str) -> None:
    """Build and, unless it is a dry run or a check holds it back, publish; the report is completed either way.

    With the signature of the last release this is a rebuild: the same release, made again from the archive.
    """
    again = last is not None and last["signature"] == signature
    if again and last:
        state = build.State(state.sources, state.vintages, state.states, ledger.moment(last["released_at"]))
    name = last["release"] if again and last else publish.new_name()
    built = build.start(layout, state, name)
    try:
        con = built.con
        claims.table(con)
        build.derived_views(con)
        claims.write(con)
        report.held = verdicts.check_indicators(con, checks)
        newest = alerts.newest_values(con)
        _count(con, layout, report)
        before = last["newest"] if last else None
        report.moved = _moved(before, newest)
        entry = _entry(name, state, signature, newest, before, again, last)
        report.alerts = [alert["message"] for alert in entry["alerts"]]
        _ledgers(con, layout, entry, again)
        build.comment(con)
        if report.held or report.dry_run:
            built.abandon()
            return
        built.finish()
    except BaseException:
        built.abandon()
        raise
    publish.publish(layout, built.path, entry)
    report.release = name


def _entry(
    name: str, state: build.State, signature: str, newest: dict[str, Any], before: dict[str, Any] | None, again: bool, last: dict[str, Any] | None
) -> dict[str, Any]:
    if again and last:
        return last
    at = ledger.timestamp(state.at)
    return {
        "release": name,
        "released_at": at,
        "code": version("gapwatch"),
        "signature": signature,
        "documents": sum(len(known) for known in state.vintages.values()),
        "newest": newest,
        "alerts": alerts.compare(name, at, before, newest),
    }


def _ledgers(con: duckdb.DuckDBPyConnection, layout: Layout, entry: dict[str, Any], again: bool) -> None:
    """Earlier releases and alerts, then this one's."""
    entries = ledger.read(layout.ledger, "release")
    entries = entries if again else [*entries, entry]
    build.insert(con, "ledger.release", [item | {"newest": json.dumps(item["newest"], sort_keys=True)} for item in entries])
    build.insert(con, "ledger.alert", [alert for item in entries for alert in item["alerts"]])


def _moved(before: dict[str, Any] | None, after: dict[str, Any]) -> list[str]:
    lines = []
    for name, new in after.items():
        old = (before or {}).get(name)
        if old is None:
            lines.append(f"{name}: {new['gap']:.4g} for {new['period']} (first value)")
        elif (old["gap"], old["period"]) != (new["gap"], new["period"]):
            lines.append(f"{name}: {old['gap']:.4g} for {old['period']} → {new['gap']:.4g} for {new['period']}")
    return lines


def _count(con: duckdb.DuckDBPyConnection, layout: Layout, report: Report) -> None:
    """Rows new, revised and withdrawn by the vintages that the live release does not know."""
    lines = {line.source: line for line in report.lines}
    if layout.published.exists():
        con.execute(f"ATTACH '{layout.published}' AS live (READ_ONLY)")
        known = "SELECT document, source, known_from FROM live.ledger.document WHERE status = 'accepted'"
    else:
        known = "SELECT document, source, known_from FROM ledger.document WHERE false"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE added AS SELECT source, known_from, quarantined FROM ledger.document
        WHERE status = 'accepted' AND (document, source, known_from) NOT IN ({known})"""
    )
    if layout.published.exists():
        con.execute("DETACH live")
    for dataset in schema.all_datasets().values():
        keys = ", ".join(f'"{name}"' for name in dataset.key)
        rows = con.execute(
            f"""WITH versions AS (
                SELECT source, known_from, known_to, lag(known_to) OVER k = known_from AS revises, coalesce(lead(known_from) OVER k = known_to, false) AS followed
                FROM history.{dataset.name} WINDOW k AS (PARTITION BY {keys} ORDER BY known_from)
            )
            SELECT source,
                count(*) FILTER (known_from IN (SELECT known_from FROM added WHERE added.source = versions.source) AND NOT coalesce(revises, false)),
                count(*) FILTER (known_from IN (SELECT known_from FROM added WHERE added.source = versions.source) AND revises),
                count(*) FILTER (known_to IN (SELECT known_from FROM added WHERE added.source = versions.source) AND NOT followed)
            FROM versions GROUP BY source"""
        ).fetchall()
        for source, new, revised, withdrawn in rows:
            if line := lines.get(source):
                _add(line, new, revised, withdrawn)
    for source, quarantined in con.execute("SELECT source, sum(quarantined)::BIGINT FROM added GROUP BY source").fetchall():
        if line := lines.get(source):
            line.quarantined += quarantined


def _add(line: Line, new: int, revised: int, withdrawn: int) -> None:
    line.new, line.revised, line.withdrawn = line.new + new, line.revised + revised, line.withdrawn + withdrawn
