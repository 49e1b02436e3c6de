"""Decomposition: one indicator over a mix of two snapshots, evaluated with any choice of what is as in the
later one.

The choice is a set of components: 'parser', 'sql', 'reference', 'source' (new rows of a source about what
another had stated), 'numbers', 'dates' and 'texts' (columns of revised rows), 'renamed', 'withdrawn' and
'new'. With none it is the earlier snapshot, with all the later one.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from extractors.sql import literal
from warehouse.build import build, derived, indicators
from warehouse.compare import snapshot, value_log
from warehouse.compare.snapshot import Snapshot
from warehouse.datasets import schema
from warehouse.datasets.schema import Dataset
from warehouse.reference import tables as reference
from warehouse.store import frames, headed_sql, journal
from warehouse.store.paths import Layout

ORDER = ("parser", "sql", "reference", "source", "numbers", "dates", "texts", "renamed", "withdrawn", "new")
GROUPS = ("numbers", "dates", "texts")
WHOLE = ("source", "withdrawn", "new")
_CHANGED = {"renamed": "was IS NOT NULL", **{name: f"has_{name}" for name in GROUPS}}
# the rows that a component exchanges
MOVED = {"parser": "a IS DISTINCT FROM p", **_CHANGED, **{name: f"kind = '{name}'" for name in WHOLE}}
# those of which it moves the place, though it does not exchange them whole
PLACED = {**_CHANGED, "new": "kind = 'same' AND b IS NOT NULL"}
Key = tuple[str, str, dt.date | None]  # series, statistic, period; a headline number has no period
Held = tuple[str, int, str]  # dataset, number of a row, and the component in which it stays as before


@dataclass(frozen=True)
class Value:
    """What an evaluation gives for one key; ``inputs``: side, dataset, source, document, locator, value."""

    gap: float
    leader: str | None
    inputs: tuple[Mapping[str, Any], ...]


def group(kind: str) -> str:
    """To which group of columns a column of this type belongs."""
    if kind in ("DATE", "TIMESTAMP"):
        return "dates"
    return "texts" if kind == "VARCHAR" or kind.endswith("[]") else "numbers"


class Decomposition:
    """Evaluates an indicator between two snapshots. ``components``: those in which they differ; ``notes``:
    what could not be had as it was.

    Raises ``ValueError`` where one of the snapshots did not know the indicator.
    """

    def __init__(self, layout: Layout, indicator: str, before: Snapshot, after: Snapshot) -> None:
        self.con, self.layout, self.indicator = duckdb.connect(), layout, indicator
        self.sides = {"a": before, "b": after}
        known = indicators.all_indicators().get(indicator)
        self.unit = known.unit if known else ""
        self.notes: list[str] = []
        self._cache: dict[tuple[frozenset[str], Held | None], dict[Key, Value]] = {}
        self._sql = {side: self._texts(one) for side, one in self.sides.items()}
        self.sources = sorted({name for _, _, sources in self._sql.values() for name in sources})
        self.datasets: list[Dataset] = []
        read = derived.rests(*(text for *texts, _ in self._sql.values() for text in texts))
        self.filled = {name: filler for name in read if (filler := derived.all_tables()[name].filler)}
        self._prepare()
        self.components = [name for name in ORDER if self._differs(name)]

    def close(self) -> None:
        self.con.close()

    def _texts(self, one: Snapshot) -> tuple[str, str, tuple[str, ...]]:
        """Macros, SELECT and sources of the indicator in a snapshot."""
        every = indicators.all_indicators()
        if not one.method:
            if self.indicator not in every:
                raise ValueError(f"there is no indicator {self.indicator!r}; there are: {', '.join(every)}")
            today = every[self.indicator]
            return indicators.macros(), today.sql, today.sources
        names = one.method["indicators"]
        if self.indicator not in names:
            raise ValueError(f"{one.label} had no indicator {self.indicator}")
        macros = [
            value_log.kept(self.layout, name).decode() for _, name in sorted(one.method["macros"].items())
        ]
        text = value_log.kept(self.layout, names[self.indicator]).decode()
        known = headed_sql.parse(indicators.OfBefore, self.indicator, text)
        return "\n".join(macros), known.sql, known.sources

    def _prepare(self) -> None:
        con = self.con
        con.execute("SET enable_progress_bar = false")
        con.execute(build.surface())
        for side, one in self.sides.items():
            con.execute(f"CREATE SCHEMA kept_{side}")
            self._reference(side, one)
            rows = [
                {**vars(k), "known_from": journal.timestamp(k.known_from), "status": "accepted"}
                for k in one.documents
            ]
            con.execute("DELETE FROM ledger.document")
            frames.insert(con, "ledger.document", rows)
            con.execute(f"CREATE TABLE kept_{side}.document AS FROM ledger.document")
        for dataset in schema.all_datasets().values():
            if stating := snapshot.stating(dataset, self.sources):
                self.datasets.append(dataset)
                unread = snapshot.pair(con, self.layout, dataset, stating, self.sides["a"], self.sides["b"])
                self.notes += [
                    f"{name}: its parser of then is not kept; today's reads its documents"
                    for name in sorted(unread)
                ]
                self._mix(dataset)
                con.execute(self._state(dataset, frozenset(), None))
            else:
                columns = snapshot.columns(dataset)
                con.execute(f"CREATE TABLE main.{dataset.name} ({columns}, locator VARCHAR)")
        con.execute(build.views())
        for side, one in self.sides.items():
            self._derived(side, one)

    def _reference(self, side: str, one: Snapshot) -> None:
        """Keep the reviewed tables as a snapshot had them."""
        for name in reference.COLUMNS:
            self.con.execute(f"DELETE FROM reference.{name}")
        if one.method:
            with tempfile.TemporaryDirectory() as folder:
                for name, content in one.method["reference"].items():
                    (Path(folder) / f"{name}.csv").write_bytes(value_log.kept(self.layout, content))
                reference.load(self.con, Path(folder))
        else:
            reference.load(self.con)
        for name in reference.COLUMNS:
            self.con.execute(f"CREATE TABLE kept_{side}.{name} AS FROM reference.{name}")

    def _derived(self, side: str, one: Snapshot) -> None:
        """Keep the rows that code found for derived tables, of those that the indicator rests on, as a
        snapshot had them."""
        for name, filler in self.filled.items():
            basis = one.method.get("derived", {}).get(name) or one.method.get(
                derived.all_tables()[name].formerly
            )
            if found := basis and filler.kept(self.layout, basis):
                self.con.execute(f"CREATE TABLE kept_{side}.{name} AS FROM read_parquet({literal(found)})")
                continue
            if one.method:
                gone = f"{one.label}: the rows of {name} as they were then are not kept"
                self.notes.append(f"{gone}; those of the published file stand in")
            self.con.execute(f"ATTACH {literal(self.layout.published)} AS live (READ_ONLY)")
            self.con.execute(f"CREATE TABLE kept_{side}.{name} AS FROM live.derived.{name}")
            self.con.execute("DETACH live")

    def _mix(self, dataset: Dataset) -> None:
        """Create ``mix_<dataset>``: the pairs, numbered, with a flag for each group of columns in which a
        revised row differs."""
        flags = []
        for name in GROUPS:
            differs = [
                f'p."{column.name}" IS DISTINCT FROM b."{column.name}"'
                for column in dataset.columns
                if column.name in dataset.values and group(column.type) == name
            ]
            flags.append(f"kind = 'revised' AND ({' OR '.join(differs) or 'false'}) AS has_{name}")
        self.con.execute(
            f"""CREATE TABLE mix_{dataset.name} AS
                SELECT row_number() OVER (ORDER BY {dataset.keys}) AS id, *, {", ".join(flags)}
                FROM pair_{dataset.name}"""
        )
        self.con.execute(f"DROP TABLE pair_{dataset.name}")

    def _state(self, dataset: Dataset, chosen: frozenset[str], held: Held | None) -> str:
        """SQL that makes the dataset as in a choice of components; the row that is held stays as without the
        one it is held in."""
        rows = [self._rows(dataset, chosen, "true")]
        if held and held[0] == dataset.name:
            _, number, component = held
            rows = [
                self._rows(dataset, chosen, f"id <> {number}"),
                self._rows(dataset, chosen - {component}, f"id = {number}"),
            ]
        return f"CREATE OR REPLACE TABLE main.{dataset.name} AS {' UNION ALL BY NAME '.join(rows)}"

    def _rows(self, dataset: Dataset, chosen: frozenset[str], where: str) -> str:
        base = "p" if "parser" in chosen else "a"
        whole = ", ".join(literal(name) for name in WHOLE if name in chosen)
        moved = f"kind IN ({whole})" if whole else "false"
        columns = [
            f'"{name}"' if "renamed" in chosen else f'coalesce(was."{name}", "{name}") AS "{name}"'
            for name in dataset.key
        ]
        later = {
            column.name: f"{moved} OR kind = 'revised'" if group(column.type) in chosen else moved
            for column in dataset.columns
            if column.name in dataset.values
        }
        placed = [moved, *(f"({flag})" for name, flag in PLACED.items() if name in chosen)]
        later |= dict.fromkeys(snapshot.LINEAGE, " OR ".join(placed))
        columns += [
            f'CASE WHEN {when} THEN b."{name}" ELSE {base}."{name}" END AS "{name}"'
            for name, when in later.items()
        ]
        return f"""SELECT *, concat('record ' || record, place) AS locator
            FROM (SELECT {", ".join(columns)} FROM mix_{dataset.name}
            WHERE {where} AND CASE WHEN {moved} THEN b IS NOT NULL ELSE {base} IS NOT NULL END)"""

    def _differs(self, component: str) -> bool:
        a, b = self.sides["a"], self.sides["b"]
        if component == "sql":
            return self._sql["a"][:2] != self._sql["b"][:2]
        if component == "reference":
            return any(
                self.con.execute(
                    f"""(FROM kept_a.{name} EXCEPT ALL FROM kept_b.{name})
                    UNION ALL (FROM kept_b.{name} EXCEPT ALL FROM kept_a.{name}) LIMIT 1"""
                ).fetchone()
                for name in (*reference.COLUMNS, *self.filled)
            )
        moved = MOVED[component]
        if component in PLACED:
            moved = f"kind = '{component}' OR ({PLACED[component]} AND p IS DISTINCT FROM b)"
        known = a.of(self.sources)[0] != b.of(self.sources)[0] and component == self._documents_with
        return known or any(
            self.con.execute(f"FROM mix_{dataset.name} WHERE {moved} LIMIT 1").fetchone()
            for dataset in self.datasets
        )

    @property
    def _documents_with(self) -> str:
        """With which component the list of documents goes: where the newest is of another source, that is a
        change of source."""
        (_, then), (_, now) = (
            max(
                ((k.known_from, k.source) for k in one.documents if k.source in self.sources),
                default=(None, None),
            )
            for one in self.sides.values()
        )
        return "new" if then in (now, None) else "source"

    def values(self, chosen: Collection[str], held: Held | None = None) -> dict[Key, Value]:
        """All values of the indicator with a choice of components exchanged."""
        asked = frozenset(chosen), held
        if asked not in self._cache:
            self._cache[asked] = self._evaluate(*asked)
        return self._cache[asked]

    def _evaluate(self, chosen: frozenset[str], held: Held | None) -> dict[Key, Value]:
        con = self.con
        for dataset in self.datasets:
            con.execute(self._state(dataset, chosen, held))
        tables = [(f"reference.{name}", name, "reference") for name in reference.COLUMNS]
        tables += [(f"derived.{name}", name, "reference") for name in self.filled]
        tables.append(("ledger.document", "document", self._documents_with))
        for table, name, component in tables:
            con.execute(f"DELETE FROM {table}")
            con.execute(f"INSERT INTO {table} FROM kept_{'b' if component in chosen else 'a'}.{name}")
        macros, select, _ = self._sql["b" if "sql" in chosen else "a"]
        con.execute(macros)
        found = frames.dicts(con, indicators.evaluation(self.indicator, "", select))
        return {
            (row["series"], row["statistic"], None if row["statistic"] else row["period"]): Value(
                row["gap"], row["leader"], tuple(row["inputs"] or ())
            )
            for row in found
        }

    def changed_rows(
        self, component: str, inputs: Collection[Mapping[str, Any]]
    ) -> list[tuple[Dataset, dict[str, Any]]]:
        """The rows exchanged by a component that any of the inputs came from: ``id``, the key, ``was`` (the
        key until it was renamed), ``before`` and ``after`` (null: no such row)."""
        sides = "a AS before, p" if component == "parser" else "coalesce(p, a) AS before, b"
        stands = ", ".join(
            f"concat({side}.document, ' ', 'record ' || {side}.record, {side}.place)" for side in "apb"
        )
        found: list[tuple[Dataset, dict[str, Any]]] = []
        for dataset in self.datasets:
            places = [
                f"{given['document']} {given['locator']}"
                for given in inputs
                if given["dataset"] == dataset.name
            ]
            # At the very place, or in the same record where no row stands at that place: a value may stand in
            # another column than the one that the row's own locator names.
            rows = frames.dicts(
                self.con,
                f"""WITH moved AS (SELECT id, unnest([{stands}]) AS place FROM mix_{dataset.name}
                    WHERE {MOVED.get(component, "false")}),
                asked AS (SELECT unnest(?::VARCHAR[]) AS place),
                near AS (SELECT regexp_replace(place, '(?s), column .*', '')
                    FROM asked ANTI JOIN moved USING (place))
                SELECT id, {dataset.keys}, was, {sides} AS after FROM mix_{dataset.name} WHERE id IN (
                    SELECT id FROM moved WHERE place IN (FROM asked)
                    OR regexp_replace(place, '(?s), column .*', '') IN (FROM near)
                ) ORDER BY id""",
                [places],
            )
            found += [(dataset, row) for row in rows]
        return found
