"""Epoch AI's table of capability scores, ``eci_scores.csv``: alone, and inside the benchmark zip."""

from __future__ import annotations

from collections.abc import Sequence

from extractors.formats.tabular import Layout

SCORES = Layout(
    "eci_scores.csv",
    {
        "Model": "model",
        "Display name": "display_name",
        "eci": "eci",
        "eci_ci_low": "eci_low",
        "eci_ci_high": "eci_high",
        "date": "released_on",
        "Organization": "organization",
        "Country (of organization)": "country",
        "Model accessibility": "accessibility",
        "Accessibility group": None,  # a coarser form of the column before it
        "model_versions": None,  # empty in every row seen
    },
)


def rows(
    layout: Layout, records: Sequence[dict[str, str | None]], place: str = ""
) -> list[dict[str, str | None]]:
    """Records by short name as rows of ``capability_score``; ``place`` begins each locator."""
    score = next(printed for printed, short in layout.columns.items() if short == "eci")
    found = []
    for record in records:
        values = dict(record)
        number = values.pop("_n")
        blank = not any(values.values())
        values.setdefault("variant", "")
        about = {
            "_locator": f"{place}record {number}, column {score}",
            "_ignored": "wholly blank row" if blank else None,
        }
        found.append({**values, **about})
    return found
