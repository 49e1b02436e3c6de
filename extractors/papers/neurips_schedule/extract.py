"""NeurIPS schedule: the papers of a year as collected from the conference site."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from extractors.contract import Document, Frames
from extractors.evidence import locate as evidence
from extractors.formats import json_fields
from extractors.formats.json_fields import Fields
from extractors.papers import locate as locate_affiliations
from extractors.papers.author_slots import Authors, Paper, Slot, author_slots, papers_of

PAPER = Fields({"title": str | None, "authors": list}, unused=("abstract",))
AUTHOR = Fields({"name": str | None, "affiliation": str | None})


def _inner(text: str | None) -> str | None:
    """What stands in the brackets around the whole."""
    told = (text or "").strip()
    return told[1:-1] if told.startswith("(") and told.endswith(")") else text


def parse(document: Document) -> Frames:
    """JSON, a list of papers: title and authors (name, affiliation in brackets or null). No tracks, no
    decisions.
    Source: https://neurips.cc/Conferences/2022/Schedule"""
    authors = Authors(AUTHOR)

    def read(place: str, about: dict[str, Any]) -> Paper:
        slots = [
            Slot(author["name"], _inner(author["affiliation"]), f"{place}.authors[{number}]")
            for number, author in enumerate(authors.of(about["authors"]))
        ]
        return Paper(about["title"], place, slots)

    papers, unreadable = papers_of(document, PAPER, json_fields.read(document, list), "$", read)
    authors.note(document, "$[*].authors[*]")
    return author_slots(document, papers, unreadable=unreadable)


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """The author's affiliation alone, without its brackets."""
    return locate_affiliations.in_objects(document, locators, "affiliation", brackets=True)
