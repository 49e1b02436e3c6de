"""Text in SQL statements."""

from __future__ import annotations


def literal(value: object) -> str:
    """A SQL text literal of ``value``: for paths, names and comments, which cannot be bound as parameters."""
    return "'" + str(value).replace("'", "''") + "'"
