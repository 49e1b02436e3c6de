"""Affiliations: the countries of every affiliation that the datasets print, each resolved once and remembered.

The registry is reference, like the reviewed tables: its newest accepted release tells countries at every ``as_of``.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from extractors.sql import literal
from warehouse import packing, reference
from warehouse.institutions import registry, reviewed
from warehouse.institutions.registry import Registry
from warehouse.institutions.resolver import Resolved, Resolver
from warehouse.layout import Layout
from warehouse.vintage import Vintage, fingerprint

REGISTRY = "ror_registry"
DATASET = "institution"
_COLUMNS = [field.name for field in fields(Resolved)]
_INDEXES = 3  # that are kept of several registries; each has some 30 MB
_CODE = Path(__file__).parent / "institutions"


def newest_registry(vintages: Mapping[str, Sequence[Vintage]]) -> Vintage | None:
    """The newest accepted release of the registry, None where there is none."""
    accepted = [vintage for vintage in vintages.get(REGISTRY, ()) if vintage.status == "accepted"]
    return accepted[-1] if accepted else None


def mapping(vintages: Mapping[str, Sequence[Vintage]]) -> str:
    """Names everything besides the string that decides an answer: equal for two builds that resolve alike."""
    newest = newest_registry(vintages)
    return fingerprint([newest and (newest.document, newest.stage_key), _code_hash(), reference.content_hash()])


@cache
def _code_hash() -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(_CODE.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def resolver(layout: Layout, vintages: Mapping[str, Sequence[Vintage]]) -> Resolver:
    """A resolver on the reviewed tables and the newest accepted registry; without one, on the tables alone."""
    newest = newest_registry(vintages)
    if newest is None:
        return Resolver(reviewed.load())
    return Resolver(reviewed.load(), index(layout, [newest.staged.parquet(DATASET)], f"{newest.document}-{newest.stage_key}"))


def index(layout: Layout, paths: Sequence[Path], name: str) -> Registry:
    """The registry in ``paths`` (staged, or files of the publisher), from the index of that ``name`` where one was made before."""
    kept = layout.stage / "registry" / f"{hashlib.sha256(f'{name} {_code_hash()}'.encode()).hexdigest()[:32]}.json"
    found = registry.load(paths, kept)
    for old in sorted(kept.parent.glob("*.json"), key=lambda path: path.stat().st_mtime)[:-_INDEXES]:
        old.unlink(missing_ok=True)
    return found


def memory(layout: Layout, name: str) -> Path:
    """Where the answers under a ``mapping`` of that name are remembered."""
    return layout.stage / "affiliations" / f"{name[:32]}.parquet"


def write(con: duckdb.DuckDBPyConnection, layout: Layout, vintages: Mapping[str, Sequence[Vintage]]) -> None:
    """Fill ``derived.affiliation``: one row per affiliation, domain and institution named in it, in its order.

    What was resolved before, with the same registry, tables and code, is read from the stage; only new strings are resolved.
    """
    remembered = memory(layout, mapping(vintages))
    con.execute(
        """CREATE OR REPLACE TEMP TABLE printed AS
        SELECT DISTINCT affiliation, domain FROM history.author_slot WHERE affiliation IS NOT NULL OR domain IS NOT NULL"""
    )
    same = "printed.affiliation IS NOT DISTINCT FROM known.affiliation AND printed.domain IS NOT DISTINCT FROM known.domain"
    if remembered.exists():
        # What nothing prints any more is remembered but no part of the build: its content must not rest on what was built before.
        con.execute(
            f"INSERT INTO derived.affiliation BY NAME SELECT known.* FROM read_parquet({literal(remembered)}) AS known SEMI JOIN printed ON {same}"
        )
    new = con.execute(
        f"SELECT affiliation, domain FROM printed ANTI JOIN derived.affiliation AS known ON {same} ORDER BY affiliation, domain"
    ).fetchall()
    con.execute("DROP TABLE printed")
    if not new:
        return
    _insert(con, _resolve(resolver(layout, vintages), new))
    remembered.parent.mkdir(parents=True, exist_ok=True)
    part = remembered.with_suffix(f".{os.getpid()}")
    con.execute(f"COPY (FROM derived.affiliation ORDER BY affiliation, domain, part) TO {literal(part)} ({packing.PARQUET})")
    part.replace(remembered)


def _resolve(resolving: Resolver, new: list[tuple[str | None, str | None]]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for affiliation, domain in new:
        found = resolving.institutions(affiliation or "", domain)
        rows += [(affiliation, domain, part, len(found), *astuple(one)[1:]) for part, one in enumerate(found, 1)]
    return rows


def _insert(con: duckdb.DuckDBPyConnection, rows: list[tuple[Any, ...]]) -> None:
    import pandas as pd

    con.register("resolved", pd.DataFrame(rows, columns=["affiliation", "domain", "part", "parts", *_COLUMNS[1:]], dtype="object"))
    con.execute("INSERT INTO derived.affiliation BY NAME FROM resolved")
    con.unregister("resolved")
