"""TOP500: the 500 most powerful supercomputers, one list every June and November."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from extractors.contract import Document, Frames, LayoutChanged, Records, Row, Unreadable
from extractors.evidence import locate as evidence
from extractors.formats.tabular import Layout, csv_records
from extractors.formats.workbook import header_row, is_workbook, read_sheet

_TAKEN = {
    "Rank": "rank",
    "First Appearance": "first_list",
    "Name": "name",
    "Site": "site",
    "Country": "country",
    "Year": "year",
    "Segment": "segment",
    "System ID": "system",
}
# Known and not used: they describe the machine, or how it ranked before.
_UNUSED = (
    *("Previous Rank", "First Rank", "Computer", "Manufacturer", "Nmax", "Nhalf", "Architecture"),
    *("Processor", "Processor Technology", "Processor Speed (MHz)", "Operating System", "OS Family"),
    *("Cores per Socket", "Processor Generation", "System Model", "System Family"),
    *("Interconnect Family", "Interconnect", "Continent"),
)


def _layout(name: str, cores: str, rmax: str, rpeak: str) -> Layout:
    measured = {cores: "cores", rmax: "rmax", rpeak: "rpeak"}
    return Layout(
        name, {**_TAKEN, **measured, **dict.fromkeys(_UNUSED)}, optional=("first_list", "name", "system")
    )


# Where the header names no unit it is GFlop/s.
TERAFLOPS = _layout("since June 2017", "Total Cores", "Rmax [TFlop/s]", "Rpeak [TFlop/s]")
LAYOUTS = [
    TERAFLOPS,
    _layout("November 2011 to November 2016", "Total Cores", "Rmax", "Rpeak"),
    _layout("until June 2011", "Cores", "RMax", "RPeak"),
    _layout("until 2007", "Processors", "RMax", "RPeak"),
]
_NUMBERS = ("Rank", "First Appearance", "Year", "Total Cores", "Rmax [TFlop/s]", "Rpeak [TFlop/s]")
# The sheet's name where it is not the number of the list.
_UNNUMBERED = "Sublist Results"
# Measured performance as a share of the peak, beyond which one of the two is misprinted.
_EFFICIENCY = (Decimal("0.02"), Decimal("1.2"))
# "1 742 000,00": blanks (also those that do not break a line) between thousands, a decimal comma
_CONTINENTAL = re.compile("(?:[0-9]+|[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+)(?:,[0-9]+)?")
SIZE = 500


def parse(document: Document) -> Frames:
    """Workbook (.xls, .xlsx) with one sheet that is called by the number of the list, or the same table as
    CSV with semicolons and decimal commas. Unit: TFlop/s, GFlop/s where the header names none. The list's
    month follows from its number: 1 is June 1993, two a year; a CSV tells it by the newest system, and
    workbooks until June 2011 do not tell it: the part has to. Anything that is not a number where one belongs
    ends in quarantine; of two performances that cannot both be right the peak is left open.
    Source: https://www.top500.org/lists/top500/"""
    if is_workbook(document.content):
        sheet, table = read_sheet(document, lambda name: name.isdecimal() or name == _UNNUMBERED)
    else:
        sheet, table = "", _semicolons(document)
    above = header_row(table)
    text = io.StringIO()
    csv.writer(text).writerows(table[above:])
    found = csv_records(document, text.getvalue().encode(), LAYOUTS)
    listed = _month(document, sheet, found.records)
    printed = {short: name for name, short in found.layout.columns.items() if short}
    unit = Decimal(1) if found.layout is TERAFLOPS else Decimal("0.001")
    rows, opened = [], []
    for record in found.records:
        row = _row(record, sheet, above, listed, printed, unit)
        if why := _misprint(row):
            place = (row["_locator"] or "").rpartition(", ")[0]
            raw = json.dumps(
                {name: value for name, value in record.items() if name != "_n"}, ensure_ascii=False
            )
            opened.append(Unreadable(f"{place}, column {printed['rpeak']}", why, raw))
            row["rpeak_tflops"] = None
        rows.append(row)
    return {"supercomputer": Records(rows, found.unreadable, opened)}


def _semicolons(document: Document) -> list[list[str]]:
    try:
        text = document.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LayoutChanged(f"{document.name}: neither a workbook nor a CSV in UTF-8: {error}") from error
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    places = [place for place, column in enumerate(rows[0] if rows else []) if column in _NUMBERS]
    for row in rows[1:]:
        for place in places:
            if place < len(row) and _CONTINENTAL.fullmatch(row[place].strip()):
                row[place] = _plain(row[place])
    return rows


def _plain(text: str) -> str:
    """A continental number in plain notation."""
    return re.sub("[ \u00a0\u202f]", "", text.strip()).replace(",", ".")


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """In the CSV, and only there, a comma is the decimal point and blanks part thousands. GFlop/s are printed
    where the column names no unit, TFlop/s are kept."""
    found = evidence.locate(document, locators)
    read: evidence.Located = {}
    for place, got in found.items():
        one = got
        if isinstance(one, evidence.Evidence) and not is_workbook(document.content):
            one = _continental(one)
        if isinstance(one, evidence.Evidence) and "[TFlop/s]" not in place:
            one = one.times(Decimal("0.001"), "GFlop/s, divided by 1000 for TFlop/s")
        read[place] = one
    return read


def _continental(found: evidence.Evidence) -> evidence.Evidence:
    if not _CONTINENTAL.fullmatch(found.text.strip()):
        return found
    return replace(
        found,
        number=Decimal(_plain(found.text)),
        reading="blanks between thousands, a comma as the decimal point",
    )


def _month(document: Document, sheet: str, records: list[Row]) -> str:
    """First day of the list's month. Its number stands as the sheet's name and as the newest system's first
    list."""
    firsts = [int(first) for record in records if (first := record["first_list"]) and first.isdecimal()]
    newest = str(max(firsts, default=0))
    number = int(sheet if sheet.isdecimal() else newest)
    if sheet.isdecimal() and firsts and sheet != newest:
        raise LayoutChanged(
            f"{document.name}: cannot tell which list it is: sheet {sheet!r}, newest system of list {newest}"
        )
    month = f"{1993 + (number - 1) // 2}-{'06' if number % 2 else '11'}" if number else document.part
    years = [int(year) for record in records if (year := record["year"]) and year.isdecimal()]
    if not re.fullmatch(r"(199[3-9]|20\d\d)-(06|11)", month) or (
        not number and str(max(years, default=0)) not in (month[:4], str(int(month[:4]) - 1))
    ):
        raise LayoutChanged(
            f"{document.name}: which list it is does not stand in it (newest system of"
            f" {max(years, default=0)}): add it with gapwatch backfill top500_lists FILE --part YYYY-06 or"
            " --part YYYY-11"
        )
    if document.part not in ("", month):
        raise LayoutChanged(f"{document.name}: it holds list {number}, {month}; add it as that part")
    return f"{month}-01"


def _row(record: Row, sheet: str, above: int, listed: str, printed: dict[str, str], unit: Decimal) -> Row:
    values = dict(record)
    number, _ = int(values.pop("_n") or 0), values.pop("first_list")
    rank = values["rank"]
    if rank and rank.isdecimal() and int(rank) > SIZE:
        values["rank"] = f"no rank: {rank}"
    place = f"sheet {sheet}, row {above + number + 1}" if sheet else f"record {number}"
    blank = not any(values.values())
    measured = {f"{name}_tflops": _scaled(values.pop(name), unit) for name in ("rmax", "rpeak")}
    return {
        **values,
        **measured,
        "list": listed,
        "_locator": f"{place}, column {printed['rmax']}",
        "_ignored": "wholly blank row" if blank else None,
    }


def _scaled(text: str | None, unit: Decimal) -> str | None:
    """A number in TFlop/s; what is no number stays as printed, for quarantine."""
    try:
        return text and (text if unit == 1 else format(Decimal(text) * unit, "f"))
    except InvalidOperation:
        return text


def _misprint(row: Row) -> str | None:
    """Why the peak of a system cannot be right beside what was measured."""
    try:
        reached, peak = Decimal(row["rmax_tflops"] or ""), Decimal(row["rpeak_tflops"] or "")
        share = reached / peak if peak else Decimal(0)
    except InvalidOperation:
        return None
    if _EFFICIENCY[0] <= share <= _EFFICIENCY[1]:
        return None
    return (
        f"rank {row['rank']}, system {row['system'] or row['name'] or row['site']}: measured {reached}"
        f" TFlop/s beside a peak of {peak}; the peak is left open"
    )
