"""Vintages: each time a source said something, with what we could make of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from extractors.contract import Document, Source
from warehouse import archive, ledger
from warehouse.layout import Layout
from warehouse.stage import Staged, stage, stage_key

Status = Literal["accepted", "drift", "failed"]


@dataclass(frozen=True)
class Vintage:
    """One statement of a source: a document and the moment from which it was known.

    ``precision``: 'second' for a fetched document, 'day' for one added later by its date.
    ``status``: 'accepted', 'drift' (the parser refused it) or 'failed' (a check did); ``reason`` says why.
    """

    source: str
    document: str
    known_from: dt.datetime
    precision: str
    origin: str
    entry: Mapping[str, Any]
    staged: Staged
    stage_key: str
    status: Status = "accepted"
    reason: str = ""

    @property
    def full(self) -> bool:
        """Whether keys it lacks are withdrawn: never when some of its rows could not be read."""
        return bool(self.entry["full"]) and not self.staged.quarantined

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.source, self.document, ledger.timestamp(self.known_from)

    def refused(self, status: Status, reason: str) -> Vintage:
        return replace(self, status=status, reason=reason)


def of_source(layout: Layout, source: Source) -> list[Vintage]:
    """All statements of a source, oldest first, staged (from the cache where possible)."""
    found = []
    for entry in ledger.read(layout.ledger, "document"):
        if entry["source"] != source.id:
            continue
        document = Document(source.id, entry["sha256"], archive.path_of(layout.archive, entry["sha256"]))
        if not document.path.exists():
            raise FileNotFoundError(f"{document.name} is in the ledger but not in the archive ({document.path}): restore the archive")
        staged = stage(layout, source, document)
        vintage = Vintage(
            source.id,
            document.sha256,
            ledger.moment(entry["known_from"]),
            entry["precision"],
            entry["origin"],
            {**entry, "full": source.statement == "full"},
            staged,
            stage_key(source),
        )
        found.append(vintage.refused("drift", staged.drift) if staged.drift else vintage)
    return sorted(found, key=lambda vintage: vintage.known_from)


def backfill(layout: Layout, source: Source, path: Path, published: dt.datetime, origin: str = "backfilled") -> tuple[str, bool]:
    """Archive an old document as known from its own publication day.

    Returns its SHA-256 and whether it was new; the same document for the same day is added once.
    Raises ``ValueError`` for a publication date in the future and ``archive.TooLarge`` past the limit.
    """
    if published > dt.datetime.now(dt.UTC):
        raise ValueError(f"published at {published:%Y-%m-%d}: that is in the future")
    with path.open("rb") as file:
        stored = archive.store(layout.archive, iter(lambda: file.read(1 << 20), b""), source.limit)
    if stored.error:
        raise stored.error
    known = ledger.timestamp(published)
    for entry in ledger.read(layout.ledger, "document"):
        if (entry["source"], entry["sha256"], entry["known_from"]) == (source.id, stored.sha256, known):
            return stored.sha256, False
    record = {"source": source.id, "sha256": stored.sha256, "bytes": stored.bytes, "url": source.url, "known_from": known}
    record |= {"origin": origin, "precision": "day", "file": path.name}
    record |= {"received_at": ledger.timestamp(dt.datetime.now(dt.UTC))}
    ledger.append(layout.ledger, "document", record)
    return stored.sha256, True


def known_at(vintages: list[Vintage], moment: dt.datetime) -> list[Vintage]:
    """The accepted vintages that decide what a source says at ``moment``: the last full one and those after it."""
    known = [vintage for vintage in vintages if vintage.status == "accepted" and vintage.known_from <= moment]
    last_full = max((i for i, vintage in enumerate(known) if vintage.full), default=0)
    return known[last_full:]


def fingerprint(parts: object) -> str:
    """SHA-256 of anything that JSON can hold."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
