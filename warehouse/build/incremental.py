"""Bases: the last complete build as the beginning of the next one, and from when on the two differ.

Every table of a build is told by moments: what was known up to a moment rests on nothing that became known
after it. So it is enough to find the earliest moment at which anything that a table rests on is not what the
previous build was made from, to cut the table there, and to tell it anew from there on. Where that cannot be
shown to be the same, it is cut at ``BEGINNING``: a full build.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from warehouse.acquire import attempt_summary
from warehouse.build import derived, indicators
from warehouse.datasets import schema
from warehouse.staging.vintage import BEGINNING, Vintage, Vintages
from warehouse.store import files, journal
from warehouse.store.code_identity import fingerprint
from warehouse.store.memo import digest
from warehouse.store.paths import Layout

KEPT = 5  # builds of which it is remembered what they were made from, as many as releases are kept
# Tables that an extended build keeps and adds to, besides those of schema history; all others are written
# anew.
_EXTENDED: dict[str, set[str]] = {
    "ledger": {
        *("release", "alert", "change", "document", "fetch", "check_result", "quarantine"),
        "layout_difference",
    },
    "derived": {"indicator_value", "input_list", "indicator_headline", "claim"},
}
# FICLONE of Linux: the copy shares its blocks with the original until one of them changes
_CLONE = 0x40049409
Told = Mapping[str, Sequence[Sequence[str]]]  # source -> one (known_from, mark, statement) for every vintage


@dataclass(frozen=True)
class Basis:
    """What a build is made from, besides its vintages: equal hashes, equal results from equal documents.

    ``code`` decides everything; the others the dataset or indicator they are called by, and the claims, which
    may read any derived table.
    """

    code: str
    datasets: Mapping[str, str]
    indicators: Mapping[str, str]
    claims: str


@dataclass(frozen=True)
class PreviousBuild:
    """A complete build in ``path``, and what it was made from. ``stated``: source -> datasets it had rows
    in."""

    path: Path
    basis: Basis
    told: Told
    stated: Mapping[str, Sequence[str]]

    def copy(self, target: Path) -> None:
        """A private copy to be changed: of one and the same blocks where the file system can, else of the
        bytes."""
        with files.naming(target), self.path.open("rb") as old, target.open("wb") as new:
            try:
                fcntl.ioctl(new.fileno(), _CLONE, old.fileno())
            except OSError:
                shutil.copyfileobj(old, new, 1 << 20)


@dataclass(frozen=True)
class ChangePlan:
    """From when on a build tells anew; what is not named stays as it is in the previous build.

    ``rows``: source -> rows about its vintages. ``stated``: source -> its statements. ``datasets``: those to
    be made anew whole. ``indicators``, ``claims``: their values and verdicts. ``fetches``: up to where the
    previous build holds the fetch ledger.
    """

    basis: Basis
    previous: PreviousBuild | None
    rows: Mapping[str, dt.datetime]
    stated: Mapping[str, dt.datetime]
    datasets: frozenset[str]
    indicators: Mapping[str, dt.datetime]
    claims: dt.datetime | None
    fetches: journal.Place = journal.START

    def told_anew(self, vintages: Vintages) -> list[Vintage]:
        """The vintages about which rows are written."""
        return [
            v
            for source, since in self.rows.items()
            for v in vintages.get(source, ())
            if v.known_from >= since
        ]

    def read(self, vintages: Vintages) -> dict[str, list[Vintage]]:
        """Source -> vintages whose staged rows are read."""
        since = dict.fromkeys(vintages, BEGINNING) if self.datasets else {**self.rows, **self.stated}
        return {
            source: [v for v in vintages[source] if v.known_from >= moment]
            for source, moment in since.items()
            if source in vintages
        }

    def touches(self, dataset: str, vintages: Vintages) -> dict[str, dt.datetime]:
        """Source -> from when on its part of a dataset is told anew."""
        had = self.previous.stated if self.previous else {}
        return {
            source: BEGINNING if dataset in self.datasets else self.stated[source]
            for source in sorted({*had, *vintages} if dataset in self.datasets else self.stated)
            if dataset in had.get(source, ())
            or any(dataset in v.staged.rows for v in vintages.get(source, ()))
        }


def plan(layout: Layout, vintages: Vintages, release: str | None = None, claims: str = "") -> ChangePlan:
    """What to tell anew over the build of the last ``release``; everything without one, or where it cannot be
    begun from.

    ``claims`` names what decides claims, which are no part of this package.
    """
    basis = Basis(
        indicators.engine().digest,
        {name: dataset.hash for name, dataset in schema.all_datasets().items()},
        indicators.basis(vintages),
        fingerprint([claims, derived.decides(vintages)]),
    )
    previous = _last(layout, release, basis.code) if release else None
    if previous is None:
        every = dict.fromkeys(vintages, BEGINNING)
        return ChangePlan(
            basis,
            None,
            every,
            every,
            frozenset(basis.datasets),
            dict.fromkeys(basis.indicators, BEGINNING),
            BEGINNING,
        )
    now = _told(vintages)
    rows, stated = _parted(previous.told, now, 1), _parted(previous.told, now, 2)
    before = previous.basis
    datasets = frozenset(name for name, _ in basis.datasets.items() - before.datasets.items())
    indicated = {
        name: min(moments)
        for name, one in indicators.all_indicators().items()
        if (moments := [stated[source] for source in one.sources if source in stated])
    }
    indicated |= {name: BEGINNING for name, _ in basis.indicators.items() ^ before.indicators.items()}
    claimed = BEGINNING if before != basis else min(rows.values(), default=None)
    fetches = attempt_summary.held(layout, previous.path)
    return ChangePlan(basis, previous, rows, stated, datasets, indicated, claimed, fetches)


def clear(con: duckdb.DuckDBPyConnection, plan: ChangePlan) -> None:
    """Remove from the previous build what is written anew: views, small tables, and datasets that are defined
    differently."""
    kept = {**_EXTENDED, "history": set(plan.basis.datasets) - plan.datasets}
    for kind, schema_name, name in con.execute(
        """SELECT 'VIEW', schema_name, view_name FROM duckdb_views()
        WHERE database_name = current_database() AND NOT internal
        UNION ALL SELECT 'TABLE', schema_name, table_name FROM duckdb_tables()
        WHERE database_name = current_database() AND NOT internal
        ORDER BY 1 DESC"""
    ).fetchall():
        if kind == "VIEW" or name not in kept.get(schema_name, ()):
            con.execute(f'DROP {kind} {schema_name}."{name}"')


def _told(vintages: Vintages) -> dict[str, list[tuple[str, str, str]]]:
    """Of every vintage its moment, a mark of all that a build says about it, and one of its statement (empty:
    it was not accepted)."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for source, known in vintages.items():
        lines = found[source] = []
        alike: Counter[tuple[str, str]] = Counter()
        for v in known:
            at = journal.timestamp(v.known_from)
            alike[v.part, at] += 1  # of several documents of one part and moment the order counts
            place = alike[v.part, at]
            mark = fingerprint([v.entry, v.stage_key, v.status, v.reason, v.checks, place])[:16]
            said = fingerprint([v.part, v.document, v.stage_key, v.full, place])[:16]
            lines.append((at, mark, said if v.status == "accepted" else ""))
    return found


def _parted(before: Told, after: Told, which: int) -> dict[str, dt.datetime]:
    """Source -> the earliest moment that is not told alike: by its marks (1) or its statements (2)."""
    found = {}
    for source in sorted({*before, *after}):
        one, other = (
            Counter((line[0], line[which]) for line in told.get(source, ()) if line[which])
            for told in (before, after)
        )
        if parted := [at for at, _ in (*(one - other), *(other - one))]:
            found[source] = journal.moment(min(parted))
    return found


def _stated(vintages: Vintages) -> dict[str, list[str]]:
    """Source -> the datasets that it has rows in."""
    return {
        source: sorted({name for v in known for name in v.staged.rows}) for source, known in vintages.items()
    }


def save(
    layout: Layout,
    name: str,
    path: Path,
    basis: Basis,
    vintages: Vintages,
    fetches: journal.Place,
) -> None:
    """Remember what the build in ``path`` was made from, under the name by which it is to be released, and up
    to where it holds the fetch ledger."""
    attempt_summary.keep(layout, path, fetches)
    entry = {"file": digest(path), "basis": asdict(basis)}
    entry |= {"told": _told(vintages), "stated": _stated(vintages)}
    layout.memo.put(f"bases/{name}", entry)
    layout.memo.keep_newest("bases", KEPT)


def is_build(layout: Layout, release: str, path: Path) -> bool | None:
    """Whether a file holds what the build of a release came to; None where that is not remembered."""
    remembered = (layout.memo.get(f"bases/{release}") or {}).get("file")
    # versions before this one remembered size and time
    return remembered == digest(path) if isinstance(remembered, str) else None


def _last(layout: Layout, release: str, code: str) -> PreviousBuild | None:
    """The build of a release, to begin from; None when it is not there, was made by other code, or was
    changed or damaged since."""
    entry, path = layout.memo.get(f"bases/{release}"), layout.releases / f"{release}.duckdb"
    if entry is None or not path.exists():
        return None
    basis = Basis(**entry["basis"])
    if basis.code != code or not is_build(layout, release, path):
        return None
    return PreviousBuild(path, basis, entry["told"], entry["stated"])
