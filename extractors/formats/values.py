"""What publishers print where they have no value: one vocabulary for all sources."""

from __future__ import annotations

# A source that prints something else in that place, such as 0.0, says so in its own parser.
NO_VALUE = ("", "N/A", "n/a", "#N/A", "NA", "NaN", "nan", "-", "--", "–", "—", "null", "NULL")


def printed(text: str) -> str | None:
    """A cell's text without blanks around it; None where it says that there is no value."""
    found = text.strip()
    return None if found in NO_VALUE else found
