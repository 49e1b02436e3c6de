"""LMArena, text board under style control, newest publish date."""

from __future__ import annotations

from extractors.contract import Document, Frames
from extractors.lmarena import layouts


def parse(document: Document) -> Frames:
    """Parquet of configuration "text_style_control", split "latest": the newest board, at times several
    publish dates. Unit: Elo points, with the published 95 % interval.
    Source: https://huggingface.co/datasets/lmarena-ai/leaderboard-dataset"""
    return layouts.ratings(document, "style control")
