"""Epoch AI, ``eci_scores.csv``: the Epoch Capabilities Index of each model."""

from __future__ import annotations

from extractors.contract import Document, Frames, Records
from extractors.epoch import scores
from extractors.formats.tabular import csv_records


def parse(document: Document) -> Frames:
    """CSV, one row per model. Unit: ECI points, with the bounds of the published 90 % interval; the models
    that anchor the scale have none. A partial release date ("2024") ends in quarantine.
    Source: https://epoch.ai/data/eci_scores.csv"""
    found = csv_records(document, document.content, [scores.SCORES])
    return {"capability_score": Records(scores.rows(found.layout, found.records), found.unreadable)}
