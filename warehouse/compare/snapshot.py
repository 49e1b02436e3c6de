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

LINEAGE = ("known_from", "document", "record", "place")


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
    known = (Known(*line[:3], journal.moment(line[3])) for line in stated if line not in refused)
    documents = tuple(dict.fromkeys(known))  # a document that was replaced may have come back: two lines
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
        """SELECT source, part, document, known_from FROM ledger.document
        WHERE status = 'accepted' AND known_from <= ? ORDER BY known_from""",
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


def stating(dataset: Dataset, sources: Iterable[str]) -> set[str]:
    """Those of the sources that state rows of a dataset."""
    every = definition.all_sources()
    return {name for name in sources if name in every and dataset.name in every[name].datasets}


def _read(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    table: str,
    dataset: Dataset,
    documents: Sequence[Known],
    parsers: Mapping[str, str],
) -> set[str]:
    """Create ``table``: what documents, read by ``parsers``, state last about each key of a dataset, with
    lineage. Returns the sources whose parser of then is not kept, so that today's reads their documents.

    A row leads to the first document that states it so since the last full one of its part: what was stated
    before decides nothing.
    """
    every, unread = definition.all_sources(), set[str]()
    today = {name: vintage.key_of(layout, every[name]) for name in {known.source for known in documents}}
    stated: list[history.Statement] = []
    decided: set[tuple[str, str]] = set()  # parts of which the last full statement was met
    for known in sorted(documents, key=lambda known: known.known_from)[::-1]:
        source, parser = every[known.source], parsers.get(known.source)
        if (known.source, known.part) in decided:
            continue
        document = vintage.document_of(layout, source, {"sha256": known.document, "part": known.part})
        other = parser not in (None, today[known.source])
        staged = stage.kept(layout, document, parser) if other else None
        if staged is None:
            if other:
                unread.add(source.id)
            staged = stage.stage(layout, source, document)
        if dataset.name not in staged.rows:
            continue
        full = source.statement == "full" and not staged.quarantined
        if full:
            decided.add((known.source, known.part))
        parquet = staged.parquet(dataset.name)
        stated.append(
            history.Statement(known.source, parquet, known.known_from, full, known.document, known.part)
        )
    if stated:
        history.write(con, "versions", dataset.key, dataset.values, stated, lineage=True)
        con.execute(
            f"""CREATE OR REPLACE TABLE {table} AS
            SELECT * EXCLUDE (known_to) FROM versions WHERE known_to IS NULL"""
        )
        con.execute("DROP TABLE versions")
    else:
        con.execute(f"CREATE OR REPLACE TABLE {table} ({columns(dataset)})")
    return unread


def columns(dataset: Dataset) -> str:
    """SQL of the columns of a dataset's rows, with lineage."""
    return f"{dataset.definition}, known_from TIMESTAMP, document VARCHAR, record BIGINT, place VARCHAR"


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
    chosen = set(sources)
    then, now = (
        [known for known in snapshot.documents if known.source in chosen] for snapshot in (before, after)
    )
    unread, a = _read(con, layout, "rows_p", dataset, then, after.parsers), "rows_p"
    if any(before.parsers.get(known.source) != after.parsers.get(known.source) for known in then):
        a = "rows_a"
        unread |= _read(con, layout, a, dataset, then, before.parsers)
    unread |= _read(con, layout, "rows_b", dataset, now, after.parsers)
    renames.match(con, "renamed", dataset, renames.read(schema.all_datasets()), (a, "rows_p"), "rows_b")
    keys = dataset.keys
    packed = ", ".join(f'"{name}" := "{name}"' for name in (*dataset.values, *LINEAGE))
    called = ", ".join(
        f'coalesce(renamed.later."{name}", named."{name}") AS "{name}"' for name in dataset.key
    )
    side_a, side_p = (
        f"""(SELECT {called}, struct_pack({packed}) AS {side}
        FROM {rows} AS named LEFT JOIN renamed ON renamed.was = {renames.key(dataset, "named")})"""
        for side, rows in (("a", a), ("p", "rows_p"))
    )
    other = [name for name in dataset.key if name != "source"]
    covered = " AND ".join(f'elsewhere."{name}" = paired."{name}"' for name in other) or "true"
    con.execute(
        f"""CREATE TABLE pair_{dataset.name} AS
        WITH paired AS (FROM {side_a} AS first FULL JOIN {side_p} AS second USING ({keys})
            FULL JOIN (SELECT {keys}, struct_pack({packed}) AS b FROM rows_b) AS third USING ({keys}))
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
    con.execute("DROP TABLE renamed")
    return unread


def _values(side: str, dataset: Dataset) -> str:
    """SQL of the values of one side of a pair, to compare; not of where they stand."""
    named = ", ".join(f'{side}."{name}"' for name in dataset.values)
    return f"({named or f'{side} IS NULL'})"


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
