"""The countries of every affiliation that the datasets print, each resolved once and remembered.

The registry is reference, like the reviewed tables: its newest accepted release tells countries at every
``as_of``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import duckdb

from extractors.sql import literal
from warehouse.institutions import registry
from warehouse.institutions.registry import Registry
from warehouse.institutions.resolver import Resolver
from warehouse.reference import institutions
from warehouse.reference import tables as reference
from warehouse.staging.vintage import Vintage, Vintages
from warehouse.store import code_identity, files, frames
from warehouse.store.code_identity import Identity, fingerprint
from warehouse.store.paths import Layout

REGISTRY = "ror_registry"
DATASET = "institution"
_INDEXES = 3  # that are kept of several registries; each has some 30 MB


def newest_registry(vintages: Vintages) -> Vintage | None:
    """The newest accepted release of the registry, None where there is none."""
    accepted = [vintage for vintage in vintages.get(REGISTRY, ()) if vintage.status == "accepted"]
    return accepted[-1] if accepted else None


def basis(vintages: Vintages) -> str:
    """Names everything besides the string that decides an answer: equal for two builds that resolve alike."""
    newest = newest_registry(vintages)
    tables = reference.content_hash("institution", "institution_alias")
    return fingerprint([newest and (newest.document, newest.stage_key), _code().digest, tables])


def _code() -> Identity:
    return code_identity.of(
        "warehouse.institutions.resolver", "warehouse.institutions.registry", definitions=False
    )


def resolver(layout: Layout, vintages: Vintages) -> Resolver:
    """A resolver on the reviewed tables and the newest accepted registry; without one, on the tables
    alone."""
    newest = newest_registry(vintages)
    if newest is None:
        return Resolver(institutions.load())
    return Resolver(
        institutions.load(),
        index(layout, [newest.staged.parquet(DATASET)], f"{newest.document}-{newest.stage_key}"),
    )


def index(layout: Layout, paths: Sequence[Path], name: str) -> Registry:
    """The registry in ``paths`` (staged, or files of the publisher), from the index of that ``name`` where
    one was made before."""
    known = f"registry/{fingerprint([name, _code().digest])[:32]}"
    if packed := layout.memo.get(known):
        return registry.unpack(packed)
    found = registry.read(paths)
    layout.memo.put(known, registry.pack(found))
    layout.memo.keep_newest("registry", _INDEXES)
    return found


def kept(layout: Layout, basis: str) -> Path | None:
    """The answers that were found under a basis; None where they are not kept."""
    of_before = layout.stage / "affiliations" / f"{basis[:32]}.parquet"  # by a version that kept them there
    return layout.memo.file(f"affiliations/{basis[:32]}") or (of_before if of_before.exists() else None)


def write(con: duckdb.DuckDBPyConnection, layout: Layout, vintages: Vintages) -> None:
    """Fill ``derived.affiliation``: one row per affiliation, domain and institution named in it, in its
    order.

    What was resolved before, with the same registry, tables and code, is read from the stage; only new
    strings are resolved.
    """
    name = basis(vintages)
    remembered = kept(layout, name)
    con.execute(
        """CREATE OR REPLACE TEMP TABLE printed AS
        SELECT DISTINCT affiliation, domain FROM history.author_slot WHERE affiliation IS NOT NULL
        OR domain IS NOT NULL"""
    )
    same = """printed.affiliation IS NOT DISTINCT FROM known.affiliation
        AND printed.domain IS NOT DISTINCT FROM known.domain"""
    if remembered:
        # What nothing prints any more is remembered but no part of the build: its content must not rest on
        # what was built before.
        con.execute(
            f"""INSERT INTO derived.affiliation BY NAME SELECT known.*
            FROM read_parquet({literal(remembered)}) AS known SEMI JOIN printed ON {same}"""
        )
    new = con.execute(
        f"""SELECT affiliation, domain FROM printed ANTI JOIN derived.affiliation AS known ON {same}
        ORDER BY affiliation, domain"""
    ).fetchall()
    con.execute("DROP TABLE printed")
    if not new:
        return
    frames.insert(con, "derived.affiliation", _resolve(resolver(layout, vintages), new))
    rows = "FROM derived.affiliation ORDER BY affiliation, domain, part"
    layout.memo.make(
        f"affiliations/{name[:32]}",
        lambda part: con.execute(f"COPY ({rows}) TO {literal(part)} ({files.PARQUET})"),
    )


def _resolve(resolving: Resolver, new: list[tuple[str | None, str | None]]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for affiliation, domain in new:
        found = resolving.institutions(affiliation or "", domain)
        rows += [
            (affiliation, domain, part, len(found), *astuple(one)[1:]) for part, one in enumerate(found, 1)
        ]
    return rows
