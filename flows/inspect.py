"""Questions to the published file: what is the state, what do the indicators say, where from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
from rich.markup import escape

from extractors import contract
from flows import display, suggest
from flows.options import Unpublished, Wrong
from warehouse import attempts, freshness, publish, vintage
from warehouse.fetch import utc_now
from warehouse.layout import Layout

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


def status(layout: Layout) -> bool:
    """Print the state of every source now, from the ledgers; true when something needs a person."""
    now, attempted = utc_now(), attempts.of(layout).last
    live = publish.last_release(layout) if layout.published.exists() else None
    if live:
        with published(layout) as con:
            refused = {
                (s, d, str(k))
                for s, d, k in con.execute("SELECT source, document, known_from FROM ledger.document WHERE status <> 'accepted'").fetchall()
            }
            weak = con.execute("SELECT count(*) FROM check_result WHERE status NOT IN ('pass', 'skipped')").fetchone()
            verdicts = con.execute("SELECT claim, verdict FROM claim ORDER BY 1").fetchall()
            unmapped = suggest.status_line(con)
    else:
        refused, weak, verdicts, unmapped = set(), None, [], ""
    table, needs = [], live is None
    for source in contract.all_sources().values():
        known = [
            v.refused("failed", "a check failed: see check_result")
            if (v.source, v.document, str(v.known_from.replace(tzinfo=None))) in refused and v.status == "accepted"
            else v
            for v in vintage.of_source(layout, source)
        ]
        mine = attempted.get(source.id, {})
        state = freshness.of_source(source, known, mine, now)
        asked = max((row["at"] for row in mine.values()), default="")[:16] or None
        table.append((source.id, state.state, state.newest_period, state.known_from and f"{state.known_from:%Y-%m-%d %H:%M}", asked, state.reason))
        needs |= state.stale
    display.rows(
        f"Sources of {layout.root}, {now:%Y-%m-%d %H:%M} UTC", ("source", "state", "newest period", "known from", "asked (UTC)", "why"), table
    )
    if live:
        display.console.print(f"Published: release {live['release']} of {live['released_at'][:16]} UTC; {len(live['alerts'])} alerts with it.")
        display.console.print(
            f"Checks not passed: {weak[0] if weak else 0} (view check_result). Claims: "
            + ", ".join(f"{escape(name)} {verdict}" for name, verdict in verdicts),
            soft_wrap=True,
        )
        if unmapped:
            display.console.print(escape(unmapped), soft_wrap=True)
    else:
        display.console.print("Nothing is published yet: run gapwatch refresh.")
    return needs


def overview(layout: Layout, as_of: dt.datetime | None) -> None:
    with published(layout, as_of) as con:
        found = con.execute(
            """SELECT concat_ws('/', indicator, nullif(series, '')) AS indicator, period, usa, chn, gap, low, high, unit, leader, state
            FROM indicator_latest ORDER BY ALL"""
        )
        names = [column[0] for column in found.description or ()]
        display.rows("Newest values" + (f" as of {as_of:%Y-%m-%d}" if as_of else ""), names, found.fetchall())
        stale = con.execute("SELECT indicator, reason FROM indicator WHERE state <> 'fresh' ORDER BY 1").fetchall()
    for name, reason in stale:
        display.console.print(f"  {escape(f'{name}: {reason}')}", soft_wrap=True)


def show(layout: Layout, indicator: str, as_of: dt.datetime | None) -> None:
    with published(layout, as_of) as con:
        about = con.execute(
            "SELECT title, question, unit, formula, method, bounds, state, reason, events FROM indicator WHERE indicator = ?", [indicator]
        ).fetchone()
        if about is None:
            raise no_indicator(con, indicator)
        title, question, unit, formula, method, bounds, state, reason, topic = about
        display.console.print(f"[bold]{escape(title)}[/bold] ({escape(indicator)}): {escape(question)}")
        for label, text in (("unit", unit), ("formula", formula), ("method", method), ("bounds", bounds), ("state", f"{state} {reason}".strip())):
            display.console.print(f"  {label}: {escape(text)}", soft_wrap=True)
        _series(con, indicator)
        _listed(
            con,
            "Over the whole series",
            "SELECT * EXCLUDE (indicator, period, unit) FROM indicator_headline WHERE indicator = ? ORDER BY ALL",
            indicator,
        )
        _listed(
            con,
            "Breaks: not comparable with the period before",
            "SELECT * EXCLUDE (indicator) FROM break WHERE indicator = ? ORDER BY ALL",
            indicator,
        )
        _listed(con, f"Events: {topic}", "SELECT event_on, title, summary, url FROM event WHERE topic = ? ORDER BY ALL", topic)
        _listed(
            con,
            "The newest values came from",
            """SELECT series, input.side, input."value", input.source, input.locator, input.document[:12] AS document,
                document.known_from::DATE AS "known from",
                document.url AS address
            FROM (SELECT series, unnest(inputs) AS input FROM indicator_latest WHERE indicator = ?)
            LEFT JOIN (FROM document QUALIFY row_number() OVER (PARTITION BY document, source ORDER BY known_from) = 1) AS document
                ON document.document = input.document AND document.source = input.source
            ORDER BY series, input.side, input."value" DESC, input.locator""",
            indicator,
        )


def no_indicator(con: duckdb.DuckDBPyConnection, name: str) -> Wrong:
    names = ", ".join(name for (name,) in con.execute("SELECT indicator FROM indicator ORDER BY 1").fetchall())
    return Wrong(f"there is no indicator {name!r}; there are: {names}")


def _series(con: duckdb.DuckDBPyConnection, indicator: str) -> None:
    """The newest thirty periods; of an indicator of several series the newest six of each."""
    names = [name for (name,) in con.execute("SELECT DISTINCT series FROM indicator_value WHERE indicator = ? ORDER BY 1", [indicator]).fetchall()]
    many = len(names) > 1
    columns = ("series",) * many + ("period", "usa", "chn", "gap", "low", "high", "leader")
    found = con.execute(
        f"""SELECT {", ".join(columns)} FROM indicator_value WHERE indicator = ?
        QUALIFY row_number() OVER (PARTITION BY series ORDER BY period DESC) <= ? ORDER BY series, period DESC""",
        [indicator, PERIODS_OF_MANY if many else PERIODS],
    )
    display.rows(
        f"Newest {PERIODS_OF_MANY} periods of each of {len(names)} series" if many else f"Newest {PERIODS} periods", columns, found.fetchall()
    )


def _listed(con: duckdb.DuckDBPyConnection, title: str, sql: str, value: str | None) -> None:
    """A table of what a query finds about ``value``, without columns that say nothing; nothing where it finds nothing."""
    found = con.execute(sql, [value])
    names, rows = [column[0] for column in found.description or ()], found.fetchall()
    told = [number for number in range(len(names)) if any(row[number] not in (None, "") for row in rows)]
    if rows:
        display.rows(title, [names[number] for number in told], [[row[number] for number in told] for row in rows[:ROWS]])
    if len(rows) > ROWS:
        display.console.print(f"  and {len(rows) - ROWS} more: column inputs of the view indicator_latest", soft_wrap=True)
