"""What we said then, from the ledger of releases; and beside it, drawn, what was known then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape
from pathlib import Path

import duckdb

from expectations.alerts.rules import number
from flows.commands import show as showing
from flows.commands import terminal
from flows.commands.options import Wrong
from warehouse.store import frames
from warehouse.store.paths import Layout

Line = list[tuple[dt.date, float]]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 960, 480, 80, 30, 60, 50


def _set(con: duckdb.DuckDBPyConnection, moment: dt.datetime | None) -> None:
    if moment:
        con.execute(f"SET VARIABLE as_released = TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S}'")


def overview(layout: Layout, moment: dt.datetime) -> None:
    """Print the newest value of every series as it was published at a moment."""
    with showing.published(layout) as con:
        _set(con, moment)
        found = con.execute(
            """SELECT concat_ws('/', indicator, nullif(series, '')) AS indicator, period, usa, chn, gap, low,
                high, unit, leader,
                said_from::DATE AS "said from"
            FROM released_value QUALIFY row_number() OVER (PARTITION BY indicator, series
            ORDER BY period DESC) = 1 ORDER BY ALL"""
        )
        terminal.found(f"Newest values as released by {moment:%Y-%m-%d}", found)


def show(layout: Layout, indicator: str, moment: dt.datetime) -> None:
    """Print the newest periods of an indicator as they were published at a moment, and its headline
    numbers."""
    with showing.published(layout) as con:
        _named(con, indicator)
        _set(con, moment)
        periods = con.execute(
            f"""SELECT series, period, usa, chn, gap, low, high, leader, release, said_from
            FROM released_value WHERE indicator = ?
            QUALIFY row_number() OVER (PARTITION BY series ORDER BY period DESC) <= {showing.PERIODS}
            ORDER BY series, period DESC""",
            [indicator],
        )
        terminal.found(f"{indicator}: newest periods as released by {moment:%Y-%m-%d}", periods)
        headline = frames.dicts(
            con,
            "SELECT * EXCLUDE (indicator) FROM released_headline WHERE indicator = ? ORDER BY ALL",
            [indicator],
        )
        if headline:
            terminal.records("Over the whole series", headline)


def _named(con: duckdb.DuckDBPyConnection, indicator: str) -> tuple[str, str]:
    """Title and unit of an indicator."""
    found = con.execute("SELECT title, unit FROM indicator WHERE indicator = ?", [indicator]).fetchone()
    if found is None:
        raise showing.no_indicator(con, indicator)
    return found[0], found[1]


def plot(
    layout: Layout, indicator: str, known_at: dt.datetime | None, said_at: dt.datetime | None, target: Path
) -> None:
    """Draw the main series, else the first by name, as SVG: known then, from the vintages with today's code,
    and said then."""
    if target.suffix != ".svg":
        raise Wrong(f"{target}: only .svg can be drawn")
    with showing.published(layout, known_at) as con:
        title, unit = _named(con, indicator)
        _set(con, said_at)
        (series,) = con.execute(
            "SELECT coalesce(min(series), '') FROM indicator_value WHERE indicator = ?", [indicator]
        ).fetchone() or ("",)
        lines = {
            f"{word} {f'{moment:%Y-%m-%d}' if moment else 'now'}": con.execute(
                f"SELECT period, gap FROM {view} WHERE indicator = ? AND series = ? ORDER BY period",
                [indicator, series],
            ).fetchall()
            for word, moment, view in (
                ("known", known_at, "indicator_value"),
                ("said", said_at, "released_value"),
            )
        }
    if not any(lines.values()):
        raise Wrong(f"{indicator} had no value then, neither known nor said")
    target.write_text(svg(f"{title}{f' ({series})' if series else ''}", unit, lines), "utf-8")
    told = ", ".join(f"{name}: {len(line)} periods" for name, line in lines.items())
    terminal.console.print(f"Drawn: {terminal.safe(str(target))} ({told})")


def svg(title: str, unit: str, lines: dict[str, Line]) -> str:
    """Two lines over time as an SVG: the first broad and pale, so that the second is seen on it where they
    agree."""
    days = [day.toordinal() for line in lines.values() for day, _ in line]
    values = [value for line in lines.values() for _, value in line]
    first, last = min(days), max(days)
    margin = (max(values) - min(values)) * 0.05 or 1.0
    low, high = min(values) - margin, max(values) + margin

    def across(day: int) -> float:
        return round(LEFT + (day - first) / ((last - first) or 1) * (WIDTH - LEFT - RIGHT), 1)

    def down(value: float) -> float:
        return round(HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    drawn = [
        f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" \
font-size="13">
<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>
<text x="{LEFT}" y="24" font-size="18">{escape(title)}</text>
<text x="{LEFT}" y="44" fill="#555">{escape(unit)}</text>"""
    ]
    for step in range(5):
        value, day = low + (high - low) * step / 4, round(first + (last - first) * step / 4)
        y = down(value)
        drawn.append(
            f"""<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#ddd"/>
<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{number(value)}</text>
<text x="{across(day)}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{dt.date.fromordinal(day)}</text>"""
        )
    for y, name, colour, width in zip((24, 44), lines, ("#9ecae1", "#d94801"), (6, 2), strict=True):
        points = [(across(day.toordinal()), down(value)) for day, value in lines[name]]
        drawn += [
            _drawn(points, colour, width),
            f'<text x="{WIDTH - RIGHT}" y="{y}" text-anchor="end" fill="{colour}">{escape(name)}</text>',
        ]
    return "\n".join([*drawn, "</svg>", ""])


def _drawn(points: Sequence[tuple[float, float]], colour: str, width: int) -> str:
    if len(points) == 1:
        return f'<circle cx="{points[0][0]}" cy="{points[0][1]}" r="{width}" fill="{colour}"/>'
    told = " ".join(f"{x},{y}" for x, y in points)
    return f"""<polyline points="{told}" fill="none" stroke="{colour}" stroke-width="{width}" \
stroke-linejoin="round"/>"""
