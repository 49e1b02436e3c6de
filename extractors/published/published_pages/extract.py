"""Pages that published figures were taken from: do they still say the words?"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from bs4 import BeautifulSoup, Tag

from extractors.contract import Ask, Document, Frames, LayoutChanged, Records
from extractors.evidence import locate as evidence
from extractors.published.figures import all_figures, figures

ADDRESS = re.compile(r"https?://(?:www\.)?([^/?#]+)([^?#]*)")
# Titles of pages that come with status 200 where the article should be.
NO_ARTICLE = re.compile(
    r"^\W*40[34]\b|\b(page|site|article) (is |was )?(not (be )?found|unavailable|no longer available)"
    r"|^(not found|access denied|just a moment|attention required|are you (a )?human|robot check)\b",
    re.IGNORECASE,
)
PLACE = re.compile(r"visible text, characters (\d+) to (\d+)")
AROUND = 60
LEAST_TEXT = 150  # characters without blanks; an error page or a shell filled in by scripts has less
UNSEEN = (
    "script, style, noscript, template, svg, head, [hidden], [style*='display:none'],"
    " [style*='display: none']"
)
# Forms of one sign, each as one; and what takes no room.
SIGNS = str.maketrans(
    "‘’‚‛′“”„‟″«»‐‑‒–—―−", '\'\'\'\'\'"""""""-------', "\u00ad\u200b\u200c\u200d\u2060\ufeff"
)


def part_of(url: str) -> str:
    """The name of a page among the documents: its host, and what tells it from others there."""
    return f"{_place(url)[0]}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"


def follow(document: Document) -> list[Ask]:
    """One question for each page with a watched figure in this document of ``published_figures``."""
    watched = [row["url"] or "" for row in figures(document) if row["watched"] == "true"]
    return [Ask(part_of(url), url) for url in dict.fromkeys(watched)]


def squeezed(text: str) -> str:
    """Text as it is compared: without blanks, quotation marks and dashes in one form each."""
    return "".join(unicodedata.normalize("NFKC", text.translate(SIGNS)).split())


def visible(page: BeautifulSoup) -> str:
    """What a reader sees of a page, squeezed: words run on through tags."""
    for element in page.select(UNSEEN):
        element.extract()
    return squeezed(page.get_text())


def parse(document: Document) -> Frames:
    """A page in HTML; one row per quotation that ``figures.csv`` holds of it, also of those no longer
    watched. The locator is the place in the visible text without blanks, counted from 1. An error page, a
    page without text and, where words are missing, one that names another page as itself are drift: they do
    not show that the words were changed.
    Source: the page in ``url`` of each row"""
    quoted = [row for row in all_figures() if row["quote"] and part_of(row["url"] or "") == document.part]
    if not quoted:
        raise LayoutChanged(
            f"{document.name}: figures.csv quotes nothing of this page; was its address changed?"
        )
    page = BeautifulSoup(_decoded(document.content), "html.parser")
    title = " ".join(page.title.get_text().split()) if page.title else ""
    elsewhere = _elsewhere(page, quoted[0]["url"] or "")
    text = visible(page)
    if NO_ARTICLE.search(title):
        raise LayoutChanged(
            f"{document.name}: the page is called {title[:80]!r}, it is not the article;"
            " look whether that has moved"
        )
    if len(text) < LEAST_TEXT:
        raise LayoutChanged(
            f"{document.name}: the page, called {title[:80]!r}, shows {len(text)} characters:"
            " not the article, or one that needs scripts"
        )
    rows: list[dict[str, str | None]] = []
    for row in quoted:
        words = squeezed(row["quote"] or "")
        place = text.find(words)
        if place < 0 and elsewhere:
            raise LayoutChanged(
                f"{document.name}: words of {row['figure']} are missing and the page calls itself"
                f" {elsewhere}: has the article moved?"
            )
        rows.append(
            {
                **{column: row[column] for column in ("figure", "url", "quote")},
                "found": str(place >= 0).lower(),
                "page_title": title or None,
                "characters": str(len(text)),
                "_locator": f"visible text, characters {place + 1} to {place + len(words)}"
                if place >= 0
                else "visible text, nowhere",
                "_ignored": None,
            }
        )
    return {"quote_check": Records(rows)}


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """The words as they are compared: without blanks, signs in one form."""
    text = visible(BeautifulSoup(_decoded(document.content), "html.parser"))
    found: evidence.Located = {}
    for locator in locators:
        place = PLACE.fullmatch(locator)
        first, last = (int(place[1]) - 1, int(place[2])) if place else (0, 0)
        if 0 <= first < last <= len(text):
            around = text[max(0, first - AROUND) : last + AROUND]
            found[locator] = evidence.Evidence(
                text[first:last], around, None, "visible text without blanks, signs in one form"
            )
        else:
            found[locator] = evidence.Nowhere(
                f"{document.name}: there is no {locator}; the visible text has {len(text)} characters without"
                " blanks"
            )
    return found


def _decoded(content: bytes) -> str | bytes:
    """Text where it is UTF-8; else the page's own declaration decides."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content


def _elsewhere(page: BeautifulSoup, url: str) -> str | None:
    """The address that the page gives for itself, when it is another than the one asked for."""
    link = page.find("link", rel="canonical")
    named = str(link.get("href") or "") if isinstance(link, Tag) else ""
    host, path = _place(url)
    return named if named and _place(named) not in ((host, path), ("", path)) else None


def _place(url: str) -> tuple[str, str]:
    """Host and path of an address; without a host, that of a relative one."""
    found = ADDRESS.match(url)
    return (
        (found[1].lower(), found[2].rstrip("/").lower())
        if found
        else ("", re.split("[?#]", url)[0].rstrip("/").lower())
    )
