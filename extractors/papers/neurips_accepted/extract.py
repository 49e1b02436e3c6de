"""NeurIPS, initial lists of accepted papers: one paragraph a paper, 'Name (Affiliation) · Name
(Affiliation)'."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bs4 import BeautifulSoup, Tag

from extractors.contract import Document, Frames, LayoutChanged
from extractors.evidence import locate as evidence
from extractors.papers import locate as locate_affiliations
from extractors.papers.author_slots import Paper, Slot, author_slots

BETWEEN = "·"
ENTRY = re.compile(r"<p>\s*<b>.*?</b>\s*<br\s*/?>\s*<i>(.*?)</i>", re.DOTALL)
PLACE = re.compile(r"paper (\d+), author (\d+)")
ANNOUNCED = re.compile(r"Accepted Papers\s*<small[^>]*>\s*(\d+)\s*</small>")


def _slot(text: str, place: str) -> Slot:
    """The bracket that is closed at the end holds the affiliation, which may have brackets of its own, as a
    name may; where brackets do not match, all from the first one on."""
    told, depth = text.strip(), 0
    if not told.endswith(")"):
        return Slot(told, None, place)
    for index in range(len(told) - 1, -1, -1):
        depth += (told[index] == ")") - (told[index] == "(")
        if not depth:
            return Slot(told[:index], told[index + 1 : -1], place)
    name, _, affiliation = told[:-1].partition("(")
    return Slot(name, affiliation, place)


def parse(document: Document) -> Frames:
    """HTML: ``<p><b>title</b><br><i>authors</i></p>``; the heading announces how many. No tracks, no
    decisions.
    Source: https://neurips.cc/Conferences/2019/AcceptedPapersInitial"""
    if not document.content.rstrip().lower().endswith(b"</html>"):
        raise LayoutChanged(f"{document.name}: the page does not end as a page does: cut off?")
    page = BeautifulSoup(document.content, "lxml", from_encoding="utf-8")
    entries: list[tuple[Tag, Tag]] = []
    for paragraph in page.find_all("p"):
        title, authors = paragraph.find("b", recursive=False), paragraph.find("i", recursive=False)
        if isinstance(title, Tag) and isinstance(authors, Tag):
            entries.append((title, authors))
    if not entries:
        raise LayoutChanged(
            f"{document.name}: no paper is listed; has the layout changed from"
            " <p><b>title</b><br><i>authors</i></p>?"
        )
    announced = ANNOUNCED.search(document.content.decode("utf-8", "replace"))
    if announced and int(announced[1]) != len(entries):
        raise LayoutChanged(f"{document.name}: announces {announced[1]} papers and lists {len(entries)}")
    papers = []
    for number, (title, authors) in enumerate(entries, 1):
        place = f"paper {number}"
        told = authors.get_text()
        slots = (
            [_slot(text, f"{place}, author {count}") for count, text in enumerate(told.split(BETWEEN), 1)]
            if told.strip()
            else []
        )
        papers.append(Paper(title.get_text(), place, slots))
    return author_slots(document, papers)


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """What stands in the author's last bracket, found in the page's text and not in its tree."""
    page = document.content.decode("utf-8", "replace")
    papers = [locate_affiliations.plain(authors) for authors in ENTRY.findall(page)]
    return {locator: _affiliation(document, locator, papers) for locator in locators}


def _affiliation(document: Document, locator: str, papers: list[str]) -> evidence.Evidence | evidence.Nowhere:
    place = PLACE.fullmatch(locator)
    paper, number = (int(place[1]), int(place[2])) if place else (0, 0)
    authors = papers[paper - 1].split(BETWEEN) if 0 < paper <= len(papers) else []
    if not 0 < number <= len(authors):
        return evidence.Nowhere(
            f"{document.name}: there is no {locator}; it has {len(papers)} papers, this one {len(authors)}"
            " authors"
        )
    return locate_affiliations.shown(document, locator, _bracketed(authors[number - 1].strip()))


def _bracketed(told: str) -> str | None:
    opened: list[int] = []
    start: int | None = None
    for index, sign in enumerate(told):
        if sign == "(":
            opened.append(index)
        elif sign == ")":
            start = opened.pop() if opened else None
    first = told.find("(") if start is None else start
    return told[first + 1 : -1] if told.endswith(")") and first >= 0 else None
