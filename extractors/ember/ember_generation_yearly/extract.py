"""Ember, yearly electricity data: generation, demand and net imports per country and year."""

from __future__ import annotations

from extractors.contract import Document, Frames
from extractors.ember import layouts


def parse(document: Document) -> Frames:
    """CSV, one row per area, year and electricity source (before July 2026: per area, year, category and
    variable). Unit: TWh, as printed in the column name or the Unit column.
    Source: https://ember-energy.org/data/yearly-electricity-data/"""
    return layouts.parse(document, "year")
