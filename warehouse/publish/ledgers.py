"""Ledgers and secret compared with what the last release rested on: no release is made from less.

A line that is lost would withdraw its document, another secret would change every person's key, and neither
would look like damage. A line that a crash tore while it was written is none of that: no release knew it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from warehouse.compare import value_log
from warehouse.publish import publish
from warehouse.store import journal, secret
from warehouse.store.paths import Layout

# what a line of each ledger says at least; of the attempts one that says less is skipped
_FIELDS = {
    "document": ("source", "sha256", "known_from", "origin", "precision", "received_at"),
    "release": ("release", "released_at", "signature"),
    "delivery": ("release", "target"),
    "fetch": (),
}
_WAY_OUT = "publish from what is left with gapwatch rebuild --accept-loss"


class Lost(RuntimeError):
    """The ledgers or the secret hold less than the last release rested on; the message says what to do."""


def check(layout: Layout) -> None:
    """Raises ``Lost`` where something is missing that the last release knew, and ``OSError`` for a line that
    is no entry. Call with the lock held, before anything is added."""
    for name, fields in _FIELDS.items():
        journal.check(layout.ledger, name, fields)
    lost = _releases_lost(layout)
    if last := publish.last_release(layout):
        lost = lost or loss(layout, last)
    if lost:
        raise Lost(f"{lost}, or {_WAY_OUT}. Until then nothing is asked and nothing published")


def loss(layout: Layout, last: Mapping[str, Any]) -> str:
    """What is missing of all that a release rested on, and what to do; empty where it is all there."""
    which = f"release {last['release']} of {last['released_at'][:16]} UTC"
    if "lines" in last:  # a release of earlier did not record it
        head = value_log.head(layout, last["lines"])
        if (head["lines"], head["archive"]) != (last["lines"], last["archive"]):
            return _documents_lost(layout, which, last["lines"], head["lines"])
    mark = secret.mark(layout)
    if not mark:
        return secret.gone(layout)
    if last.get("secret", mark) != mark:
        return (
            f"the secret ({secret.VARIABLE}, else {layout.salt}) is not the one that {which} was made with:"
            " every person would get another key. Restore it from a backup, or set"
            f" {secret.VARIABLE} to what it was"
        )
    return ""


def _documents_lost(layout: Layout, which: str, wanted: int, there: int) -> str:
    path = layout.ledger / "document.ndjson"
    if there < wanted:
        what = f"{path} has {there} lines, and {which} rested on {wanted}"
    else:
        lines = value_log.first_lines(layout, wanted).split(b"\n")
        broken = [number for number, line in enumerate(lines, 1) if line and not journal.parsed(line)]
        where = f", line {broken[0]}" if broken else ""
        what = f"{path}{where}: the first {wanted} lines are not those that {which} rested on"
    held = {(e["source"], e["sha256"]) for e in journal.read(layout.ledger, "document")}
    known = _published(layout, "SELECT DISTINCT source, document FROM ledger.document ORDER BY ALL")
    missing = [f"{source} {document[:12]}" for source, document in known if (source, document) not in held]
    named = f" (without a line: {', '.join(missing[:3])}{', …' if missing[3:] else ''})" if missing else ""
    return f"{what}{named}: documents would be withdrawn. Restore the ledger from a backup"


def _releases_lost(layout: Layout) -> str:
    """Which releases the published file knows and the ledger does not; the newest is recorded after the file
    is there."""
    known = {entry["release"] for entry in journal.read(layout.ledger, "release")}
    told = [name for (name,) in _published(layout, "SELECT release FROM ledger.release ORDER BY released_at")]
    lost = [name for name in told if name not in known and name not in publish.unrecorded(layout)]
    if not lost:
        return ""
    return (
        f"{layout.ledger / 'release.ndjson'} lacks {len(lost)} of the {len(told)} releases that"
        f" {layout.published} knows ({', '.join(lost[:3])}). Restore the ledger from a backup"
    )


def _published(layout: Layout, sql: str) -> list[tuple[Any, ...]]:
    """What a query of the published file finds; nothing where that is gone or damaged."""
    if not layout.published.exists():
        return []
    try:
        with publish.open_published(layout.published) as con:
            return con.execute(sql).fetchall()
    except (duckdb.Error, publish.Unreadable):
        return []
