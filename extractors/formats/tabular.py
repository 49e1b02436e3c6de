"""Readers that parsers share: CSV and Parquet of known layouts, members of a zip, strict JSON records."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from extractors.contract import Document, LayoutChanged, Query
from extractors.sql import literal

HEADER_BYTES = 64_000
# What reading a zip that is damaged, cut off or packed in a strange way raises.
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError)


@dataclass(frozen=True)
class Layout:
    """One header a publisher has used: printed column name -> the short name used in SQL.

    ``None`` ignores a column by name. Column order is part of a layout.
    """

    name: str
    columns: Mapping[str, str | None]


@dataclass(frozen=True)
class ParquetLayout(Layout):
    """The columns of a Parquet file; their order is no part of it. ``types``: printed column name -> DuckDB
    type of the values."""

    types: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A CSV whose header equals a known layout; rows are read by DuckDB, as text."""

    path: str
    layout: Layout

    def __getitem__(self, short: str) -> str:
        """The printed name of the column that the layout calls ``short``."""
        return next(printed for printed, name in self.layout.columns.items() if name == short)

    def has(self, short: str) -> bool:
        return short in self.layout.columns.values()

    @property
    def scan(self) -> str:
        """The table function that reads all records as text, columns by short name; those it cannot split go
        to ``rejects``."""
        names = [name or f"_{i}" for i, name in enumerate(self.layout.columns.values())]
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
        return (
            f"read_csv({literal(self.path)}, header=true, auto_detect=false, delim=',', quote='\"',"
            f" escape='\"', columns={{{columns}}},"
            " strict_mode=true, store_rejects=true, rejects_table='rejects', rejects_scan='rejects_scan',"
            " rejects_limit=0)"
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
            f'"{printed}"::VARCHAR AS "{name}"' for printed, name in self.layout.columns.items() if name
        )
        return f"(SELECT {columns} FROM read_parquet({literal(self.path)}))"


def read_csv(document: Document, layouts: Sequence[Layout]) -> Table:
    """The document as a table of one of ``layouts``.

    Raises ``LayoutChanged`` when it is empty, not UTF-8 at its head, or its header is none of the layouts;
    the message names the columns that are new, gone or moved against the nearest layout.
    """
    with document.path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    return Table(str(document.path), match_layout(document.name, head, layouts))


def read_parquet(document: Document, layout: ParquetLayout) -> ParquetTable:
    """The document as a table of ``layout``.

    Raises ``LayoutChanged`` when it is no Parquet file (an error page, a redirect), is cut off, or has other
    columns or types.
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
    if found != layout.types:
        wrong = {name: kind for name, kind in found.items() if layout.types.get(name) != kind}
        gone = [name for name in layout.types if name not in found]
        raise LayoutChanged(
            f"{document.name}, schema: not the known layout ({layout.name}); new or of another type {wrong},"
            f" gone {gone}."
            " Another board has another schema; if the publisher changed this one, change the layout"
        )
    return ParquetTable(path, layout)


def match_layout(name: str, head: bytes, layouts: Sequence[Layout]) -> Layout:
    """The layout whose columns are exactly the first record of ``head``, in order."""
    if not head.strip():
        raise LayoutChanged(f"{name}: the file is empty")
    try:
        text = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1 or len(head)].decode("utf-8-sig")
        header = next(csv.reader(io.StringIO(text, newline="")), [])
    except UnicodeDecodeError as error:
        raise LayoutChanged(
            f"{name}: byte {error.start} is not UTF-8: the publisher changed the encoding"
        ) from error
    except csv.Error as error:
        raise LayoutChanged(f"{name}, header: cannot be read as CSV: {error}") from error
    for layout in layouts:
        if list(layout.columns) == header:
            return layout
    nearest = max(layouts, key=lambda layout: len(set(layout.columns) & set(header)))
    known = list(nearest.columns)
    new = [column for column in header if column not in known]
    gone = [column for column in known if column not in header]
    kept = [
        [column for column in one if column in other] for one, other in ((header, known), (known, header))
    ]
    order = "; the order of the columns changed or one is repeated" if kept[0] != kept[1] else ""
    raise LayoutChanged(
        f"{name}, header: not a known layout (nearest: {nearest.name}); new columns {new}, gone"
        f" {gone}{order}."
        " If the publisher changed the file, add a layout to the source's extract.py"
    )


def zip_member(document: Document, names: Sequence[str], limit: int) -> tuple[str, bytes]:
    """Name and bytes of the one member of the zip that is called like one of ``names``.

    Nothing is written to disk. Raises ``LayoutChanged`` for a damaged zip, a member whose name leaves the
    archive, none or more than one match, or a member larger than ``limit`` bytes unpacked.
    """
    try:
        with zipfile.ZipFile(document.path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            for info in members:
                if info.filename.startswith(("/", "\\")) or ".." in info.filename.replace("\\", "/").split(
                    "/"
                ):
                    raise LayoutChanged(
                        f"{document.name}: member {info.filename!r} points outside the archive; refused"
                    )
            found = [info for info in members if info.filename in names]
            if len(found) != 1:
                listed = ", ".join(sorted(info.filename for info in members)[:8])
                raise LayoutChanged(
                    f"{document.name}: expected one member of {list(names)}, found {len(found)} (it holds:"
                    f" {listed} …)"
                )
            with archive.open(found[0]) as member:
                content = member.read(limit + 1)  # the declared size may lie
    except ZIP_ERRORS as error:
        raise LayoutChanged(f"{document.name}: not a readable zip: {error}") from error
    if len(content) > limit:
        raise LayoutChanged(
            f"{document.name}, member {found[0].filename}: over {limit} bytes unpacked; refused"
        )
    return found[0].filename, content


def csv_records(
    name: str, content: bytes, layouts: Sequence[Layout]
) -> tuple[Layout, list[dict[str, str | None]]]:
    """Records of a small CSV as dictionaries by short name (ignored columns left out), with ``_n``.

    Raises ``LayoutChanged`` for an unknown header, bytes that are not UTF-8, or a record of another width.
    """
    layout = match_layout(name, content, layouts)
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise LayoutChanged(f"{name}: cannot be read as CSV in UTF-8: {error}") from error
    shorts = list(layout.columns.values())
    records = []
    for number, row in enumerate(rows[1:], 1):
        if len(row) != len(shorts):
            raise LayoutChanged(
                f"{name}, record {number}: {len(row)} fields where the header has {len(shorts)}; cut off?"
            )
        values: dict[str, str | None] = {
            short: cell.strip() or None for short, cell in zip(shorts, row, strict=True) if short
        }
        records.append({"_n": str(number), **values})
    return layout, records


def take(row: dict[str, Any], field: str, where: str) -> Any:
    """Pop a field that must be there."""
    try:
        return row.pop(field)
    except KeyError:
        raise LayoutChanged(f"{where}: field {field!r} is gone; fields here are {sorted(row)}") from None


def finished(row: Mapping[str, Any], where: str) -> None:
    """Raise ``LayoutChanged`` when a record still holds fields nobody took."""
    if row:
        raise LayoutChanged(f"{where}: unknown fields {sorted(row)}; teach the parser what they mean")
