"""Build: the database to publish, as a function of archive, ledgers, code and one moment.

It may begin from the last complete build; what it comes to is the same (``warehouse/build/incremental.py``
says why).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from extractors.definition import Source
from extractors.sql import literal
from warehouse.acquire import attempt_summary
from warehouse.build import derived, history, incremental, indicators
from warehouse.build.incremental import ChangePlan
from warehouse.datasets import schema
from warehouse.reference import tables
from warehouse.staging.source_state import SourceState
from warehouse.staging.vintage import Vintage, Vintages
from warehouse.store import frames, journal
from warehouse.store.code_identity import fingerprint
from warehouse.store.paths import Layout

HERE = Path(__file__).parent
_OF_SOURCE = {
    "title",
    "publisher",
    "homepage",
    "licence",
    "redistribute",
    "citation",
    "statement",
    "met_live",
    "note",
}
# Clients from DuckDB 1.4 on open it; 2.0 writes its own format unless told so.
STORAGE_VERSION = "v1.4.0"
# Bytes of a block, of which every column of every table takes at least a part: most tables are small.
BLOCK_SIZE = 65536
# The moment that views answer for. now() is not used: as TIMESTAMP it is the reader's local clock, not UTC.
MOMENT = (
    "coalesce(CASE WHEN typeof(getvariable('as_of')) = 'TIMESTAMP WITH TIME ZONE' THEN timezone('UTC',"
    " getvariable('as_of')::TIMESTAMPTZ)"
    " ELSE getvariable('as_of')::TIMESTAMP END, TIMESTAMP 'infinity')"
)
KNOWN = f"(known_from <= {MOMENT} AND (known_to IS NULL OR known_to > {MOMENT}))"
# What we had said then: the same, over the time of release.
SAID = KNOWN.replace("known_", "said_").replace("'as_of'", "'as_released'")


@dataclass(frozen=True)
class State:
    """Everything a build is a function of, besides the code."""

    sources: Mapping[str, Source]
    vintages: Vintages
    states: Mapping[str, SourceState]
    at: dt.datetime

    def signature(self, code: str) -> str:
        """Equal for two states that publish the same content. ``code`` names all code that makes a
        release."""
        documents = [
            (*v.identity, v.stage_key, v.status, v.reason, v.checks)
            for known in self.vintages.values()
            for v in known
        ]
        states = [(name, state.state, state.reason) for name, state in sorted(self.states.items())]
        return fingerprint([documents, states, self.source_rows(), code, derived.decides(self.vintages)])

    def source_rows(self) -> list[dict[str, Any]]:
        """The rows of ``ledger.source``."""
        return [_source_row(source, self.states[name]) for name, source in self.sources.items()]


@dataclass
class Built:
    """A database under construction: ``con`` is open on it as the default catalogue until ``finish``.

    ``plan`` says which part of it is told anew; ``fetches``, up to where it holds the fetch ledger.
    """

    path: Path
    con: duckdb.DuckDBPyConnection
    plan: ChangePlan
    fetches: journal.Place = journal.START

    @contextmanager
    def kept_if_well(self) -> Iterator[None]:
        """Abandon the file where the block raises."""
        try:
            yield
        except BaseException:
            self.abandon()
            raise

    def finish(self) -> None:
        """Checkpoint and close: the file is complete and needs no log beside it."""
        self.con.execute("USE memory")
        self.con.execute("CHECKPOINT building")
        self.con.execute("DETACH building")
        self.con.close()

    def abandon(self) -> None:
        self.con.close()
        for path in (self.path, Path(f"{self.path}.wal")):
            path.unlink(missing_ok=True)


def start(layout: Layout, state: State, name: str, plan: ChangePlan | None = None) -> Built:
    """Build datasets and indicators into a new file below the build folder: all of it, or as ``plan`` says on
    top of the previous build."""
    layout.build.mkdir(parents=True, exist_ok=True)
    path = layout.build / f"{name}.duckdb"
    plan = plan or incremental.plan(layout, state.vintages)
    con = duckdb.connect()
    built = Built(path, con, plan)
    with built.kept_if_well():
        if plan.previous:
            plan.previous.copy(path)
        con.execute("SET enable_progress_bar = false")
        options = f"STORAGE_VERSION '{STORAGE_VERSION}', BLOCK_SIZE {BLOCK_SIZE}"
        con.execute(f"ATTACH {literal(path)} AS building ({options})")
        con.execute("USE building")
        incremental.clear(con, plan)
        con.execute("BEGIN")  # hundreds of statements, each of which would be written through alone
        con.execute(surface())
        con.execute("COMMIT")
        tables.load(con)
        built.fetches = attempt_summary.extend(con, layout, plan.fetches, state.at)
        # other rows say where they are from; written in parallel they take half the time
        con.execute("SET preserve_insertion_order = false")
        _ledger_tables(con, state, plan)
        _datasets(con, state, plan)
        con.execute("BEGIN")
        con.execute(tables.unmapped(schema.all_datasets()))
        con.execute(views())
        con.execute("COMMIT")
        derived.write(con, layout, state.vintages)
        indicators.write(con, layout, state.vintages, plan.indicators)
        _indicator_table(con, state)
    return built


def _datasets(con: duckdb.DuckDBPyConnection, state: State, plan: ChangePlan) -> None:
    vintages = [v for known in state.vintages.values() for v in known]
    for dataset in schema.all_datasets().values():
        stated = history.statements(vintages, dataset.name)
        if dataset.name in plan.datasets:
            history.write_dataset(con, dataset, stated)
        elif since := plan.touches(dataset.name, state.vintages):
            history.extend_dataset(con, dataset, stated, since)
        con.execute(f"CREATE VIEW main.{dataset.name} AS FROM history.{dataset.name} WHERE {KNOWN}")


def surface() -> str:
    """The SQL of the tables that a build begins with, and of their comments; it leaves those that are
    there."""
    return (HERE / "tables.sql").read_text("utf-8").replace("{inputs}", indicators.INPUTS)


def views() -> str:
    """The SQL of the derived tables, of the views over these tables and the dataset views, and of their
    comments."""
    return (
        (derived.sql() + (HERE / "views.sql").read_text("utf-8"))
        .replace("{known}", KNOWN)
        .replace("{moment}", MOMENT)
        .replace("{said}", SAID)
    )


def _ledger_tables(con: duckdb.DuckDBPyConnection, state: State, plan: ChangePlan) -> None:
    frames.insert(con, "ledger.source", state.source_rows())
    for source, since in plan.rows.items() if plan.previous else ():
        for table in ("document", "quarantine", "layout_difference", "check_result"):
            con.execute(
                f"DELETE FROM ledger.{table} WHERE source = ? AND known_from >= ?::TIMESTAMP",
                [source, journal.timestamp(since)],
            )
    vintages = plan.told_anew(state.vintages)
    frames.insert(con, "ledger.document", [*map(_document_row, vintages)])
    con.execute("DELETE FROM ledger.check_result WHERE source IS NULL")  # those of indicators are run again
    differing = [
        [vintage.source, vintage.document, journal.timestamp(vintage.known_from), *one]
        for vintage in vintages
        for one in vintage.staged.differences
    ]
    frames.insert(con, "ledger.layout_difference", differing)
    for vintage in vintages:
        if vintage.staged.quarantined or vintage.staged.opened:
            con.execute(
                f"""INSERT INTO ledger.quarantine SELECT ?, ?, ?::TIMESTAMP, dataset, locator, reason, raw
                FROM read_parquet({literal(vintage.staged.parquet("quarantine"))})""",
                [vintage.source, vintage.document, journal.timestamp(vintage.known_from)],
            )


def _source_row(source: Source, state: SourceState) -> dict[str, Any]:
    known = state.known_from and journal.timestamp(state.known_from)
    told = source.model_dump(include=_OF_SOURCE) | vars(state)
    return told | {"source": source.id, "url": source.address, "known_from": known}


def _document_row(vintage: Vintage) -> dict[str, Any]:
    """With more fields than the table has columns."""
    staged = vintage.staged
    return {
        **vintage.entry,
        **vars(staged),
        **vars(vintage),
        "full": vintage.full,
        "known_from": journal.timestamp(vintage.known_from),
        "rows": sum(staged.rows.values()),
        "ignored": sum(count for reasons in staged.ignored.values() for count in reasons.values()),
    }


def _indicator_table(con: duckdb.DuckDBPyConnection, state: State) -> None:
    """What each indicator means, and whether the sources of its newest value are stale."""
    used = dict(
        con.execute(
            """SELECT indicator, list_sort(list_distinct(flatten(list([input.source FOR input IN inputs]))))
            FROM (
                FROM derived.indicator_value WHERE known_to IS NULL
                QUALIFY row_number() OVER (PARTITION BY indicator, series ORDER BY period DESC) = 1
            ) JOIN derived.input_list USING (input_list) GROUP BY indicator"""
        ).fetchall()
    )
    rows = []
    for name, indicator in indicators.all_indicators().items():
        states = {source: state.states[source] for source in used.get(name, ())}
        stale = "; ".join(f"{source}: {one.reason}" for source, one in states.items() if one.stale)
        told, reason = "stale" if stale else "fresh", stale
        if name not in used:
            told, reason = "empty", "none of its sources has an accepted document"
        row = {"indicator": name, "alert": str(indicator.alert), "state": told, "reason": reason}
        rows.append({**vars(indicator), **row, "sources": list(indicator.sources)})
    frames.insert(con, "ledger.indicator", rows)
