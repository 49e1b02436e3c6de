"""Ember, monthly electricity data: generation, demand and net imports per country and month."""

from __future__ import annotations

from extractors.contract import Document, Frames
from extractors.ember import layouts


def parse(document: Document) -> Frames:
    """CSV, one row per area, month and electricity source (before July 2026: per area, month, category and
    variable). Unit: TWh, as printed in the column name or the Unit column.
    Source: https://ember-energy.org/data/monthly-electricity-data/"""
    return layouts.parse(document, "month")
