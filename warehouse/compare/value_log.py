"""What each release said, and what decided it: the ledger of releases beyond their one line each.

``ledger/released/<release>.parquet`` holds every value that changed against the release before.
``ledger/method/<sha256>`` holds, each once and named by its content, what decides values besides documents:
SQL of indicators and macros, reviewed tables, and a list that names them together with the parsers. A release
of before there were these has neither.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb

from extractors.sql import literal
from warehouse.acquire import documents_due
from warehouse.build import derived, indicators
from warehouse.compare import changes
from warehouse.compare.changes import KEY, VALUES
from warehouse.reference import tables
from warehouse.staging.vintage import Vintages
from warehouse.store import files, journal
from warehouse.store.paths import Layout

# What is said now. A headline number has no period here: the day that its series ends on moves with every
# vintage.
NOW = """SELECT indicator, series, '' AS statistic, period, usa, chn, gap, low, high, leader, unit
    FROM derived.indicator_value WHERE known_to IS NULL
    UNION ALL
    SELECT indicator, series, statistic, NULL, NULL, NULL, "value", low, high, NULL, unit
    FROM derived.indicator_headline WHERE known_to IS NULL"""


def head(layout: Layout, lines: int | None = None) -> journal.Entry:
    """The archive head: how many lines the document ledger has, and the SHA-256 over them; or over the first
    ``lines``. Lines are only added."""
    known = first_lines(layout, lines)
    return {"lines": known.count(b"\n"), "archive": files.sha256(known)}


def first_lines(layout: Layout, lines: int | None = None) -> bytes:
    """The first lines of the document ledger, all by default, without one that was torn off at the end."""
    path = layout.ledger / "document.ndjson"
    return b"".join(
        line + b"\n" for line in (path.read_bytes() if path.exists() else b"").split(b"\n")[:-1][:lines]
    )


def method(layout: Layout, vintages: Vintages, *, keep: bool) -> str:
    """The name of the list of what decides values besides documents; with ``keep`` it and all that it names
    go to the store.

    The list has ``indicators``, ``macros`` and ``reference`` (name -> content), ``parsers`` (source -> stage
    key), ``derived`` (derived table that code fills -> basis) and ``refused``: the lines of the document
    ledger that were not accepted, with their status.
    """
    status: dict[tuple[str, ...], str] = {
        vintage.identity: vintage.status for known in vintages.values() for vintage in known
    }
    lines = [
        (e["source"], documents_due.part_of(e), e["sha256"], e["known_from"])
        for e in journal.read(layout.ledger, "document")
    ]
    texts = {
        "indicators": {path.stem: path.read_bytes() for path in sorted(indicators.FOLDER.glob("*.sql"))},
        "macros": {path.stem: path.read_bytes() for path in sorted(indicators.MACROS.glob("*.sql"))},
        "reference": {name: (tables.FOLDER / f"{name}.csv").read_bytes() for name in tables.COLUMNS},
    }
    listed = {
        **{kind: {name: files.sha256(text) for name, text in named.items()} for kind, named in texts.items()},
        "parsers": {name: known[0].stage_key for name, known in sorted(vintages.items()) if known},
        "derived": derived.bases(vintages),
        "refused": sorted(
            {(*line, status.get(line, "left out")) for line in lines if status.get(line) != "accepted"}
        ),
    }
    content = json.dumps(listed, sort_keys=True).encode()
    if keep:
        for text in (*(text for named in texts.values() for text in named.values()), content):
            path = layout.method / files.sha256(text)
            if not path.exists():
                files.write(path, text)
    return files.sha256(content)


def kept(layout: Layout, name: str) -> bytes:
    """What the method store has under a name. Raises ``OSError`` where it is missing or damaged."""
    content = (layout.method / name).read_bytes()
    if files.sha256(content) != name:
        raise OSError(f"{layout.method / name} is damaged: restore it from a backup")
    return content


def released_values(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    entries: Sequence[journal.Entry],
    new: journal.Entry | None,
    live: Path | None = None,
) -> None:
    """Fill ``ledger.said`` of the default catalogue: what the releases ``entries`` said and, if there is one,
    what the ``new`` one says.

    Leaves what ``new`` changed in the temporary table ``changed``. Before ``new``, it is read from the
    file of the last release, ``live``, where there is one: years of nights have as many files.
    """
    con.execute("DELETE FROM ledger.said")
    if not (new and live and _from_live(con, live, entries)):
        _from_files(con, layout, entries)
    if new:
        _extend(con, len(entries), new)


def _from_live(con: duckdb.DuckDBPyConnection, path: Path, entries: Sequence[journal.Entry]) -> bool:
    """Take ``ledger.said`` from a published file; false where that is not of the last release, or of before
    there was such a table."""
    con.execute(f"ATTACH {literal(path)} AS live (READ_ONLY)")
    try:
        held = con.execute(
            """SELECT count(*), count(*) FILTER (release = ?), (SELECT count(*) FROM duckdb_tables()
                WHERE (database_name, schema_name, table_name) = ('live', 'ledger', 'said'))
            FROM live.ledger.release""",
            [entries[-1]["release"]],
        ).fetchone()
        whole = held == (len(entries), 1, 1)
        if whole:
            con.execute("INSERT INTO ledger.said BY NAME FROM live.ledger.said")
        return whole
    finally:
        con.execute("DETACH live")


def _from_files(con: duckdb.DuckDBPyConnection, layout: Layout, entries: Sequence[journal.Entry]) -> None:
    paths = _files(layout, entries)
    if paths:
        con.execute(
            f"""INSERT INTO ledger.said BY NAME
            SELECT {", ".join((*KEY, *VALUES))}, said_from, said_to, release FROM (
                SELECT * EXCLUDE (released_at), released_at AS said_from,
                    lead(released_at) OVER (PARTITION BY {", ".join(KEY)} ORDER BY seq) AS said_to
                FROM read_parquet([{paths}])
            ) WHERE stands ORDER BY {", ".join(KEY)}, said_from"""
        )


def _extend(con: duckdb.DuckDBPyConnection, seq: int, new: journal.Entry) -> None:
    """Add what a build says now, where it is something else than is said so far."""
    told = ", ".join(f"{name}_after AS {name}" for name in VALUES)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE changed AS
            SELECT {", ".join(KEY)}, {told}, change <> 'withdrawn' AS stands,
            ?::BIGINT AS seq, ?::VARCHAR AS release, ?::TIMESTAMP AS released_at
        FROM ({changes.values("(FROM ledger.said WHERE said_to IS NULL)", f"({NOW})")})""",
        [seq, new["release"], new["released_at"]],
    )
    same = " AND ".join(f"said.{name} IS NOT DISTINCT FROM changed.{name}" for name in KEY)
    con.execute(
        f"""UPDATE ledger.said AS said SET said_to = changed.released_at FROM changed
        WHERE said.said_to IS NULL AND {same}"""
    )
    con.execute(
        """INSERT INTO ledger.said BY NAME
        SELECT * EXCLUDE (stands, seq, released_at), released_at AS said_from FROM changed WHERE stands"""
    )


def _files(layout: Layout, entries: Sequence[journal.Entry]) -> str:
    return ", ".join(literal(path) for entry in entries if (path := file(layout, entry["release"])).exists())


def released_by(
    con: duckdb.DuckDBPyConnection, layout: Layout, entries: Sequence[journal.Entry], table: str
) -> bool:
    """Create the temporary ``table`` of what the last of the releases ``entries`` said; false where nothing
    was recorded by then."""
    paths = _files(layout, entries)
    if paths:
        con.execute(
            f"""CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM (
                FROM read_parquet([{paths}])
                QUALIFY row_number() OVER (PARTITION BY {", ".join(KEY)} ORDER BY seq DESC) = 1
            ) WHERE stands"""
        )
    return bool(paths)


def keep(con: duckdb.DuckDBPyConnection, layout: Layout, release: str) -> None:
    """Write what ``released_values`` found changed as the file of this release. It counts once the release
    stands in its ledger."""
    with files.replacing(file(layout, release)) as part:
        con.execute(f"COPY (FROM changed ORDER BY {', '.join(KEY)}) TO {literal(part)} ({files.PARQUET})")


def file(layout: Layout, release: str) -> Path:
    return layout.ledger / "released" / f"{release}.parquet"


def sweep(layout: Layout) -> None:
    """Remove files of releases that were never published."""
    known = {entry["release"] for entry in journal.read(layout.ledger, "release")}
    for path in (layout.ledger / "released").glob("*"):
        if path.suffix != ".parquet" or path.stem not in known:
            path.unlink()
