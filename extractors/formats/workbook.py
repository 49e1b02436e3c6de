"""Workbooks (.xlsx, .xls) as rows of text, opened only after their size, shape and cells were looked at."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Sequence
from xml.parsers import expat

import python_calamine

from extractors.contract import Document, LayoutChanged
from extractors.formats.packed import ZIP_ERRORS

UNPACKED = 50_000_000
LAST_ROW, LAST_COLUMN = 20_000, 1_000
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how a .xls begins

Element = tuple[str, dict[str, str]]


def is_workbook(content: bytes) -> bool:
    """Whether the bytes begin as a .xlsx (a zip) or a .xls does."""
    return content.startswith((b"PK", _OLD))


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """The place of the first row with something in it: some sheets begin with empty ones."""
    return next((number for number, row in enumerate(rows) if any(row)), 0)


def read_sheet(document: Document, wanted: Callable[[str], bool]) -> tuple[str, list[list[str]]]:
    """Name and rows of the one sheet whose name is ``wanted``; whole numbers without a decimal point, an
    empty cell as ''.

    Raises ``LayoutChanged`` for a file that cannot be read, is over ``UNPACKED`` bytes unpacked, has a cell
    beyond ``LAST_ROW`` or ``LAST_COLUMN``, or none or several wanted sheets, and in a .xlsx for a formula or
    an error in the sheet: a publisher prints values.
    """
    found = {} if document.content.startswith(_OLD) else _members(document)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(document.content))
        names = [name for name in book.sheet_names if wanted(name)]
        if len(names) != 1:
            raise LayoutChanged(
                f"{document.name}: expected one sheet that is a list, found {names} among {book.sheet_names}"
            )
        if found:
            _check_values(f"{document.name}, sheet {names[0]!r}", found, names[0])
        rows = book.get_sheet_by_name(names[0]).to_python(skip_empty_area=False)
    except LayoutChanged:
        raise
    except BaseException as error:  # where the reader panics it raises what is no Exception
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        raise LayoutChanged(f"{document.name}: not a readable workbook: {error}") from error
    return names[0], [[_text(cell) for cell in row] for row in rows]


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _members(document: Document) -> dict[str, list[Element]]:
    """The elements of every XML member of a .xlsx by its name.

    The reader makes room for every cell up to the last one it sees: one far away ends the process.
    """
    left, found = UNPACKED, {}
    try:
        with zipfile.ZipFile(document.path) as archive:
            for info in archive.infolist():
                with archive.open(info) as member:
                    content = member.read(left + 1)  # the declared size may lie
                left -= len(content)
                if left < 0:
                    raise LayoutChanged(f"{document.name}: over {UNPACKED} bytes unpacked; refused")
                if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
                    found[info.filename] = _elements(f"{document.name}, member {info.filename}", content)
    except ZIP_ERRORS as error:
        raise LayoutChanged(f"{document.name}: not a readable workbook: {error}") from error
    for name, elements in found.items():
        for kind, attributes in elements:
            if kind in ("c", "row", "dimension"):
                _check_place(
                    f"{document.name}, member {name}", attributes.get("r") or attributes.get("ref") or ""
                )
    return found


def _elements(where: str, content: bytes) -> list[Element]:
    """Every element of an XML document, by its name without the namespace."""
    found: list[Element] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_: object) -> None:
        raise LayoutChanged(f"{where}: declares entities; refused")

    def keep(tag: str, attributes: dict[str, str]) -> None:
        found.append(
            (tag.rpartition(" ")[2], {name.rpartition(" ")[2]: value for name, value in attributes.items()})
        )

    parser.EntityDeclHandler, parser.StartElementHandler = refuse, keep
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise LayoutChanged(f"{where}: not XML ({error}); cut off?") from error
    return found


def _check_place(where: str, place: str) -> None:
    for end in place.split(":"):
        cell = _CELL.fullmatch(end.replace("$", ""))
        letters, row = (
            (cell[1], int(cell[2])) if cell else ("", int(end) if re.fullmatch("[0-9]{1,9}", end) else 0)
        )
        column = 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
        if row > LAST_ROW or column > LAST_COLUMN:
            raise LayoutChanged(
                f"{where}: a cell at {end}, beyond row {LAST_ROW} or column {LAST_COLUMN}; refused"
            )


def _check_values(where: str, found: dict[str, list[Element]], sheet: str) -> None:
    """No formula and no error in the sheet: the reader would give what was last computed, or a blank."""
    ids = [
        attributes.get("id")
        for kind, attributes in found.get("xl/workbook.xml", [])
        if kind == "sheet" and attributes.get("name") == sheet
    ]
    targets = {
        attributes.get("Id"): attributes.get("Target", "")
        for _, attributes in found.get("xl/_rels/workbook.xml.rels", [])
    }
    member = posixpath.normpath(posixpath.join("/xl", targets.get(ids[0] if ids else None, ""))).lstrip("/")
    if member not in found:
        raise LayoutChanged(f"{where}: its member {member!r} is not in the workbook")
    place = ""
    for kind, attributes in found[member]:
        if kind == "c":
            place = attributes.get("r", "")
            if attributes.get("t") == "e":
                raise LayoutChanged(f"{where}, cell {place}: an error where the publisher prints a value")
        elif kind == "f":
            raise LayoutChanged(
                f"{where}, cell {place}: a formula where the publisher prints a value;"
                " take the file as published"
            )
