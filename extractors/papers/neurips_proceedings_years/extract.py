"""NeurIPS proceedings: the metadata of all papers of a year as one list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from extractors.contract import Document, Frames, LayoutChanged
from extractors.evidence import locate as evidence
from extractors.formats import json_fields
from extractors.papers import locate as locate_affiliations
from extractors.papers import proceedings
from extractors.papers.author_slots import Authors, Paper, author_slots, papers_of, year_of

PAPER = replace(proceedings.PAPER, used={**proceedings.PAPER.used, "url": str}, optional={})


def parse(document: Document) -> Frames:
    """JSON, a list of papers: title, authors (given_name, family_name, institution) and the address of the
    text, which names the year.
    Source: https://proceedings.neurips.cc, as collected in
    https://github.com/ch3njust1n/conference_metadata"""
    found, year = json_fields.read(document, list), year_of(document)
    authors = Authors(proceedings.AUTHOR)

    def read(place: str, about: dict[str, Any]) -> Paper:
        if (told := re.search(r"/paper/(\d{4})/", about["url"])) and told[1] != year:
            raise LayoutChanged(f"{document.name}, {place}: a paper of {told[1]}, not of {year}")
        return proceedings.paper(authors, place, about)

    papers, unreadable = papers_of(document, PAPER, found, "$", read)
    authors.note(document, "$[*].authors[*]")
    return author_slots(document, papers, unreadable=unreadable)


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """The author's institution alone."""
    return locate_affiliations.in_objects(document, locators, "institution")
