"""Renames: which rows a publisher calls by another name than before, as reviewed in ``reference/rename.csv``.

They decide no value: the rows of a vintage are called as it calls them. They decide how a change between two
vintages is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from extractors.sql import literal
from warehouse.datasets.schema import Dataset
from warehouse.reference import tables


@dataclass(frozen=True)
class Rename:
    """A text in a key column of a dataset, and the one that stands for the same in later documents."""

    dataset: str
    column: str
    former: str
    later: str


def read(datasets: Mapping[str, Dataset], folder: Path = tables.FOLDER) -> list[Rename]:
    """The reviewed renames. Raises ``ValueError`` naming file and line where one cannot be."""
    rows = tables.read(folder, {name: dataset.key for name, dataset in datasets.items()})["rename"]
    return [Rename(*(row[name] for name in ("dataset", "column", "former", "later"))) for row in rows]


def match(
    con: duckdb.DuckDBPyConnection,
    table: str,
    dataset: Dataset,
    renames: Sequence[Rename],
    before: Sequence[str],
    after: str,
) -> None:
    """Create ``table``: the keys of the tables ``before`` that the table ``after`` has by another name;
    ``was`` and ``later`` are structs.

    That is so when none of ``before`` has the later name and ``after`` has the former no more; of two that
    would have a name in common none is renamed: which of them is, nobody can tell.
    """
    listed = [
        f"({', '.join(map(literal, (one.column, one.former, one.later)))})"
        for one in renames
        if one.dataset == dataset.name
    ]
    if not listed:
        con.execute(
            f"CREATE TABLE {table} AS SELECT {key(dataset, after)} AS was, {key(dataset, after)} AS later"
            f" FROM {after} WHERE false"
        )
        return
    moved = ", ".join(
        f'\'{name}\': if("column" = {literal(name)}, listed.later, was."{name}")' for name in dataset.key
    )
    named = " OR ".join(
        f'"column" = {literal(name)} AND was."{name}" = listed.former' for name in dataset.key
    )
    con.execute(
        f"""CREATE TABLE {table} AS WITH
        old AS ({" UNION ".join(f"SELECT {key(dataset, side)} AS was FROM {side}" for side in before)}),
        now AS (SELECT {key(dataset, after)} AS later FROM {after}),
        listed AS (FROM (VALUES {", ".join(listed)}) AS listed ("column", former, later)),
        moved AS (SELECT was, {{{moved}}} AS later FROM old JOIN listed ON {named})
        SELECT was, later FROM moved
        WHERE was NOT IN (SELECT later FROM now) AND later IN (SELECT later FROM now)
        AND later NOT IN (SELECT was FROM old)
        QUALIFY count(*) OVER (PARTITION BY was) = 1 AND count(*) OVER (PARTITION BY later) = 1"""
    )


def key(dataset: Dataset, table: str) -> str:
    """SQL of the key of a row of a table as one struct."""
    return "{" + ", ".join(f"'{name}': {table}.\"{name}\"" for name in dataset.key) + "}"
