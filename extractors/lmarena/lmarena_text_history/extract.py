"""LMArena, text board, every publish date since 2023."""

from __future__ import annotations

from extractors.contract import Document, Frames
from extractors.lmarena import layouts


def parse(document: Document) -> Frames:
    """Parquet of configuration "text", split "full": every publish date, about 1.1 million rows, of which the
    overall ones count. Unit: Elo points, with the published 95 % interval.
    Source: https://huggingface.co/datasets/lmarena-ai/leaderboard-dataset"""
    return layouts.ratings(document, "raw")
