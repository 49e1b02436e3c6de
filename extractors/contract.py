"""What a source is and what its parser gives back. No I/O beyond reading a source's own folder.

A source is one folder: ``source.yml`` (what it is), ``extract.py`` (``parse``) and ``sample/``.
``parse(document)`` is pure: it reads nothing but the document, knows no clock, and says what the
document prints. A value is handled, ignored by name, or raises ``Drift``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from extractors import yml

if TYPE_CHECKING:
    from extractors.cut import Cuts

HERE = Path(__file__).parent
Statement = Literal["full", "window"]


class Drift(ValueError):
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
    """Rows of a frame as SQL over the records of a CSV: text columns, ``_record``, ``_place`` and ``_ignored``.

    ``scan`` is the table function that reads the file; its rows are the relation ``records`` that
    ``sql`` selects from, with ``n``, the number of the record in the file from 1. ``_place`` follows
    'record N' in the locator. ``_ignored`` is null for a row that counts, else the reason why it is
    left out by name.
    """

    scan: str
    sql: str


@dataclass(frozen=True)
class Records:
    """Rows of a frame as plain dictionaries of text, with ``_locator`` and perhaps ``_ignored``, for small documents."""

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


@dataclass(frozen=True)
class Cadence:
    """How often a source releases, and how old its newest period may be when it is healthy."""

    release: dt.timedelta
    newest_period: dt.timedelta


@dataclass(frozen=True)
class Calendar:
    """Documents that come out one a period: ``url`` holds {year} and {month}; ``months`` are those of a
    year with a document, ``since`` the first, and ``wait`` how long after the month's first day one may be missing.
    """

    url: str
    months: tuple[int, ...]
    since: str
    wait: dt.timedelta

    def asks(self, today: dt.date) -> list[Ask]:
        """Every document that has begun to be due, oldest first. Parts are called 'YYYY-MM'."""
        named = [(year, month) for year in range(int(self.since[:4]), today.year + 1) for month in self.months]
        due = [f"{year}-{month:02}" for year, month in named if dt.date(year, month, 1) <= today]
        return [Ask(part, self.url.format(year=part[:4], month=part[5:])) for part in due if part >= self.since]

    def awaited(self, part: str, today: dt.date) -> bool:
        """Whether it is no fault yet that the part is not there."""
        return today < dt.date.fromisoformat(f"{part}-01") + self.wait


@dataclass(frozen=True)
class Reviewed:
    """A table that people keep in the source's folder: CSV ``file``, each row dated by the column ``dated``,
    the day from which on it was known. The rows of one day are one document, a part called by the day.
    """

    file: str
    dated: str


@dataclass(frozen=True)
class Source:
    """One publisher's release, as its ``source.yml`` describes it.

    ``statement``: 'full' when a newer document withdraws the keys it lacks, 'window' when not.
    ``limit`` is the largest body, in bytes. ``key_env`` names the environment variable that holds
    the API key, sent as query parameter ``key_parameter``.

    Which documents it has is said by exactly one of ``url`` (one), ``urls`` (part -> address),
    ``calendar`` (one a period), ``follows`` (those that ``follow`` of its extract.py finds in the
    newest documents of another source) and ``reviewed`` (a table of its own folder). A source with
    none of them takes backfills only. A part with ``once`` is never asked for again when it is there;
    ``every`` is the least time between two questions for a part; ``at_most`` bounds the new parts of one run.
    ``personal``: its documents name people, of whom nothing but keys made with a secret may be staged.
    """

    id: str
    title: str
    publisher: str
    homepage: str
    licence: str
    redistribute: bool
    citation: str
    datasets: tuple[str, ...]
    url: str | None
    urls: Mapping[str, str]
    calendar: Calendar | None
    follows: str | None
    reviewed: Reviewed | None
    media: tuple[str, ...]
    begins: tuple[bytes, ...]
    limit: int
    statement: Statement
    cadence: Cadence | None
    once: bool = False
    every: dt.timedelta | None = None
    at_most: int = 50
    pace: float = 0.5
    key_env: str | None = None
    key_parameter: str | None = None
    met_live: bool = False
    personal: bool = False
    note: str = ""

    @property
    def folder(self) -> Path:
        return HERE / self.id

    def parser(self) -> Callable[[Document], Frames]:
        """The source's ``parse`` function."""
        module = importlib.import_module(f"extractors.{self.id}.extract")
        parse: Callable[[Document], Frames] = module.parse
        return parse

    @property
    def fetched(self) -> bool:
        """Whether it is asked for documents; else it takes old ones only, or is a table of ours."""
        return bool(self.url or self.urls or self.calendar or self.follows)

    @property
    def address(self) -> str | None:
        """Where its documents are, or how that is found out, for people; None for a source that is not asked."""
        listed = self.url or (self.calendar and self.calendar.url) or (self.follows and f"addresses found in {self.follows}")
        return listed or ", ".join(self.urls.values()) or None

    def follower(self) -> Callable[[Document], list[Ask]]:
        """The source's ``follow`` function: what to ask for, found in a document of the source it follows."""
        module = importlib.import_module(f"extractors.{self.id}.extract")
        follow: Callable[[Document], list[Ask]] = module.follow
        return follow

    def cutter(self) -> Callable[[Document, Iterable[str]], Cuts]:
        """Finds the texts at places of a document: the source's ``cut`` where its documents have a form or a conversion of their own.

        Raises ``Drift`` for a source whose documents name people and that has none: a text cut by its place alone shows what stands around it.
        """
        from extractors import cut

        module = importlib.import_module(f"extractors.{self.id}.extract")
        if self.personal and not hasattr(module, "cut"):
            raise Drift(f"{self.id}: its documents name people, and it has no cut of its own: nothing of them is shown")
        cutter: Callable[[Document, Iterable[str]], Cuts] = getattr(module, "cut", cut.cut)
        return cutter

    @cached_property
    def parser_hash(self) -> str:
        """SHA-256 over the code and tables that turn this source's bytes into rows."""
        digest = hashlib.sha256()
        folders = [self.folder, *([HERE / self.follows] if self.follows else [])]
        files = [*HERE.glob("*.py"), *self.folder.glob("*.py"), *(table for folder in folders for table in folder.glob("*.csv"))]
        for path in sorted(files):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()


_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9}
_DAYS = {"day": 1, "week": 7, "month": 30.5, "year": 365.25}


def _size(text: str) -> int:
    number, unit = text.split()
    return int(float(number) * _UNITS[unit])


def _span(text: str) -> dt.timedelta:
    number, unit = text.split()
    return dt.timedelta(days=float(number) * _DAYS[unit.removesuffix("s")])


def _listed(value: str | list[str] | None) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else value


def _calendar(fields: dict[str, Any] | None) -> Calendar | None:
    if fields is None:
        return None
    return Calendar(fields["url"], tuple(fields["months"]), str(fields["since"]), _span(fields["wait"]))


def load(folder: Path) -> Source:
    """Read ``source.yml``; every field is taken or the file is refused by name of the field."""
    where = f"{folder.name}/source.yml"
    fields: dict[str, Any] = yml.read((folder / "source.yml").read_text("utf-8"))
    try:
        cadence = fields.pop("cadence", None)
        source = Source(
            id=folder.name,
            title=fields.pop("title"),
            publisher=fields.pop("publisher"),
            homepage=fields.pop("homepage"),
            licence=fields.pop("licence"),
            redistribute=fields.pop("redistribute", True),
            citation=fields.pop("citation"),
            datasets=tuple(_listed(fields.pop("datasets"))),
            url=fields.pop("url", None),
            urls=fields.pop("urls", {}),
            calendar=_calendar(fields.pop("calendar", None)),
            follows=fields.pop("follows", None),
            reviewed=Reviewed(**fields.pop("reviewed")) if "reviewed" in fields else None,
            media=tuple(_listed(fields.pop("media"))),
            begins=tuple(text.encode() for text in _listed(fields.pop("begins", None))),
            limit=_size(fields.pop("limit")),
            statement=fields.pop("statement"),
            cadence=Cadence(_span(cadence["release"]), _span(cadence["newest_period"])) if cadence else None,
            once=fields.pop("once", False),
            every=_span(fields.pop("every")) if "every" in fields else None,
            at_most=int(fields.pop("at_most", 50)),
            pace=float(fields.pop("pace", 0.5)),
            key_env=fields.pop("key_env", None),
            key_parameter=fields.pop("key_parameter", None),
            met_live=fields.pop("met_live", False),
            personal=fields.pop("personal", False),
            note=fields.pop("note", ""),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ValueError(f"{where}: field {error} is missing or cannot be read") from error
    if fields:
        raise ValueError(f"{where}: unknown fields {sorted(fields)}")
    if sum(map(bool, (source.url, source.urls, source.calendar, source.follows, source.reviewed))) > 1:
        raise ValueError(f"{where}: url, urls, calendar, follows and reviewed exclude one another")
    return source


def all_sources() -> dict[str, Source]:
    """Every folder beside this file that holds a ``source.yml``, by id, in order of id."""
    return {path.parent.name: load(path.parent) for path in sorted(HERE.glob("*/source.yml"))}
