"""EDGAR's index page of one filing: which documents it holds."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bs4 import BeautifulSoup

from extractors.contract import Document, LayoutChanged
from extractors.formats.html_table import Cell, tables, text_of

HEADER = ["Seq", "Description", "Document", "Type", "Size"]
ARCHIVES = "https://www.sec.gov/Archives/edgar/data"
ALIBABA = 1577552  # Alibaba Group Holding Limited's number at the SEC (CIK)
ACCESSION = re.compile(r"\d{10}-\d{2}-\d{6}")
_EASTERN = ZoneInfo("America/New_York")  # EDGAR's clock


@dataclass(frozen=True)
class Listed:
    """One line of a table of documents. ``data`` marks those of the second table, the XBRL data files."""

    sequence: str
    description: str
    document: str
    type: str
    size: str
    data: bool
    place: str


@dataclass(frozen=True)
class Filing:
    """A filing as its index page shows it; ``accepted`` is in UTC."""

    accession: str
    form: str
    filed_on: str
    accepted: dt.datetime
    documents: list[Listed]


def read(document: Document) -> Filing:
    """The index page, ``<accession>-index.html``.

    Raises ``LayoutChanged`` when it is another page, names another filing than asked for, or its tables have
    other columns.
    """
    soup = BeautifulSoup(document.content, "lxml")
    number = soup.find(id="secNum")
    found = ACCESSION.search(text_of(number)) if number else None
    if found is None:
        raise LayoutChanged(
            f"{document.name}: not EDGAR's index page of a filing (no accession number in it);"
            " the address or the page changed"
        )
    if document.part and document.part != found.group():
        raise LayoutChanged(
            f"{document.name}: is the index page of {found.group()}, another filing than the one asked for"
        )
    heads = {
        text_of(head): text_of(info)
        for head in soup.find_all(class_="infoHead")
        if (info := head.find_next_sibling(class_="info"))
    }
    name = soup.find(id="formName")
    form = re.match(r"Form ([^ ]+)", text_of(name)) if name else None
    try:
        filed = dt.date.fromisoformat(heads["Filing Date"]).isoformat()
        accepted = (
            dt.datetime.strptime(heads["Accepted"], "%Y-%m-%d %H:%M:%S")
            .replace(tzinfo=_EASTERN)
            .astimezone(dt.UTC)
        )
        if form is None:
            raise KeyError("the form")
    except (KeyError, ValueError) as error:
        raise LayoutChanged(
            f"{document.name}: {error} is missing or cannot be read at the head of the page"
        ) from error
    lists = [grid for grid in tables(soup) if grid and len(grid[0]) == len(HEADER)]
    listed = [
        line for position, grid in enumerate(lists) for line in _lines(document, grid, data=position > 0)
    ]
    if not listed:
        raise LayoutChanged(
            f"{document.name}: no table of documents with the columns {HEADER}; the page changed"
        )
    return Filing(found.group(), form.group(1), filed, accepted, listed)


def _lines(document: Document, grid: list[list[Cell]], *, data: bool) -> list[Listed]:
    head = [cell.text for cell in grid[0]]
    if head != HEADER:
        raise LayoutChanged(
            f"{document.name}, table {grid[0][0].table}: columns are {head}, expected {HEADER}"
        )
    listed = []
    for cells in grid[1:]:
        if len(cells) != len(HEADER):
            raise LayoutChanged(
                f"{document.name}, table {cells[0].table}, row {cells[0].row}: {len(cells)} cells where the"
                f" header has {len(HEADER)}"
            )
        sequence, description, name, kind, size = (cell.text for cell in cells)
        # Inline XBRL documents carry the mark "iXBRL" after their name.
        listed.append(
            Listed(sequence, description, name.removesuffix(" iXBRL"), kind, size, data, cells[2].place)
        )
    return listed


def address(filing: Filing, company: int, document: str) -> str:
    """Where a document of the filing is."""
    return f"{ARCHIVES}/{company}/{filing.accession.replace('-', '')}/{document}"
