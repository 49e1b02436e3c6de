"""Attempts: the last words of the fetch ledger on each part of each source, without reading all of it.

The ledger gains a line for every part every night, and after years parsing it would be most of a night's work. What is asked of it is
kept in the stage folder with the length and hash of the lines that it sums up; a ledger that begins with other lines is read anew.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from warehouse import asks, ledger
from warehouse.layout import Layout

Row = Mapping[str, Any]
NAME = "attempts"
ANSWERED = ("new", "unchanged")
_READING = threading.Lock()
_KNOWN: dict[Path, Attempts] = {}  # ledger -> what this process has read of it


@dataclass
class Attempts:
    """``last``: source -> part -> its last attempt, in order of the first one; ``answered``: the same of those that the source answered,
    ``received``: of those that were answered with a document, so not of a 304. ``size``: bytes of the ledger that are summed up;
    ``newest``: when the latest of all attempts ended."""

    size: int = 0
    newest: str = ""
    last: dict[str, dict[str, Row]] = field(default_factory=dict)
    answered: dict[str, dict[str, Row]] = field(default_factory=dict)
    received: dict[str, dict[str, Row]] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        source, part = row["source"], asks.part_of(row)
        self.newest = max(self.newest, row["at"])
        self.last.setdefault(source, {})[part] = row
        if row["outcome"] in ANSWERED:
            self.answered.setdefault(source, {})[part] = row
            if row.get("sha256"):
                self.received.setdefault(source, {})[part] = row


def of(layout: Layout) -> Attempts:
    """The attempts recorded so far; treat them as read-only."""
    path = layout.ledger
    with _READING:
        found = _KNOWN.get(path) or _kept(layout)
        if ledger.size(path, "fetch") < found.size:
            found = Attempts()  # another file took its place, as when a backup is restored
        for end, row in ledger.lines(path, "fetch", found.size):
            found.add(row)
            found.size = end
        _KNOWN[path] = found
        return found


def keep(layout: Layout) -> tuple[Attempts, str]:
    """Remember them for the next process; and the SHA-256 of the lines of the ledger that they sum up."""
    found = of(layout)
    _, digest = ledger.extent(layout.ledger, "fetch", found.size)
    layout.memo.put(NAME, {"sha256": digest, "attempts": asdict(found)})
    return found, digest


def _kept(layout: Layout) -> Attempts:
    entry = layout.memo.get(NAME)
    if entry is None or entry["attempts"].keys() != asdict(Attempts()).keys():
        return Attempts()  # or another version of gapwatch kept it
    found = Attempts(**entry["attempts"])
    return found if ledger.extent(layout.ledger, "fetch", found.size) == (found.size, entry["sha256"]) else Attempts()
