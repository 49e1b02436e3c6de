"""What a parser is given and what it gives back.

``parse(document)`` is pure: it reads nothing but the document, knows no clock, and says what the
document prints. What it uses must be there and of its kind, else ``LayoutChanged`` names every difference;
what it does not use may be anything. Each value it uses is handled, ignored by name, or set aside.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
# Records that may be unreadable: so many always, and never more than this share.
ALWAYS_SPARED, MOST_SHARE = 5, 0.1


@dataclass(frozen=True, order=True)
class Difference:
    """One difference of a document from the layout that its parser knows.

    ``place`` is where ('header', '$.results[*]') and ``field`` what. ``change`` is 'added' or 'gone' for what
    the parser does not use, 'missing', 'twice' or 'kind' for what it does. ``note`` gives the nearest name
    that is new, or the kind that was found.
    """

    place: str
    change: str
    field: str
    note: str = ""


class LayoutChanged(ValueError):
    """A document is not laid out as its parser knows: names the place and what to do about it.

    ``differences`` are all that were found, where the parser compares fields by name.
    """

    def __init__(self, message: str, differences: Iterable[Difference] = ()) -> None:
        super().__init__(message)
        self.differences = tuple(differences)


class UnreadableRecord(ValueError):
    """One record is not as its parser knows: says why. It is set aside, alone."""


@dataclass(frozen=True)
class Document:
    """One archived document: the bytes as received, found by their SHA-256.

    ``path`` is the archived file; ``part`` says which of the source's documents it is ('' where it
    has but one); ``name`` says in messages which document is meant. ``salt`` is this installation's secret,
    with which a ``personal`` source turns people's names into keys; others get none. ``noted`` is what a
    parser found to differ from its layout without harm.
    """

    source: str
    sha256: str
    path: Path
    part: str = ""
    salt: bytes = field(default=b"", repr=False)
    noted: list[Difference] = field(default_factory=list, repr=False, compare=False)

    @property
    def name(self) -> str:
        return f"{self.source} document {self.sha256[:12]}" + (f" ({self.part})" if self.part else "")

    @cached_property
    def content(self) -> bytes:
        return self.path.read_bytes()

    def note(self, differences: Iterable[Difference]) -> None:
        """Remember differences that refuse nothing, each once."""
        self.noted.extend(one for one in dict.fromkeys(differences) if one not in self.noted)


@dataclass(frozen=True)
class Query:
    """Rows of a frame as SQL over the records of a CSV: text columns, ``_record``, ``_place`` and
    ``_ignored``.

    ``scan`` is the table function that reads the file; its rows are the relation ``records`` that
    ``sql`` selects from, with ``n``, the number of the record in the file from 1. ``_place`` follows
    'record N' in the locator. ``_ignored`` is null for a row that counts, else the reason why it is
    left out by name.
    """

    scan: str
    sql: str


@dataclass(frozen=True)
class Unreadable:
    """A record that is set aside: where it stands, why, and what it holds where that may be kept."""

    place: str
    reason: str
    raw: str | None = None


Row = dict[str, str | None]


@dataclass(frozen=True)
class Records:
    """Rows of a frame as plain dictionaries of text, with ``_locator`` and perhaps ``_ignored``, for small
    documents; the records of it that are set aside; and single cells that are, whose rows stay without
    them."""

    rows: list[Row]
    unreadable: list[Unreadable] = field(default_factory=list)
    cells: list[Unreadable] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        items: Iterable[tuple[str, T]],
        read: Callable[[str, T], Row | list[Row]],
        unreadable: Iterable[Unreadable] = (),
    ) -> Records:
        """The rows that ``read`` makes of each item, given its place; one for which it raises
        ``UnreadableRecord`` is set aside."""
        rows: list[Row] = []
        aside = list(unreadable)
        for place, item in items:
            try:
                made = read(place, item)
            except UnreadableRecord as odd:
                aside.append(Unreadable(place, str(odd), json.dumps(item, ensure_ascii=False, default=str)))
            else:
                rows += made if isinstance(made, list) else [made]
        return cls(rows, aside)


@dataclass(frozen=True)
class Ask:
    """One document to ask a publisher for.

    ``part`` names it among the source's documents and is stable over time. ``published`` is when the
    publisher says it came out, in UTC; the document then counts as known from that moment, else from
    the moment it was received.
    """

    part: str
    url: str
    published: dt.datetime | None = None


# dataset name -> the rows that this document states for it
Frames = dict[str, Query | Records]
