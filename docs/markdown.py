"""Pieces of Markdown that the made pages share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

# The first line of every page that is made.
MADE = "<!-- Made by docs/generate.py. Do not edit: change the definition, then run `make docs`. -->\n"


def _cell(text: object) -> str:
    """The text on one line; no bar ends the cell, and nothing outside of quoted code is a tag."""
    parts = " ".join(str(text).replace("|", "\\|").split()).split("`")
    return "`".join(part if number % 2 else part.replace("<", "&lt;") for number, part in enumerate(parts))


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table; nothing where there are no rows."""
    heads = list(head)
    body = [[_cell(value) for value in row] for row in rows]
    lines = [heads, ["---"] * len(heads), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) if body else ""


def links(names: Iterable[str], page: str = "") -> str:
    """Links to the headings of these names."""
    return ", ".join(f"[`{name}`]({page}#{name})" for name in names)


def facts(known: Mapping[str, object]) -> str:
    """A list of what is known, without what is empty."""
    return "".join(
        f"- **{name}**: {' '.join(str(value).split())}\n" for name, value in known.items() if value
    )


def span(time: dt.timedelta) -> str:
    """A length of time in the unit in which it is a whole number."""
    for unit, days in (("year", 365.25), ("month", 30.5), ("week", 7)):
        number = time / dt.timedelta(days=days)
        if number > 0.9 and abs(number - round(number)) < 0.01:
            return f"{round(number)} {unit}{'s' if round(number) > 1 else ''}"
    return f"{time.days} day{'s' if time.days > 1 else ''}"
