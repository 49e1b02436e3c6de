"""Epoch AI, GPU clusters: AI supercomputers and clusters, existing and planned."""

from __future__ import annotations

import re
from collections import Counter

from extractors.contract import Document, Frames, Records, Row, UnreadableRecord
from extractors.formats.tabular import Layout, csv_records

_TAKEN = {
    "Name": "name",
    "Status": "status",
    "Certainty": "certainty",
    "H100 equivalents": "h100e",
    "Chip type (primary)": "chip",
    "Chip quantity (primary)": "chips",
    "Country": "country",
    "Owner": "owner",
    "First Operational Date": "operational_on",
    "Sector": "sector",
    "Power Capacity (MW)": "power_mw",
    "Possible Duplicate": "duplicate",
    "Include in Standard Analysis": "standard",
    "16-bit OP/s": "ops_16bit",
}
# Not taken: prose and quotes, links, ranks and shares that follow from the rest, other measures, cost, links
# between clusters.
_HEADER = (
    "Name,Status,Certainty,Single cluster?,Max OP/s (log),H100 equivalents,Chip type (primary),Chip quantity"
    " (primary),Country,Owner,"
    "First Operational Date,Note,Sector,Power Capacity (MW),Hardware Cost,Location,Users,Hardware"
    " note,Quote,First Operational Date Note,"
    "Certainty Note,Energy Efficiency (log),Builds Upon,Superseded by,Possible Duplicate,Possible Duplicate"
    " Of,Chip type (secondary),"
    "Chip quantity (secondary),Total number of AI chips,GPU Supplier (primary),GPU supplier"
    " (secondary),Include in Standard Analysis,Exclude,"
    "Rank when first operational,16-bit OP/s (log),Max OP/s,8-bit OP/s,16-bit OP/s,32-bit OP/s,Calculated"
    " Power Capacity (MW),"
    "Reported Power Capacity (MW),Energy Efficiency,Calculated Cost,Reported Cost,Reported Cost (Inflation"
    " adjusted),Cost Quote,Noteworthy,"
    "Decommissioned Date (if applicable),Largest existing cluster when first operational,% of largest"
    " cluster when first operational,"
    "Source 1,Source 2,Source 3,Source 4,Source 5"
)
# A coordinate (since April 2026) is that of the country where the place is not known.
_COLUMNS = [*_HEADER.split(","), "latitude", "longitude"]
LAYOUT = Layout("gpu_clusters.csv", {column: _TAKEN.get(column) for column in _COLUMNS})
# What each column of labels may hold; a file saved again by a spreadsheet says TRUE.
_LABELS = {
    "status": ("Existing", "Planned", "Decommissioned"),
    "certainty": ("Confirmed", "Likely", "Unlikely"),
    "sector": ("Private", "Public", "Public/Private", None),
    "standard": ("True", None),
    "duplicate": ("True", None),
}
_SPREADSHEET_DATE = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}")
_MEASURES = ("h100e", "ops_16bit", "chips", "power_mw")


def parse(document: Document) -> Frames:
    """CSV, one row per cluster. Units: H100 equivalents, operations a second, MW. Countries and owners as
    printed. No column is a key: most names are unique, but all anonymised systems share one. Clusters of one
    name are told apart by status, first day, country and sector, none of which is a measure, so that a
    corrected measure stays the same cluster; those alike in all of them are numbered from the largest down.
    Source: https://epoch.ai/data/gpu_clusters.csv"""
    _, records, unreadable = csv_records(document, document.content, [LAYOUT])
    numbered = ((f"record {record['_n']}", record) for record in records)
    read = Records.of(numbered, _row, unreadable)
    rows = read.rows
    names = Counter(row["name"] for row in rows)
    alike: Counter[tuple[str | None, str]] = Counter()
    for row in sorted(rows, key=_size):
        if names[row["name"]] == 1:
            row["which"] = ""
            continue
        kind = " | ".join(row[field] or "-" for field in ("status", "operational_on", "country", "sector"))
        alike[row["name"], kind] += 1
        row["which"] = f"{kind} | {alike[row['name'], kind]}"
    return {"compute_cluster": Records([_placed(row) for row in rows], read.unreadable)}


def _row(_: str, record: Row) -> Row:
    blank = not any(value for field, value in record.items() if field != "_n")
    for field, known in _LABELS.items():
        if not blank and record[field] not in known:
            raise UnreadableRecord(
                f"{field} is {record[field]!r}, known are {list(known)}; a new label, or a file saved again"
                " by a spreadsheet"
            )
    if _SPREADSHEET_DATE.fullmatch(record["operational_on"] or ""):
        raise UnreadableRecord(
            f"the date {record['operational_on']!r} is a spreadsheet's; take the file as published"
        )
    return record


def _size(row: Row) -> tuple[object, ...]:
    """Orders clusters that are alike, whatever their order in the file: by measures, then by all that is
    printed."""
    return (
        *(-_number(row[measure]) for measure in _MEASURES),
        *(value or "" for field, value in sorted(row.items()) if field != "_n"),
    )


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:  # quarantined under its own reason
        return 0.0


def _placed(record: Row) -> Row:
    values = dict(record)
    number, status, day = values.pop("_n"), values["status"], values.pop("operational_on")
    dates = (
        {"operational_on": None, "planned_on": day}
        if status == "Planned"
        else {"operational_on": day, "planned_on": None}
    )
    blank = not any(value for field, value in values.items() if field != "which")
    flags: Row = {field: "true" if values[field] else "false" for field in ("standard", "duplicate")}
    place: Row = {
        "_locator": f"record {number}, column H100 equivalents",
        "_ignored": "wholly blank row" if blank else None,
    }
    return {**values, **flags, **dates, **place}
