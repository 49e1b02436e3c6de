"""What the heads above an amount of Alibaba's tables say: unit, period and scale."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass

from extractors.contract import LayoutChanged
from extractors.formats.html_table import Cell

SCALES = {"millions": 6, "thousands": 3, "billions": 9}
MEASURES = {"RMB": ("revenue", "CNY"), "US$": ("revenue, convenience translation", "USD")}
_PERIOD = re.compile(r"(three|six|nine|twelve) months ended|(?:fiscal )?year ended", re.IGNORECASE)
MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_ENDED = re.compile(rf"ended ({'|'.join(MONTHS)}) (\d{{1,2}}),?(?: (20\d\d))?", re.IGNORECASE)
_YEAR = re.compile(r"20\d\d")
SCALE = re.compile(r"\(in (\w+)")
AMOUNT = re.compile(r"\(?-?\d[\d,]*(\.\d+)?\)?")
_MONTHS = {"three": 3, "six": 6, "nine": 9, "twelve": 12}


@dataclass(frozen=True)
class Column:
    """What the heads above one amount say: its unit, period and power of ten. ``unit`` is 'RMB', 'US$' or
    '%'."""

    unit: str
    start: str
    end: str
    months: int
    scale: int


def heads_above(grid: list[list[Cell]], cell: Cell) -> list[str]:
    """What stands above an amount, from the top, down to the first line with a label and amounts."""
    heads = []
    for cells in grid:
        labelled = cells and cells[0].first == 0 and cells[0].text and not cells[0].text.startswith("(in ")
        if labelled and any(AMOUNT.fullmatch(other.text) for other in cells[1:]):
            break
        # A note on the scale at the left edge is for the whole table.
        heads += [
            h.text
            for h in cells
            if h.text
            and (h.text.startswith("(in ") or h.first > 0)
            and (h.first <= cell.first <= h.last or h.first == 0)
        ]
    return heads


def column_of(where: str, heads: list[str]) -> Column:
    """The meaning of a column from its heads. Raises ``LayoutChanged`` when they lack something, say it
    twice or say something unknown."""
    if any("%" in h for h in heads):
        return Column("%", "", "", 0, 0)
    unknown = [
        h for h in heads if not (_PERIOD.match(h) or _YEAR.fullmatch(h) or h in MEASURES or SCALE.match(h))
    ]
    periods = [h for h in heads if _PERIOD.match(h)]
    if unknown or len(periods) != 1:
        raise LayoutChanged(
            f"{where}: heads above are {heads};"
            f" {f'unknown: {unknown}' if unknown else 'one period is needed'}; teach the parser what they"
            " mean"
        )
    ended = _ENDED.search(periods[0])
    years = {h for h in heads if _YEAR.fullmatch(h)} | (
        {ended.group(3)} if ended and ended.group(3) else set()
    )
    units = [h for h in heads if h in MEASURES]
    scales = {scale.group(1) for h in heads if (scale := SCALE.match(h))}
    if ended is None or len(years) != 1 or len(units) != 1 or len(scales) != 1 or not scales <= set(SCALES):
        raise LayoutChanged(
            f"{where}: heads above are {heads}; one end of a period, one year, one of {list(MEASURES)} and"
            " one scale are needed"
        )
    length = _PERIOD.match(periods[0])
    months = _MONTHS.get((length.group(1) or "twelve").lower(), 12) if length else 12
    year, month = int(years.pop()), MONTHS.index(ended.group(1).lower()) + 1
    end = last_day(year, month)
    if int(end[8:]) != int(ended.group(2)):
        raise LayoutChanged(f"{where}: {periods[0]!r} {year} does not end with a month")
    first = year * 12 + month - months  # months since year 0, counted from 0
    start = f"{first // 12}-{first % 12 + 1:02}-01"
    return Column(units[0], start, end, months, SCALES[scales.pop()])


def last_day(year: int, month: int) -> str:
    return f"{year}-{month:02}-{calendar.monthrange(year, month)[1]}"
