"""NeurIPS virtual site: the papers of a year, with institutions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from extractors.contract import Document, Frames, LayoutChanged
from extractors.evidence import locate as evidence
from extractors.formats.tabular import finished, take
from extractors.papers import locate as locate_affiliations
from extractors.papers.author_slots import (
    Paper,
    Slot,
    author_slots,
    fields_of,
    read_json,
    text_of,
    track_of,
    unknown_fields,
    year_of,
)

READ = ("name", "authors", "decision", "eventtype", "virtualsite_url", "paper_url")
# Known and not needed: texts, rooms, hours, ids and addresses that lead to persons or to what is being read
# already.
IGNORED = (
    "id", "uid", "abstract", "topic", "keywords", "session", "event_type", "room_name", "url", "sourceid",
    "sourceurl", "starttime",
    "endtime", "starttime2", "endtime2", "diversity_event", "paper_pdf_url", "children_url", "children",
    "children_ids", "parent1",
    "parent2", "parent2_id", "eventmedia", "show_in_schedule_overview", "visible", "poster_position",
    "schedule_html", "latitude",
    "longitude", "related_events", "related_events_ids",
)  # fmt: skip
AUTHOR = ("id", "fullname", "url", "institution")
TRACKS = {
    "datasets": "datasets and benchmarks",
    "position": "position",
    "journal": "journal",
    "creative": "creative ai",
}
LEVELS = ("oral", "spotlight", "poster")


def _decision(where: str, decision: str | None, event: str | None) -> str | None:
    """The level of acceptance; what is not in the decision (2022 has 'Accept' alone) an oral's own entry
    says."""
    said = (decision or "").casefold()
    if said and not any(word in said for word in ("accept", *LEVELS)):
        raise LayoutChanged(f"{where}: decision {decision!r} is unknown: is the paper accepted?")
    for level in LEVELS:
        if level in said or (level != "poster" and level in (event or "").casefold()):
            return level
    return None


def _slots(found: Any, place: str, where: str) -> list[Slot]:
    if not isinstance(found, list):
        raise LayoutChanged(f"{where}: authors is no list but a {type(found).__name__}")
    slots = []
    for number, author in enumerate(found):
        here = f"{where}, authors[{number}]"
        about = fields_of(author, ("fullname",), here)
        slots.append(
            Slot(
                text_of(about["fullname"], here),
                text_of(about.get("institution"), here),
                f"{place}.authors[{number}]",
            )
        )
    return slots


def parse(document: Document) -> Frames:
    """JSON, one page of all events: ``count``, ``next``, ``previous``, ``results``. The part begins with the
    year.

    Whether a file holds a field that we have not met nobody can tell, since none was read here: such a field
    is counted as ignored by its name and refuses nothing. A field that is read, and the frame around the
    papers, must be as known.
    Source: https://neurips.cc/static/virtual/data/neurips-{year}-orals-posters.json"""
    year = year_of(document)
    frame = dict(read_json(document, dict))
    results = take(frame, "results", document.name)
    count, following = take(frame, "count", document.name), take(frame, "next", document.name)
    take(frame, "previous", document.name)
    finished(frame, document.name)
    if not isinstance(results, list) or count != len(results):
        raise LayoutChanged(
            f"{document.name}: announces {count!r} papers and holds"
            f" {len(results) if isinstance(results, list) else 'no list'}: cut off?"
        )
    if following is not None:
        raise LayoutChanged(
            f"{document.name}: is one page of several; the others are not asked for."
            " Teach the source to ask for all"
        )
    if not results:
        raise LayoutChanged(f"{document.name}: no papers are listed yet; it is asked again")
    papers = []
    for number, result in enumerate(results):
        place = f"$.results[{number}]"
        where = f"{document.name}, {place}"
        about = fields_of(result, ("name", "authors"), where)
        site = text_of(about.get("virtualsite_url"), where) or ""
        if (told := re.search(r"/virtual/(\d{4})/", site)) and told[1] != year:
            raise LayoutChanged(f"{where}: belongs to the site of {told[1]}, not of {year}")
        decision, event = (text_of(about.get(name), where) for name in ("decision", "eventtype"))
        track = next(
            (name for word, name in TRACKS.items() if word in f"{decision} {event}".casefold()), None
        )
        slots = _slots(about["authors"], place, where)
        url = text_of(about.get("paper_url"), where)
        papers.append(
            Paper(
                text_of(about["name"], where),
                place,
                slots,
                track_of(track),
                _decision(where, decision, event),
                url,
            )
        )
    left = unknown_fields(results, READ + IGNORED, "$.results[*]")
    left += unknown_fields(
        (author for result in results for author in result["authors"]), AUTHOR, "$.results[*].authors[*]"
    )
    return author_slots(document, papers, left)


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """The author's institution alone."""
    return locate_affiliations.in_objects(document, locators, "institution")
