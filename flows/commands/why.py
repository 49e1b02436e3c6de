"""Why: the change of a value between two snapshots, split exactly into what caused it.

The indicator is evaluated with one component after another exchanged
(``warehouse/compare/decomposition.py``), in the order of ``ORDER`` and in the reverse order. Values are taken
as fractions of their doubles, so that the parts of each order sum to the total to the last bit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
    key: Mapping[str, Any]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    effect: Fraction | None
    formerly: Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """One cause. Several ``components`` where a value between them does not exist. ``reverse``: what it comes
    to in the reverse order, None where it cannot be told apart there. ``rows``: those of the reverse order
    where it has an effect there alone."""

    components: tuple[str, ...]
    effect: Fraction
    reverse: Fraction | None
    rows: tuple[Row, ...] = ()
    untried: int = 0

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
        return None if first is None else Fraction(first.year if self.period is None else first.toordinal())

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


@dataclass
class Why:
    """Splits of an indicator between two snapshots; ``unchanged`` targets, and what could not be had."""

    indicator: str
    before: str
    after: str
    unit: str
    order: list[str]
    splits: list[Split] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    others: int = 0
    notes: list[str] = field(default_factory=list)


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
    last = diff.find(layout, end) if end else len(entries) - 1
    first = diff.find(layout, begin) if begin else last - 1
    if first < 0:
        raise Wrong("there is no earlier release to compare with")
    snapshots = [snapshot.of_release(layout, entries[place]) for place in (first, last)]
    said = []
    for place in (first, last):
        with duckdb.connect() as con:
            if not value_log.released_by(con, layout, entries[: place + 1], "told"):
                raise Wrong(
                    f"release {entries[place]['release']} was published before releases recorded what they"
                    " said"
                )
            found = con.execute(
                "SELECT series, statistic, period, gap, leader FROM told WHERE indicator = ? ORDER BY ALL",
                [asked.indicator],
            )
            said.append(_said(found.fetchall()))
    return split(layout, asked, snapshots, said)


def moments_between(layout: Layout, asked: Asked, begin: dt.datetime, end: dt.datetime) -> Why:
    """The change between what was known at two moments, both with the code of today."""
    snapshots, said = [], []
    for moment in (begin, end):
        with show.published(layout, moment) as con:
            snapshots.append(snapshot.of_moment(layout, con, moment))
            found = con.execute(
                """SELECT series, '', period, gap, leader FROM indicator_value WHERE indicator = $1
                UNION ALL SELECT series, statistic, NULL, "value", NULL FROM indicator_headline
                WHERE indicator = $1 ORDER BY ALL""",
                [asked.indicator],
            )
            said.append(_said(found.fetchall()))
    return split(layout, asked, snapshots, said)


def _said(rows: Iterable[tuple[Any, ...]]) -> dict[Key, Value]:
    return {
        (series, statistic, period): Value(gap, leader, ()) for series, statistic, period, gap, leader in rows
    }


def split(
    layout: Layout, asked: Asked, snapshots: Sequence[Snapshot], said: Sequence[Mapping[Key, Value]]
) -> Why:
    """The change from the first to the second of two snapshots, which said these values."""
    before, after = snapshots
    decomposition = Decomposition(layout, asked.indicator, before, after)
    try:
        for one, values in zip(snapshots, said, strict=True):
            if not values:
                raise Wrong(f"{asked.indicator} has no value for {one.label}")
        targets, others = _targets(asked, said)
        found = Why(
            asked.indicator,
            before.label,
            after.label,
            decomposition.unit,
            [WORDS[name] for name in decomposition.components],
            others=others,
        )
        for target in targets:
            done = _split(decomposition, target, said)
            if done.before == done.after and all(part.effect == 0 for part in done.parts):
                found.unchanged.append(target.name)
            else:
                found.splits.append(done)
        found.notes = decomposition.notes
    finally:
        decomposition.close()
    return found


def _targets(asked: Asked, said: Sequence[Mapping[Key, Value]]) -> tuple[list[Target], int]:
    """What to split, and how many further periods changed."""
    common = [key for key in said[1] if key in said[0]]
    names = sorted({name for name, _, _ in common})
    if not names or asked.series not in (None, *names):
        raise Wrong(
            f"{asked.indicator} has no value in"
            f" common{f' in a series {asked.series!r}' if asked.series else ''}; series in common: {names}"
        )
    chosen = names[0] if asked.series is None else asked.series
    periods = sorted(day for name, _, day in common if day and name == chosen)
    if asked.period:
        wanted = trace.day(asked.period)
        if wanted not in periods:
            ranging = f"; in common they have {periods[0]} to {periods[-1]}" if periods else ""
            raise Wrong(f"{asked.indicator} has no value for {wanted} in both{ranging}")
        return [Target(chosen, "", wanted)], 0
    changed = [day for day in periods if said[0][chosen, "", day].gap != said[1][chosen, "", day].gap]
    told = changed if asked.every else periods[-1:]
    statistics = {
        statistic: Target(chosen, statistic, None)
        for name, statistic, _ in common
        if name == chosen and statistic
    }
    statistics |= _crossover(chosen, periods, said)
    if asked.statistic:
        if asked.statistic not in statistics:
            raise Wrong(
                f"{asked.indicator} has no statistic {asked.statistic!r} in both; in common they have:"
                f" {', '.join(statistics) or 'none'}"
            )
        return [statistics[asked.statistic]], 0
    return [*(Target(chosen, "", day) for day in told), *statistics.values()], len(set(changed) - set(told))


def _crossover(
    series: str, periods: Sequence[dt.date], said: Sequence[Mapping[Key, Value]]
) -> dict[str, Target]:
    """Since when the present leader leads, where another led before in either."""
    leader = said[1][series, "", periods[-1]].leader if periods else None
    if not leader or not any(
        value.leader not in (None, leader)
        for values in said
        for (name, _, _), value in values.items()
        if name == series
    ):
        return {}
    yearly = all((day.month, day.day) == (1, 1) for day in periods)
    crossing = Target(series, "", None if yearly else periods[-1], leader)
    return {"crossover": crossing} if all(crossing.of(values) is not None for values in said) else {}


def _walk(
    decomposition: Decomposition, target: Target, order: Sequence[str]
) -> list[tuple[tuple[str, ...], Fraction]]:
    """The parts in an order. A state without a value is passed over: what leads into it and out of it is one
    part."""
    last, chosen, pending = _required(target.of(decomposition.values(())), target), list[str](), list[str]()
    parts = []
    for component in order:
        chosen.append(component)
        pending.append(component)
        value = target.of(decomposition.values(chosen))
        if value is not None:
            parts.append((tuple(pending), value - last))
            last, pending = value, []
    if pending:
        raise Wrong(f"{target.name}: it has no value when it is evaluated for the later one")
    return parts


def _required(value: Fraction | None, target: Target) -> Fraction:
    if value is None:
        raise Wrong(f"{target.name}: it has no value when it is evaluated again for the earlier one")
    return value


def _split(decomposition: Decomposition, target: Target, said: Sequence[Mapping[Key, Value]]) -> Split:
    before, after = (_required(target.of(values), target) for values in said)
    forward = _walk(decomposition, target, decomposition.components)
    backward = {
        frozenset(components): effect
        for components, effect in _walk(decomposition, target, decomposition.components[::-1])
    }
    begin = _required(target.of(decomposition.values(())), target)
    end = begin + sum((effect for _, effect in forward), Fraction(0))
    parts, done = [], list[str]()
    for components, effect in forward:
        reverse = backward.get(frozenset(components))
        # A part of which only the reverse order shows an effect is looked at there; renames should move
        # nothing, and are told all the same.
        others = (
            done
            if effect or not reverse
            else decomposition.components[decomposition.components.index(components[-1]) + 1 :]
        )
        rows, untried = (
            _rows(decomposition, target, others, components)
            if effect or reverse or "renamed" in components
            else ((), 0)
        )
        parts.append(Part(components, effect, reverse, rows, untried))
        done += components
    if lost := (begin - before) + (after - end):
        parts.append(Part(("code",), lost, lost))
    unit = decomposition.unit if target.leader is None else "years" if target.period is None else "days"
    return Split(target, before, after, unit, tuple(parts))


def _rows(
    decomposition: Decomposition, target: Target, done: Sequence[str], components: Sequence[str]
) -> tuple[tuple[Row, ...], int]:
    """The rows of a part, the largest effect first, and how many more there are. A row's effect is what is
    missing when it alone stays."""
    chosen = [*done, *components]
    inputs = target.inputs(decomposition.values(done), decomposition.values(chosen))
    value = target.of(decomposition.values(chosen))
    candidates = [
        (component, *found)
        for component in components
        for found in decomposition.changed_rows(component, inputs)
    ]
    rows = []
    for component, dataset, row in sorted(
        candidates, key=lambda candidate: -_size(candidate[2], candidate[1].values)
    )[:TRIED]:
        without = target.of(decomposition.values(chosen, (dataset.name, row["id"], component)))
        effect = None if value is None or without is None else value - without
        key = {name: row[name] for name in dataset.key}
        kinds = {column.name: group(column.type) for column in dataset.columns}
        whole = component not in (*GROUPS, "renamed")
        about = [name for name in dataset.values if whole or kinds[name] == component]
        told = [
            name
            for name in about
            if not row["before"] or not row["after"] or row["before"][name] != row["after"][name]
        ]
        before, after = (
            {name: side[name] for name in told} if (side := row[word]) else None
            for word in ("before", "after")
        )
        formerly = {name: text for name, text in (row["was"] or {}).items() if text != key[name]}
        rows.append(Row(dataset.name, key, before, after, effect, formerly))
    rows.sort(key=lambda row: (row.effect is not None, -abs(row.effect or Fraction(0))))
    return tuple(rows), len(candidates) - len(rows)


def _size(row: Mapping[str, Any], columns: Iterable[str]) -> float:
    """By how much a row changed, roughly: the largest difference of a number, or of a day; of a row without a
    counterpart its largest number."""
    before, after = row["before"] or {}, row["after"] or {}
    sizes = [0.0]
    for name in columns:
        old, new = before.get(name), after.get(name)
        if isinstance(old, (int, float)) or isinstance(new, (int, float)):
            sizes.append(abs((new or 0) - (old or 0)))
        elif isinstance(old, dt.date) and isinstance(new, dt.date) and not isinstance(new, dt.datetime):
            sizes.append(float(abs((new - old).days)))
    return max(sizes)
