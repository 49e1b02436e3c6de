"""NeurIPS virtual site: the papers of a year, with institutions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from extractors.contract import Document, Frames, LayoutChanged, UnreadableRecord
from extractors.evidence import locate as evidence
from extractors.formats import json_fields
from extractors.formats.json_fields import Fields
from extractors.papers import locate as locate_affiliations
from extractors.papers.author_slots import Authors, Paper, Slot, author_slots, papers_of, track_of, year_of

FRAME = Fields({"results": list, "count": str, "next": str | None}, unused=("previous",))
# Not needed: texts, rooms, hours, ids and addresses that lead to persons or to what is being read already.
EVENT = Fields(
    {"name": str | None, "authors": list},
    {
        **dict.fromkeys(("decision", "eventtype", "virtualsite_url", "paper_url", "sourceurl"), str | None),
        "visible": bool | None,
    },
    (
        *("id", "uid", "abstract", "topic", "keywords", "session", "event_type", "room_name", "url"),
        *("sourceid", "starttime", "endtime", "starttime2", "endtime2", "diversity_event"),
        *("paper_pdf_url", "children_url", "children", "children_ids", "parent1", "parent2"),
        *("parent2_id", "eventmedia", "show_in_schedule_overview", "poster_position", "schedule_html"),
        *("latitude", "longitude", "related_events", "related_events_ids"),
    ),
)
AUTHOR = Fields({"fullname": str | None}, {"institution": str | None}, ("id", "url"))
TRACKS = {
    "datasets": "datasets and benchmarks",
    "position": "position",
    "journal": "journal",
    "creative": "creative ai",
}
LEVELS = ("oral", "spotlight", "poster")
NOT_ACCEPTED = ("reject", "withdraw")
# Kinds of event at which a paper is shown; a talk by invitation, a tutorial or a workshop shows none.
SHOWN_AT = (*LEVELS, "paper", "journal", "datasets", "position", "creative")


def _left_out(decision: str, event: str, visible: bool | None) -> str | None:
    """Why an entry is no accepted paper. Raises ``UnreadableRecord`` for a decision that nobody has met."""
    for word in NOT_ACCEPTED:
        if word in decision:
            return f"not accepted: {decision}"
    if visible is False:
        return "not shown on the site"
    if event and not any(word in event for word in SHOWN_AT):
        return f"no paper, but: {event}"
    if decision and not any(word in decision for word in ("accept", *LEVELS, *TRACKS)):
        raise UnreadableRecord(f"decision {decision!r} is unknown: is the paper accepted?")
    return None


def _level(decision: str, event: str) -> str | None:
    """The level of acceptance; what is not in the decision (2022 has 'Accept' alone) an oral's own entry
    says."""
    for level in LEVELS:
        if level in decision or (level != "poster" and level in event):
            return level
    return None


def parse(document: Document) -> Frames:
    """JSON, one page of all events: ``count``, ``next``, ``previous``, ``results``. The part begins with the
    year. An entry that was not accepted, is not shown, or is no paper, is ignored by name.
    Source: https://neurips.cc/static/virtual/data/neurips-{year}-orals-posters.json"""
    year = year_of(document)
    frame = FRAME.one(document, json_fields.read(document, dict), "$")
    results = frame["results"]
    if frame["next"] is not None:
        raise LayoutChanged(
            f"{document.name}: is one page of several (next is {frame['next'][:80]!r}); the others are not"
            " asked for. Teach the source to ask for all"
        )
    if frame["count"] != str(len(results)):
        raise LayoutChanged(
            f"{document.name}: announces {frame['count']} papers and holds {len(results)}, and names no next"
            " page: cut off?"
        )
    if not results:
        raise LayoutChanged(f"{document.name}: no papers are listed yet; it is asked again")
    authors = Authors(AUTHOR)

    def read(place: str, about: dict[str, Any]) -> Paper:
        site = about["virtualsite_url"] or ""
        if (told := re.search(r"/virtual/(\d{4})/", site)) and told[1] != year:
            raise LayoutChanged(f"{document.name}, {place}: belongs to the site of {told[1]}, not of {year}")
        decision, event = ((about[name] or "").casefold() for name in ("decision", "eventtype"))
        origin = (about["sourceurl"] or "").casefold()  # such as .../NeurIPS.cc/2023/Track/Datasets_and_...
        track = next((name for word, name in TRACKS.items() if word in f"{decision} {event} {origin}"), None)
        slots = [
            Slot(author["fullname"], author["institution"], f"{place}.authors[{number}]")
            for number, author in enumerate(authors.of(about["authors"]))
        ]
        left_out = _left_out(decision, event, about["visible"])
        level = _level(decision, event)
        return Paper(about["name"], place, slots, track_of(track), level, about["paper_url"], left_out)

    papers, unreadable = papers_of(document, EVENT, results, "$.results", read)
    authors.note(document, "$.results[*].authors[*]")
    return author_slots(document, papers, unreadable=unreadable)


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """The author's institution alone."""
    return locate_affiliations.in_objects(document, locators, "institution")
