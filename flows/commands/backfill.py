"""Old documents: a file or a folder becomes vintages of a source, with a line that says what became of
each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.progress import track

from expectations import gate
from extractors.definition import Source
from flows.commands import terminal
from warehouse.acquire import publication_dates
from warehouse.acquire.publication_dates import Old
from warehouse.staging import stage, vintage
from warehouse.store import archive
from warehouse.store.paths import Layout


def dated(path: Path, dates: Path | None, published_at: str | None, part: str) -> list[Old]:
    """The documents to add. Raises ``ValueError`` where the day of a single one is not said or cannot be
    read, and as ``publication_dates.documents`` does."""
    published = published_at and publication_dates.moment(published_at.strip(), "--published-at")
    if path.is_dir():
        if published:
            raise ValueError(
                f"{path} is a folder: --dates, or a day in each name, says when its documents were published"
            )
        return publication_dates.documents(path, dates, part)
    if dates:
        return [old for old in publication_dates.documents(path.parent, dates, part) if old.path == path]
    if published:
        return [Old(path.name, path, published, part)]
    return [publication_dates.by_name(path.name, path, part)]


def fill(layout: Layout, source: Source, found: Sequence[Old]) -> bool:
    """Add the documents, judge them, and print a line for each; whether all of them were taken."""
    added = [
        (old, *_add(layout, source, old))
        for old in track(found, f"{source.id}: documents", console=terminal.console, transient=True)
    ]
    judged = {
        (one.document, one.part, one.known_from): one
        for one in gate.judge(layout, source, vintage.of_source(layout, source))
    }
    well = bool(found)
    for old, sha256, outcome in added:
        day = f"{old.published:%Y-%m-%d} " if old.published else ""
        about = f"{source.id}: {day}{old.name}{f' ({old.part})' if old.part else ''}"
        one = judged.get((sha256, old.part, old.published)) if old.published else None
        if one is None:
            well = False
            terminal.errors.print(f"{about}: refused: {outcome}")
            continue
        told = f"document {sha256[:12]}: {outcome}; {sum(one.staged.rows.values())} rows"
        if one.staged.quarantined:
            told += f", {one.staged.quarantined} cannot be read"
        terminal.tell(f"{about}: {told}")
        if one.status != "accepted":
            well = False
            terminal.errors.print(one.reason)
    if len(found) != 1:
        taken = sum(bool(sha256) for _, sha256, _ in added)
        terminal.say(
            f"{source.id}: {taken} of {len(found)} documents taken; the next refresh builds them in."
        )
    return well


def _add(layout: Layout, source: Source, old: Old) -> tuple[str, str]:
    """SHA-256 of the archived document (empty: refused), and what became of it."""
    if old.refused or old.published is None:
        return "", old.refused
    told, replaced = "added", ""
    try:
        try:
            stored, new = vintage.backfill(layout, source, old.path, old.published, part=old.part)
        except vintage.Taken as taken:
            replaced = taken.document
            if not _refused(layout, source, old, replaced):
                raise
            told = f"added in place of document {replaced[:12]}, which was refused"
            stored, new = vintage.backfill(
                layout, source, old.path, old.published, part=old.part, replaces=replaced
            )
    except (ValueError, archive.TooLarge) as error:
        return "", str(error)
    document = vintage.document_of(layout, source, {"sha256": stored.sha256, "part": old.part})
    stage.stage(layout, source, document)
    told = told if new else "was there already"
    return stored.sha256, f"{told}; {stored.mended}" if stored.mended else told


def _refused(layout: Layout, source: Source, old: Old, document: str) -> bool:
    """Whether the document that was added for the moment of ``old`` did not pass."""
    return any(
        (one.document, one.part, one.known_from) == (document, old.part, old.published)
        and one.status in ("drift", "failed")
        for one in gate.judge(layout, source, vintage.of_source(layout, source))
    )
