"""What a source is and what its parser gives back. No I/O beyond reading a source's own folder.

A source is one folder: ``source.yml`` (what it is), ``extract.py`` (``parse``) and ``sample/``.
``parse(document)`` is pure: it reads nothing but the document, knows no clock, and says what the
document prints. A value is handled, ignored by name, or raises ``Drift``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml

HERE = Path(__file__).parent
Statement = Literal["full", "window"]


class Drift(ValueError):
    """A document is not laid out as its parser knows: names the place and what to do about it."""


@dataclass(frozen=True)
class Document:
    """One archived document: the bytes as received, found by their SHA-256.

    ``path`` is the archived file; ``name`` says in messages which document is meant.
    """

    source: str
    sha256: str
    path: Path

    @property
    def name(self) -> str:
        return f"{self.source} document {self.sha256[:12]}"

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


# dataset name -> the rows that this document states for it
Frames = dict[str, Query | Records]


@dataclass(frozen=True)
class Cadence:
    """How often a source releases, and how old its newest period may be when it is healthy."""

    release: dt.timedelta
    newest_period: dt.timedelta


@dataclass(frozen=True)
class Source:
    """One publisher's release, as its ``source.yml`` describes it.

    ``statement``: 'full' when a newer document withdraws the keys it lacks, 'window' when not.
    ``limit`` is the largest body, in bytes. ``key_env`` names the environment variable that holds
    the API key, sent as query parameter ``key_parameter``. A source without ``url`` takes backfills only.
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
    media: tuple[str, ...]
    begins: tuple[bytes, ...]
    limit: int
    statement: Statement
    cadence: Cadence | None
    pace: float = 0.5
    key_env: str | None = None
    key_parameter: str | None = None
    met_live: bool = False
    note: str = ""

    @property
    def folder(self) -> Path:
        return HERE / self.id

    def parser(self) -> Callable[[Document], Frames]:
        """The source's ``parse`` function."""
        module = importlib.import_module(f"extractors.{self.id}.extract")
        parse: Callable[[Document], Frames] = module.parse
        return parse

    @cached_property
    def parser_hash(self) -> str:
        """SHA-256 over the code and tables that turn this source's bytes into rows."""
        digest = hashlib.sha256()
        files = [*HERE.glob("*.py"), *self.folder.glob("*.py"), *self.folder.glob("*.csv")]
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


def load(folder: Path) -> Source:
    """Read ``source.yml``; every field is taken or the file is refused by name of the field."""
    where = f"{folder.name}/source.yml"
    fields: dict[str, Any] = yaml.safe_load((folder / "source.yml").read_text("utf-8"))
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
            media=tuple(_listed(fields.pop("media"))),
            begins=tuple(text.encode() for text in _listed(fields.pop("begins", None))),
            limit=_size(fields.pop("limit")),
            statement=fields.pop("statement"),
            cadence=Cadence(_span(cadence["release"]), _span(cadence["newest_period"])) if cadence else None,
            pace=float(fields.pop("pace", 0.5)),
            key_env=fields.pop("key_env", None),
            key_parameter=fields.pop("key_parameter", None),
            met_live=fields.pop("met_live", False),
            note=fields.pop("note", ""),
        )
    except (KeyError, ValueError) as error:
        raise ValueError(f"{where}: field {error} is missing or cannot be read") from error
    if fields:
        raise ValueError(f"{where}: unknown fields {sorted(fields)}")
    return source


def all_sources() -> dict[str, Source]:
    """Every folder beside this file that holds a ``source.yml``, by id, in order of id."""
    return {path.parent.name: load(path.parent) for path in sorted(HERE.glob("*/source.yml"))}
