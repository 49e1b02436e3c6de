"""Questions to the published file: what do the indicators say, and where from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
from rich.markup import escape

from flows.commands import terminal
from flows.commands.options import Unpublished, Wrong
from warehouse.publish import publish
from warehouse.store import frames
from warehouse.store.paths import Layout

PERIODS, PERIODS_OF_MANY, ROWS = 30, 6, 60


@contextmanager
def published(layout: Layout, as_of: dt.datetime | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, answering for a moment. Raises ``Unpublished`` where there is none."""
    if not layout.published.exists():
        raise Unpublished(layout.published)
    with publish.open_published(layout.published) as con:
        if as_of:
            con.execute(f"SET VARIABLE as_of = TIMESTAMP '{as_of:%Y-%m-%d %H:%M:%S}'")
        yield con


def overview(layout: Layout, as_of: dt.datetime | None) -> None:
    with published(layout, as_of) as con:
        found = con.execute(
            """SELECT concat_ws('/', indicator, nullif(series, '')) AS indicator, period, usa, chn, gap, low,
            high, unit, leader, state
            FROM indicator_latest ORDER BY ALL"""
        )
        terminal.found("Newest values" + (f" as of {as_of:%Y-%m-%d}" if as_of else ""), found)
        stale = con.execute(
            "SELECT concat(indicator, ': ', reason) FROM indicator WHERE state <> 'fresh' ORDER BY indicator"
        ).fetchall()
    for (line,) in stale:
        terminal.tell(f"  {line}")


def show(layout: Layout, indicator: str, as_of: dt.datetime | None) -> None:
    with published(layout, as_of) as con:
        told = frames.dicts(
            con,
            """SELECT title, question, unit, formula, method, bounds,
            trim(concat(state, ' ', reason)) AS state, events FROM indicator WHERE indicator = ?""",
            [indicator],
        )
        if not told:
            raise no_indicator(con, indicator)
        [about] = told
        terminal.console.print(
            f"[bold]{escape(about['title'])}[/bold] ({escape(indicator)}): {escape(about['question'])}"
        )
        for label in ("unit", "formula", "method", "bounds", "state"):
            terminal.tell(f"  {label}: {about[label]}")
        _series(con, indicator)
        _listed(
            con,
            "Over the whole series",
            "SELECT * EXCLUDE (indicator, period, unit) FROM indicator_headline WHERE indicator = ?"
            " ORDER BY ALL",
            indicator,
        )
        _listed(
            con,
            "Breaks: not comparable with the period before",
            "SELECT * EXCLUDE (indicator) FROM break WHERE indicator = ? ORDER BY ALL",
            indicator,
        )
        _listed(
            con,
            f"Events: {about['events']}",
            "SELECT event_on, title, summary, url FROM event WHERE topic = ? ORDER BY ALL",
            about["events"],
        )
        _listed(
            con,
            "The newest values came from",
            """SELECT series, input.side, input."value", input.source, input.locator,
                input.document[:12] AS document,
                document.known_from::DATE AS "known from",
                document.url AS address
            FROM (SELECT series, unnest(inputs) AS input FROM indicator_latest WHERE indicator = ?)
            LEFT JOIN (FROM document QUALIFY row_number() OVER (PARTITION BY document, source
            ORDER BY known_from) = 1) AS document
                ON document.document = input.document AND document.source = input.source
            ORDER BY series, input.side, input."value" DESC, input.locator""",
            indicator,
        )


def no_indicator(con: duckdb.DuckDBPyConnection, name: str) -> Wrong:
    names = ", ".join(
        name for (name,) in con.execute("SELECT indicator FROM indicator ORDER BY 1").fetchall()
    )
    return Wrong(f"there is no indicator {name!r}; there are: {names}")


def _series(con: duckdb.DuckDBPyConnection, indicator: str) -> None:
    """The newest thirty periods; of an indicator of several series the newest six of each."""
    (count,) = con.execute(
        "SELECT count(DISTINCT series) FROM indicator_value WHERE indicator = ?", [indicator]
    ).fetchone() or (0,)
    newest, of, series = (
        (PERIODS_OF_MANY, f" of each of {count} series", "series, ") if count > 1 else (PERIODS, "", "")
    )
    found = con.execute(
        f"""SELECT {series}period, usa, chn, gap, low, high, leader FROM indicator_value WHERE indicator = ?
        QUALIFY row_number() OVER (PARTITION BY series ORDER BY period DESC) <= {newest}
        ORDER BY series, period DESC""",
        [indicator],
    )
    terminal.found(f"Newest {newest} periods{of}", found)


def _listed(con: duckdb.DuckDBPyConnection, title: str, sql: str, value: str | None) -> None:
    """A table of what a query finds about ``value``, without columns that say nothing; nothing where it finds
    nothing."""
    rows = frames.dicts(con, sql, [value])
    told = [name for name in rows[0] if any(row[name] not in (None, "") for row in rows)] if rows else []
    if rows:
        terminal.rows(title, told, ([row[name] for name in told] for row in rows[:ROWS]))
    if len(rows) > ROWS:
        terminal.say(f"  and {len(rows) - ROWS} more: column inputs of the view indicator_latest")
