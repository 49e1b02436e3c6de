"""Alert rules: which move between two releases is worth a person: an indicator's newest value, a claim's
verdict, rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.build.indicators import AlertRule
    from warehouse.compare.changes import Change

Told = Mapping[str, Any]
KINDS = {"leader": "moved", "change": "moved", "claim": "another verdict"}
# Every alert has every field, whatever it is about: who reads one need not know which kinds lack which.
_SHAPE = dict.fromkeys(
    ("alert", "about", "indicator", "series", "claim", "kind", "period", "before", "after", "rule", "message")
)


def title(alerts: Sequence[Told]) -> str:
    """A line that says what the alerts of one release are about."""
    if len(alerts) != 1:
        return f"gapwatch: {len(alerts)} alerts"
    [alert] = alerts
    # Releases of before an alert had `about` name it in the id alone.
    about = alert.get("about") or str(alert["alert"]).partition("-")[2].removesuffix(f"-{alert['kind']}")
    from expectations.alerts import rows  # here, so that whoever shows a number need not load it

    became = KINDS | {kind: one.title for kind, one in rows.all_alerts().items()}
    return f"gapwatch: {about} {became.get(alert['kind'], 'needs a look')}"


def allowed_change(rule: AlertRule, before: float) -> float | None:
    """The ``change`` of a rule in the indicator's unit: '2 %' of the value before, or a plain number."""
    if rule.change is None:
        return None
    text = str(rule.change)
    return abs(before) * float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)


def of(
    release: str, released_at: str, changes: Iterable[Change], noticed: Mapping[str, Iterable[Sequence[str]]]
) -> list[dict[str, Any]]:
    """Rows of ``ledger.alert`` for what a release changed, and for rows that were ``noticed`` (see
    ``rows``)."""
    told = {"release": release, "released_at": released_at}
    found = []
    for change in changes:
        if change.before is None:
            continue
        if change.kind == "newest":
            found += _moved(change)
        elif change.kind == "verdict":
            found.append(_verdict(change))
    found += [
        {"about": about, "kind": kind, "message": message}
        for kind, rows in noticed.items()
        for about, message in rows
    ]
    return [
        _SHAPE | told | {"alert": f"{release}-{alert['about']}-{alert['kind']}"} | alert for alert in found
    ]


def _moved(change: Change) -> list[dict[str, Any]]:
    name, old, new = change.subject, change.before, change.after
    indicator_name, _, series = name.partition("/")
    # here, and claims below, so that whoever shows a number need not load them
    from warehouse.build import indicators

    indicator = indicators.all_indicators()[indicator_name]
    rule, kinds = indicator.alert, {}
    limit, moved = allowed_change(rule, old["gap"]), new["gap"] - old["gap"]
    if rule.leader and old["leader"] != new["leader"]:
        kinds["leader"] = f"the leader is now {new['leader']}, it was {old['leader']}"
    if limit is not None and abs(moved) > limit:
        sign = "+" if new["gap"] > old["gap"] else ""
        kinds["change"] = f"moved by {sign}{number(moved)}, more than {rule.change}"
    fields = {
        "about": name,
        "indicator": indicator_name,
        "series": series,
        "rule": str(rule),
        "period": new["period"],
        "before": old["gap"],
        "after": new["gap"],
    }
    low, high = number(new["low"]), number(new["high"])
    between = "" if "none" in (low, high) else f" (between {low} and {high})"
    told = (
        f"Newest value {number(new['gap'])} {indicator.unit} for {new['period']}{between}, before"
        f" {number(old['gap'])} for {old['period']}. {_sides(old, new)} Where from: gapwatch show"
        f" {indicator.name}"
    )
    called = f"{indicator.title}{f' ({series})' if series else ''}"
    return [fields | {"kind": kind, "message": f"{called}: {why}. {told}"} for kind, why in kinds.items()]


def _verdict(change: Change) -> dict[str, Any]:
    from expectations import claims

    name, old, new = change.subject, change.before, change.after
    claim = next(claim for claim in claims.all_claims() if claim.claim == name)
    message = (
        f"Claim: {claim.text} ({claim.said_by}, {claim.said_on}): {old} before, now: {new}."
        " Its query is in the view claim."
    )
    return {"about": name, "claim": name, "kind": "claim", "message": message}


def _sides(old: Told, new: Told) -> str:
    """Both sides before and after; for one and the same period a moved side was revised at its source."""
    told = []
    for side, label in (("usa", "United States"), ("chn", "China")):
        before, after = number(old[side], 6), number(new[side], 6)
        if old[side] != new[side]:
            told.append(f"{label} {before} → {after}")
        elif new[side] is not None:
            told.append(f"{label} {after} as before")
    kind = "revised" if old["period"] == new["period"] else "a newer period"
    return f"({kind}: {', '.join(told)})"


def number(value: float | None, digits: int = 4) -> str:
    """For people: significant digits, one decimal from a thousand on, millions and billions from a million
    on."""
    if value is None:
        return "none"
    for size, name in ((1e9, " bn"), (1e6, " m")):
        if abs(value) >= size:
            return f"{value / size:,.{digits}g}{name}"
    return f"{value:,.{digits}g}" if abs(value) < 1000 else f"{value:,.1f}"
