"""What changed from one release to the next, computed once: report, alerts, diff, the release ledger and the
view ``change`` read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import duckdb

from warehouse.datasets import schema
from warehouse.store import frames

KEY = ("indicator", "series", "statistic", "period")
VALUES = ("usa", "chn", "gap", "low", "high", "leader", "unit")
# kinds that the release ledger keeps; values have a ledger of their own
_STATES = "SELECT source, state FROM ledger.source ORDER BY 1"
RECORDED = ("rows", "verdict", "state")


@dataclass(frozen=True)
class Change:
    """One change. ``kind`` and what the others mean with it:

    'rows': dataset, source, and 'new', 'revised', 'withdrawn' or 'quarantined', with how many ``rows``;
    'newest': indicator or indicator/series, whose newest value was ``before`` and is ``after`` (period,
    sides, gap, leader, bounds); 'verdict': a claim; 'state': a source.
    """

    kind: str
    subject: str
    key: str = ""
    field: str = ""
    before: Any = None
    after: Any = None
    rows: int | None = None


@dataclass(frozen=True)
class Known:
    """What a release knew: its accepted documents (document, source, known_from), and source -> state."""

    documents: Sequence[tuple[Any, ...]] = ()
    states: Mapping[str, str] = field(default_factory=dict)


def newest_values(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Indicator, or indicator/series -> its newest period (ISO text), both sides, gap, leader and bounds."""
    rows = frames.dicts(
        con,
        """SELECT concat_ws('/', indicator, nullif(series, '')) AS name, period::VARCHAR AS period, usa, chn,
        gap, leader, low, high FROM derived.indicator_value
        WHERE known_to IS NULL QUALIFY row_number() OVER (PARTITION BY indicator, series
        ORDER BY derived.indicator_value.period DESC) = 1 ORDER BY 1""",
    )
    return {row.pop("name"): row for row in rows}


def verdicts(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Claim -> its verdict now."""
    return dict(
        con.execute("SELECT claim, verdict FROM derived.claim WHERE known_to IS NULL ORDER BY 1").fetchall()
    )


def since(
    con: duckdb.DuckDBPyConnection, live: Known, last: Mapping[str, Any] | None, now: Mapping[str, Any]
) -> list[Change]:
    """What the build open on ``con`` changes against the ``last`` release, which knew what is ``live``.
    ``now``: ``newest`` values and ``claims``."""
    before: Mapping[str, Any] = last or {}
    found = _differing("newest", before.get("newest", {}), now["newest"])
    found += _differing("verdict", before.get("claims", {}), now["claims"])
    found += _differing("state", live.states, dict(con.execute(_STATES).fetchall()))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE released (document VARCHAR, source VARCHAR, known_from TIMESTAMP)"
    )
    frames.insert(con, "released", live.documents)
    con.execute(
        """CREATE OR REPLACE TEMP TABLE added AS
        SELECT source, known_from, sum(quarantined)::BIGINT AS quarantined FROM ledger.document
        WHERE status = 'accepted' AND (document, source, known_from) NOT IN (FROM released) GROUP BY ALL"""
    )
    return found + _rows(con)


def _differing(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    return [
        Change(kind, name, before=before.get(name), after=new)
        for name, new in after.items()
        if before.get(name) != new
    ]


def _rows(con: duckdb.DuckDBPyConnection) -> list[Change]:
    """Rows new, revised and withdrawn by the vintages that the live release does not know, which are in the
    table ``added``."""
    found = [
        Change("rows", "", source, "quarantined", rows=count)
        for source, count in con.execute(
            "SELECT source, sum(quarantined)::BIGINT FROM added GROUP BY source ORDER BY source"
        ).fetchall()
        if count
    ]
    moments = "(SELECT source, known_from FROM added)"
    for dataset in schema.all_datasets().values():
        rows = con.execute(
            f"""WITH versions AS (
                SELECT source, known_from, known_to, coalesce(lag(known_to) OVER k = known_from,
                false) AS revises,
                    coalesce(lead(known_from) OVER k = known_to, false) AS followed
                FROM history.{dataset.name} WHERE (source, known_from) IN {moments}
                OR (source, known_to) IN {moments}
                WINDOW k AS (PARTITION BY {dataset.keys} ORDER BY known_from)
            ), counted AS (
                SELECT versions.source,
                    count(*) FILTER (begun.source IS NOT NULL AND NOT revises) AS "new",
                    count(*) FILTER (begun.source IS NOT NULL AND revises) AS revised,
                    count(*) FILTER (ended.source IS NOT NULL AND NOT followed) AS withdrawn
                FROM versions
                LEFT JOIN added AS begun ON begun.source = versions.source
                AND begun.known_from = versions.known_from
                LEFT JOIN added AS ended ON ended.source = versions.source
                AND ended.known_from = versions.known_to
                GROUP BY versions.source
            ) SELECT source, field, rows FROM (UNPIVOT counted
            ON "new", revised, withdrawn INTO NAME field VALUE rows) WHERE rows > 0 ORDER BY ALL"""
        ).fetchall()
        found += [Change("rows", dataset.name, source, field, rows=count) for source, field, count in rows]
    return found


def recorded(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Changes as the release ledger keeps them."""
    return [asdict(change) for change in changes if change.kind in RECORDED]


def values(before: str, after: str) -> str:
    """SQL of the values that differ between two relations of them: key, each field before and after, and how
    it ``changed``."""
    told = ["(" + ", ".join(f"{side}.{name}" for name in VALUES) + ")" for side in ("a", "b")]
    same = " AND ".join(f"a.{name} IS NOT DISTINCT FROM b.{name}" for name in KEY)
    picked = ", ".join(
        f"CASE WHEN b.indicator IS NULL THEN a.{name} ELSE b.{name} END AS {name}" for name in KEY
    )
    sides = ", ".join(
        f"{side}.{name} AS {name}_{word}"
        for name in VALUES
        for side, word in (("a", "before"), ("b", "after"))
    )
    return f"""SELECT {picked}, {sides},
            CASE WHEN a.indicator IS NULL THEN 'new' WHEN b.indicator IS NULL THEN 'withdrawn'
            ELSE 'changed' END AS change
        FROM {before} AS a FULL JOIN {after} AS b ON {same}
        WHERE a.indicator IS NULL OR b.indicator IS NULL OR {told[0]} IS DISTINCT FROM {told[1]}"""
