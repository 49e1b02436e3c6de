"""Vintages: each time a source said something, with what we could make of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from extractors.contract import Document
from extractors.definition import Source
from warehouse.acquire import documents_due
from warehouse.staging.stage import SUMMARY, Staged, clear, stage, stage_key
from warehouse.store import archive, code_identity, journal, secret
from warehouse.store.code_identity import fingerprint
from warehouse.store.paths import Layout

Status = Literal["accepted", "drift", "failed", "replaced"]
BEGINNING = dt.datetime.min.replace(tzinfo=dt.UTC)  # before anything was known


@dataclass(frozen=True)
class Vintage:
    """One statement of a source: a document and the moment from which it was known; ``part`` says of which of
    its documents.

    ``precision``: 'second' for a fetched document, 'day' for one added later by its date.
    ``status``: 'accepted', 'drift' (the parser refused it), 'failed' (a check did) or 'replaced' (it was
    refused, and another took its place); ``reason`` says why.
    ``checks``: names under which it is remembered what each suite found.
    """

    source: str
    part: str
    document: str
    known_from: dt.datetime
    precision: str
    origin: str
    entry: journal.Entry
    staged: Staged
    stage_key: str
    status: Status = "accepted"
    reason: str = ""
    checks: tuple[str, ...] = ()

    @property
    def full(self) -> bool:
        """Whether keys it lacks are withdrawn: never when some of its rows could not be read."""
        return bool(self.entry["full"]) and not self.staged.quarantined

    @property
    def identity(self) -> tuple[str, str, str, str]:
        return self.source, self.part, self.document, journal.timestamp(self.known_from)

    def refused(self, status: Status, reason: str) -> Vintage:
        return replace(self, status=status, reason=reason)


Vintages = Mapping[str, Sequence[Vintage]]  # source -> its vintages, oldest first


def of_source(layout: Layout, source: Source, *, only_kept: bool = False) -> list[Vintage]:
    """All statements of a source, oldest first, staged. A night stages what is new.

    ``only_kept``: up to the first that no earlier run staged as today's code would; nothing is read.
    """
    key, name = key_of(layout, source), f"staged/{source.id}"
    known, lines = layout.memo.get(name) or {}, {}
    found: list[Vintage] = []
    for entry in documents_due.entries(layout, source):
        named = fingerprint([key, entry])[:16]
        line = known.get(named)
        if line is None or not (layout.stage / line[0] / SUMMARY).exists():
            if only_kept:
                return found
            told = asdict(stage(layout, source, document_of(layout, source, entry)))
            line = [str(Path(told.pop("folder")).relative_to(layout.stage)), told]
        elif not only_kept:
            document_of(layout, source, entry)
        lines[named] = line
        found.append(of_entry(source, entry, Staged(**line[1], folder=str(layout.stage / line[0])), key))
    if lines.keys() != known.keys():
        layout.memo.put(name, lines)
    return found


def key_of(layout: Layout, source: Source) -> str:
    """Names what besides the bytes decides a staged document of a source in this installation."""
    code_identity.keep_in(layout.memo)
    return stage_key(source, _secret(layout, source))


def forget(layout: Layout, sources: Iterable[Source]) -> None:
    """Empty the stage, so that all is read from the archive again; what parsers of earlier read stays, as
    ``stage.clear`` says."""
    clear(layout, {key_of(layout, source) for source in sources})


def _secret(layout: Layout, source: Source) -> bytes:
    return secret.of(layout) if source.personal else b""


def document_of(layout: Layout, source: Source, entry: journal.Entry) -> Document:
    """The archived document of a ledger line. Raises ``FileNotFoundError`` when the archive has lost it."""
    document = Document(
        source.id,
        entry["sha256"],
        archive.path_of(layout.archive, entry["sha256"]),
        documents_due.part_of(entry),
        _secret(layout, source),
    )
    if not document.path.exists():
        raise FileNotFoundError(
            f"{document.name} is in the ledger but not in the archive ({document.path}): restore the archive"
        )
    return document


def of_entry(source: Source, entry: journal.Entry, staged: Staged, key: str) -> Vintage:
    """The statement of a ledger line, of which ``staged`` was made with the stage key ``key``."""
    found = Vintage(
        source.id,
        documents_due.part_of(entry),
        entry["sha256"],
        journal.moment(entry["known_from"]),
        entry["precision"],
        entry["origin"],
        {**entry, "full": source.statement == "full"},
        staged,
        key,
    )
    if by := entry.get("replaced_by"):
        return found.refused("replaced", f"it was refused, and document {by[:12]} was added in its place")
    return found.refused("drift", staged.drift) if staged.drift else found


class Taken(ValueError):
    """Another document of the part was published at the very same moment: ``document``, its SHA-256."""

    def __init__(self, document: str) -> None:
        super().__init__(
            f"document {document[:12]} was published at the same moment and was accepted: say with a time of"
            " day which came first, as in --published-at 2026-05-01T12:00+02:00"
        )
        self.document = document


def backfill(
    layout: Layout,
    source: Source,
    path: Path,
    published: dt.datetime,
    *,
    part: str = "",
    origin: str = "backfilled",
    replaces: str = "",
) -> tuple[archive.Stored, bool]:
    """Archive an old document as known from the moment it was published; ``part`` where the source has
    several.

    Returns it and whether it was new; the same document for the same moment is added once.
    Raises ``ValueError`` for a publication date in the future; ``Taken`` for another document of the part at
    the very same moment (which of the two was known after it would depend on which arrives first), unless
    that is the one it ``replaces``, because it was refused; ``archive.TooLarge`` past the limit.
    """
    if published > dt.datetime.now(dt.UTC):
        raise ValueError(f"published at {published:%Y-%m-%d}: that is in the future")
    known = journal.timestamp(published)
    there = {
        e["sha256"]: "file" in e
        for e in documents_due.entries(layout, source)
        if (documents_due.part_of(e), e["known_from"]) == (part, known) and "replaced_by" not in e
    }
    with path.open("rb") as file:
        stored = archive.store(layout.archive, iter(lambda: file.read(1 << 20), b""), source.limit).whole()
    if stored.sha256 in there:
        return stored, False
    for taken, backfilled in there.items():
        if taken != replaces or not backfilled:
            raise Taken(taken)
    record = {
        "source": source.id,
        "part": part,
        "sha256": stored.sha256,
        "bytes": stored.bytes,
        "url": source.url,
        "known_from": known,
        "origin": origin,
        "precision": "day" if published.time() == dt.time() else "second",
        "file": path.name,
        "received_at": journal.timestamp(dt.datetime.now(dt.UTC)),
    }
    if there:
        record["replaces"] = replaces
    journal.append(layout.ledger, "document", record)
    return stored, True


def known_at(vintages: list[Vintage], moment: dt.datetime) -> list[Vintage]:
    """The accepted vintages that decide what a source says at ``moment``: of each part the last full one and
    those after it."""
    parts: dict[str, list[Vintage]] = {}
    for vintage in vintages:
        if vintage.status == "accepted" and vintage.known_from <= moment:
            if vintage.full:
                parts[vintage.part] = []
            parts.setdefault(vintage.part, []).append(vintage)
    return [vintage for _, known in sorted(parts.items()) for vintage in known]


def refused_parts(vintages: Sequence[Vintage]) -> list[Vintage]:
    """The newest vintage of every part for which it was not accepted; one that was replaced is none."""
    newest = {vintage.part: vintage for vintage in vintages if vintage.status != "replaced"}
    return [vintage for vintage in newest.values() if vintage.status != "accepted"]


def assure(layout: Layout, source: Source, vintages: Iterable[Vintage]) -> None:
    """Make sure that what was staged of these is there, as it was written: what is not is staged again."""
    for one in vintages:
        stage(layout, source, document_of(layout, source, one.entry))
