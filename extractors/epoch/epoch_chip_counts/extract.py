"""Epoch AI, repository ``ai-chip-counts``: totals per owner that its models export."""

from __future__ import annotations

from extractors.contract import Document, Frames
from extractors.epoch.chips import (
    DATES,
    H100E,
    INCOMPLETE,
    LINK,
    NAME,
    NOTES,
    OWNER,
    POWER,
    UNITS,
    WATTS,
    Kind,
    read,
)
from extractors.formats.tabular import Layout

# Power is printed twice, in watts and rounded to megawatts; watts are more exact and are read.
_TOTALS = {**NAME, **OWNER, **DATES, **H100E, **UNITS, **WATTS, **dict.fromkeys(POWER)}
KINDS = [
    Kind(
        ("nvidia", "nvidia_other", "coreweave", "tpu", "amd"),
        Layout("export, owners", {**_TOTALS, **INCOMPLETE, **LINK, **NOTES}),
        "cumulative",
    ),
    Kind(("trainium",), Layout("export, owners of Trainium", {**_TOTALS, **LINK, **NOTES}), "cumulative"),
]


def parse(document: Document) -> Frames:
    """CSV, one row per owner and quarter: the stock since the first quarter. Medians with the 5th and 95th
    percentile; H100 equivalents, chips, and megawatts. Days are printed month/day/year.
    Source: https://github.com/epoch-research/ai-chip-counts/tree/main/owners_csv_export"""
    return {"chip_stock": read(document, KINDS)}
