"""Sources about AI chips, their hand-written samples and the recorded files."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import SOURCES

from flows.refresh import demo_publishers

OWNERS, SALES, COUNTS, OUTPUT, HARDWARE = (
    "epoch_chip_owners",
    "epoch_chip_sales",
    "epoch_chip_counts",
    "epoch_chip_counts_output",
    "epoch_ml_hardware",
)
PARTS = TOTALS, CHIPS, QUARTERS = "cumulative_by_designer", "cumulative_by_chip_type", "quarters_by_chip_type"


def good(source: str, part: str = "") -> bytes:
    return next(
        entry["content"] for entry in demo_publishers.documents(SOURCES[source]) if entry["part"] == part
    )


def recorded(recordings: Path, name: str) -> bytes:
    path = recordings / "compute" / name
    if not path.exists():
        pytest.skip(f"the recording {name} is not in the folder")
    return path.read_bytes()
