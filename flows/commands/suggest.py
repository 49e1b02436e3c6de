"""Names of organisations that give no country: which there are, and which known names are like them.

Likeness only suggests. What decides is a line that a person adds to
``warehouse/reference/organisation_alias.csv``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import duckdb
from rapidfuzz import fuzz, process, utils

from flows.commands import terminal
from warehouse.publish import publish
from warehouse.store.paths import Layout


@dataclass(frozen=True)
class Near:
    """A known alias like the name, the organisation it means, and how alike they are: 0 to 100 (the same
    words, or one has more)."""

    alias: str
    organisation: str
    likeness: float


@dataclass(frozen=True)
class Unmapped:
    """A name that gives no country, where it stands, how often, its newest period, and the known names most
    like it, best first."""

    name: str
    reason: str
    datasets: str
    rows: int
    newest_period: dt.date | None
    near: tuple[Near, ...] = ()


def unmapped(con: duckdb.DuckDBPyConnection) -> list[Unmapped]:
    """Names in the view ``unmapped_organisation``, the most frequent first."""
    found = con.execute(
        """SELECT organisation, reason, string_agg(DISTINCT dataset, ', '
        ORDER BY dataset), sum("rows")::BIGINT, max(newest_period)
        FROM unmapped_organisation GROUP BY organisation, reason ORDER BY 4 DESC, 1"""
    )
    return [Unmapped(*row) for row in found.fetchall()]


def near(name: str, aliases: Mapping[str, str], *, at_least: float, limit: int) -> tuple[Near, ...]:
    """The aliases most like ``name``, best first. Case, signs, the order of words and further words do not
    count."""
    # of two that are equally like it, the one that says more
    known = sorted(aliases, key=lambda alias: (-len(alias), alias))
    found = process.extract(
        name,
        known,
        scorer=fuzz.token_set_ratio,
        processor=utils.default_process,
        score_cutoff=at_least,
        limit=limit,
    )
    return tuple(Near(alias, aliases[alias], likeness) for alias, likeness, _ in found)


def suggestions(con: duckdb.DuckDBPyConnection, *, at_least: float, limit: int) -> list[Unmapped]:
    """``unmapped`` with the known names like each."""
    aliases = dict(
        con.execute("SELECT alias, organisation FROM reference.organisation_alias ORDER BY ALL").fetchall()
    )
    return [
        replace(one, near=near(one.name, aliases, at_least=at_least, limit=limit)) for one in unmapped(con)
    ]


def suggest(layout: Layout, *, as_csv: bool, at_least: float, limit: int) -> None:
    """Print the suggestions as a table, or the best ones as lines of ``organisation_alias.csv``, the surest
    first."""
    with publish.open_published(layout.published) as con:
        found = suggestions(con, at_least=at_least, limit=limit)
    if as_csv:
        _lines(found)
        return
    if not found:
        terminal.console.print("Every name gives a country, or was reviewed as giving none.")
        return
    names = ("name", "why", "datasets", "rows", "newest period", "like", "likeness", "organisation")
    table = []
    for one in found:
        *about, _ = vars(one).values()
        for alike in one.near or (None,):
            likely = (alike.alias, f"{alike.likeness:.0f}", alike.organisation) if alike else (None,) * 3
            table.append((*about, *likely))
            about = [""] * len(about)
    terminal.rows("Names that give no country", names, table)
    terminal.console.print(
        f"{len(found)} names. Likeness decides nothing: review, then add lines to"
        " warehouse/reference/organisation_alias.csv."
    )


def _lines(found: list[Unmapped]) -> None:
    # A name whose organisation is known lacks a span of time in organisation.csv, no alias.
    aliasless = [one for one in found if one.reason == "no alias"]
    for one in sorted((one for one in aliasless if one.near), key=lambda one: -one.near[0].likeness):
        terminal.as_csv((one.name, one.near[0].organisation))
    for one in found:
        if one not in aliasless or not one.near:
            told = "nothing known is like" if one in aliasless else "no country was valid then:"
            terminal.errors.print(f"{told} {one.name} ({one.rows} rows of {one.datasets})")


def status_line(con: duckdb.DuckDBPyConnection, first: int = 5) -> str:
    """One line for ``gapwatch status``: how many names give no country, and the most frequent of them; empty
    when there are none."""
    found = unmapped(con)
    if not found:
        return ""
    named = ", ".join(f"{one.name} ({one.rows})" for one in found[:first])
    more = f" and {len(found) - first} more" if len(found) > first else ""
    return f"Names that give no country: {len(found)}: {named}{more}. See gapwatch suggest."
