"""How the reasons of a change are shown: to people, and as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flows.commands import terminal
from flows.commands.trace import digits
from flows.commands.why import Part, Row, Split, Why

ROWS = 5  # rows of a part that are shown; the JSON has all that were tried


def show(found: Why) -> None:
    """Print it for people; what was scraped is shown so that it steers nothing."""
    terminal.console.print(
        f"[bold]{terminal.safe(found.indicator)}[/bold], from {found.before} to {found.after}", soft_wrap=True
    )
    terminal.console.print(
        f"  exchanged, in this order: {', '.join(found.order) or 'nothing: the two rest on the same'}",
        soft_wrap=True,
    )
    for split in found.splits:
        _split(split)
    if found.unchanged:
        terminal.console.print(f"Unchanged: {terminal.safe('; '.join(found.unchanged))}", soft_wrap=True)
    if found.others:
        terminal.console.print(
            f"{found.others} other periods of the series changed: --all splits each, --period one.",
            soft_wrap=True,
        )
    for note in found.notes:
        terminal.console.print(f"  {terminal.safe(note)}", soft_wrap=True)


def _split(split: Split) -> None:
    change = (
        f"{_shown(split, split.before)} → {_shown(split, split.after)}, a change of"
        f" {_signed(split.after - split.before)} {split.unit}"
    )
    terminal.console.print(f"[bold]{terminal.safe(split.target.name)}[/bold]: {change}", soft_wrap=True)
    moving = [part for part in split.parts if part.effect or part.reverse != part.effect]
    for part in moving:
        terminal.console.print(
            f"  {_signed(part.effect):>24}  {terminal.safe(part.words)}{_order(part)}", soft_wrap=True
        )
        shown = [row for row in part.rows if row.effect != 0 or split.target.leader][:ROWS]
        for row in shown:
            _row(row)
        if shown and (hidden := len(part.rows) - len(shown) + part.untried):
            terminal.console.print(f"{'':28}and {hidden} more rows that its inputs come from", soft_wrap=True)
    still = [part for part in split.parts if part not in moving]
    if still:
        terminal.console.print(
            f"  {'no effect':>24}  {terminal.safe(', '.join(part.words for part in still))}", soft_wrap=True
        )
    for row in [row for part in still for row in part.rows][:ROWS]:
        _row(row)


def _shown(split: Split, value: Fraction) -> str:
    """A value with all its digits; a first period as a year or a day."""
    if split.target.leader is None:
        return digits(float(value))
    return str(int(value)) if split.target.period is None else str(dt.date.fromordinal(int(value)))


def _order(part: Part) -> str:
    if part.reverse is None:
        return " (in the reverse order it cannot be told from another part: between them there is no value)"
    return "" if part.reverse == part.effect else f" ({_signed(part.reverse)} in the reverse order)"


def _row(row: Row) -> None:
    key = ", ".join(str(value) for value in row.key.values() if value not in (None, ""))
    key += "".join(f", formerly {text}" for text in row.formerly.values())
    if row.before is not None and row.after is not None:
        told = ", ".join(f"{name} {_cell(row.before[name])} → {_cell(row.after[name])}" for name in row.after)
    else:
        side = row.before if row.after is None else row.after
        told = f"{'vanished' if row.after is None else 'new'}: " + ", ".join(
            f"{name} {_cell(value)}" for name, value in (side or {}).items() if value not in (None, "")
        )
    effect = "no value without it" if row.effect is None else f"alone {_signed(row.effect)}"
    text = f"{row.dataset}: {key}" + (f": {told}" if told else "")
    terminal.console.print(f"{'':28}{terminal.safe(text)} ({effect})", soft_wrap=True)


def _cell(value: object) -> str:
    return digits(value) if isinstance(value, float) else str(value)


def _signed(value: Fraction) -> str:
    return f"{float(value):+.15g}" if value else "0"


def as_json(found: Why) -> None:
    """Print it as one JSON object. ``exact`` is a fraction, numerator/denominator: the parts sum to the
    change without rounding."""
    told = {
        **{
            name: getattr(found, name)
            for name in ("indicator", "before", "after", "unit", "order", "unchanged", "notes")
        },
        "other_periods_changed": found.others,
        "changes": [_told(split) for split in found.splits],
    }
    terminal.as_json(told)


def _told(split: Split) -> dict[str, Any]:
    return {
        "what": split.target.name,
        "series": split.target.series,
        "period": split.target.period if split.target.leader is None else None,
        "unit": split.unit,
        "before": float(split.before),
        "after": float(split.after),
        "change": _number(split.after - split.before),
        "parts": [
            {
                "part": part.words,
                "components": part.components,
                "effect": _number(part.effect),
                "in_reverse_order": None if part.reverse is None else _number(part.reverse),
                "rows": [
                    {
                        "dataset": row.dataset,
                        "key": dict(row.key),
                        "formerly": dict(row.formerly),
                        "before": _side(row.before),
                        "after": _side(row.after),
                        "effect": None if row.effect is None else _number(row.effect),
                    }
                    for row in part.rows
                ],
                "rows_not_tried": part.untried,
            }
            for part in split.parts
        ],
    }


def _side(side: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if side is None else dict(side)


def _number(value: Fraction) -> dict[str, Any]:
    return {"value": float(value), "exact": f"{value.numerator}/{value.denominator}"}
