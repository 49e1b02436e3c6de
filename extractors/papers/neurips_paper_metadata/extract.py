"""NeurIPS proceedings: the metadata of one paper."""

from __future__ import annotations

from collections.abc import Iterable

from extractors.contract import Ask, Document, Frames, LayoutChanged, UnreadableRecord
from extractors.evidence import locate as evidence
from extractors.formats import json_fields
from extractors.papers import locate as locate_affiliations
from extractors.papers import proceedings
from extractors.papers.author_slots import Authors, author_slots, year_of


def follow(document: Document) -> list[Ask]:
    """One question for each paper on the list of a year. Papers of a year with tracks have no such file."""
    year = year_of(document)
    found = {paper.hash for paper in proceedings.listed(document) if paper.track is None}
    return [
        Ask(f"{year}/{one}", f"{proceedings.HOST}/paper_files/paper/{year}/file/{one}-Metadata.json")
        for one in sorted(found)
    ]


def parse(document: Document) -> Frames:
    """JSON, one object: title and authors (given_name, family_name, institution); the part is the year and
    the paper's id.
    Source: https://proceedings.neurips.cc/paper_files/paper/{year}/file/{hash}-Metadata.json"""
    authors = Authors(proceedings.AUTHOR)
    about = proceedings.PAPER.one(document, json_fields.read(document, dict), "$")
    try:
        paper = proceedings.paper(authors, "$", about)
    except UnreadableRecord as odd:  # the document is this one record
        raise LayoutChanged(f"{document.name}, $.authors: {odd}") from None
    authors.note(document, "$.authors[*]")
    return author_slots(document, [paper])


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """The author's institution alone."""
    return locate_affiliations.in_objects(document, locators, "institution")
