"""Epoch AI's estimates of AI chips: the tables on its site and the exports of its repository
``ai-chip-counts``.

One quantity goes by several names: which, depends on the table. A layout gives each its short name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from extractors.contract import Document, LayoutChanged, Query
from extractors.formats import differences
from extractors.formats.tabular import Layout, first_record, head_of, nearest_layout, read_csv

Measure = Literal["cumulative", "quarter"]

NAME: dict[str, str | None] = {
    "Name": None,  # a label made of the other columns, in a template that differs from row to row
    "Chip manufacturer": "designer",
}
OWNER: dict[str, str | None] = {"Owner": "organisation"}
CHIP: dict[str, str | None] = {"Chip type": "chip_type"}
DATES: dict[str, str | None] = {"Start date": "period_start", "End date": "period_end"}
H100E: dict[str, str | None] = {
    "Compute estimate in H100e (median)": "h100e",
    "H100e (5th percentile)": "h100e_p5",
    "H100e (95th percentile)": "h100e_p95",
}
UNITS: dict[str, str | None] = {
    "Number of Units": "units",
    "Number of Units (5th percentile)": "units_p5",
    "Number of Units (95th percentile)": "units_p95",
}
UNITS_NAMED_MEDIAN: dict[str, str | None] = {
    "Number of Units (median)": "units",
    **{k: v for k, v in UNITS.items() if v != "units"},
}
POWER: dict[str, str | None] = {
    "Power in MW (median)": "power_mw",
    "Power in MW (5th percentile)": "power_mw_p5",
    "Power in MW (95th percentile)": "power_mw_p95",
}
WATTS: dict[str, str | None] = {
    "Total TDP (W)": "power_w",
    "Total TDP (W) (5th percentile)": "power_w_p5",
    "Total TDP (W) (95th percentile)": "power_w_p95",
}
LINK: dict[str, str | None] = {"Source / Link": None}  # where a figure was read; few rows have one
NOTES: dict[str, str | None] = {"Notes": "notes"}
# who edited the row (a person), and when
EDITED: dict[str, str | None] = {"Last Modified By": None, "Last Modified": None}
INCOMPLETE: dict[str, str | None] = {"Incomplete": "incomplete"}


@dataclass(frozen=True)
class Kind:
    """What a table states: the documents (parts) it may come as, its layout, and stock so far or chips of one
    quarter."""

    parts: tuple[str, ...]
    layout: Layout
    measure: Measure


def read(document: Document, kinds: Sequence[Kind]) -> Query:
    """The document's table as rows of ``chip_stock`` (where it has owners) or ``chip_output`` (where not).

    Units: chips; H100 equivalents; megawatts of thermal design power, watts divided by a million. Raises
    ``LayoutChanged`` for an unknown header, and for one that belongs to another of the source's documents.
    """
    own = [kind for kind in kinds if not document.part or not kind.parts or document.part in kind.parts]
    if not own:
        raise LayoutChanged(f"{document.name}: {document.part} is none of the tables that are known")
    _refuse_exchanged(document, own, [kind for kind in kinds if kind not in own])
    table = read_csv(document, [kind.layout for kind in own])
    kind = next(kind for kind in own if kind.layout is table.layout)
    columns = (
        {"designer": _text("designer"), "organisation": _text("organisation")}
        if table.has("organisation")
        else {"organisation": _text("designer")}
    )
    columns["chip_type"] = f"coalesce({_text('chip_type')}, '')" if table.has("chip_type") else "''"
    columns["measure"] = f"'{kind.measure}'"
    for name in ("period_end", "period_start"):
        columns[name] = _day(name)
    for name in ("h100e", "h100e_p5", "h100e_p95", "units", "units_p5", "units_p95"):
        columns[name] = _text(name)
    for ending in ("", "_p5", "_p95"):
        watts = f"power_w{ending}"
        columns[f"power_mw{ending}"] = (
            _megawatts(watts)
            if table.has(watts)
            else _text(f"power_mw{ending}")
            if table.has(f"power_mw{ending}")
            else "NULL"
        )
    columns["incomplete"] = _incomplete(table.has("incomplete"))
    columns["notes"] = _text("notes")
    return table.select(columns, value="h100e")


def _refuse_exchanged(document: Document, own: Sequence[Kind], others: Sequence[Kind]) -> None:
    """Raise ``LayoutChanged`` for a header that is just that of another of the source's documents."""
    header = first_record(document.name, head_of(document))
    found = nearest_layout(header, [kind.layout for kind in own]).compare(header, "header")
    for kind in others if found else ():
        if not kind.layout.compare(header, "header"):
            raise LayoutChanged(
                f"{document.name}, header: this is the layout of {', '.join(kind.parts)}"
                f" ({differences.described(found)}); the publisher may have exchanged files",
                found,
            )


def _text(name: str) -> str:
    return f"nullif(trim({name}, ' ' || chr(9) || chr(10) || chr(13)), '')"


def _day(name: str) -> str:
    """ISO days as they are; the repository's month/day/year turned round. The last day of a quarter is past
    the 12th, so a table in day/month order cannot pass for one in this order."""
    return (
        f"CASE WHEN regexp_full_match({name}, '\\d{{1,2}}/\\d{{1,2}}/\\d{{4}}')"
        f" THEN coalesce(try_strptime({name}, '%m/%d/%Y')::DATE::VARCHAR, {name}) ELSE {_text(name)} END"
    )


def _megawatts(name: str) -> str:
    return f"coalesce((TRY_CAST({_text(name)} AS DOUBLE) / 1e6)::VARCHAR, {_text(name)})"


def _incomplete(flagged: bool) -> str:
    """The flag is 'True' on the site and 'checked' in the repository; a note says the same in words. Another
    text stays as printed and ends in quarantine."""
    noted = "WHEN contains(coalesce(notes, ''), 'Incomplete:') THEN 'true'"
    flag = (
        "WHEN incomplete IN ('True', 'checked') THEN 'true'"
        " WHEN coalesce(incomplete, '') IN ('', 'False') THEN 'false' ELSE incomplete"
    )
    return f"CASE {noted} {flag} END" if flagged else f"CASE {noted} ELSE 'false' END"
