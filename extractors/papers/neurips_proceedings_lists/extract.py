"""NeurIPS proceedings: the papers of a year."""

from __future__ import annotations

import re
from collections.abc import Iterable

from extractors.contract import Document, Frames, Records
from extractors.evidence import locate as evidence
from extractors.papers import locate as locate_affiliations
from extractors.papers import proceedings
from extractors.papers.author_slots import CONFERENCE, clean, normal_title, paper_key, year_of

LINK = re.compile(
    r"""<a\b[^>]*?href=["']?([^"'>\s]*/hash/([0-9a-f]{32})-Abstract[^"'>\s]*)[^>]*>(.*?)</a>""", re.DOTALL
)


def parse(document: Document) -> Frames:
    """HTML: one list item a paper, whose link holds the paper's id and, where there are several, the track.
    The names beside it are not taken.
    Source: https://proceedings.neurips.cc/paper_files/paper/{year}"""
    rows: list[dict[str, str | None]] = []
    seen: set[str] = set()
    titles: dict[str, int] = {}
    for number, listed in enumerate(proceedings.listed(document), 1):
        again = listed.hash in seen
        seen.add(listed.hash)
        if listed.title and not again:
            titles[normal_title(listed.title)] = titles.get(normal_title(listed.title), 0) + 1
        rows.append(
            {
                "conference": CONFERENCE,
                "edition": f"{year_of(document)}-01-01",
                "paper": paper_key(listed.title, titles.get(normal_title(listed.title), 1))
                if listed.title
                else None,
                "title": listed.title,
                "track": listed.track,
                "hash": listed.hash,
                "_locator": f"paper {number}",
                "_ignored": "listed again" if again else None,
            }
        )
    return {"accepted_paper": Records(rows)}


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """The title in the paper's link, found in the page's text and not in its tree; the names beside it are
    not taken."""
    links = LINK.findall(document.content.decode("utf-8", "replace"))
    found: evidence.Located = {}
    for locator in locators:
        place = re.fullmatch(r"paper (\d+)", locator)
        number = int(place[1]) if place else 0
        if 0 < number <= len(links):
            address, name, markup = links[number - 1]
            title = locate_affiliations.plain(markup)
            found[locator] = evidence.Evidence(
                title, address, None, "as printed", {"title": clean(title), "hash": name}
            )
        else:
            found[locator] = evidence.Nowhere(
                f"{document.name}: there is no {locator}; it lists {len(links)} papers"
            )
    return found
