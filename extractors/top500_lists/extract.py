"""TOP500: the 500 most powerful supercomputers, one list every June and November."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from extractors.contract import Document, Frames, LayoutChanged, Records
from extractors.evidence import locate as evidence
from extractors.formats.tabular import Layout, csv_records
from extractors.formats.workbook import is_workbook, read_sheet

_TAKEN = {
    "Rank": "rank",
    "First Appearance": "first_list",
    "Name": "name",
    "Site": "site",
    "Country": "country",
    "Year": "year",
    "Segment": "segment",
    "Total Cores": "cores",
    "Rmax [TFlop/s]": "rmax_tflops",
    "Rpeak [TFlop/s]": "rpeak_tflops",
    "System ID": "system",
}
_START = (
    "Rank,Previous Rank,First Appearance,First"
    " Rank,Name,Computer,Site,Manufacturer,Country,Year,Segment,Total Cores"
)
_START += (
    ",Accelerator/Co-Processor Cores,Rmax [TFlop/s],Rpeak [TFlop/s],Nmax,Nhalf,HPCG [TFlop/s],Power"
    " (kW),Power Source"
)
_CHIPS = (
    "Architecture,Processor,Processor Technology,Processor Speed (MHz),Operating System,OS"
    " Family,Accelerator/Co-Processor"
)
_CHIPS += ",Cores per Socket,Processor Generation,System Model,System Family,Interconnect Family,Interconnect"
_END = "Continent,Site ID,System ID"


def _layout(name: str, *columns: str) -> Layout:
    """Other columns are ignored by name: they describe the machine, or how it ranked before."""
    return Layout(name, {column: _TAKEN.get(column) for column in ",".join(columns).split(",")})


# Performance is in TFlop/s, as the header says. Lists up to 2015 name no unit (GFlop/s): they have no layout
# here.
LAYOUTS = [
    _layout("2019-06", _START, "Power Effeciency [GFlops/Watts]", _CHIPS, "Region", _END),
    _layout("2020-11", _START, "Power Efficiency [GFlops/Watts]", _CHIPS, _END),
    _layout("2023-11", _START, "Energy Efficiency [GFlops/Watts],Memory", _CHIPS, _END),
]
_NUMBERS = ("rank", "first_list", "year", "cores", "rmax_tflops", "rpeak_tflops")
# "1 742 000,00": blanks (also those that do not break a line) between thousands, a decimal comma
_CONTINENTAL = re.compile("(?:[0-9]+|[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+)(?:,[0-9]+)?")
SIZE = 500


def parse(document: Document) -> Frames:
    """Workbook (.xls, .xlsx) with one sheet that is called by the number of the list, or the same table as
    CSV with semicolons and decimal commas. Unit: TFlop/s. The list's month follows from its number: 1 is June
    1993, two a year; a CSV tells it by the newest system. Anything that is not a number where one belongs
    ends in quarantine.
    Source: https://www.top500.org/lists/top500/"""
    if is_workbook(document.content):
        sheet, table = read_sheet(document, str.isdecimal)
    else:
        sheet, table = "", _semicolons(document)
    text = io.StringIO()
    csv.writer(text).writerows(table)
    _, records = csv_records(document.name, text.getvalue().encode(), LAYOUTS)
    listed = _month(document, sheet, records)
    return {"supercomputer": Records([_row(record, sheet, listed) for record in records])}


def _semicolons(document: Document) -> list[list[str]]:
    try:
        text = document.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LayoutChanged(f"{document.name}: neither a workbook nor a CSV in UTF-8: {error}") from error
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    places = [place for place, column in enumerate(rows[0] if rows else []) if _TAKEN.get(column) in _NUMBERS]
    for row in rows[1:]:
        for place in places:
            if place < len(row) and _CONTINENTAL.fullmatch(row[place].strip()):
                row[place] = _plain(row[place])
    return rows


def _plain(text: str) -> str:
    """A continental number in plain notation."""
    return re.sub("[ \u00a0\u202f]", "", text.strip()).replace(",", ".")


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """In the CSV, and only there, a comma is the decimal point and blanks part thousands."""
    found = evidence.locate(document, locators)
    if is_workbook(document.content):
        return found
    return {
        place: _continental(got) if isinstance(got, evidence.Evidence) else got
        for place, got in found.items()
    }


def _continental(found: evidence.Evidence) -> evidence.Evidence:
    if not _CONTINENTAL.fullmatch(found.text.strip()):
        return found
    return replace(
        found,
        number=Decimal(_plain(found.text)),
        reading="blanks between thousands, a comma as the decimal point",
    )


def _month(document: Document, sheet: str, records: list[dict[str, str | None]]) -> str:
    """First day of the list's month. Its number stands as the sheet's name and as the newest system's first
    list."""
    firsts = [int(first) for record in records if (first := record["first_list"]) and first.isdecimal()]
    newest = str(max(firsts, default=0))
    number = int(sheet or newest)
    if not number or (sheet and firsts and sheet != newest):
        raise LayoutChanged(
            f"{document.name}: cannot tell which list it is: sheet {sheet!r}, newest system of list {newest}"
        )
    month = f"{1993 + (number - 1) // 2}-{'06' if number % 2 else '11'}"
    if document.part not in ("", month):
        raise LayoutChanged(f"{document.name}: it holds list {number}, {month}; add it as that part")
    return f"{month}-01"


def _row(record: dict[str, str | None], sheet: str, listed: str) -> dict[str, str | None]:
    values = dict(record)
    number, _ = int(values.pop("_n") or 0), values.pop("first_list")
    rank = values["rank"]
    if rank and rank.isdecimal() and int(rank) > SIZE:
        values["rank"] = f"no rank: {rank}"
    place = f"sheet {sheet}, row {number + 1}" if sheet else f"record {number}"
    blank = not any(values.values())
    return {
        **values,
        "list": listed,
        "_locator": f"{place}, column Rmax [TFlop/s]",
        "_ignored": "wholly blank row" if blank else None,
    }
