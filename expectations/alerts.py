"""Alert rules: which move of an indicator's newest value between two releases is worth a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import duckdb

from warehouse import indicators


def newest_values(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Indicator -> its newest period (ISO text), both sides, gap, leader and bounds."""
    rows = con.execute(
        """SELECT indicator, period::VARCHAR, usa, chn, gap, leader, low, high FROM derived.indicator_value
        WHERE known_to IS NULL QUALIFY row_number() OVER (PARTITION BY indicator ORDER BY period DESC) = 1 ORDER BY 1"""
    ).fetchall()
    names = ("period", "usa", "chn", "gap", "leader", "low", "high")
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}


def allowed_change(rule: Mapping[str, Any], before: float) -> float | None:
    """The ``change`` of a rule in the indicator's unit: '2 %' of the value before, or a plain number."""
    change = rule.get("change")
    if change is None:
        return None
    text = str(change)
    return abs(before) * float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)


def compare(release: str, released_at: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of ``ledger.alert`` for the move from one release's newest values to the next's."""
    alerts = []
    for name, new in after.items():
        old, indicator = (before or {}).get(name), indicators.all_indicators()[name]
        if not old:
            continue
        rule, kinds = indicator.alert, []
        limit = allowed_change(rule, old["gap"])
        if rule.get("leader") and old["leader"] != new["leader"]:
            kinds.append(("leader", f"the leader is now {new['leader']}, it was {old['leader']}"))
        if limit is not None and abs(new["gap"] - old["gap"]) > limit:
            kinds.append(("change", f"moved by {new['gap'] - old['gap']:+.4g}, more than {rule['change']}"))
        for kind, why in kinds:
            message = (
                f"{indicator.title}: {why}. Newest value {new['gap']:.4g} {indicator.unit} for {new['period']}{_between(new)},"
                f" before {old['gap']:.4g} for {old['period']}. {_sides(old, new)} Where from: gapwatch show {name}"
            )
            fields = {"alert": f"{release}-{name}-{kind}", "release": release, "released_at": released_at, "indicator": name, "kind": kind}
            alerts.append(
                fields
                | {"period": new["period"], "before": old["gap"], "after": new["gap"], "rule": json.dumps(rule, sort_keys=True), "message": message}
            )
    return alerts


def _sides(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Both sides before and after; for one and the same period a moved side was revised at its source."""
    sides = (("usa", "United States"), ("chn", "China"))
    told = [
        f"{label} {old[side]:,.6g} → {new[side]:,.6g}" if old[side] != new[side] else f"{label} {new[side]:,.6g} as before" for side, label in sides
    ]
    kind = "revised" if old["period"] == new["period"] else "a newer period"
    return f"({kind}: {', '.join(told)})"


def _between(value: Mapping[str, Any]) -> str:
    return f" (between {value['low']:.4g} and {value['high']:.4g})" if value["low"] is not None and value["high"] is not None else ""
