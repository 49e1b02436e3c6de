"""Alibaba's results announcements (exhibit 99 of a 6-K): revenue of the cloud segment, per quarter and fiscal
year."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from bs4 import BeautifulSoup

from extractors.contract import Ask, Document, Frames, LayoutChanged, Records
from extractors.edgar import filing_index
from extractors.evidence import locate as evidence
from extractors.formats.html_table import Cell, tables, text_of

COMPANY = "Alibaba Group Holding Limited"
# The first two were the names before the June 2023 quarter: another segment, kept apart by its printed name.
LABELS = ("Cloud computing", "Cloud", "Cloud Intelligence Group")
# closes the revenue lines; the lines of adjusted EBITA close with another total
TOTAL = "Consolidated revenue"
SCALES = {"millions": 6, "thousands": 3, "billions": 9}
MEASURES = {"RMB": ("revenue", "CNY"), "US$": ("revenue, convenience translation", "USD")}
NO_AMOUNT = ("-", "–", "—")
DECORATION = ("", "$", "US$", "RMB", ")", "%", ")%")

_PART = re.compile(r"(\d{4}-\d{2}-\d{2})/(\d{10}-\d{2}-\d{6})/([^/]+)")
_HEAD = re.compile(rb"<TYPE>(\S+)\s+<SEQUENCE>\S+\s+<FILENAME>(\S+)")
_QUARTER = r"(march|june|september|december) quarter (?:of )?(20\d\d)\b"
_TITLE = re.compile(
    r"(?:^|\n)(?:alibaba group (?:holding limited )?)?(?:announces|announcement of)(?:"
    rf" the)?\s+{_QUARTER}[\s\S]{{0,120}}?\bresults\b",
    re.IGNORECASE,
)
_PERIOD = re.compile(r"(three|six|nine|twelve) months ended|(?:fiscal )?year ended", re.IGNORECASE)
_NAMES = [
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
_ENDED = re.compile(rf"ended ({'|'.join(_NAMES)}) (\d{{1,2}}),?(?: (20\d\d))?", re.IGNORECASE)
_YEAR = re.compile(r"20\d\d")
_SCALE = re.compile(r"\(in (\w+)")
_AMOUNT = re.compile(r"\(?-?\d[\d,]*(\.\d+)?\)?")
_FOOTNOTE = re.compile(r"(\s*\(\d+\)|\s*[*†‡])+$")
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


def follow(document: Document) -> list[Ask]:
    """The exhibits 99 of a filing, public since the filing was accepted; results are one of them in four
    filings a year."""
    filing = filing_index.read(document)
    return [
        Ask(
            f"{filing.filed_on}/{filing.accession}/{listed.document}",
            filing_index.address(filing, filing_index.ALIBABA, listed.document),
            filing.accepted,
        )
        for listed in filing.documents
        if listed.type.startswith("EX-99") and listed.document.lower().endswith((".htm", ".html"))
    ]


def parse(document: Document) -> Frames:
    """HTML exhibit: the line of the cloud segment in the table of revenue by segment. Unit: printed in
    millions, kept in units of the currency; RMB and the company's US$ figure are two measures. Periods of six
    and nine months and percentages are ignored by name, as is a whole exhibit that is no results
    announcement.
    Source: https://www.sec.gov/Archives/edgar/data/1577552"""
    part = _PART.fullmatch(document.part)
    head = _HEAD.search(document.content[:2000])
    if part is None:
        raise LayoutChanged(
            f"{document.name}: its part is not 'day filed/accession number/file':"
            " cannot tell which filing states it"
        )
    if (
        head is None
        or not head.group(1).startswith(b"EX-99")
        or head.group(2).decode("ascii", "replace") != part.group(3)
    ):
        raise LayoutChanged(
            f"{document.name}: does not begin as exhibit 99 {part.group(3)} does on EDGAR;"
            " not the document asked for"
        )
    soup = BeautifulSoup(document.content[head.end() :], "lxml")
    title = _TITLE.search("\n".join(re.sub(r"\s+", " ", text) for text in soup.stripped_strings)[:8000])
    about = {"company": COMPANY, "filing": part.group(2), "filed_on": part.group(1), "form": "6-K"}
    if title is None:
        return {
            "company_revenue": Records(
                [
                    _row(
                        about,
                        "the title of the exhibit",
                        ignored="exhibit that announces no quarterly results",
                    )
                ]
            )
        }
    if COMPANY not in text_of(soup):
        raise LayoutChanged(f"{document.name}: announces results, but not of {COMPANY}")
    rows = [
        row
        for grid in tables(soup)
        for line in _lines(document, grid)
        for row in _amounts(document, grid, line, about)
    ]
    _check(document, rows, title)
    return {"company_revenue": Records(rows)}


def _row(
    about: dict[str, str], place: str, ignored: str | None = None, **values: str
) -> dict[str, str | None]:
    names = (
        "segment",
        "measure",
        "concept",
        "currency",
        "period_end",
        "period_start",
        "amount",
        "printed",
        "scale",
    )
    return {**about, **{name: values.get(name) for name in names}, "_locator": place, "_ignored": ignored}


def _label(cells: list[Cell]) -> str:
    """The label of a line, without marks of footnotes."""
    return _FOOTNOTE.sub("", cells[0].text) if cells and cells[0].first == 0 else ""


def _lines(document: Document, grid: list[list[Cell]]) -> list[list[Cell]]:
    """The lines of the cloud segment that the total of revenue closes. A table of other measures has none."""
    found = []
    for number, cells in enumerate(grid):
        if _label(cells) in LABELS:
            totals = (_label(below) for below in grid[number + 1 :])
            if next((label for label in totals if label.startswith(("Consolidated", "Total"))), "") == TOTAL:
                found.append(cells)
    if len(found) > 1:
        raise LayoutChanged(
            f"{document.name}, table {found[0][0].table}: {len(found)} lines of the cloud segment above"
            f" {TOTAL!r}; cannot tell which is meant"
        )
    return found


def _amounts(
    document: Document, grid: list[list[Cell]], line: list[Cell], about: dict[str, str]
) -> list[dict[str, str | None]]:
    segment = _label(line)
    rows = []
    for cell, closing in zip(line[1:], [*(cell.text for cell in line[2:]), ""], strict=True):
        if cell.text in DECORATION:
            continue
        # the bracket stands in a cell of its own
        text = cell.text + (")" if cell.text.startswith("(") and closing.startswith(")") else "")
        where = f"{document.name}, {cell.place}"
        column = _column(where, _heads(grid, cell))
        if column.unit == "%":
            rows.append(_row(about, cell.place, "share or change in per cent"))
            continue
        measure, currency = MEASURES[column.unit]
        reason = (
            "half-year or nine months: the quarters in it are stated apart"
            if column.months in (6, 9)
            else None
        )
        if text in NO_AMOUNT:
            reason = "no amount (—)"
        period = {"period_start": column.start, "period_end": column.end}
        stated = {
            "segment": segment,
            "concept": line[0].text,
            "measure": measure,
            "currency": currency,
            **period,
        }
        printed = text.replace(",", "")
        rows.append(
            _row(
                about,
                cell.place,
                reason,
                **stated,
                amount=_scaled(text, column.scale),
                printed=printed,
                scale=str(column.scale),
            )
        )
    return rows


def _scaled(text: str, scale: int) -> str:
    """In units of the currency; brackets are negative. What is no amount stays as printed and ends in
    quarantine."""
    try:
        if not _AMOUNT.fullmatch(text) or text.startswith("(") != text.endswith(")"):
            return text
        value = Decimal(text.strip("()").replace(",", "")).scaleb(scale)
    except InvalidOperation:
        return text
    return format(-value if text.startswith("(") else value, "f")


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """Amounts have commas between thousands and brackets where they are negative, in the power of ten that a
    note in their table names."""
    grids = tables(BeautifulSoup(document.content, "lxml"))
    return {
        place: _read(found, grids[int(evidence.CELL.findall(place)[0][0]) - 1])
        if isinstance(found, evidence.Evidence)
        else found
        for place, found in evidence.in_tables(document, grids, locators).items()
    }


def _read(found: evidence.Evidence, grid: evidence.Grid) -> evidence.Evidence:
    notes = {
        scale[1]
        for cells in grid
        for cell in cells
        if (scale := _SCALE.match(cell.text)) and scale[1] in SCALES
    }
    text = found.text.strip("()").replace(",", "")
    if len(notes) != 1 or not _AMOUNT.fullmatch(text):
        return found
    [note] = notes
    amount = Decimal(text).scaleb(SCALES[note])
    return replace(
        found,
        number=-amount if found.text.startswith("(") else amount,
        reading=f"in {note}, as a note in the table says",
    )


def _heads(grid: list[list[Cell]], cell: Cell) -> list[str]:
    """What stands above an amount, from the top, down to the first line with a label and amounts."""
    heads = []
    for cells in grid:
        labelled = cells and cells[0].first == 0 and cells[0].text and not cells[0].text.startswith("(in ")
        if labelled and any(_AMOUNT.fullmatch(other.text) for other in cells[1:]):
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


def _column(where: str, heads: list[str]) -> Column:
    """The meaning of a column from its heads. Raises ``LayoutChanged`` when they lack something, say it
    twice or say something unknown."""
    if any("%" in h for h in heads):
        return Column("%", "", "", 0, 0)
    unknown = [
        h for h in heads if not (_PERIOD.match(h) or _YEAR.fullmatch(h) or h in MEASURES or _SCALE.match(h))
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
    scales = {scale.group(1) for h in heads if (scale := _SCALE.match(h))}
    if ended is None or len(years) != 1 or len(units) != 1 or len(scales) != 1 or not scales <= set(SCALES):
        raise LayoutChanged(
            f"{where}: heads above are {heads}; one end of a period, one year, one of {list(MEASURES)} and"
            " one scale are needed"
        )
    length = _PERIOD.match(periods[0])
    months = _MONTHS.get((length.group(1) or "twelve").lower(), 12) if length else 12
    year, month = int(years.pop()), _NAMES.index(ended.group(1).lower()) + 1
    end = _last_day(year, month)
    if int(end[8:]) != int(ended.group(2)):
        raise LayoutChanged(f"{where}: {periods[0]!r} {year} does not end with a month")
    first = year * 12 + month - months  # months since year 0, counted from 0
    start = f"{first // 12}-{first % 12 + 1:02}-01"
    return Column(units[0], start, end, months, SCALES[scales.pop()])


def _last_day(year: int, month: int) -> str:
    return f"{year}-{month:02}-{calendar.monthrange(year, month)[1]}"


def _check(document: Document, rows: list[dict[str, str | None]], title: re.Match[str]) -> None:
    """The announced quarter must be there in both currencies, and nothing stated twice with two values; a
    repetition is ignored by name."""
    stated: dict[tuple[str | None, ...], str | None] = {}
    for row in rows:
        if row["_ignored"]:
            continue
        key = tuple(row[name] for name in ("segment", "measure", "currency", "period_start", "period_end"))
        if key in stated:
            if stated[key] != row["printed"]:
                raise LayoutChanged(
                    f"{document.name}, {row['_locator']}: {key} is {row['printed']} here and {stated[key]} in"
                    " a table before it"
                )
            row["_ignored"] = "the same amount in another table"
        stated[key] = row["printed"]
    year = int(title.group(2))
    announced = _last_day(year, _NAMES.index(title.group(1).lower()) + 1)
    for measure, currency in MEASURES.values():
        quarters = [
            key
            for key in stated
            if key[1:3] == (measure, currency) and key[4] == announced and key[3] != f"{year - 1}-04-01"
        ]
        if not quarters:
            raise LayoutChanged(
                f"{document.name}: announces the quarter ended {announced}, but no line of {LABELS} above"
                f" {TOTAL!r} states its {measure}"
                f" in {currency}; a label or the layout changed"
            )
