"""What to ask a source for: its one address, its parts, its calendar, or what another source's documents
point at."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Collection, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from extractors.contract import Ask, Document, LayoutChanged, UnreadableRecord
from extractors.definition import Source, folders, load
from warehouse.store import archive, files, journal
from warehouse.store.paths import Layout


def of_source(
    layout: Layout, source: Source, at: dt.datetime, refused: Collection[str] = ()
) -> tuple[list[Ask], list[str]]:
    """The documents to ask a source for at the moment ``at``, oldest part first, and what was in the way of
    finding them; parts that are there once and for all are left out.

    ``refused`` are documents of the source it follows that were not accepted (SHA-256). Each part of that
    source is followed for itself, in its last document that can be: one that cannot stops no other.
    """
    if source.url:
        return [Ask("", source.url)], []
    wrong: list[str] = []
    if source.calendar:
        found = source.calendar.asks(at.date())
    elif source.follows:
        pointed: dict[str, Ask] = {}
        followed = load(folders()[source.follows])
        for part, documents in _documents(layout, followed).items():
            asks, why = _pointed(source, [one for one in documents if one.sha256 not in refused])
            if why and (newest := documents[-1]).sha256 in refused:
                why = f"{newest.name} was not accepted, and no other {part or 'one'} is there"
            pointed |= {ask.part: ask for ask in asks}
            wrong += [f"{source.id}: {why}"] if why else []
        first = dt.datetime.min.replace(tzinfo=dt.UTC)
        found = sorted(pointed.values(), key=lambda ask: (ask.published or first, ask.part))
    else:
        found = [Ask(part, url) for part, url in source.urls.items()]
    held = _documents(layout, source)
    new = [ask for ask in found if ask.part not in held]
    known = [] if source.once else [ask for ask in found if ask.part in held]
    return new[: source.at_most] + known, wrong


def _pointed(source: Source, documents: Sequence[Document]) -> tuple[list[Ask], str]:
    """What the last document that can be followed points at, and why a later one cannot be."""
    wrong = ""
    for document in reversed(documents):
        try:
            with archive.as_received(document) as received:
                return source.follower()(received), wrong
        except (LayoutChanged, UnreadableRecord) as error:
            wrong = wrong or str(error)
    return [], wrong or "nothing to follow was accepted yet"


def _documents(layout: Layout, source: Source) -> dict[str, list[Document]]:
    """Part -> the archived documents of a source, oldest first, without those that were replaced."""
    found: dict[str, list[Document]] = {}
    for entry in entries(layout, source):
        if "replaced_by" not in entry:
            sha256, part = entry["sha256"], part_of(entry)
            path = archive.path_of(layout.archive, sha256)
            found.setdefault(part, []).append(Document(source.id, sha256, path, part))
    return dict(sorted(found.items()))


def entries(layout: Layout, source: Source) -> list[journal.Entry]:
    """The lines of the document ledger about a source, in the order in which its statements were known.

    A line that a later one ``replaces`` has that one's document as ``replaced_by``. Of a reviewed table only
    the rows that stand in it today count: what was corrected there was our own mistake.
    """
    stated: dict[tuple[str, str, str], journal.Entry] = {}
    for entry in journal.read(layout.ledger, "document"):
        if entry["source"] != source.id:
            continue
        at = entry["known_from"], part_of(entry)
        if before := stated.get((*at, entry.get("replaces", ""))):
            stated[*at, before["sha256"]] = {**before, "replaced_by": entry["sha256"]}
        stated.pop((*at, entry["sha256"]), None)  # a line that comes again stands for the earlier one
        stated[*at, entry["sha256"]] = entry
    found = sorted(stated.values(), key=lambda entry: (entry["known_from"], part_of(entry)))
    if not source.reviewed:
        return found
    table = {(day, files.sha256(content)) for day, content in reviewed(source).items()}
    return [entry for entry in found if (part_of(entry), entry["sha256"]) in table]


def part_of(entry: Mapping[str, object]) -> str:
    """The part that a ledger line is about."""
    return str(entry.get("part") or "")


def levels(sources: Mapping[str, Source]) -> list[list[Source]]:
    """Sources in the order in which they can be asked: each after the one it follows."""
    order = TopologicalSorter({name: sources.keys() & {one.follows} for name, one in sources.items()})
    try:
        order.prepare()
    except CycleError as error:
        name, *others = error.args[1]
        raise ValueError(f"{name}/source.yml: follows itself through {', '.join(others)}") from error
    found = []
    while ready := order.get_ready():
        found.append([source for name, source in sources.items() if name in ready])
        order.done(*ready)
    return found


def reviewed(source: Source) -> dict[str, bytes]:
    """Day (ISO text) -> the rows of a reviewed table that were known from that day on, with the header;
    oldest first.

    Raises ``ValueError`` naming the line whose date cannot be read.
    """
    if source.reviewed is None:
        return {}
    path = source.folder / source.reviewed.file
    header, *rows = csv.reader(io.StringIO(path.read_text("utf-8"), newline=""))
    if source.reviewed.dated not in header:
        raise ValueError(f"{source.id}/{path.name}: there is no column {source.reviewed.dated!r}")
    column = header.index(source.reviewed.dated)
    days: dict[str, list[list[str]]] = {}
    for number, row in enumerate(rows, 1):
        try:
            day = dt.date.fromisoformat(row[column]).isoformat()
        except (ValueError, IndexError) as error:
            raise ValueError(
                f"{source.id}/{path.name}, record {number}: {source.reviewed.dated} is no date: {row}"
            ) from error
        days.setdefault(day, []).append(row)
    found = {}
    for day in sorted(days):
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([header, *days[day]])
        found[day] = text.getvalue().encode()
    return found
