"""NeurIPS proceedings: the metadata of all papers of a year as one list."""

from __future__ import annotations

import re
from collections.abc import Iterable

from extractors.contract import Document, Frames, LayoutChanged
from extractors.evidence import locate as evidence
from extractors.papers import locate as locate_affiliations
from extractors.papers import proceedings
from extractors.papers.author_slots import (
    author_slots,
    fields_of,
    read_json,
    text_of,
    unknown_fields,
    year_of,
)

READ = ("title", "authors", "url")
IGNORED = ("abstract", "book", "publisher", "volume", "page_first", "page_last", "award", "hash")


def parse(document: Document) -> Frames:
    """JSON, a list of papers: title, authors (given_name, family_name, institution) and the address of the
    text, which names the year.
    Source: https://proceedings.neurips.cc, as collected in
    https://github.com/ch3njust1n/conference_metadata"""
    found, year = read_json(document, list), year_of(document)
    papers = []
    for number, entry in enumerate(found):
        place = f"$[{number}]"
        url = (
            text_of(
                fields_of(entry, ("url",), f"{document.name}, {place}")["url"],
                f"{document.name}, {place}.url",
            )
            or ""
        )
        if (told := re.search(r"/paper/(\d{4})/", url)) and told[1] != year:
            raise LayoutChanged(f"{document.name}, {place}: a paper of {told[1]}, not of {year}")
        papers.append(proceedings.paper(entry, place, document.name))
    return author_slots(document, papers, unknown_fields(found, READ + IGNORED, "$[*]"))


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """The author's institution alone."""
    return locate_affiliations.in_objects(document, locators, "institution")
