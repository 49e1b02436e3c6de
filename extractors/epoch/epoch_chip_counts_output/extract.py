"""Epoch AI, repository ``ai-chip-counts``: totals per designer that its models export."""

from __future__ import annotations

from extractors.contract import Document, Frames
from extractors.epoch.chips import DATES, H100E, INCOMPLETE, LINK, NAME, NOTES, POWER, UNITS, Kind, read
from extractors.formats.tabular import Layout

KINDS = [
    Kind(
        ("nvidia", "amd", "tpu"),
        Layout(
            "export, designers",
            {
                **NAME,
                **DATES,
                "Number of units (5th percentile)": "units_p5",
                "Number of units (median)": "units",
                "Number of units (95th percentile)": "units_p95",
                "Compute estimate in H100e (5th percentile)": "h100e_p5",
                "Compute estimate in H100e (median)": "h100e",
                "Compute estimate in H100e (95th percentile)": "h100e_p95",
                "Power in MW (5th percentile)": "power_mw_p5",
                "Power in MW (median)": "power_mw",
                "Power in MW (95th percentile)": "power_mw_p95",
                **INCOMPLETE,
                **NOTES,
            },
        ),
        "cumulative",
    ),
    Kind(
        ("trainium",),
        Layout("export, Trainium", {**NAME, **DATES, **H100E, **UNITS, **POWER, **LINK, **NOTES}),
        "cumulative",
    ),
]


def parse(document: Document) -> Frames:
    """CSV, one row per quarter: what the designer has sold since the first quarter. Medians with the 5th and
    95th percentile; chips, H100 equivalents, and megawatts. Days are printed month/day/year.
    Source: https://github.com/epoch-research/ai-chip-counts/tree/main/csv_export"""
    return {"chip_output": read(document, KINDS)}
