"""Trace: from a value to the rows it came from, their documents, and the texts that stand there in the
archived bytes."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from extractors import contract, definition
from extractors.evidence import text_of
from extractors.evidence.locate import Evidence, Nowhere
from flows.commands import show
from flows.commands.options import Wrong
from warehouse.datasets import schema
from warehouse.store import archive, frames
from warehouse.store.paths import Layout

Row = dict[str, Any]  # by its columns
Rows = Sequence[Row]
Place = tuple[str, str, str]  # source, document, locator
MEND = "rebuild, and if it stays, mend the parser's locators"


def digits(value: float | None) -> str:
    """All digits that the number has."""
    return "none" if value is None else f"{value:,.15g}"


@dataclass(frozen=True)
class Input:
    """One input of a value. ``row``: the dataset's row it is from; ``found``: what stands at its place in the
    document.

    ``verdict``: 'stated' (the text gives the value, as ``reading`` says), 'counted' (the text is no number:
    it gives what the row says in words, and the row counts with this weight), 'wrong' (the text does not give
    the value, or gives other words) or 'missing' (no text could be had); ``reading`` says why.
    """

    side: str
    dataset: str
    source: str
    document: str
    locator: str
    value: float | None
    row: Row | None
    found: Evidence | Nowhere

    @property
    def _judged(self) -> tuple[str, str]:
        found, row = self.found, self.row
        if isinstance(found, Nowhere):
            return "missing", str(found)
        if row is None:
            return "wrong", f"no row of {self.dataset} is from this place"
        weight = f"no number of the document: the row counts as {digits(self.value)}"
        if found.states is not None:
            # words of the row decide, and the value is the weight with which the row counts
            others = [
                f"the text gives {name} {text!r}, the row has {row[name]!r}"
                for name, text in found.states.items()
                if row[name] != text
            ]
            if others:
                return "wrong", f"{'; '.join(others)}: {MEND}"
            return "counted", f"{found.reading}; {weight}"
        if found.number is None:
            if all(column.type != "DOUBLE" for column in schema.all_datasets()[self.dataset].columns):
                return "counted", weight
        elif float(found.number) == self.value:
            return "stated", found.reading
        return "wrong", f"the text gives {found.number}, not {digits(self.value)}: {MEND}"

    @property
    def verdict(self) -> str:
        return self._judged[0]

    @property
    def reading(self) -> str:
        return self._judged[1]

    @property
    def fine(self) -> bool:
        return self.verdict in ("stated", "counted")


@dataclass(frozen=True)
class Trace:
    """A value and where it came from. ``about``: the value and what it means; ``summary``: inputs by side and
    source; ``inputs``: those that were asked for, of ``total``; ``documents``: what is known of theirs."""

    about: Row
    summary: Rows
    inputs: Sequence[Input]
    total: int
    documents: Rows

    @property
    def problems(self) -> int:
        return sum(not given.fine for given in self.inputs)


def trace(
    layout: Layout,
    indicator: str,
    period: str | None,
    series: str | None,
    as_of: dt.datetime | None,
    limit: int | None,
) -> Trace:
    """The value of a period (None: the newest) with its ``limit`` largest inputs (None: all).

    Raises ``Wrong`` for an indicator, a series or a period that is not there; of a period it says which is
    nearest.
    """
    with show.published(layout, as_of) as con:
        about = {**_value(con, indicator, period, series), "as_of": as_of}
        key = [indicator, about["series"], about["period"]]
        lineage = frames.dicts(
            con,
            """SELECT side, dataset, source, document, locator, "value" FROM lineage
            WHERE indicator = ? AND series = ? AND period = ?
            ORDER BY abs("value") DESC NULLS LAST, side, source, document, locator""",
            key,
        )
        summary = frames.dicts(
            con,
            """SELECT side, dataset, source, count(*) AS inputs, list(coalesce("value", 0)) AS "sum"
            FROM lineage WHERE indicator = ? AND series = ? AND period = ?
            GROUP BY side, dataset, source ORDER BY side, dataset, source""",
            key,
        )
        for row in summary:
            row["sum"] = math.fsum(row["sum"])  # exact, whatever the order of the rows
        for side in ("usa", "chn"):
            about[f"{side}_is"] = _computed(about[side], side.upper(), lineage)
        inputs = inputs_of(layout, con, lineage[:limit])
        documents = _documents(con, lineage[:limit])
    for document in documents:
        document["archived"] = str(archive.path_of(layout.archive, document["document"]))
    return Trace(about, summary, inputs, len(lineage), documents)


def inputs_of(layout: Layout, con: duckdb.DuckDBPyConnection, lineage: Rows) -> list[Input]:
    """Rows of the view lineage (side, dataset, source, document, locator, value) with their rows and texts,
    in that order."""
    rows = _rows(con, lineage)
    found = texts(layout, ((given["source"], given["document"], given["locator"]) for given in lineage))
    inputs = []
    for given in lineage:
        source, document, locator = given["source"], given["document"], given["locator"]
        key = given["dataset"], document
        row = rows.get((*key, locator)) or rows.get((*key, _record_of(locator)))
        inputs.append(Input(**given, row=row, found=found[source, document, locator]))
    return inputs


def texts(layout: Layout, places: Iterable[Place]) -> dict[Place, Evidence | Nowhere]:
    """What stands at these places of the archive. Each document is checked against its hash and read once,
    however many places it has."""
    wanted: dict[tuple[str, str], list[str]] = {}
    for source, document, locator in places:
        wanted.setdefault((source, document), []).append(locator)
    return {
        (*place, locator): found
        for place, locators in wanted.items()
        for locator, found in _located(layout, *place, locators).items()
    }


def _located(
    layout: Layout, source: str, sha256: str, locators: Sequence[str]
) -> Mapping[str, Evidence | Nowhere]:
    document = contract.Document(source, sha256, archive.path_of(layout.archive, sha256))
    known = definition.all_sources().get(source)
    try:
        if not document.path.exists():
            raise OSError(f"{document.name} is not in the archive ({document.path}): restore the archive")
        if known is None:
            raise OSError(f"{document.name}: this version knows no source of that name")
        with archive.as_received(document) as received:
            return text_of.finder(known)(received, locators)
    except (OSError, contract.LayoutChanged) as error:
        return dict.fromkeys(locators, Nowhere(str(error)))


# ── What the published file knows ────────────────────────────────────────────────────────────────


def _value(con: duckdb.DuckDBPyConnection, indicator: str, period: str | None, series: str | None) -> Row:
    told = frames.dicts(
        con,
        """SELECT title, formula, method, bounds, sources, state,
        (SELECT list(DISTINCT series ORDER BY series) FROM indicator_value WHERE indicator = $1) AS named,
        (SELECT release FROM release ORDER BY released_at DESC LIMIT 1) AS release
        FROM indicator WHERE indicator = $1""",
        [indicator],
    )
    if not told:
        raise show.no_indicator(con, indicator)
    [about] = told
    named = about.pop("named")
    if not named:
        empty = about["state"] == "empty"
        when = ": none of its sources has an accepted document" if empty else " at that time"
        raise Wrong(f"{indicator} has no value{when}")
    chosen = named[0] if series is None else series
    if chosen not in named:
        raise Wrong(
            f"{indicator} has no series {chosen!r}; there are:"
            f" {', '.join(name or 'the main one, an empty text' for name in named)}"
        )
    key, wanted = [indicator, chosen], day(period) if period else None
    rows = frames.dicts(
        con,
        """SELECT indicator, series, period, gap, usa, chn, low, high, leader, unit, coverage, "break"
        FROM indicator_value WHERE indicator = $1 AND series = $2 AND period = coalesce($3, period)
        ORDER BY period DESC LIMIT 1""",
        [*key, wanted],
    )
    if not rows:
        [near] = frames.dicts(
            con,
            """SELECT format('the nearest is {} (they run from {} to {})',
            min_by(period, abs(period - $3::DATE)), min(period), max(period)) AS told
            FROM indicator_value WHERE indicator = $1 AND series = $2""",
            [*key, wanted],
        )
        of = f"{indicator}, series {chosen}," if chosen else indicator
        raise Wrong(f"{of} has no value for {wanted}; {near['told']}")
    release = about.pop("release")
    others = [name for name in named if name != chosen]
    return {**rows[0], **about, "other_series": others, "release": release}


def day(text: str) -> dt.date:
    """The first day of a year, of a month, or the day itself."""
    try:
        return dt.date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError as error:
        raise Wrong(f"{text!r} is no period: write its first day as 2025, 2025-03 or 2025-03-01") from error


def _documents(con: duckdb.DuckDBPyConnection, inputs: Rows) -> list[Row]:
    """What is known of the documents of inputs, in order of source and hash. The day of publication is known
    where it is not that of the fetch."""
    return frames.dicts(
        con,
        """SELECT document, source, part, document.url, received_at AS fetched_at,
            CASE WHEN document.known_from < received_at THEN document.known_from END AS published_at,
            document.known_from, "precision", origin,
            (SELECT list(old.document ORDER BY old.received_at) FROM ledger.document AS old
            WHERE old.status = 'replaced' AND (old.source, old.part, old.known_from)
            = (document.source, document.part, document.known_from)) AS replaced,
            media, bytes, publisher, licence, citation
        FROM (SELECT unnest(?) AS source, unnest(?) AS document) JOIN ledger.document AS document
        USING (source, document)
        JOIN ledger.source AS source USING (source)
        WHERE status <> 'replaced'
        QUALIFY row_number() OVER (PARTITION BY source, document ORDER BY document.known_from) = 1
        ORDER BY source, document""",
        [[given[name] for given in inputs] for name in ("source", "document")],
    )


def _record_of(locator: str) -> str:
    """The place of the record alone: a value may stand in another column than the one that the row's own
    locator names."""
    return locator.partition(", column ")[0]


def _rows(con: duckdb.DuckDBPyConnection, inputs: Rows) -> dict[Place, Row]:
    """(dataset, document, locator or place of the record) -> the row that a dataset has from there."""
    found: dict[Place, Row] = {}
    for dataset in {given["dataset"] for given in inputs} & set(schema.all_datasets()):
        mine = [given for given in inputs if given["dataset"] == dataset]
        columns = ", ".join(f'"{column.name}"' for column in schema.all_datasets()[dataset].columns)
        for row in frames.dicts(
            con,
            f"""SELECT {columns}, document AS "_document", locator AS "_locator" FROM history.{dataset}
            WHERE document IN (SELECT unnest(?))
            AND split_part(locator, ', column ', 1) IN (SELECT split_part(unnest(?), ', column ', 1))""",
            [[given[name] for given in mine] for name in ("document", "locator")],
        ):
            document, locator = row.pop("_document"), row.pop("_locator")
            found[dataset, document, locator] = row
            found.setdefault((dataset, document, _record_of(locator)), row)
    return found


def _computed(value: float | None, side: str, lineage: Rows) -> str | None:
    """How a side follows from its inputs. Only arithmetic that was done and came out is named; else the
    formula has to tell."""
    if value is None:
        return None
    every = [given["value"] or 0.0 for given in lineage]
    mine = [given["value"] or 0.0 for given in lineage if given["side"] == side]
    of_side, of_all = math.fsum(mine), math.fsum(every)
    if len(mine) == 1 and mine[0] == value:
        return "the one input of this side"
    if mine and math.isclose(of_side, value):
        return f"the sum of the {len(mine)} inputs of this side"
    if of_all and math.isclose(100 * of_side / of_all, value):
        return f"the sum of the {len(mine)} inputs of this side, per cent of the sum of all {len(every)}"
    if every and math.isclose(100 * len(mine) / len(every), value):
        return f"the number of inputs of this side, {len(mine)}, per cent of all {len(every)}"
    if value in mine:
        return f"one of the {len(mine)} inputs of this side, as the formula says"
    return f"computed from {len(mine)} inputs of this side, as the formula and the method say"
