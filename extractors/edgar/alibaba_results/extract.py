"""Alibaba's results announcements (exhibit 99 of a 6-K): revenue of the cloud segment, per quarter and fiscal
year."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from bs4 import BeautifulSoup

from extractors.contract import Ask, Document, Frames, LayoutChanged, Records, Row
from extractors.edgar import filing_index
from extractors.edgar.alibaba_results.columns import (
    AMOUNT,
    MEASURES,
    MONTHS,
    SCALE,
    SCALES,
    column_of,
    heads_above,
    last_day,
)
from extractors.evidence import locate as evidence
from extractors.formats.html_table import Cell, tables, text_of

COMPANY = "Alibaba Group Holding Limited"
# The first two were the names before the June 2023 quarter: another segment, kept apart by its printed name.
LABELS = ("Cloud computing", "Cloud", "Cloud Intelligence Group")
# closes the revenue lines; the lines of adjusted EBITA close with another total
TOTAL = "Consolidated revenue"
NO_AMOUNT = ("-", "–", "—")
DECORATION = ("", "$", "US$", "RMB", ")", "%", ")%")

_PART = re.compile(r"(\d{4}-\d{2}-\d{2})/(\d{10}-\d{2}-\d{6})/([^/]+)")
_HEAD = re.compile(rb"<TYPE>(\S+)\s+<SEQUENCE>\S+\s+<FILENAME>(\S+)")
# A title at the beginning of a line names the quarter; tables and sentences also say what an exhibit is.
_TITLE = re.compile(
    r"(?:^|\n)(?:alibaba group (?:holding limited )?)?(?:announces|announcement of)(?: the)?\s+"
    r"(march|june|september|december) quarter(?: of| and (?:full )?fiscal year)? (20\d\d)\b"
    r"[\s\S]{0,120}?\bresults\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    rf"\brevenue from (?:the )?(?:{'|'.join(sorted(LABELS, key=len, reverse=True))})(?: segment)?"
    r"(?: in the quarter[^.]{0,60}?)? was RMB\s?([\d,]+(?:\.\d+)?) (million|billion)",
    re.IGNORECASE,
)
_FOOTNOTE = re.compile(r"(\s*\(\d+\)|\s*[*†‡])+$")


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
    and nine months and percentages are ignored by name, as is a whole exhibit in which neither title nor
    table nor sentence states results. Where a sentence says the quarter's revenue, the table must agree.
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
    words = text_of(soup)
    lines = "\n".join(re.sub(r"\s+", " ", text) for text in soup.stripped_strings)
    title, sentences = _TITLE.search(lines[:8000]), _SENTENCE.findall(words)
    found = [(grid, line) for grid in tables(soup) for line in _lines(document, grid)]
    about = {"company": COMPANY, "filing": part.group(2), "filed_on": part.group(1), "form": "6-K"}
    if not (title or sentences or found):
        reason = "exhibit that announces no quarterly results"
        return {"company_revenue": Records([_row(about, "the title of the exhibit", reason)])}
    if COMPANY not in words:
        raise LayoutChanged(f"{document.name}: announces results, but not of {COMPANY}")
    rows = [row for grid, line in found for row in _amounts(document, grid, line, about)]
    _settle(rows)
    _check(document, rows, title, sentences)
    return {"company_revenue": Records(rows)}


def _row(about: dict[str, str], place: str, ignored: str | None = None, **values: str) -> Row:
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
) -> list[Row]:
    segment = _label(line)
    rows = []
    for cell, closing in zip(line[1:], [*(cell.text for cell in line[2:]), ""], strict=True):
        if cell.text in DECORATION:
            continue
        # the bracket stands in a cell of its own
        text = cell.text + (")" if cell.text.startswith("(") and closing.startswith(")") else "")
        where = f"{document.name}, {cell.place}"
        column = column_of(where, heads_above(grid, cell))
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
        if not AMOUNT.fullmatch(text) or text.startswith("(") != text.endswith(")"):
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
        if (scale := SCALE.match(cell.text)) and scale[1] in SCALES
    }
    text = found.text.strip("()").replace(",", "")
    if len(notes) != 1 or not AMOUNT.fullmatch(text):
        return found
    [note] = notes
    amount = Decimal(text).scaleb(SCALES[note])
    return replace(
        found,
        number=-amount if found.text.startswith("(") else amount,
        reading=f"in {note}, as a note in the table says",
    )


def _settle(rows: list[Row]) -> None:
    """A repetition is ignored by name; what is stated twice with two values goes to quarantine, twice."""
    stated: dict[tuple[str | None, ...], Row] = {}
    for row in (row for row in rows if not row["_ignored"]):
        key = tuple(row[name] for name in ("segment", "measure", "currency", "period_start", "period_end"))
        first = stated.setdefault(key, row)
        if first is not row and first["printed"] == row["printed"]:
            row["_ignored"] = "the same amount in another table"
        elif first is not row:
            first["amount"] = row["amount"] = f"{first['printed']} and {row['printed']} in one exhibit"


def _check(
    document: Document, rows: list[Row], title: re.Match[str] | None, sentences: list[tuple[str, str]]
) -> None:
    """The announced quarter, of a title or else the newest one, must be there in both currencies, and equal
    to what a sentence says of it."""
    quarters = [row for row in rows if not row["_ignored"] and _months(row) == 3]
    newest = max((row["period_end"] or "" for row in quarters), default="on a day that is not found")
    month = MONTHS.index(title.group(1).lower()) + 1 if title else 0
    announced = last_day(int(title.group(2)), month) if title else newest
    there = [row for row in quarters if row["period_end"] == announced]
    for measure, currency in MEASURES.values():
        if not any((row["measure"], row["currency"]) == (measure, currency) for row in there):
            said = f"; a sentence says RMB{sentences[0][0]} {sentences[0][1]}" if sentences else ""
            raise LayoutChanged(
                f"{document.name}: announces the quarter ended {announced}, but no line of {LABELS} above"
                f" {TOTAL!r} states its {measure} in {currency}{said}; a label or the layout changed"
            )
    printed = [row["amount"] or "" for row in there if row["currency"] == "CNY"]
    for number, unit in sentences[:1]:  # the first one is about the quarter
        scale = SCALES[f"{unit.lower()}s"]
        value = Decimal(number.replace(",", "")).scaleb(scale)
        step = Decimal(10) ** (scale - len(number.partition(".")[2]))
        if not any(AMOUNT.fullmatch(amount) and abs(Decimal(amount) - value) < step for amount in printed):
            raise LayoutChanged(
                f"{document.name}: a sentence says RMB{number} {unit} for the quarter ended {announced}, the"
                f" table {', '.join(printed)}: which one holds?"
            )


def _months(row: Row) -> int:
    """The length of a row's period."""
    start, end = (
        int((row[name] or "")[:4]) * 12 + int((row[name] or "")[5:7])
        for name in ("period_start", "period_end")
    )
    return end - start + 1
