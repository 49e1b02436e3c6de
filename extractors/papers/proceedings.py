"""The proceedings of NeurIPS: the list of a year, and the metadata of a paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup

from extractors.contract import Document, LayoutChanged
from extractors.formats.json_fields import Fields
from extractors.papers.author_slots import Authors, Paper, Slot, clean, track_of, year_of

HOST = "https://proceedings.neurips.cc"
_PAPER = re.compile(r"/paper(?:_files/paper)?/(\d{4})/hash/([0-9a-f]{32})-Abstract(?:-([A-Za-z_]+))?\.html")
# Given names may be a list (2021).
AUTHOR = Fields(
    {"given_name": str | list | None, "family_name": str | None, "institution": str | None},
)
PAPER = Fields(
    {"title": str | None, "authors": list},
    {"url": str | None},
    ("abstract", "book", "publisher", "volume", "page_first", "page_last", "award", "hash"),
)


@dataclass(frozen=True)
class Listed:
    """A paper on the list of a year: its id in the proceedings, and what its address says of the track."""

    title: str | None
    hash: str
    track: str | None


def listed(document: Document) -> list[Listed]:
    """The papers on a list page. Raises ``LayoutChanged`` for another page, one that was cut off, or the
    list of another year."""
    year = year_of(document)
    if not document.content.rstrip().lower().endswith(b"</html>"):
        raise LayoutChanged(f"{document.name}: the page does not end as a page does: cut off?")
    page = BeautifulSoup(document.content, "lxml", from_encoding="utf-8")
    links = [
        (link, found) for link in page.select("li a[href]") if (found := _PAPER.search(str(link.get("href"))))
    ]
    if not links:
        raise LayoutChanged(
            f"{document.name}: no paper is listed; has the address of papers changed from"
            " .../hash/<id>-Abstract.html?"
        )
    if others := sorted({found[1] for _, found in links} - {year}):
        raise LayoutChanged(
            f"{document.name}: lists papers of {', '.join(others)}; is it the list of another year?"
        )
    return [Listed(clean(link.get_text()), found[2], track_of(found[3])) for link, found in links]


def paper(authors: Authors, place: str, about: dict[str, Any]) -> Paper:
    """A paper by its metadata, the used fields of which are ``about``."""
    slots = []
    for number, author in enumerate(authors.of(about["authors"])):
        given = author["given_name"] if isinstance(author["given_name"], list) else [author["given_name"]]
        names = [str(name) for name in (*given, author["family_name"]) if name]
        slots.append(Slot(" ".join(names), author["institution"], f"{place}.authors[{number}]"))
    return Paper(about["title"], place, slots)
