"""Epoch AI, AI chip sales: what each designer sold, by chip and quarter."""

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
    UNITS,
    WATTS,
    Kind,
    read,
)
from extractors.formats.tabular import Layout

KINDS = [
    Kind(
        (),
        Layout(
            "sales, quarters by chip type",
            {
                **NAME,
                **DATES,
                **INCOMPLETE,
                **UNITS,
                **H100E,
                **LINK,
                **NOTES,
                **CHIP,
                **EDITED,
                "Chip type (linked)": None,  # the chip again, in another spelling
                "Chip TDP (W)": None,  # of one chip; the total below is its product with the units
                **WATTS,
                "Chip Cost (Linked)": None,
                "Chip Cost (USD)": None,  # an assumption about one chip, not a price paid
                "Cost Estimate (USD)": None,
            },
        ),
        "quarter",
    )
]


def parse(document: Document) -> Frames:
    """CSV, one row per designer, chip type and calendar quarter. Medians with the 5th and 95th percentile;
    chips, H100 equivalents, and megawatts. Rows flagged incomplete are kept with the flag.
    Source: https://epoch.ai/data/ai_chip_sales_timelines_by_chip.csv"""
    return {"chip_output": read(document, KINDS)}
