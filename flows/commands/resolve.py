"""Affiliations on the command line: resolve a list of them, and show those of the published file that give no
country."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import duckdb

from extractors import definition
from flows.commands import terminal
from flows.refresh.plain import plain
from warehouse.build.derived import affiliation as affiliations
from warehouse.institutions.resolver import Resolver
from warehouse.publish import publish
from warehouse.reference import institutions
from warehouse.staging import vintage
from warehouse.store.paths import Layout

PRINTED = ("affiliation", "country_location", "country_hq", "institution", "ror", "tier", "score")


def lines(resolving: Resolver, printed: Iterable[str]) -> Iterator[str]:
    """One JSON object for each affiliation, in its order; a string that comes again is not resolved again."""
    known: dict[str, str] = {}
    for line in printed:
        affiliation = line.rstrip("\r\n")
        if affiliation not in known:
            one = resolving.resolve(affiliation)
            known[affiliation] = json.dumps(
                {name: getattr(one, name) for name in PRINTED}, ensure_ascii=False
            )
        yield known[affiliation]


def resolver(layout: Layout, registry: Sequence[Path]) -> Resolver:
    """A resolver on the registry files given, else on the newest one of the data directory, else on the
    reviewed tables alone.

    Raises ``LayoutChanged`` for a file that is no registry.
    """
    if registry:
        digest = hashlib.sha256()
        for path in registry:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return Resolver(institutions.load(), affiliations.index(layout, registry, digest.hexdigest()))
    source = definition.all_sources()[affiliations.REGISTRY]
    found = vintage.of_source(layout, source)
    if not any(one.status == "accepted" for one in found):
        terminal.errors.print(
            f"gapwatch: no registry of institutions in {layout.root}:"
            " only the reviewed tables are used."
            f" Fetch one with gapwatch refresh --source ror_releases --source {source.id}, or name a dump of"
            " it with --registry",
        )
    return affiliations.resolver(layout, {source.id: found})


def resolve(layout: Layout, file: str, registry: Sequence[Path]) -> None:
    """Print ``lines`` for a file, or for standard input where ``file`` is '-'."""
    resolving = resolver(layout, registry)
    if file == "-":
        # a text stream as the interpreter made it
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        _print(lines(resolving, sys.stdin))
        return
    with Path(file).open(encoding="utf-8", errors="replace", newline="\n") as printed:
        _print(lines(resolving, printed))


def _print(resolved: Iterable[str]) -> None:
    for line in resolved:
        sys.stdout.write(plain(line) + "\n")


def unresolved(con: duckdb.DuckDBPyConnection, limit: int) -> list[tuple[str, int, str, str | None]]:
    """The affiliations of the view ``talent_slot`` without a country, those with the most slots first: how
    many author slots each has, in which editions, and why it is open."""
    return con.execute(
        """SELECT affiliation, count(*) AS slots, string_agg(DISTINCT year(edition)::VARCHAR, ', '
        ORDER BY year(edition)::VARCHAR), any_value(i.note)
        FROM talent_slot LEFT JOIN reference.institution AS i USING (institution)
        WHERE country_location IS NULL AND affiliation IS NOT NULL GROUP BY affiliation
        ORDER BY slots DESC, affiliation LIMIT ?""",
        [limit],
    ).fetchall()


def show_unresolved(layout: Layout, *, as_csv: bool, limit: int) -> None:
    """Print the open affiliations as a table, or as lines of ``institution.csv`` in which a person fills in
    the countries."""
    with publish.open_published(layout.published) as con:
        found = unresolved(con, limit)
        (empty, total, open_) = con.execute(
            """SELECT count(*) FILTER (affiliation IS NULL), count(*),
            count(*) FILTER (country_location IS NULL AND affiliation IS NOT NULL)
            FROM talent_slot"""
        ).fetchone() or (0, 0, 0)
    if as_csv:
        for affiliation, slots, editions, _ in found:
            terminal.as_csv((affiliation, "", "", "", "", f"{slots} slots, {editions}", ""))
        return
    if not found:
        terminal.console.print("Every affiliation gives a country.")
    else:
        names = ("affiliation", "slots", "editions", "reviewed")
        terminal.rows("Affiliations that give no country", names, found)
    terminal.say(
        f"{open_:,} of {total:,} author slots give no country though they have an affiliation, {empty:,}"
        " more have none."
        " Review: add a line to warehouse/reference/institution.csv (gapwatch unresolved --csv prints them),"
        " or another name of a known institution to institution_alias.csv."
    )
