"""NeurIPS schedule: the papers of a year as collected from the conference site."""

from __future__ import annotations

from collections.abc import Iterable

from extractors.contract import Document, Frames, LayoutChanged
from extractors.evidence import locate as evidence
from extractors.papers import locate as locate_affiliations
from extractors.papers.author_slots import (
    Paper,
    Slot,
    author_slots,
    fields_of,
    read_json,
    text_of,
    unknown_fields,
)

READ = ("title", "authors")
IGNORED = ("abstract",)
AUTHOR = ("name", "affiliation")


def _inner(text: str | None) -> str | None:
    """What stands in the brackets around the whole."""
    told = (text or "").strip()
    return told[1:-1] if told.startswith("(") and told.endswith(")") else text


def parse(document: Document) -> Frames:
    """JSON, a list of papers: title and authors (name, affiliation in brackets or null). No tracks, no
    decisions.
    Source: https://neurips.cc/Conferences/2022/Schedule"""
    found = read_json(document, list)
    papers = []
    for number, entry in enumerate(found):
        place = f"$[{number}]"
        where = f"{document.name}, {place}"
        about = fields_of(entry, READ, where)
        if not isinstance(about["authors"], list):
            raise LayoutChanged(f"{where}: authors is no list but a {type(about['authors']).__name__}")
        authors = [
            fields_of(author, AUTHOR, f"{where}.authors[{count}]")
            for count, author in enumerate(about["authors"])
        ]
        slots = [
            Slot(
                text_of(author["name"], where),
                _inner(text_of(author["affiliation"], where)),
                f"{place}.authors[{count}]",
            )
            for count, author in enumerate(authors)
        ]
        papers.append(Paper(text_of(about["title"], where), place, slots))
    left = unknown_fields(found, READ + IGNORED, "$[*]")
    left += unknown_fields(
        (author for entry in found for author in entry["authors"]), AUTHOR, "$[*].authors[*]"
    )
    return author_slots(document, papers, left)


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """The author's affiliation alone, without its brackets."""
    return locate_affiliations.in_objects(document, locators, "affiliation", brackets=True)
