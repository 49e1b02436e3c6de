"""The tables and views of the published file, and their page."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from docs.markdown import MADE, table
from warehouse.build import build, comments
from warehouse.datasets import schema
from warehouse.store.paths import Layout

SCHEMAS = {
    "main": "What analysts open. `SET VARIABLE as_of` moves what is marked **as of**; so does `as_released`.",
    "history": "Every version of every row, one table a dataset, valid from `known_from` until `known_to`.",
    "derived": "What follows from the rows: values, headline numbers, verdicts on claims, countries.",
    "ledger": "What happened: documents, attempts, checks, releases, alerts, and every released value.",
    "reference": "Reviewed tables. People decide what is in them.",
}
Column = tuple[str, str, str]  # name, type, comment


@dataclass(frozen=True)
class Relation:
    """A table or view of the published file. ``reads``: the relations that its SQL names, as schema.name;
    ``moves``: the variables that move it in time, also through what it reads."""

    schema: str
    name: str
    comment: str
    columns: tuple[Column, ...]
    reads: frozenset[str]
    moves: tuple[str, ...]


@contextmanager
def _empty_database() -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file as it is before the first document, with all its comments."""
    state = build.State({}, {}, {}, dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    with tempfile.TemporaryDirectory() as folder:
        built = build.start(Layout(Path(folder)), state, "empty")
        try:
            comments.write(built.con)
            yield built.con
        finally:
            built.abandon()


def relations() -> list[Relation]:
    """All tables and views, in the order of ``SCHEMAS`` and of their names."""
    here = "database_name = current_database() AND NOT internal"
    with _empty_database() as con:
        found = con.execute(
            f"""SELECT schema_name, table_name, comment, '' FROM duckdb_tables() WHERE {here}
            UNION ALL SELECT schema_name, view_name, comment, sql FROM duckdb_views() WHERE {here}
            ORDER BY ALL"""
        ).fetchall()
        listed = con.execute(
            f"""SELECT schema_name, table_name, column_name, data_type, comment FROM duckdb_columns()
            WHERE {here} ORDER BY schema_name, table_name, column_index"""
        ).fetchall()
    sql = {f"{schema_name}.{name}": text for schema_name, name, _, text in found}

    def reads(name: str) -> set[str]:
        return {read for read in re.findall(r"\w+\.\w+", sql[name]) if read in sql and read != name}

    def moves(name: str) -> set[str]:
        return set(re.findall(r"'(as_of|as_released)'", sql[name])).union(*map(moves, reads(name)))

    made = [
        Relation(
            *(schema_name, name, comment),
            tuple((column, kind, words) for *of, column, kind, words in listed if of == [schema_name, name]),
            frozenset(reads(f"{schema_name}.{name}")),
            tuple(sorted(moves(f"{schema_name}.{name}"))),
        )
        for schema_name, name, comment, _ in found
    ]
    return sorted(made, key=lambda made: (list(SCHEMAS).index(made.schema), made.name))


def page(found: Sequence[Relation]) -> str:
    """The data dictionary."""
    views = {relation.name: relation for relation in found if relation.schema == "main"}
    first, *others = [views[name].columns for name in schema.all_datasets()]
    common = [column for column in first if all(column in columns for columns in others)]
    text = f"""{MADE}
# Data dictionary

Every table and view of the published file `gapwatch.duckdb`. The same words are in the file itself, as
`COMMENT`s:
`SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = 'indicator_value'`.
[Concepts](../concepts.md#the-published-file) has a picture of it.

## Common columns

Every dataset has these columns besides its own.

{_columns(common)}"""
    for name, words in SCHEMAS.items():
        text += f"\n## Schema {name}\n\n{words}\n"
        for relation in (relation for relation in found if relation.schema == name):
            of_dataset = relation.name in schema.all_datasets() and name in ("main", "history")
            text += _relation(relation, views, common if of_dataset else [])
    return text


def _relation(relation: Relation, views: Mapping[str, Relation], common: Sequence[Column]) -> str:
    """A heading, the words and the columns. What is told elsewhere is only named: the common columns, and
    those of the view of a table."""
    name = relation.name if relation.schema == "main" else f"{relation.schema}.{relation.name}"
    moves = "".join(f" (**{move.replace('_', ' ')}**)" for move in relation.moves)
    view = views.get(relation.name) if name != relation.name else None
    told, columns = "", [column for column in relation.columns if column not in common]
    if view and set(view.columns) <= set(relation.columns):
        columns = [column for column in columns if column not in view.columns]
        told = f"Columns as in the view [`{view.name}`](#{view.name}){', and:' if columns else '.'}\n\n"
    elif common:
        told = "Besides the [common columns](#common-columns):\n\n"
    return f"\n### {name}\n\n{relation.comment}{moves}.\n\n{told}{_columns(columns)}".rstrip() + "\n"


def _columns(columns: Iterable[Column]) -> str:
    return table(
        ["column", "type", "meaning"], ([f"`{name}`", kind.lower(), words] for name, kind, words in columns)
    )
