"""LMArena's official data set on Hugging Face: one Parquet file a board and split, one row per model,
category and publish date."""

from __future__ import annotations

from extractors.contract import Document, Frames
from extractors.formats.tabular import ParquetLayout, read_parquet
from extractors.sql import literal

_COLUMNS: dict[str, str | None] = {
    "model_name": "model",
    "organization": "organisation",
    "license": "licence",
    "rating": "rating",
    "rating_lower": "rating_low",
    "rating_upper": "rating_high",
    "variance": None,  # of the rating; the interval says the same
    "vote_count": "votes",
    "rank": None,  # follows from the ratings
    "category": "category",
    "leaderboard_publish_date": "published_on",
}
_NUMBERS = ("rating", "rating_low", "rating_high", "votes")
BOARD = ParquetLayout(
    "a board of LMArena",
    _COLUMNS,
    types={
        short: ("DOUBLE", "FLOAT", "BIGINT", "INTEGER") if short in _NUMBERS else ("VARCHAR", "DATE")
        for short in _COLUMNS.values()
        if short
    },
)
_KEY = "model, category, published_on"
_VALUES = "organisation, licence, rating, rating_low, rating_high, votes"


def ratings(document: Document, configuration: str) -> Frames:
    """The overall ratings of the text board. Unit: Elo points; votes are whole numbers, printed as 5447.0.

    A file may hold several publish dates: each row keeps its own. Of several rows for a model on one day the
    one with the most votes counts, the others cover a part of the board; with as many votes and other values,
    the document is at odds with itself and both are kept, to be refused.
    Source: https://huggingface.co/datasets/lmarena-ai/leaderboard-dataset
    """
    table = read_parquet(document, BOARD)
    columns = {
        "board": "'text'",
        "configuration": literal(configuration),
        "category": "category",
        "published_on": "published_on",
        "model": "model",
        "organisation": "nullif(trim(organisation), '')",
        "licence": "nullif(trim(licence), '')",
        "rating": "rating",
        "rating_low": "rating_low",
        "rating_high": "rating_high",
        "votes": r"regexp_replace(votes, '\.0$', '')",
    }
    ignore = {
        "category other than overall": "category <> 'overall'",
        "repeated model: another row of the day has more votes": (
            "most IS NOT NULL AND coalesce(TRY_CAST(votes AS DOUBLE), 0) < most"
        ),
        "repeated row, the same values": "copy > 1",
    }
    counted = f"""(SELECT *, max(TRY_CAST(votes AS DOUBLE)) OVER (PARTITION BY {_KEY}) AS most,
        row_number() OVER (PARTITION BY {_KEY}, {_VALUES} ORDER BY n) AS copy FROM records)"""
    return {
        "arena_rating": table.select_from(
            counted, columns, place=literal(f", column {table['rating']}"), ignore=ignore
        )
    }
