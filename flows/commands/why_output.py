"""How the reasons of a change are shown: to people, and as JSON."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from flows.commands import terminal
from flows.commands.trace import digits
from flows.commands.why import Part, Row, Split, Why

ROWS = 5  # rows of a part that are shown; the JSON has all that were tried


def show(found: Why) -> None:
    """Print it for people; what was scraped is shown so that it steers nothing."""
    terminal.say(f"[bold]{terminal.safe(found.indicator)}[/bold], from {found.before} to {found.after}")
    terminal.say(
        f"  exchanged, in this order: {', '.join(found.order) or 'nothing: the two rest on the same'}"
    )
    for split in found.changes:
        _split(split)
    if found.unchanged:
        terminal.say(f"Unchanged: {terminal.safe('; '.join(found.unchanged))}")
    if found.other_periods_changed:
        terminal.say(
            f"{found.other_periods_changed} other periods of the series changed: --all splits each,"
            " --period one."
        )
    for note in found.notes:
        terminal.say(f"  {terminal.safe(note)}")


def _split(split: Split) -> None:
    terminal.say(
        f"[bold]{terminal.safe(split.target.name)}[/bold]: {_shown(split, split.before)} →"
        f" {_shown(split, split.after)}, a change of {_signed(split.after - split.before)} {split.unit}"
    )
    moving = [part for part in split.parts if part.effect or part.in_reverse_order != part.effect]
    for part in moving:
        terminal.say(f"  {_signed(part.effect):>24}  {terminal.safe(part.words)}{_order(part)}")
        shown = [row for row in part.rows if row.effect != 0 or split.target.leader][:ROWS]
        for row in shown:
            _row(row)
        if shown and (hidden := len(part.rows) - len(shown) + part.rows_not_tried):
            terminal.say(f"{'':28}and {hidden} more rows that its inputs come from")
    still = [part for part in split.parts if part not in moving]
    if still:
        terminal.say(f"  {'no effect':>24}  {terminal.safe(', '.join(part.words for part in still))}")
    for row in [row for part in still for row in part.rows][:ROWS]:
        _row(row)


def _shown(split: Split, value: Fraction) -> str:
    """A value with all its digits; a first period as a year or a day."""
    if split.target.leader is None:
        return digits(float(value))
    return str(int(value)) if split.target.period is None else str(dt.date.fromordinal(int(value)))


def _order(part: Part) -> str:
    if part.in_reverse_order is None:
        return " (in the reverse order it cannot be told from another part: between them there is no value)"
    if part.in_reverse_order == part.effect:
        return ""
    return f" ({_signed(part.in_reverse_order)} in the reverse order)"


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
    terminal.say(f"{'':28}{terminal.safe(text)} ({effect})")


def _cell(value: object) -> str:
    return digits(value) if isinstance(value, float) else str(value)


def _signed(value: Fraction) -> str:
    return f"{float(value):+.15g}" if value else "0"


def as_json(found: Why) -> None:
    """Print it as one JSON object. ``exact`` is a fraction, numerator/denominator: the parts sum to the
    change without rounding."""
    terminal.as_json({**vars(found), "changes": [_told(split) for split in found.changes]})


def _told(split: Split) -> dict[str, Any]:
    return {
        "what": split.target.name,
        "series": split.target.series,
        "period": split.target.period if split.target.leader is None else None,
        "unit": split.unit,
        "before": float(split.before),
        "after": float(split.after),
        "change": split.after - split.before,
        "parts": [{"part": part.words, **asdict(part)} for part in split.parts],
    }
