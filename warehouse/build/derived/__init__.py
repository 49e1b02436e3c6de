"""Derived tables: each a file that makes it from datasets, reviewed tables and other derived tables, which
its header declares.

``<name>.sql`` creates the view ``main.<name>``. Where code finds its rows, it creates the table
``derived.<name>`` too, and ``<name>.py`` beside it is a ``Filler``. Nothing else knows a derived table by
name.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Collection
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Protocol, runtime_checkable

import duckdb

from extractors.yml import Listed
from warehouse.datasets import schema
from warehouse.reference import tables
from warehouse.staging.vintage import Vintages
from warehouse.store import code_identity, headed_sql
from warehouse.store.code_identity import fingerprint
from warehouse.store.headed_sql import Headed
from warehouse.store.paths import Layout

FOLDER = Path(__file__).parent
# What stands before the SELECT, or the expression, of a view or macro.
_CREATES = re.compile(r"CREATE\b[^;(]*?\b(?:VIEW|MACRO)\b.*?\bAS\b(?:\s+TABLE\b)?", re.DOTALL)
# Every table and function() that a SELECT, or an expression, names.
_READ = """SELECT DISTINCT coalesce(node.value->>'function_name' || '()',
        concat_ws('.', nullif(node.value->>'schema_name', ''), node.value->>'table_name'))
    FROM (SELECT unnest([$1, 'SELECT ' || $1]) AS form), json_tree(json_serialize_sql(form)) AS node
    WHERE (node.value->>'type') IN ('BASE_TABLE', 'FUNCTION')"""


@runtime_checkable
class Filler(Protocol):
    """Finds the rows of a derived table and remembers them: a module."""

    def basis(self, vintages: Vintages) -> str:
        """Names all that decides a row besides what it is made from: equal for two builds that would find the
        same."""
        ...

    def write(self, con: duckdb.DuckDBPyConnection, layout: Layout, vintages: Vintages) -> None:
        """Fill the table, which is empty; its inputs are there."""
        ...

    def kept(self, layout: Layout, basis: str) -> Path | None:
        """A Parquet file of the rows remembered under a basis, perhaps with others; None where they are not
        kept."""
        ...


class Derived(Headed):
    """One derived table: the header of its file and its SQL."""

    inputs: Listed[str]
    """All that it reads: datasets, other derived tables, and reviewed tables as ``reference.<name>``."""
    formerly: str = ""
    """The field in which releases of before there were several kept its basis."""

    @property
    def filler(self) -> Filler | None:
        """The module that fills it; None for a mere view. Raises ``ValueError`` where that lacks a
        function."""
        if not (FOLDER / f"{self.name}.py").exists():
            return None
        module = importlib.import_module(f"{__name__}.{self.name}")
        if not isinstance(module, Filler):
            # a definition is wrong
            raise ValueError(f"{self.name}.py: must have the functions basis, write and kept")  # noqa: TRY004
        return module


def load(folder: Path = FOLDER) -> dict[str, Derived]:
    """The derived tables of a folder by name, each after those that it is made from.

    Raises ``ValueError`` naming the file and what is wrong: an input that is none, one that is read and not
    declared, a circle.
    """
    found = headed_sql.read(Derived, folder)
    known = _known({*schema.all_datasets(), *found})
    known |= {f"reference.{table}": f"reference.{table}" for table in tables.COLUMNS}
    for name, one in found.items():
        if unknown := sorted(set(one.inputs) - set(known.values())):
            raise ValueError(
                f"{name}.sql: inputs: {unknown[0]!r} is no dataset, derived table or reference.<table>"
            )
        try:
            read = {known.get(table, table) for table in read_by(one.sql) if table in known or "." in table}
        except duckdb.Error as error:
            raise ValueError(f"{name}.sql: {error}") from error
        if undeclared := sorted(read - {*one.inputs, name}):
            raise ValueError(f"{name}.sql: inputs: it reads {', '.join(undeclared)}, which is not among them")
    try:
        order = [*TopologicalSorter({name: one.inputs for name, one in found.items()}).static_order()]
    except CycleError as error:
        circle = error.args[1]
        raise ValueError(f"{circle[0]}.sql: inputs: a circle, {' reads '.join(circle[::-1])}") from error
    return {name: found[name] for name in order if name in found}


def _known(names: Collection[str]) -> dict[str, str]:
    """The names by which SQL calls datasets and derived tables -> what they are called as inputs."""
    return {f"{place}{name}": name for name in names for place in ("", "main.", "derived.", "history.")}


@cache
def read_by(sql: str) -> frozenset[str]:
    """Names of tables in SQL as they stand there, with their schema or without, and of functions as
    ``name()``."""
    found: set[str] = set()
    con = duckdb.cursor()  # of the one in memory that is there anyway: to open one takes longer
    for statement in con.extract_statements(sql):
        found.update(*con.execute(_READ, [_CREATES.sub("", statement.query, count=1)]).fetchall())
    return frozenset(found)


@cache
def all_tables() -> dict[str, Derived]:
    """Every derived table by name, each after those that it is made from."""
    return load()


def rests(*texts: str) -> list[str]:
    """Names of the derived tables that SQL reads, and of those that these are made from."""
    known = _known(all_tables())
    found = {known.get(name) for text in texts for name in read_by(text)}
    for name, one in reversed(all_tables().items()):
        found |= {*one.inputs} if name in found else set()
    return [name for name in all_tables() if name in found]


def bases(vintages: Vintages) -> dict[str, str]:
    """Of every derived table that code fills, the basis."""
    return {name: one.filler.basis(vintages) for name, one in all_tables().items() if one.filler}


def decides(vintages: Vintages) -> dict[str, str]:
    """Of every derived table all that decides its rows besides those that it reads: its SQL, the code that
    fills it, and its basis."""
    known = bases(vintages)
    code = {name: code_identity.of(f"{__name__}.{name}", definitions=False).digest for name in known}
    return {
        name: fingerprint([code_identity.sql_meaning(one.sql), known.get(name), code.get(name)])
        for name, one in all_tables().items()
    }


def sql() -> str:
    """The SQL that creates all of them, and of their comments."""
    return "".join(f"{one.sql};\n" for one in all_tables().values())


def write(con: duckdb.DuckDBPyConnection, layout: Layout, vintages: Vintages) -> None:
    """Fill those that code fills. They were created, and what they are made from is there."""
    for one in all_tables().values():
        if one.filler:
            one.filler.write(con, layout, vintages)
