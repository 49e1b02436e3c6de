"""Snapshots: which documents a release, or a moment, rests on and what reads them; and how the rows of two
snapshots differ."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from extractors import definition
from warehouse.acquire import documents_due
from warehouse.build import history
from warehouse.compare import value_log
from warehouse.datasets import schema
from warehouse.datasets.schema import Dataset
from warehouse.reference import renames
from warehouse.staging import stage, vintage
from warehouse.staging.vintage import Vintage
from warehouse.store import journal
from warehouse.store.paths import Layout


@dataclass(frozen=True)
class Known:
    """One accepted vintage: a document, and the moment from which its source said so."""

    source: str
    part: str
    document: str
    known_from: dt.datetime


@dataclass(frozen=True)
class Snapshot:
    """What was known and how it was read. ``parsers``: source -> stage key; ``method``: names in the method
    store, empty for today's code."""

    label: str
    documents: tuple[Known, ...]
    parsers: Mapping[str, str]
    method: Mapping[str, Any]

    def of(self, sources: Iterable[str]) -> tuple[set[Known], dict[str, str | None]]:
        """The documents of some sources and what reads them: equal for two snapshots that state the same
        rows."""
        chosen = set(sources)
        return {known for known in self.documents if known.source in chosen}, {
            name: self.parsers.get(name) for name in chosen
        }


def of_release(layout: Layout, entry: Mapping[str, Any]) -> Snapshot:
    """The snapshot of a release. Raises ``ValueError`` for one of before there were records of it, or where
    the ledger is not the one it knew."""
    label = f"release {entry['release']}"
    if "method" not in entry:
        raise ValueError(f"{label} was published before releases recorded what they rest on")
    if value_log.head(layout, entry["lines"])["archive"] != entry["archive"]:
        raise ValueError(
            f"{label}: the first {entry['lines']} lines of the document ledger are not those that it knew:"
            " restore the ledger"
        )
    method = json.loads(value_log.kept(layout, entry["method"]))
    refused = {tuple(line[:4]) for line in method["refused"]}
    lines = journal.parsed(value_log.first_lines(layout, entry["lines"]))
    stated = (
        (line["source"], documents_due.part_of(line), line["sha256"], line["known_from"]) for line in lines
    )
    documents = tuple(Known(*line[:3], journal.moment(line[3])) for line in stated if line not in refused)
    return Snapshot(label, documents, method["parsers"], method)


def of_vintages(label: str, vintages: Iterable[Vintage]) -> Snapshot:
    """The snapshot of judged vintages, read as today."""
    accepted = [vintage for vintage in vintages if vintage.status == "accepted"]
    documents = tuple(Known(v.source, v.part, v.document, v.known_from) for v in accepted)
    return Snapshot(label, documents, {v.source: v.stage_key for v in accepted}, {})


def of_moment(layout: Layout, con: duckdb.DuckDBPyConnection, moment: dt.datetime) -> Snapshot:
    """The snapshot of what the published file on ``con`` says was known at a moment (UTC, no zone), read as
    today."""
    found = con.execute(
        "SELECT source, part, document, known_from FROM ledger.document WHERE status = 'accepted'"
        " AND known_from <= ? ORDER BY known_from",
        [moment],
    ).fetchall()
    documents = tuple(
        Known(source, part, document, known.replace(tzinfo=dt.UTC)) for source, part, document, known in found
    )
    every = definition.all_sources()
    parsers = {
        name: vintage.key_of(layout, every[name])
        for name in {known.source for known in documents} & set(every)
    }
    return Snapshot(
        f"{moment:%Y-%m-%d}" if moment.time() == dt.time() else f"{moment:%Y-%m-%d %H:%M:%S}",
        documents,
        parsers,
        {},
    )


class Reader:
    """Reads the rows of snapshots. ``unread``: sources whose parser of then is not kept, so that today's
    reads their documents."""

    def __init__(self, con: duckdb.DuckDBPyConnection, layout: Layout) -> None:
        self.con, self.layout, self.every = con, layout, definition.all_sources()
        self.unread: set[str] = set()
        self._today: dict[str, str] = {}

    def rows(
        self, table: str, dataset: Dataset, documents: Sequence[Known], parsers: Mapping[str, str]
    ) -> None:
        """Create ``table``: what documents, read by ``parsers``, state last about each key of a dataset, with
        lineage.

        A row leads to the first document that states it so since the last full one of its part: what was
        stated before decides nothing.
        """
        stated: list[history.Statement] = []
        decided: set[tuple[str, str]] = set()  # parts of which the last full statement was met
        for known in sorted(documents, key=lambda known: known.known_from)[::-1]:
            part = (known.source, known.part)
            if part not in decided and (
                found := self._statement(dataset.name, known, parsers.get(known.source))
            ):
                stated.append(found)
                decided |= {part} if found.full else set()
        if not stated:
            columns = ", ".join(f'"{column.name}" {column.type}' for column in dataset.columns)
            self.con.execute(
                f"CREATE TABLE {table} ({columns}, known_from TIMESTAMP, document VARCHAR, record BIGINT,"
                " place VARCHAR)"
            )
            return
        history.write(self.con, f"{table}_versions", dataset.key, dataset.values, stated, lineage=True)
        self.con.execute(
            f"CREATE TABLE {table} AS SELECT * EXCLUDE (known_to) FROM {table}_versions"
            " WHERE known_to IS NULL"
        )
        self.con.execute(f"DROP TABLE {table}_versions")

    def _statement(self, dataset: str, known: Known, parser: str | None) -> history.Statement | None:
        source = self.every.get(known.source)
        if source is None or dataset not in source.datasets:
            return None
        document = vintage.document_of(self.layout, source, {"sha256": known.document, "part": known.part})
        today = self._today.setdefault(source.id, vintage.key_of(self.layout, source))
        staged = stage.kept(self.layout, document, parser) if parser not in (None, today) else None
        if staged is None:
            if parser not in (None, today):
                self.unread.add(source.id)
            staged = stage.stage(self.layout, source, document)
        if dataset not in staged.rows:
            return None
        full = source.statement == "full" and not staged.quarantined
        return history.Statement(
            source.id, staged.parquet(dataset), known.known_from, full, known.document, known.part
        )


def pair(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    dataset: Dataset,
    sources: Iterable[str],
    before: Snapshot,
    after: Snapshot,
) -> set[str]:
    """Create ``pair_<dataset>``: one row per key with ``a`` (as the earlier snapshot has it), ``p`` (its
    documents, read as the later one reads), ``b`` (as the later one has it), each a struct or null, ``kind``
    and ``was``.

    ``kind``: 'new', 'source' (new under a source while another had stated the same), 'withdrawn', 'revised'
    or 'same', of p against b. ``was``: the key by which a and p go, a struct, where the row was renamed; else
    null.
    Returns the sources whose parser of then is not kept.
    """
    chosen, reader = set(sources), Reader(con, layout)
    then, now = (
        [known for known in snapshot.documents if known.source in chosen] for snapshot in (before, after)
    )
    reader.rows("rows_p", dataset, then, after.parsers)
    if any(
        before.parsers.get(name) != after.parsers.get(name)
        for name in chosen & {known.source for known in then}
    ):
        reader.rows("rows_a", dataset, then, before.parsers)
    else:
        con.execute("CREATE VIEW rows_a AS FROM rows_p")
    reader.rows("rows_b", dataset, now, after.parsers)
    renames.match(
        con, "renamed", dataset, renames.read(schema.all_datasets()), ("rows_a", "rows_p"), "rows_b"
    )
    keys = ", ".join(f'"{name}"' for name in dataset.key)
    lineage = ("known_from", "document", "record", "place")
    packed = ", ".join(f'"{name}" := "{name}"' for name in (*dataset.values, *lineage))
    called = ", ".join(
        f'coalesce(renamed.later."{name}", named."{name}") AS "{name}"' for name in dataset.key
    )
    for side in "ap":
        con.execute(
            f"""CREATE VIEW side_{side} AS SELECT {called}, struct_pack({packed}) AS {side}
            FROM rows_{side} AS named LEFT JOIN renamed ON renamed.was = {renames.key(dataset, "named")}"""
        )
    con.execute(f"CREATE VIEW side_b AS SELECT {keys}, struct_pack({packed}) AS b FROM rows_b")
    other = [name for name in dataset.key if name != "source"]
    covered = " AND ".join(f'elsewhere."{name}" = paired."{name}"' for name in other) or "true"
    con.execute(
        f"""CREATE TABLE pair_{dataset.name} AS
        WITH paired AS (FROM side_a FULL JOIN side_p USING ({keys}) FULL JOIN side_b USING ({keys}))
        SELECT {keys}, a, p, b, was, CASE
            WHEN p IS NULL AND b IS NULL THEN 'same'
            WHEN p IS NULL AND EXISTS (FROM rows_p AS elsewhere WHERE {covered}
            AND elsewhere.source <> paired.source) THEN 'source'
            WHEN p IS NULL THEN 'new'
            WHEN b IS NULL THEN 'withdrawn'
            WHEN {_values("p", dataset)} IS DISTINCT FROM {_values("b", dataset)} THEN 'revised'
            ELSE 'same' END AS kind
        FROM paired LEFT JOIN renamed ON later = {renames.key(dataset, "paired")}"""
    )
    con.execute("DROP VIEW side_a; DROP VIEW side_p; DROP VIEW side_b; DROP TABLE renamed")
    con.execute("DROP VIEW rows_a" if _is_view(con, "rows_a") else "DROP TABLE rows_a")
    con.execute("DROP TABLE rows_p; DROP TABLE rows_b")
    return reader.unread


def _values(side: str, dataset: Dataset) -> str:
    """SQL of the values of one side of a pair, to compare; not of where they stand."""
    return (
        "(" + ", ".join(f'{side}."{name}"' for name in dataset.values) + ")"
        if dataset.values
        else f"({side} IS NULL)"
    )


def _is_view(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    return bool(
        con.execute("SELECT 1 FROM duckdb_views() WHERE view_name = ? AND NOT internal", [name]).fetchone()
    )


def counts(con: duckdb.DuckDBPyConnection, dataset: Dataset) -> list[tuple[Any, ...]]:
    """Of ``pair_<dataset>``, by source: rows new, revised, withdrawn, and those that the parsers read
    otherwise than before.

    A row that was renamed is one withdrawn and one new, as in the tables.
    """
    a, p = (_values(side, dataset) for side in "ap")
    reread = f"(a IS NULL) <> (p IS NULL) OR (a IS NOT NULL AND {a} IS DISTINCT FROM {p})"
    return con.execute(
        f"""SELECT * FROM (SELECT source, count(*) FILTER (kind IN ('new', 'source')
            OR was IS NOT NULL) AS new,
            count(*) FILTER (kind = 'revised' AND was IS NULL) AS revised,
            count(*) FILTER (kind = 'withdrawn' OR was IS NOT NULL) AS withdrawn,
            count(*) FILTER ({reread}) AS reread FROM pair_{dataset.name} GROUP BY source)
        WHERE new + revised + withdrawn + reread > 0 ORDER BY source"""
    ).fetchall()
