"""Epoch AI, ``benchmark_data.zip``: the Epoch Capabilities Index of each model version."""

from __future__ import annotations

from extractors.contract import Document, Frames, Records
from extractors.epoch import scores
from extractors.formats.packed import zip_member
from extractors.formats.tabular import Layout, csv_records

VERSIONS = Layout(
    "epoch_capabilities_index.csv",
    {
        "Model version": "variant",
        "ECI Score": "eci",
        "Release date": "released_on",
        "Organization": "organization",
        "Country": "country",
        "Model accessibility": "accessibility",
        "Training compute (FLOP)": None,  # another measure, stated by another release
        "Confidence": None,  # of the training compute
        "Model name": "model",
        "Description": None,  # prose
        "Display name": "display_name",
    },
)
# Until August 2026 a file at the top, then a folder of that name with the table of models in it.
FILES = ("epoch_capabilities_index.csv", "epoch_capabilities_index/eci_scores.csv")
MEMBERS = [f"{folder}{name}" for folder in ("", "benchmark_data/") for name in FILES]
UNPACKED = 50_000_000


def parse(document: Document) -> Frames:
    """CSV member of the zip, one row per model version (from September 2026: per model).
    Unit: ECI points. All versions of a model repeat its score. A partial release date ends in quarantine.
    Source: https://epoch.ai/data/benchmark_data.zip"""
    member, content = zip_member(document, MEMBERS, UNPACKED)
    found = csv_records(document, content, [VERSIONS, scores.SCORES], f", member {member}")
    rows = scores.rows(found.layout, found.records, f"member {member}, ")
    for row in rows:
        if row["_ignored"] is None and row["model"] is None and row["eci"] is None:
            row["_ignored"] = "version without a model name and without a score"
    return {"capability_score": Records(rows, found.unreadable)}
