"""Why: the change of a value between two snapshots, split exactly into what caused it.

The indicator is evaluated with one component after another exchanged
(``warehouse/compare/decomposition.py``), in the order of ``ORDER`` and in the reverse order. Values are taken
as fractions of their doubles, so that the parts of each order sum to the total to the last bit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import duckdb

from flows.commands import diff, show, trace
from flows.commands.options import Wrong
from warehouse.compare import snapshot, value_log
from warehouse.compare.decomposition import GROUPS, Decomposition, Key, Value, group
from warehouse.compare.snapshot import Snapshot
from warehouse.store import journal
from warehouse.store.paths import Layout

TRIED = 5  # rows of a part that are left out one by one, those that changed most
WORDS = {
    "parser": "method: parsers",
    "sql": "method: SQL of the indicator",
    "reference": "reference tables",
    "source": "change of source",
    "numbers": "revisions: numbers moved",
    "dates": "revisions: dates moved",
    "texts": "revisions: names, countries and other texts",
    "renamed": "rows renamed",
    "withdrawn": "withdrawals: rows vanished",
    "new": "new observations",
    "code": "code that is not kept",
}


@dataclass(frozen=True)
class Row:
    """A row that contributed: its key and what of it changed. ``effect``: by how much the part would be less
    without it. ``formerly``: what of the key was another text until the row was renamed."""

    dataset: str
    key: dict[str, Any]
    formerly: dict[str, Any]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    effect: Fraction | None


@dataclass(frozen=True)
class Part:
    """One cause. Several ``components`` where a value between them does not exist. ``in_reverse_order``: what
    it comes to there, None where it cannot be told apart. ``rows``: those of the reverse order where it has
    an effect there alone."""

    components: tuple[str, ...]
    effect: Fraction
    in_reverse_order: Fraction | None
    rows: tuple[Row, ...] = ()
    rows_not_tried: int = 0

    @property
    def words(self) -> str:
        return " and ".join(WORDS[name] for name in self.components)


@dataclass(frozen=True)
class Target:
    """What is questioned: the value of a period, a headline number, or the period from which on the present
    leader leads."""

    series: str
    statistic: str
    period: dt.date | None
    leader: str | None = None

    def of(self, values: Mapping[Key, Value]) -> Fraction | None:
        if self.leader is None:
            found = values.get((self.series, self.statistic, self.period))
            return None if found is None else Fraction(found.gap)
        first = self.first(values)
        if first is None:
            return None
        return Fraction(first.year if self.period is None else first.toordinal())

    def first(self, values: Mapping[Key, Value]) -> dt.date | None:
        """The first period that the leader leads."""
        led = (
            period
            for (series, _, period), value in values.items()
            if period and series == self.series and value.leader == self.leader
        )
        return min(led, default=None)

    def inputs(self, *states: Mapping[Key, Value]) -> list[Mapping[str, Any]]:
        """The inputs of the value in each state; of a first period those of every one that is the first in
        any of them."""
        if self.leader is None:
            keys: Iterable[Key] = [(self.series, self.statistic, self.period)]
        else:
            keys = [(self.series, "", first) for values in states if (first := self.first(values))]
        return [given for key in keys for values in states if key in values for given in values[key].inputs]

    @property
    def name(self) -> str:
        series = f", series {self.series}" if self.series else ""
        if self.leader:
            return f"first {'year' if self.period is None else 'day'} in which {self.leader} leads{series}"
        return f"{self.statistic or self.period}{series}"


@dataclass(frozen=True)
class Split:
    """The change of one target and its parts, which sum to it. ``unit`` is that of the target."""

    target: Target
    before: Fraction
    after: Fraction
    unit: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Why:
    """The ``changes`` of an indicator between two snapshots, each split; ``unchanged`` targets, and what
    could not be had."""

    indicator: str
    before: str
    after: str
    unit: str
    order: list[str]
    unchanged: list[str]
    notes: list[str]
    other_periods_changed: int
    changes: list[Split]


@dataclass(frozen=True)
class Asked:
    """What to split: the change of a ``period`` or of a ``statistic`` ('crossover': since when the present
    leader leads); by default the newest period and all statistics; with ``every`` all periods that
    changed."""

    indicator: str
    series: str | None = None
    period: str | None = None
    statistic: str | None = None
    every: bool = False


def releases_between(layout: Layout, asked: Asked, begin: str | None, end: str | None) -> Why:
    """The change between two releases, by default the last two."""
    entries = journal.read(layout.ledger, "release")
    snapshots, released = [], []
    for place in diff.places(entries, begin, end):
        snapshots.append(snapshot.of_release(layout, entries[place]))
        with duckdb.connect() as con:
            if not value_log.released_by(con, layout, entries[: place + 1], "released"):
                raise Wrong(f"{snapshots[-1].label} was published before releases recorded what they said")
            found = con.execute(
                """SELECT series, statistic, period, gap, leader FROM released WHERE indicator = ?
                ORDER BY ALL""",
                [asked.indicator],
            )
            released.append(_values(found))
    return split(layout, asked, snapshots, released)


def moments_between(layout: Layout, asked: Asked, begin: dt.datetime, end: dt.datetime) -> Why:
    """The change between what was known at two moments, both with the code of today."""
    snapshots, known = [], []
    for moment in (begin, end):
        with show.published(layout, moment) as con:
            snapshots.append(snapshot.of_moment(layout, con, moment))
            found = con.execute(
                """SELECT series, '', period, gap, leader FROM indicator_value WHERE indicator = $1
                UNION ALL SELECT series, statistic, NULL, "value", NULL FROM indicator_headline
                WHERE indicator = $1 ORDER BY ALL""",
                [asked.indicator],
            )
            known.append(_values(found))
    return split(layout, asked, snapshots, known)


def _values(found: duckdb.DuckDBPyConnection) -> dict[Key, Value]:
    return {
        (series, statistic, period): Value(gap, leader, ())
        for series, statistic, period, gap, leader in found.fetchall()
    }


def split(
    layout: Layout, asked: Asked, snapshots: Sequence[Snapshot], said: Sequence[Mapping[Key, Value]]
) -> Why:
    """The change from the first to the second of two snapshots, which said these values."""
    before, after = snapshots
    unchanged, changes = [], []
    with closing(Decomposition(layout, asked.indicator, before, after)) as mix:
        for one, values in zip(snapshots, said, strict=True):
            if not values:
                raise Wrong(f"{asked.indicator} has no value for {one.label}")
        targets, others = _targets(asked, said)
        for target in targets:
            done = _split(mix, target, said)
            if done.before == done.after and not any(part.effect for part in done.parts):
                unchanged.append(target.name)
            else:
                changes.append(done)
        order = [WORDS[name] for name in mix.components]
        labels = before.label, after.label
        return Why(asked.indicator, *labels, mix.unit, order, unchanged, mix.notes, others, changes)


def _targets(asked: Asked, said: Sequence[Mapping[Key, Value]]) -> tuple[list[Target], int]:
    """What to split, and how many further periods changed."""
    before, after = said
    common = [key for key in after if key in before]
    names = sorted({series for series, _, _ in common})
    if not names or asked.series not in (None, *names):
        raise Wrong(
            f"{asked.indicator} has no value in"
            f" common{f' in a series {asked.series!r}' if asked.series else ''}; series in common: {names}"
        )
    chosen = names[0] if asked.series is None else asked.series
    periods = sorted(day for series, _, day in common if day and series == chosen)
    if asked.period:
        wanted = trace.day(asked.period)
        if wanted not in periods:
            ranging = f"; in common they have {periods[0]} to {periods[-1]}" if periods else ""
            raise Wrong(f"{asked.indicator} has no value for {wanted} in both{ranging}")
        return [Target(chosen, "", wanted)], 0
    statistics = {
        statistic: Target(chosen, statistic, None)
        for series, statistic, _ in common
        if statistic and series == chosen
    }
    if crossing := _crossover(chosen, periods, said):
        statistics["crossover"] = crossing
    if asked.statistic:
        if asked.statistic not in statistics:
            raise Wrong(
                f"{asked.indicator} has no statistic {asked.statistic!r} in both; in common they have:"
                f" {', '.join(statistics) or 'none'}"
            )
        return [statistics[asked.statistic]], 0
    changed = [day for day in periods if before[chosen, "", day].gap != after[chosen, "", day].gap]
    told = changed if asked.every else periods[-1:]
    return [*(Target(chosen, "", day) for day in told), *statistics.values()], len(set(changed) - set(told))


def _crossover(series: str, periods: Sequence[dt.date], said: Sequence[Mapping[Key, Value]]) -> Target | None:
    """Since when the present leader leads, where another led before in either."""
    leader = said[1][series, "", periods[-1]].leader if periods else None
    led = {value.leader for values in said for (name, _, _), value in values.items() if name == series}
    if not leader or led <= {None, leader}:
        return None
    yearly = all((day.month, day.day) == (1, 1) for day in periods)
    crossing = Target(series, "", None if yearly else periods[-1], leader)
    return crossing if all(crossing.first(values) for values in said) else None


def _walk(
    mix: Decomposition, target: Target, begin: Fraction, order: Sequence[str]
) -> list[tuple[tuple[str, ...], Fraction]]:
    """The parts in an order. A state without a value is passed over: what leads into it and out of it is one
    part."""
    last, parts, begun = begin, [], 0
    for place in range(1, len(order) + 1):
        value = target.of(mix.values(order[:place]))
        if value is not None:
            parts.append((tuple(order[begun:place]), value - last))
            last, begun = value, place
    if begun < len(order):
        raise Wrong(f"{target.name}: it has no value when it is evaluated for the later one")
    return parts


def _split(mix: Decomposition, target: Target, said: Sequence[Mapping[Key, Value]]) -> Split:
    before, after, begin = (target.of(values) for values in (*said, mix.values(())))
    if before is None or after is None or begin is None:
        raise Wrong(f"{target.name}: it has no value when it is evaluated again for the earlier one")
    order, end, parts = mix.components, begin, []
    backward = {
        frozenset(components): effect for components, effect in _walk(mix, target, begin, order[::-1])
    }
    for components, effect in _walk(mix, target, begin, order):
        reverse, place = backward.get(frozenset(components)), order.index(components[0])
        # A part of which only the reverse order shows an effect is looked at there; renames should move
        # nothing, and are told all the same.
        others = order[:place] if effect or not reverse else order[place + len(components) :]
        looked = effect or reverse or "renamed" in components
        rows, untried = _rows(mix, target, others, components) if looked else ((), 0)
        parts.append(Part(components, effect, reverse, rows, untried))
        end += effect
    if lost := (begin - before) + (after - end):
        parts.append(Part(("code",), lost, lost))
    unit = mix.unit if target.leader is None else "years" if target.period is None else "days"
    return Split(target, before, after, unit, tuple(parts))


def _rows(
    mix: Decomposition, target: Target, done: Sequence[str], components: Sequence[str]
) -> tuple[tuple[Row, ...], int]:
    """The rows of a part, the largest effect first, and how many more there are. A row's effect is what is
    missing when it alone stays."""
    chosen = [*done, *components]
    inputs = target.inputs(mix.values(done), mix.values(chosen))
    value = target.of(mix.values(chosen))
    candidates = [
        (component, *found) for component in components for found in mix.changed_rows(component, inputs)
    ]
    candidates.sort(key=lambda candidate: -_size(candidate[2], candidate[1].values))
    rows = []
    for component, dataset, row in candidates[:TRIED]:
        without = target.of(mix.values(chosen, (dataset.name, row["id"], component)))
        effect = None if value is None or without is None else value - without
        key = {name: row[name] for name in dataset.key}
        whole = component not in (*GROUPS, "renamed")
        told = [
            column.name
            for column in dataset.columns
            if column.name in dataset.values and (whole or group(column.type) == component)
        ]
        before, after = row["before"], row["after"]
        if before and after:
            told = [name for name in told if before[name] != after[name]]
        formerly = {name: text for name, text in (row["was"] or {}).items() if text != key[name]}
        before, after = (side and {name: side[name] for name in told} for side in (before, after))
        rows.append(Row(dataset.name, key, formerly, before, after, effect))
    rows.sort(key=lambda row: (row.effect is not None, -abs(row.effect or 0)))
    return tuple(rows), len(candidates) - len(rows)


def _size(row: Mapping[str, Any], columns: Iterable[str]) -> float:
    """By how much a row changed, roughly: the largest difference of a number, or of a day; of a row without a
    counterpart its largest number."""
    before, after, size = row["before"] or {}, row["after"] or {}, 0.0
    for name in columns:
        old, new = before.get(name), after.get(name)
        if isinstance(old, (int, float)) or isinstance(new, (int, float)):
            size = max(size, abs((new or 0) - (old or 0)))
        elif type(old) is type(new) is dt.date:
            size = max(size, abs((new - old).days))
    return size
