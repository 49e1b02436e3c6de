"""Epoch AI, AI chip owners: who owns how many AI chips."""

from __future__ import annotations

from extractors.contract import Document, Frames
from extractors.epoch.chips import (
    CHIP,
    DATES,
    EDITED,
    H100E,
    INCOMPLETE,
    LINK,
    NAME,
    NOTES,
    OWNER,
    POWER,
    UNITS,
    UNITS_NAMED_MEDIAN,
    WATTS,
    Kind,
    read,
)
from extractors.formats.tabular import Layout

KINDS = [
    Kind(
        ("cumulative_by_designer",),
        Layout(
            "owners, cumulative by designer",
            {
                **NAME,
                **OWNER,
                **DATES,
                **H100E,
                **UNITS_NAMED_MEDIAN,
                **POWER,
                **LINK,
                **NOTES,
                **EDITED,
                **INCOMPLETE,
            },
        ),
        "cumulative",
    ),
    Kind(
        ("cumulative_by_chip_type",),
        Layout(
            "owners, cumulative by chip type",
            {
                **NAME,
                **OWNER,
                **CHIP,
                **DATES,
                **H100E,
                **UNITS_NAMED_MEDIAN,
                **LINK,
                **NOTES,
                **EDITED,
                **INCOMPLETE,
                "Created": None,  # when the row was made
                **WATTS,
                "Last Modified 2": None,
            },
        ),
        "cumulative",
    ),
    Kind(
        ("quarters_by_chip_type",),
        Layout(
            "owners, quarters by chip type",
            {
                **NAME,
                **OWNER,
                **CHIP,
                **DATES,
                **H100E,
                **UNITS,
                **LINK,
                **NOTES,
                **EDITED,
                **INCOMPLETE,
                **WATTS,
            },
        ),
        "quarter",
    ),
]


def parse(document: Document) -> Frames:
    """CSV, one row per owner, designer, quarter and, in two of the three tables, chip type. Medians with the
    5th and 95th percentile; H100 equivalents, chips, and megawatts. Rows flagged incomplete are kept with the
    flag.
    Source: https://epoch.ai/data/ai-chip-owners"""
    return {"chip_stock": read(document, KINDS)}
