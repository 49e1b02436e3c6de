"""Paper Copilot's lists of NeurIPS papers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from extractors.contract import Difference, Document, Frames, LayoutChanged, UnreadableRecord
from extractors.evidence import locate as evidence
from extractors.formats import differences, json_fields
from extractors.formats.json_fields import Fields
from extractors.papers import locate as locate_affiliations
from extractors.papers.author_slots import (
    Left,
    Paper,
    Slot,
    affiliation_of,
    author_slots,
    clean,
    papers_of,
    track_of,
)

# What a paper's status says: the decision, where it was accepted. A new one is looked at first.
ACCEPTED = {
    "oral": "oral",
    "highlighted": "highlighted",
    "spotlight": "spotlight",
    "poster": "poster",
    "journal": None,
    "accept": None,
}
NOT_ACCEPTED = ("reject", "desk reject", "desk rejected", "withdraw", "withdrawn", "active")
# The other fields, twenty to forty that change from file to file, are about reviews, citations and links.
PAPER = Fields(
    {"title": str | None, "status": str},
    dict.fromkeys(("author", "authors", "track", "aff", "aff_domain"), str | None),
    vary=True,
)
PLACE = re.compile(r"(?P<entry>\$\[\d+\])\.(?P<field>authors?), author (?P<number>\d+)")
UNGIVEN = "an affiliation that no author can be given: the lists of authors and affiliations differ in length"


def _list(text: str | None) -> list[str]:
    """The parts of a field that has one for each author; none when it is blank or missing."""
    told = clean(text) or ""
    return [part.strip() for part in told.split(";")] if told.strip("; ") else []


def parse(document: Document) -> Frames:
    """JSON, a list of papers; the part is the year. Read are title, status, track, author (or authors), aff
    and aff_domain; the other fields, twenty to forty that change from file to file, are about reviews,
    citations and links. Papers that were not accepted are ignored by their status. Authors are separated by
    ';' in some files, in others by ', ': the majority of a file decides.
    Source: https://raw.githubusercontent.com/papercopilot/paperlists/main/nips/nips{year}.json"""
    found = json_fields.read(document, list)
    if not found:
        raise LayoutChanged(f"{document.name}: the list is empty")
    named = [clean(_authors(entry)[1]) or "" for entry in found if isinstance(entry, dict)]
    if not any(named):
        fields = dict.fromkeys(name for entry in found if isinstance(entry, dict) for name in entry)
        gone = [Difference("$[*]", "missing", "author", differences.nearest("author", fields))]
        raise LayoutChanged(
            f"{document.name}, $[*]: no paper has authors, under neither name of the field (author, authors):"
            f" {differences.described(gone)}",
            gone,
        )
    semicolons, commas = (sum(sign in text for text in named) for sign in (";", ", "))
    between = ";" if semicolons >= commas else ","
    left: list[Left] = []

    def read(place: str, about: dict[str, Any]) -> Paper:
        status = about["status"].strip().casefold()
        if status not in ACCEPTED and status not in NOT_ACCEPTED:
            raise UnreadableRecord(
                f"status {about['status']!r} is unknown: is the paper accepted? Add it to the parser"
            )
        field, text = _authors(about)
        if text is None:
            raise UnreadableRecord("missing: 'author' and 'authors'")
        names = [name.strip() for name in (clean(text) or "").split(between)] if clean(text) else []
        affiliations, domains = _list(about["aff"]), _list(about["aff_domain"])
        reason = f"not accepted: {status}" if status in NOT_ACCEPTED else None
        if not reason and len(affiliations) not in (0, len(names)):
            left.extend(
                Left(f"{place}.aff, entry {count}", UNGIVEN) for count in range(1, len(affiliations) + 1)
            )
        given = affiliations if len(affiliations) == len(names) else [None] * len(names)
        at = domains if len(domains) == len(names) else [None] * len(names)
        slots = [
            Slot(name, affiliation, f"{place}.{field}, author {count}", domain)
            for count, (name, affiliation, domain) in enumerate(zip(names, given, at, strict=True), 1)
        ]
        track = track_of(about["track"]) or ("journal" if status == "journal" else None)
        return Paper(about["title"], place, slots, track, ACCEPTED.get(status), left_out=reason)

    papers, unreadable = papers_of(document, PAPER, found, "$", read)
    taken = [slot for paper in papers if not paper.left_out for slot in paper.slots]
    if any("aff" in entry for entry in found if isinstance(entry, dict)) and not any(
        affiliation_of(slot.affiliation) for slot in taken
    ):
        raise LayoutChanged(
            f"{document.name}: the file has affiliations (aff), and not one can be given to an author;"
            " has the separator changed?"
        )
    return author_slots(document, papers, left, unreadable)


def _authors(entry: dict[str, Any]) -> tuple[str, str | None]:
    """Field and text of the authors' names; the field has had two names."""
    field = "author" if entry.get("author") is not None else "authors"
    text = entry.get(field)
    return field, text if isinstance(text, str) else None


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """The author's entry in aff, or without one in aff_domain, where these have as many entries as there are
    authors."""
    wanted = {locator: place for locator in locators if (place := PLACE.fullmatch(locator))}
    entries = evidence.locate(document, {place["entry"] for place in wanted.values()})
    found: evidence.Located = {
        locator: evidence.Nowhere(f"{document.name}: {locator!r} is no place of a known form")
        for locator in locators
    }
    for locator, place in wanted.items():
        entry = entries[place["entry"]]
        found[locator] = (
            _of_author(document, locator, json.loads(entry.text), place["field"], int(place["number"]))
            if isinstance(entry, evidence.Evidence)
            else entry
        )
    return found


def _of_author(
    document: Document, locator: str, entry: dict[str, Any], field: str, number: int
) -> evidence.Evidence | evidence.Nowhere:
    names = clean(entry.get(field)) or ""
    authors = len(names.split(";" if ";" in names else ","))
    if not 0 < number <= authors:
        return evidence.Nowhere(f"{document.name}: there is no {locator}; the paper has {authors} authors")
    lists = [(clean(entry.get(name)) or "").split(";") for name in ("aff", "aff_domain")]
    return locate_affiliations.shown(
        document, locator, *(parts[number - 1] if len(parts) == authors else None for parts in lists)
    )
