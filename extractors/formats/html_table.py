"""Tables of HTML documents as grids, with merged cells laid out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag


@dataclass(frozen=True)
class Cell:
    """One cell: its text, the grid columns it covers (``first`` to ``last``), and its place in the document,
    counted from 1."""

    text: str
    first: int
    last: int
    table: int
    row: int
    cell: int

    @property
    def place(self) -> str:
        return f"table {self.table}, row {self.row}, cell {self.cell}"


def text_of(tag: Tag) -> str:
    """The words of a tag, with one blank between them."""
    return re.sub(r"\s+", " ", tag.get_text(" ")).strip()


def tables(soup: BeautifulSoup) -> list[list[list[Cell]]]:
    """Every table of the document, outer before inner, as rows of cells. A cell merged over rows stands in
    each of them."""
    return [_grid(table, number) for number, table in enumerate(soup.find_all("table"), 1)]


def _grid(table: Tag, number: int) -> list[list[Cell]]:
    own = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    grid: list[list[Cell]] = []
    hanging: list[tuple[Cell, int]] = []  # cells merged over rows, and for how many more
    for row_number, row in enumerate(own, 1):
        cells = [cell for cell, _ in hanging]
        taken = {column for cell in cells for column in range(cell.first, cell.last + 1)}
        hanging = [(cell, rows - 1) for cell, rows in hanging if rows > 1]
        column = 0
        for cell_number, tag in enumerate(row.find_all(["td", "th"], recursive=False), 1):
            while column in taken:
                column += 1
            cell = Cell(
                text_of(tag), column, column + _span(tag, "colspan") - 1, number, row_number, cell_number
            )
            cells.append(cell)
            if (rows := _span(tag, "rowspan")) > 1:
                hanging.append((cell, rows - 1))
            column = cell.last + 1
        grid.append(sorted(cells, key=lambda cell: cell.first))
    return grid


def _span(tag: Tag, name: str) -> int:
    printed = str(tag.get(name, "1")).strip()
    return max(1, int(printed)) if printed.isdecimal() else 1
