"""CSV and Parquet of known layouts, read by the names of their columns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import duckdb

from extractors.contract import Difference, Document, LayoutChanged, Query, Row, Unreadable
from extractors.formats import differences, values
from extractors.sql import literal

HEADER_BYTES = 64_000
SURPLUS = 2_000  # fields that a record may have beyond its header before it is not read at all
MOST_SHOWN = 50  # fields of an unreadable record that are kept


@dataclass(frozen=True)
class Layout:
    """One header a publisher has used: printed column name -> the short name used in SQL.

    ``None`` is a column that is known and not used: it may be gone, as others may be added, and the order of
    columns says nothing. ``optional`` are short names of columns that are used where they are there. A
    ``strict`` layout, that of a table we keep ourselves, must be just so.
    """

    name: str
    columns: Mapping[str, str | None]
    optional: Collection[str] = ()
    strict: bool = False

    @property
    def used(self) -> list[str]:
        """The printed names of the columns that must be there."""
        return [printed for printed, short in self.columns.items() if short and short not in self.optional]

    def compare(self, header: Sequence[str], place: str) -> list[Difference]:
        """Every difference of a header from this layout."""
        optional = [printed for printed, short in self.columns.items() if short in self.optional]
        unused = [printed for printed, short in self.columns.items() if short is None]
        return differences.compare(place, self.used, optional, unused, header)


@dataclass(frozen=True)
class ParquetLayout(Layout):
    """The columns of a Parquet file. ``types``: short name -> how DuckDB's name of its type begins."""

    types: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A CSV whose header holds what a known layout uses; rows are read by DuckDB, as text."""

    path: str
    layout: Layout
    header: Sequence[str]

    def __getitem__(self, short: str) -> str:
        """The printed name of the column that the layout calls ``short``."""
        return next(printed for printed, name in self.layout.columns.items() if name == short)

    def has(self, short: str) -> bool:
        """Whether the file has the column that the layout calls ``short``."""
        return any(self.layout.columns.get(printed) == short for printed in self.header)

    @property
    def scan(self) -> str:
        """The table function that reads all records as text, columns by short name; those it cannot split go
        to ``rejects``."""
        names = [self.layout.columns.get(printed) or f"_{i}" for i, printed in enumerate(self.header)]
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
        return (
            f"read_csv({literal(self.path)}, header=true, auto_detect=false, delim=',', quote='\"',"
            f" escape='\"', columns={{{columns}}},"
            " strict_mode=true, store_rejects=true, rejects_table='rejects', rejects_scan='rejects_scan',"
            f" rejects_limit=0, nullstr=[{', '.join(map(literal, values.NO_VALUE))}])"
        )

    def select(
        self, columns: Mapping[str, str], *, value: str, ignore: Mapping[str, str] | None = None
    ) -> Query:
        """One row per record. ``columns``: dataset column -> SQL over short names; ``value`` is the
        short name of the column that the locator points at; ``ignore``: reason -> SQL condition."""
        return self.select_from("records", columns, place=literal(f", column {self[value]}"), ignore=ignore)

    def select_from(
        self,
        relation: str,
        columns: Mapping[str, str],
        *,
        place: str,
        ignore: Mapping[str, str] | None = None,
    ) -> Query:
        """As ``select``, over a relation derived from ``records`` that keeps ``n``, and with the place as
        SQL."""
        chosen = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
        cases = " ".join(
            f"WHEN {condition} THEN {literal(reason)}" for reason, condition in (ignore or {}).items()
        )
        ignored = f"CASE {cases} END" if cases else "NULL::VARCHAR"
        return Query(
            self.scan,
            f"SELECT {chosen}, n AS _record, {place} AS _place, {ignored} AS _ignored FROM {relation}",
        )


@dataclass(frozen=True)
class ParquetTable(Table):
    """A Parquet file whose columns and types are those of a known layout; rows are read by DuckDB, as
    text."""

    @property
    def scan(self) -> str:
        """All rows with the columns that count, as text: a number in the fewest digits that give it back."""
        columns = ", ".join(
            f'"{printed}"::VARCHAR AS "{short}"'
            for printed in self.header
            if (short := self.layout.columns.get(printed))
        )
        return f"(SELECT {columns} FROM read_parquet({literal(self.path)}))"


def read_csv(document: Document, layouts: Sequence[Layout]) -> Table:
    """The document as a table of one of ``layouts``.

    Raises ``LayoutChanged`` when it is empty, not UTF-8 at its head, lacks columns that the nearest layout
    uses, or has a record of far more fields than the header.
    """
    layout, header = match_layout(document, head_of(document), layouts)
    _check_width(document, len(header))
    return Table(str(document.path), layout, header)


def read_parquet(document: Document, layout: ParquetLayout) -> ParquetTable:
    """The document as a table of ``layout``.

    Raises ``LayoutChanged`` when it is no Parquet file (an error page, a redirect), is cut off, or lacks a
    column that is used or has it with another type.
    """
    path = str(document.path)
    try:
        with duckdb.connect() as con:
            found = {
                row[0]: row[1]
                for row in con.execute(f"DESCRIBE FROM read_parquet({literal(path)})").fetchall()
            }
    except duckdb.Error as error:
        raise LayoutChanged(
            f"{document.name}: not a readable Parquet file, or cut off:"
            f" {str(error).splitlines()[0].replace(path, 'it')}"
        ) from error
    differing = layout.compare(list(found), "schema")
    for printed, short in layout.columns.items():
        wanted = layout.types.get(short or "", ())
        if wanted and printed in found and not found[printed].startswith(tuple(wanted)):
            kinds = f"{found[printed]} where {' or '.join(wanted)} is known"
            differing.append(Difference("schema", "kind", printed, kinds))
    _settle(document, "schema", layout, differing)
    return ParquetTable(path, layout, list(found))


def match_layout(
    document: Document, head: bytes, layouts: Sequence[Layout], inside: str = ""
) -> tuple[Layout, list[str]]:
    """The layout that is most like the first record of ``head``, and that record; ``inside`` says where in
    the document it stands.

    Raises ``LayoutChanged`` that lists every difference when what this layout uses is not there, each column
    once.
    """
    name = document.name + inside
    header = first_record(name, head)
    layout = nearest_layout(header, layouts)
    _settle(
        document,
        f"{inside.removeprefix(', ')}{', ' if inside else ''}header",
        layout,
        layout.compare(header, "header"),
    )
    if layout.strict and header != list(layout.columns):
        found = differences.described(layout.compare(header, "header")) or "columns in another order"
        raise LayoutChanged(f"{name}, header: {found}; the columns of this table are {list(layout.columns)}")
    return layout, header


def first_record(name: str, head: bytes) -> list[str]:
    """The header of a CSV that begins so. Raises ``LayoutChanged`` when it is empty or cannot be read."""
    if not head.strip():
        raise LayoutChanged(f"{name}: the file is empty")
    try:
        text = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1 or len(head)].decode("utf-8-sig")
        return next(csv.reader(io.StringIO(text, newline="")), [])
    except UnicodeDecodeError as error:
        raise LayoutChanged(
            f"{name}: byte {error.start} is not UTF-8: the publisher changed the encoding"
        ) from error
    except csv.Error as error:
        raise LayoutChanged(f"{name}, header: cannot be read as CSV: {error}") from error


def head_of(document: Document) -> bytes:
    """The beginning of a document, in which its header is."""
    with document.path.open("rb") as file:
        return file.read(HEADER_BYTES)


def nearest_layout(header: Sequence[str], layouts: Sequence[Layout]) -> Layout:
    """The layout that shares most columns with a header; of equals one of which nothing is missing."""

    def likeness(layout: Layout) -> tuple[int, int, int]:
        shared = len(set(layout.columns) & set(header))
        missing = len(differences.harmful(layout.compare(header, "")))
        return shared - missing, -missing, -len(layout.columns)

    return max(layouts, key=likeness)


def _settle(document: Document, place: str, layout: Layout, found: list[Difference]) -> None:
    """Note differences that do no harm. Raises ``LayoutChanged`` that lists all where one does."""
    if differences.harmful(found):
        raise LayoutChanged(
            f"{document.name}, {place}: not a known layout (nearest: {layout.name});"
            f" {differences.described(found)}. If the publisher changed the file, add a layout"
            " to the source's extract.py",
            found,
        )
    document.note(found)


def _check_width(document: Document, columns: int) -> None:
    """A reader in C makes room for every field that a record might have: one of very many is refused here.

    Commas in quoted text do not count.
    """
    most = columns + SURPLUS
    with document.path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.count(b",") > most and sum(piece.count(b",") for piece in line.split(b'"')[::2]) > most:
                raise LayoutChanged(
                    f"{document.name}, line {number}: over {most} fields where the header has {columns};"
                    " refused"
                )


class CsvRecords(NamedTuple):
    """Records of a small CSV as dictionaries by short name, with ``_n``, the number of the record; and those
    that are not as wide as the header."""

    layout: Layout
    records: list[Row]
    unreadable: list[Unreadable]


def csv_records(
    document: Document, content: bytes, layouts: Sequence[Layout], inside: str = ""
) -> CsvRecords:
    """The CSV in ``content``, which stands ``inside`` the document (', member a.csv').

    Columns that are not used are left out; optional ones that are not there are None. Raises
    ``LayoutChanged`` for a header that lacks what the nearest layout uses, bytes that are not UTF-8, and a
    last record that breaks off.
    """
    layout, header = match_layout(document, content, layouts, inside)
    name = document.name + inside
    try:
        lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        rows = [row for row in lines if row]  # an empty line is no record
    except (UnicodeDecodeError, csv.Error) as error:
        raise LayoutChanged(f"{name}: cannot be read as CSV in UTF-8: {error}") from error
    shorts = [layout.columns.get(printed) for printed in header]
    absent: Row = {short: None for short in layout.columns.values() if short and short not in shorts}
    found = CsvRecords(layout, [], [])
    for number, row in enumerate(rows[1:], 1):
        if len(row) != len(shorts):
            why = f"{len(row)} fields where the header has {len(shorts)}"
            if layout.strict or (number == len(rows) - 1 and not content.endswith((b"\n", b"\r"))):
                raise LayoutChanged(f"{name}, record {number}: {why}; cut off?")
            place = f"{inside.removeprefix(', ')}{', ' if inside else ''}record {number}"
            found.unreadable.append(Unreadable(place, why, json.dumps(row[:MOST_SHOWN], ensure_ascii=False)))
            continue
        record: Row = {short: values.printed(cell) for short, cell in zip(shorts, row, strict=True) if short}
        found.records.append({"_n": str(number), **absent, **record})
    return found
