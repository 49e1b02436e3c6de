"""Try a parser on a file, or a draft of an indicator on the published file: nothing is kept, no data
directory is needed."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from expectations import gate
from extractors.definition import Source
from extractors.sql import literal
from flows.commands import terminal
from flows.commands.show import published
from warehouse.build import indicators
from warehouse.staging import stage, vintage
from warehouse.store import frames, headed_sql, journal
from warehouse.store.paths import Layout

OF_A_CHECK = ("target", "name", "severity", "status", "observed", "message")
Rows = Sequence[Mapping[str, Any]]
FIRST = 5  # rows of each dataset, and quarantined ones, that are shown


@dataclass(frozen=True)
class Tried:
    """What a file came to. ``rows`` and ``ignored`` (by reason) are counts by dataset; ``refused`` lists why
    it is not accepted.

    ``quarantined``: dataset, place, reason and raw text of rows that cannot be read. ``checks``: how each
    ended. ``first``: rows.
    """

    source: str
    document: str
    accepted: bool
    refused: list[str]
    rows: Mapping[str, int]
    ignored: Mapping[str, Mapping[str, int]]
    quarantined: Rows
    checks: Rows
    first: Mapping[str, Rows]


def document(source: Source, path: Path, part: str) -> Tried:
    """Parse, stage and check one file, as if it were the first document of its source, published now."""
    with tempfile.TemporaryDirectory(prefix="gapwatch-") as folder:
        layout = Layout(Path(folder))
        stored, _ = vintage.backfill(layout, source, path, dt.datetime.now(dt.UTC), part=part)
        # As the ledger has it: of a table that people keep, vintages are only what stands in it today.
        [entry] = journal.read(layout.ledger, "document")
        staged = stage.stage(layout, source, vintage.document_of(layout, source, entry))
        said = vintage.of_entry(source, entry, staged, vintage.key_of(layout, source))
        [one] = gate.judge(layout, source, [said])
        checks = gate.rows(layout, {source.id: source}, {source.id: [one]}, [one])
        blocking = [row for row in checks if row["severity"] == "error"]
        refused = [row["message"] for row in blocking if row["status"] in ("fail", "broken")]
        return Tried(
            source.id,
            stored.sha256,
            one.status == "accepted",
            refused or ([one.reason] if one.reason else []),
            one.staged.rows,
            one.staged.ignored,
            _read(one.staged.parquet("quarantine")),
            [{name: row[name] for name in OF_A_CHECK} for row in checks],
            {name: _read(one.staged.parquet(name), FIRST) for name in one.staged.rows},
        )


def _read(path: Path, limit: int | None = None) -> Rows:
    if not path.exists():
        return []
    with duckdb.connect() as con:
        return frames.dicts(con, f"FROM read_parquet({literal(path)}) LIMIT {limit or 'ALL'}")


def indicator(layout: Layout, path: Path) -> Rows:
    """The values that a draft of an indicator gives on the published file; ``inputs`` is the number of rows
    that each came from.

    Raises ``ValueError`` for a draft that is not laid out as one, ``duckdb.Error`` for SQL that does not run.
    """
    draft = headed_sql.parse(indicators.Indicator, path.stem, path.read_text("utf-8"))
    with published(layout) as con:
        con.execute(indicators.macros())
        found = indicators.evaluation(draft.name, draft.unit, draft.sql)
        return frames.dicts(con, f"SELECT * REPLACE (len(inputs) AS inputs) FROM ({found})")


def show(found: Tried) -> None:
    """Print what a file came to, for people."""
    quarantined = Counter(row["dataset"] for row in found.quarantined)
    terminal.rows(
        f"{found.source}: document {found.document[:12]}",
        ("dataset", "rows", "ignored", "quarantined"),
        (
            (name, count, sum(found.ignored.get(name, {}).values()), quarantined[name])
            for name, count in found.rows.items()
        ),
    )
    for name, reasons in found.ignored.items():
        for reason, count in reasons.items():
            terminal.say(f"  ignored {count} rows of {name}: {terminal.safe(reason)}")
    for row in found.quarantined[:FIRST]:
        terminal.say(f"  quarantined {terminal.safe(row['locator'])}: {terminal.safe(row['reason'])}")
    if len(found.quarantined) > FIRST:
        terminal.console.print(f"  and {len(found.quarantined) - FIRST} more: --json lists them")
    _checks(found.checks)
    for name, rows in found.first.items():
        if rows:
            terminal.records(f"First rows of {name}", rows)
    terminal.console.print("Accepted." if found.accepted else "Refused:")
    for reason in found.refused:
        terminal.errors.print(terminal.safe(reason), markup=True)


def _checks(checks: Rows) -> None:
    if checks:
        passed = sum(row["status"] == "pass" for row in checks)
        terminal.console.print(f"Checks: {passed} of {len(checks)} passed")
    for row in checks:
        if row["status"] not in ("pass", "skipped", "accepted"):
            terminal.say(f"  {row['status']} ({row['severity']}) {terminal.safe(row['message'])}")
