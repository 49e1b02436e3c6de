"""What the sources of accepted papers share: keys of papers and authors, affiliations as printed, papers
listed twice.

The documents name people. What leaves this module are keys of authors, made with the installation's secret,
and where they work; names and addresses are not to be found in any row, reason, locator or message.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from extractors.contract import Document, Frames, LayoutChanged, Records, Unreadable, UnreadableRecord
from extractors.formats import differences
from extractors.formats.json_fields import Fields

CONFERENCE = "NeurIPS"
DECISIONS = ("oral", "highlighted", "spotlight", "poster")  # the best first
_COLUMNS = (
    "conference",
    "edition",
    "paper",
    "title",
    "track",
    "decision",
    "position",
    "authors",
    "author",
    "affiliation",
    "domain",
)
# The part before the sign may be a list in braces. Its length is bounded, so that no text takes longer than
# its length.
_ADDRESS = re.compile(
    r"(?:mailto:)?(?:\{[^{}@]{1,400}\}|[^\s@,;:()<>\[\]{}\"']{1,200})\s?@\s?((?:[\w-]{1,63}\.){1,"
    r"8}[^\W\d_]{2,24})\b",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}")
_NOTHING = ("", "none")


@dataclass(frozen=True)
class Slot:
    """One author of a paper, in order; ``place`` is the locator."""

    name: str | None
    affiliation: str | None
    place: str
    domain: str | None = None


@dataclass(frozen=True)
class Paper:
    """One listing of a paper. ``url`` names the paper where the source does; ``left_out`` says why it does
    not count."""

    title: str | None
    place: str
    slots: Sequence[Slot]
    track: str | None = None
    decision: str | None = None
    url: str | None = None
    left_out: str | None = None


@dataclass(frozen=True)
class Left:
    """Something in the document that makes no row: where, and why."""

    place: str
    reason: str


def papers_of(
    document: Document,
    fields: Fields,
    values: list[Any],
    place: str,
    read: Callable[[str, dict[str, Any]], Paper],
) -> tuple[list[Paper], list[Unreadable]]:
    """The papers of a list of objects, each read by ``read`` from its place and used fields; and those that
    are set aside, without their text."""
    found, aside = fields.each(document, values, place)
    papers = []
    for where, about in found:
        try:
            papers.append(read(where, about))
        except UnreadableRecord as odd:
            aside.append(Unreadable(where, str(odd)))
    return papers, aside


class Authors:
    """Reads the authors of one document's papers: ``fields`` are those of an author, of whom one that lacks
    one makes the paper unreadable."""

    def __init__(self, fields: Fields) -> None:
        self.fields, self._seen = fields, dict[str, None]()

    def of(self, values: list[Any]) -> list[dict[str, Any]]:
        """The used fields of each author of a paper. Raises ``UnreadableRecord``."""
        for author in values:
            if wrong := self.fields.harmful(author, "authors"):
                raise UnreadableRecord(f"an author: {differences.described(wrong)}")
            self._seen |= dict.fromkeys(author)
        return [self.fields.values(author) for author in values]

    def note(self, document: Document, place: str) -> None:
        """Note what the authors have besides what is known of them."""
        self.fields.settle(document, self._seen, len(self._seen), [], place)


def year_of(document: Document) -> str:
    """The year with which the part begins: it stands in none of these documents."""
    found = re.match(r"(\d{4})(?![^-/])", document.part)
    if not found:
        raise LayoutChanged(
            f"{document.name}: which year it is about does not stand in it: add it with gapwatch backfill"
            f" {document.source} FILE --part YEAR"
        )
    return found[1]


def clean(text: str | None) -> str | None:
    """A text without HTML entities (also those escaped twice), control characters and needless blanks; None
    for nothing."""
    if text is None:
        return None
    for _ in range(3):
        text = html.unescape(text)
    kept = (
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign
        for sign in text
        if unicodedata.category(sign) not in ("Cf", "Cs")
    )
    return " ".join("".join(kept).split()) or None


def affiliation_of(text: str | None) -> str | None:
    """An affiliation as printed, cleaned, with the domain alone of each e-mail address; None for '', dashes
    and 'None'."""
    found = clean(text)
    if found and "@" in found:
        found = _ADDRESS.sub(r"\1", found)
    return None if found is None or found.strip("-–— ").casefold() in _NOTHING else found


def domain_of(text: str | None) -> str | None:
    """Web or e-mail domains in lower case, joined by ';'. Whatever else stands there, such as the name before
    an @, is dropped."""
    words = re.split(r"[\s,;+/|]+", (clean(text) or "").lower())
    found = [word.rpartition("@")[2].removeprefix("www.").strip(".") for word in words]
    return ";".join(dict.fromkeys(word for word in found if _DOMAIN.fullmatch(word))) or None


def track_of(text: str | None) -> str | None:
    """A track's name in one spelling: 'Datasets_and_Benchmarks_Track' and 'Datasets & Benchmarks' are the
    same."""
    words = (clean(text) or "").replace("_", " ").replace("&", "and").casefold().split()
    name = " ".join(word for word in words if word not in ("track", "paper", "papers"))
    return {"conference": "main"}.get(name, name) or None


def normal_title(title: str) -> str:
    """A title as it is compared: letters and digits in lower case."""
    kept = "".join(sign for sign in unicodedata.normalize("NFKC", title).casefold() if sign.isalnum())
    return kept or " ".join(title.split())


def paper_key(title: str, number: int = 1) -> str:
    """The key of the ``number``-th different paper of that title."""
    return hashlib.sha256(normal_title(title).encode()).hexdigest()[:16] + (
        f"-{number}" if number > 1 else ""
    )


def normal_name(name: str | None) -> str:
    """A name as it is compared: letters in lower case without accents, one blank between words."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", clean(name) or "").casefold())
    return " ".join("".join(sign for sign in folded if sign.isalpha() or sign.isspace()).split())


def author_keys(document: Document, edition: str) -> Callable[[str], str | None]:
    """Normal name -> key of the author within this edition; None for no name. Raises ``LayoutChanged``
    without a secret."""
    if not document.salt:
        raise LayoutChanged(
            f"{document.name}: it names people, and no secret was given to make keys of their names"
        )
    keyed = hmac.new(document.salt, f"{CONFERENCE}|{edition}|".encode(), hashlib.sha256)

    def key(name: str) -> str | None:
        mine = keyed.copy()
        mine.update(name.encode())
        return mine.hexdigest()[:16] if name else None

    return key


def author_slots(
    document: Document,
    papers: Iterable[Paper],
    left: Iterable[Left] = (),
    unreadable: Iterable[Unreadable] = (),
) -> Frames:
    """Rows of ``author_slot``: every author of every paper once; authors of a repeated listing are ignored as
    'listed again'.

    Two listings are one paper when title and authors are the same, or the address and one of the two. Of
    several listings the one with most affiliations counts, with the best of their decisions.
    """
    edition = f"{year_of(document)}-01-01"
    key = author_keys(document, edition)
    rows = [_ignored(one.place, one.reason) for one in left]
    groups: list[list[tuple[Paper, tuple[str, ...]]]] = []
    known: dict[tuple[object, ...], int] = {}
    for listed in papers:
        paper = replace(listed, title=clean(listed.title))
        if paper.left_out or not paper.slots:
            reason = paper.left_out or "a paper without authors"
            rows += [_ignored(slot.place, reason) for slot in paper.slots] or [_ignored(paper.place, reason)]
            continue
        names = tuple(normal_name(slot.name) for slot in paper.slots)
        title, people = normal_title(paper.title or ""), tuple(sorted(names))
        same = [("title", title, people)] + (
            [("url", paper.url, title), ("url", paper.url, people)] if paper.url else []
        )
        number = next((known[one] for one in same if one in known), len(groups))
        if number == len(groups):
            groups.append([])
        groups[number].append((paper, names))
        for one in same:
            known.setdefault(one, number)
    titles: dict[str, int] = {}
    for group in groups:
        paper, names = max(
            group, key=lambda one: sum(affiliation_of(slot.affiliation) is not None for slot in one[0].slots)
        )
        rows += [
            _ignored(slot.place, "listed again")
            for other, _ in group
            if other is not paper
            for slot in other.slots
        ]
        about: dict[str, str | None] = {
            "conference": CONFERENCE,
            "edition": edition,
            "paper": None,
            "title": paper.title,
            "track": next((one.track for one, _ in group if one.track), None),
            "decision": next(
                (name for name in DECISIONS if name in {one.decision for one, _ in group}), None
            ),
            "authors": str(len(names)),
            "_ignored": None,
        }
        if paper.title:
            titles[normal_title(paper.title)] = number = titles.get(normal_title(paper.title), 0) + 1
            about["paper"] = paper_key(paper.title, number)
        for position, (slot, name) in enumerate(zip(paper.slots, names, strict=True), 1):
            place = {"affiliation": affiliation_of(slot.affiliation), "domain": domain_of(slot.domain)}
            rows.append(
                {**about, "position": str(position), "author": key(name), **place, "_locator": slot.place}
            )
    return {"author_slot": Records(rows, list(unreadable))}


def _ignored(place: str, reason: str) -> dict[str, str | None]:
    return {**dict.fromkeys(_COLUMNS), "_locator": place, "_ignored": reason}
