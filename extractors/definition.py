"""What a source is: one folder with ``source.yml`` (this definition), ``extract.py`` (``parse``) and
``sample/``."""

from __future__ import annotations

import datetime as dt
import importlib
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from extractors import yml
from extractors.contract import MOST_SHARE, Ask, Document, Frames
from extractors.yml import Definition, Listed

HERE = Path(__file__).parent
Statement = Literal["full", "window"]


def _amount(units: Mapping[str, float], example: str) -> BeforeValidator:
    """Reads a number and its unit as a number of the smallest one."""
    pattern = rf"^(\d+(?:\.\d+)?) ({'|'.join(units)})s?$"

    def read(stated: object) -> float:
        found = re.match(pattern, str(stated))
        if not found:
            raise ValueError(f"should be a number and one of {', '.join(units)}, like '{example}'")
        return float(found[1]) * units[found[2]]

    return BeforeValidator(
        read, json_schema_input_type=Annotated[str, Field(pattern=pattern, examples=[example])]
    )


Share = Annotated[float, _amount({"%": 0.01}, "1 %")]
Size = Annotated[int, _amount({"KB": 1e3, "MB": 1e6, "GB": 1e9}, "5 MB")]
Span = Annotated[
    dt.timedelta,
    _amount({"day": 86400, "week": 604800, "month": 30.5 * 86400, "year": 365.25 * 86400}, "3 weeks"),
]


class Cadence(Definition):
    """How often a source releases, and how old its newest period may be when it is healthy."""

    release: Span
    """How often it comes."""
    newest_period: Span
    """How old the newest period may be."""


class Calendar(Definition):
    """Documents that come out one a period."""

    url: str
    """The address, which holds {year} and {month}."""
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...]
    """The months of a year that have a document."""
    since: str = Field(pattern=r"^\d{4}-\d\d$")
    """The first one, 'YYYY-MM'."""
    wait: Span
    """How long after the month's first day one may be missing."""

    def asks(self, today: dt.date) -> list[Ask]:
        """Every document that has begun to be due, oldest first. Editions are called 'YYYY-MM'."""
        named = [
            (year, month) for year in range(int(self.since[:4]), today.year + 1) for month in self.months
        ]
        due = [f"{year}-{month:02}" for year, month in named if dt.date(year, month, 1) <= today]
        return [
            Ask(part, self.url.format(year=part[:4], month=part[5:])) for part in due if part >= self.since
        ]

    def awaited(self, part: str, today: dt.date) -> bool:
        """Whether it is no fault yet that the edition is not there."""
        return today < dt.date.fromisoformat(f"{part}-01") + self.wait


class Reviewed(Definition):
    """A table that people keep in the source's folder. The rows of one day are one document, an edition
    called by the day."""

    file: str
    """Its CSV file."""
    dated: str
    """Its column that says from which day on each row was known."""


class Source(Definition):
    """One publisher's release. Its documents are said by one of url, urls, calendar, follows and reviewed;
    with none it takes backfills only."""

    id: SkipJsonSchema[str]
    title: str
    """What people call it."""
    publisher: str
    """Who publishes it."""
    homepage: str
    """The page where people find it."""
    licence: str
    """What the publisher allows."""
    redistribute: bool = True
    """Whether the licence lets us pass its numbers on."""
    citation: str
    """How it wants to be cited."""
    datasets: Listed[str]
    """The dataset, or datasets, that it states rows of."""
    url: str | None = None
    """The address of its one document."""
    urls: Mapping[str, str] = {}
    """Edition -> address, for a source with a fixed set of documents."""
    calendar: Calendar | None = None
    """For documents that come out one a period."""
    follows: str | None = None
    """The source in whose newest documents follow(document) of extract.py finds what to ask for, such as the filings of a list."""  # noqa: E501
    reviewed: Reviewed | None = None
    """For a table that people keep in its folder."""
    media: Listed[str]
    """The media types that the server may give."""
    begins: Listed[bytes] = ()
    """What the body starts with: one of these."""
    limit: Size
    """The largest body, '5 MB'."""
    unreadable: Annotated[Share, Field(le=MOST_SHARE)] = 0.01
    """The share of records that may be unreadable, '1 %'; beyond it, and beyond five records, the document is
    refused."""
    statement: Statement
    """full: a newer document withdraws the keys that it lacks. window: it does not."""
    cadence: Cadence | None = None
    """How often it releases."""
    once: bool = False
    """An edition that is there is never asked for again."""
    every: Span | None = None
    """The least time between two questions for an edition, '1 day'."""
    at_most: int = Field(50, ge=1)
    """How many new editions one run asks for."""
    key_env: str | None = None
    """The environment variable that holds the API key; with key_parameter."""
    key_parameter: str | None = None
    """The query parameter in which the API key is sent; with key_env."""
    met_live: bool = False
    """Whether the parser has met the live address."""
    personal: bool = False
    """Its documents name people: the parser gets a secret in document.salt, makes keys of names with it, and refuses to work without."""  # noqa: E501
    note: str = ""
    """What else people should know."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        stated = [name for name in ("url", "urls", "calendar", "follows", "reviewed") if getattr(self, name)]
        if len(stated) > 1:
            raise ValueError(f"{' and '.join(stated)} exclude one another: state one of them")
        if bool(self.key_env) != bool(self.key_parameter):
            raise ValueError("key_env and key_parameter belong together: state both or none")
        return self

    @property
    def folder(self) -> Path:
        return folders()[self.id]

    @property
    def module(self) -> ModuleType:
        """Its ``extract.py``."""
        return importlib.import_module(f"extractors.{'.'.join(self.folder.relative_to(HERE).parts)}.extract")

    def parser(self) -> Callable[[Document], Frames]:
        """The source's ``parse`` function."""
        parse: Callable[[Document], Frames] = self.module.parse
        return parse

    @property
    def fetched(self) -> bool:
        """Whether it is asked for documents; else it takes old ones only, or is a table of ours."""
        return bool(self.url or self.urls or self.calendar or self.follows)

    @property
    def address(self) -> str | None:
        """Where its documents are, or how that is found out, for people; None for a source that is not
        asked."""
        listed = (
            self.url
            or (self.calendar and self.calendar.url)
            or (self.follows and f"addresses found in {self.follows}")
        )
        return listed or ", ".join(self.urls.values()) or None

    def follower(self) -> Callable[[Document], list[Ask]]:
        """The source's ``follow`` function: what to ask for, found in a document of the source it follows."""
        follow: Callable[[Document], list[Ask]] = self.module.follow
        return follow


def load(folder: Path) -> Source:
    """Read ``source.yml``; raises ``ValueError`` as ``yml.load`` does."""
    return yml.load(
        Source, (folder / "source.yml").read_text("utf-8"), f"{folder.name}/source.yml", id=folder.name
    )


@cache
def folders(root: Path = HERE) -> dict[str, Path]:
    """Id -> folder of every source below ``root``, one that holds a ``source.yml``, in order of id.

    Raises ``ValueError`` for an id that two folders have.
    """
    found: dict[str, Path] = {}
    for folder in sorted(
        (path.parent for path in root.glob("**/source.yml")), key=lambda folder: (folder.name, folder)
    ):
        if folder.name in found:
            raise ValueError(
                f"{folder / 'source.yml'}: {found[folder.name]} has the same id; rename one of the two"
                " folders"
            )
        found[folder.name] = folder
    return found


def all_sources() -> dict[str, Source]:
    """Every source below this file, by id, in order of id."""
    return {name: load(folder) for name, folder in folders().items()}
