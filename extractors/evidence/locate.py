"""Evidence: from a document and a place in it to the text that stands there. The inverse of the locators that
parsers write.

A locator says by its form which kind of document it is for:

    record 33, column Generation (TWh)        CSV or Parquet; records count from 1, below the header
    member a/b.csv, record 33, column eci     the same in a zip
    sheet 65, row 2, column Rmax [TFlop/s]    workbook; the column by its head in row 1
    $.results[3].authors[0].institution       JSON; names that are no words as ["…"]
    table 1, row 6, cell 4                    HTML, all counted from 1
    fact 5, id f-8                            XBRL, inline or plain

Without a column it is the whole record. A source with a form or a conversion of its own has a ``locate`` in
its extract.py; so has every source whose documents name people. Nothing here is shared with how a parser
finds its values, so that the two can be compared.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain, islice, tee
from typing import BinaryIO

import duckdb
from bs4 import BeautifulSoup

from extractors.contract import Document, LayoutChanged
from extractors.formats import json_spans, xbrl
from extractors.formats.html_table import Cell, tables
from extractors.formats.packed import zip_member
from extractors.formats.workbook import header_row, read_sheet
from extractors.sql import literal

UNPACKED = 1_000_000_000  # bytes of a zip's member; its parser has let it pass under a limit of its own
CELL = re.compile(r"table (\d+), row (\d+), cell (\d+)")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


class Nowhere(ValueError):
    """There is no such place in the document; says what is there instead."""


@dataclass(frozen=True)
class Evidence:
    """What stands at a place. ``text``: exactly that, of a JSON string and a CSV field without its quotes;
    ``around``: the record, row or object it stands in. ``number``: the text as a number in the unit of the
    dataset, None where it is none; ``reading``: how the number follows from the text. ``states``: columns of
    the row that the text gives in words, and how it gives them after the cleaning that the dataset describes;
    None where it is a number or no more is known."""

    text: str
    around: str
    number: Decimal | None
    reading: str = "as printed"
    states: Mapping[str, str | None] | None = None

    def times(self, factor: Decimal, reading: str) -> Evidence:
        """The same text, where the dataset holds its number times ``factor``, as ``reading`` says."""
        return replace(self, number=None if self.number is None else self.number * factor, reading=reading)


# locator -> what stands there, or why nothing does
Located = dict[str, Evidence | Nowhere]
_Places = Mapping[str, re.Match[str]]
_Wanted = dict[str, tuple[int, str | None]]  # locator -> number of the record, and the column
Grid = list[list[Cell]]


def printed(text: str, around: str) -> Evidence:
    """A text that, if it is a number, is one in plain notation."""
    return Evidence(text, around, Decimal(text.strip()) if _NUMBER.fullmatch(text.strip()) else None)


def locate(document: Document, locators: Iterable[str]) -> Located:
    """What stands at each of these places; the document is read once, however many there are.

    A document that cannot be read at all gives ``Nowhere`` for each of them.
    """
    found: Located = {}
    wanted = list(dict.fromkeys(locators))
    for form, finder in _FORMS.items():
        places = {locator: match for locator in wanted if (match := form.fullmatch(locator))}
        wanted = [locator for locator in wanted if locator not in places]
        if places:
            try:
                found |= finder(document, places)
            except (LayoutChanged, ValueError, LookupError, OSError, csv.Error, duckdb.Error) as error:
                found |= {locator: Nowhere(f"{document.name} cannot be read: {error}") for locator in places}
    return found | {
        locator: Nowhere(f"{document.name}: {locator!r} is no place of a known form") for locator in wanted
    }


def _nowhere(document: Document, locator: str, there: str) -> Nowhere:
    return Nowhere(f"{document.name}: there is no {locator}; {there}")


# ── CSV and Parquet ──────────────────────────────────────────────────────────────────────────────


def _grouped(places: _Places, group: str, number: str) -> dict[str | None, _Wanted]:
    found: dict[str | None, _Wanted] = {}
    for locator, match in places.items():
        found.setdefault(match[group], {})[locator] = int(match[number]), match["column"]
    return found


def _records(document: Document, places: _Places) -> Located:
    found: Located = {}
    for member, wanted in _grouped(places, "member", "record").items():
        if member is not None:
            _, content = zip_member(document, [member], UNPACKED)
            found |= _csv(document, io.BytesIO(content), wanted)
            continue
        with document.path.open("rb") as file:
            if file.peek(4).startswith(b"PAR1"):
                found |= _parquet(document, wanted)
            else:
                found |= _csv(document, file, wanted)
    return found


def _lines(stream: Iterable[str], separator: str) -> Iterator[tuple[list[str], str]]:
    """The records of a CSV file and each as it is in the file."""
    parsed, kept = tee(stream)
    reader, taken = csv.reader(parsed, delimiter=separator), 0
    for row in reader:
        yield row, "".join(islice(kept, reader.line_num - taken)).rstrip("\r\n")
        taken = reader.line_num


def _csv(document: Document, content: BinaryIO, wanted: _Wanted) -> Located:
    """Columns are separated by commas, or by semicolons where only these give a header with the columns asked
    for. Lines without anything are no records."""
    stream = io.TextIOWrapper(content, "utf-8-sig", newline="")
    columns = {column for _, column in wanted.values() if column is not None}
    header, text = next(_lines(stream, ","), ([], ""))
    other, _ = next(_lines(text.splitlines(keepends=True), ";"), ([], ""))
    separator = ","
    if not columns <= set(header) and columns <= set(other):
        header, separator = other, ";"
    records = enumerate(((row, line) for row, line in _lines(stream, separator) if row), 1)
    numbers = {number for number, _ in wanted.values()}
    rows, count = {}, 0
    for count, record in records:
        if count in numbers:
            rows[count] = record
        if len(rows) == len(numbers):
            break
    return _fields(document, header, rows, wanted, count)


def _fields(
    document: Document,
    header: list[str],
    rows: Mapping[int, tuple[list[str], str]],
    wanted: _Wanted,
    count: int,
) -> Located:
    """The fields of records that were read, each given with its whole text; there are ``count`` of them."""
    found: Located = {}
    for locator, (number, column) in wanted.items():
        row, line = rows.get(number, ([], ""))
        columns = header[: len(row)]
        if number not in rows:
            found[locator] = _nowhere(document, locator, f"it has {count} records")
        elif column is None:
            found[locator] = printed(line, line)
        elif column not in columns:
            found[locator] = _nowhere(document, locator, f"the record has the columns {columns}")
        else:
            found[locator] = printed(row[header.index(column)], line)
    return found


def _parquet(document: Document, wanted: _Wanted) -> Located:
    numbers = ", ".join(str(number - 1) for number, _ in wanted.values())
    with duckdb.connect() as con:
        table = f"read_parquet({literal(document.path)}, file_row_number = true)"
        found = con.execute(
            f"""SELECT file_row_number + 1, COLUMNS(* EXCLUDE file_row_number)::VARCHAR FROM {table}
            WHERE file_row_number IN ({numbers})"""
        )
        _, *header = (name for name, *_ in found.description or ())
        rows = {
            number: (
                [value or "" for value in row],
                json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False),
            )
            for number, *row in found.fetchall()
        }
        [(count,)] = con.execute(f"SELECT count(*) FROM {table}").fetchall()
    return _fields(document, header, rows, wanted, count)


# ── Workbooks, HTML, XBRL, JSON ────────────────────────────────────────────────────────────────────────


def _sheets(document: Document, places: _Places) -> Located:
    found: Located = {}
    for sheet, wanted in _grouped(places, "sheet", "row").items():
        # a default binds it in time
        _, rows = read_sheet(document, lambda name, sheet=sheet: name == sheet)  # type: ignore[misc]
        told = {number: (row, " | ".join(row)) for number, row in enumerate(rows, 1)}
        found |= _fields(document, rows[header_row(rows)] if rows else [], told, wanted, len(rows))
    return found


def _cells(document: Document, places: _Places) -> Located:
    return in_tables(document, tables(BeautifulSoup(document.content, "lxml")), places)


def in_tables(document: Document, grids: Sequence[Grid], locators: Iterable[str]) -> Located:
    """What stands at places of a document's tables, for a source that looks at them itself."""
    found: Located = {}
    for locator in locators:
        place = CELL.fullmatch(locator)
        table, row, number = map(int, place.groups()) if place else (0, 0, 0)
        cells = [
            cell
            for grid in grids[table - 1 : table]
            for cell in chain(*grid[row - 1 : row])
            if cell.row == row
        ]
        cell = next((cell for cell in cells if cell.cell == number), None)
        around = " | ".join(cell.text for cell in cells)
        found[locator] = (
            printed(cell.text, around)
            if cell
            else _nowhere(document, locator, f"the row holds: {around}" if cells else "no such row")
        )
    return found


def _facts(document: Document, places: _Places) -> Located:
    facts = dict(enumerate(xbrl.read(document.name, document.content).facts, 1))
    found: Located = {}
    for locator, match in places.items():
        fact = facts.get(int(match["fact"]))
        if fact is None or fact.place != locator:
            found[locator] = _nowhere(
                document, locator, f"there is {fact.place}" if fact else f"it has {len(facts)} facts"
            )
            continue
        about = {
            "from": fact.context.start,
            "to": fact.context.end,
            **fact.context.dimensions,
            "unit": fact.unit,
            "scale": fact.scale,
        }
        readings = {
            f"times 10^{fact.scale}, as the fact says": fact.scale,
            "with the sign of the fact": fact.negative,
            f"in the format {fact.format}": fact.format,
        }
        told = [reading for reading, holds in readings.items() if holds]
        try:
            amount = fact.amount
        except (ValueError, ArithmeticError):
            amount = None
        around = f"{fact.concept}: " + ", ".join(
            f"{name} {value}" for name, value in about.items() if value not in (None, "")
        )
        found[locator] = Evidence(fact.text, around, amount, "; ".join(told) or "as printed")
    return found


def _json(document: Document, places: _Places) -> Located:
    text = document.content.decode("utf-8-sig")
    paths = {locator: json_spans.steps(locator) for locator in places}
    spans = json_spans.spans(text, {path for path in paths.values() if path is not None})
    found: Located = {}
    for locator, path in paths.items():
        if path is None or path not in spans:
            longest = max(
                (known for known in spans if path and path[: len(known)] == known), key=len, default=()
            )
            found[locator] = _nowhere(document, locator, f"of it there is {['$', *longest]}")
            continue
        first, end = spans[path]
        value = text[first:end]
        outer = text[slice(*spans[path[:-1]])] if path else ""
        around = outer if outer[:1] == "{" else value
        found[locator] = printed(json.loads(value) if value[:1] == '"' else value, around)
    return found


_FORMS: dict[re.Pattern[str], Callable[[Document, _Places], Located]] = {
    re.compile(
        r"(?:member (?P<member>.+?), )?record (?P<record>\d+)(?:, column (?P<column>.+))?", re.DOTALL
    ): _records,
    re.compile(r"sheet (?P<sheet>.+?), row (?P<row>\d+), column (?P<column>.+)", re.DOTALL): _sheets,
    CELL: _cells,
    re.compile(r"fact (?P<fact>\d+)(?:, id .+)?"): _facts,
    re.compile(r"\$.*", re.DOTALL): _json,
}
