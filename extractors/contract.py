"""What a parser is given and what it gives back.

``parse(document)`` is pure: it reads nothing but the document, knows no clock, and says what the
document prints. A value is handled, ignored by name, or raises ``LayoutChanged``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path


class LayoutChanged(ValueError):
    """A document is not laid out as its parser knows: names the place and what to do about it."""


@dataclass(frozen=True)
class Document:
    """One archived document: the bytes as received, found by their SHA-256.

    ``path`` is the archived file; ``part`` says which of the source's documents it is ('' where it
    has but one); ``name`` says in messages which document is meant. ``salt`` is this installation's secret,
    with which a ``personal`` source turns people's names into keys; others get none.
    """

    source: str
    sha256: str
    path: Path
    part: str = ""
    salt: bytes = field(default=b"", repr=False)

    @property
    def name(self) -> str:
        return f"{self.source} document {self.sha256[:12]}" + (f" ({self.part})" if self.part else "")

    @cached_property
    def content(self) -> bytes:
        return self.path.read_bytes()


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
class Records:
    """Rows of a frame as plain dictionaries of text, with ``_locator`` and perhaps ``_ignored``, for small
    documents."""

    rows: list[dict[str, str | None]]


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
