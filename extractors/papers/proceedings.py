"""The proceedings of NeurIPS: the list of a year, and the metadata of a paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup

from extractors.contract import Document, LayoutChanged
from extractors.papers.author_slots import Paper, Slot, clean, fields_of, text_of, track_of, year_of

HOST = "https://proceedings.neurips.cc"
_PAPER = re.compile(r"/paper(?:_files/paper)?/(\d{4})/hash/([0-9a-f]{32})-Abstract(?:-([A-Za-z_]+))?\.html")
AUTHOR = ("given_name", "family_name", "institution")


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


def authors(found: Any, place: str, where: str) -> list[Slot]:
    """The authors in a paper's metadata; given names may be a list (2021)."""
    if not isinstance(found, list):
        raise LayoutChanged(f"{where}: authors is no list but a {type(found).__name__}")
    slots = []
    for number, author in enumerate(found):
        here = f"{place}.authors[{number}]"
        about = fields_of(author, AUTHOR, f"{where}, {here}")
        if unknown := sorted(set(about) - set(AUTHOR)):
            raise LayoutChanged(f"{where}, {here}: unknown fields {unknown}; teach the parser what they mean")
        given = about["given_name"] if isinstance(about["given_name"], list) else [about["given_name"]]
        names = [text_of(name, f"{where}, {here}") for name in (*given, about["family_name"])]
        slots.append(
            Slot(
                " ".join(filter(None, names)),
                text_of(about["institution"], f"{where}, {here}.institution"),
                here,
            )
        )
    return slots


def paper(found: Any, place: str, where: str) -> Paper:
    """A paper by its metadata."""
    about = fields_of(found, ("title", "authors"), f"{where}, {place}")
    return Paper(
        text_of(about["title"], f"{where}, {place}.title"), place, authors(about["authors"], place, where)
    )
