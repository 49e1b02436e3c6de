"""The bitemporal law: at every moment, what history says equals a replay of the statements one by one."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.build import history
from warehouse.build.history import Statement
from warehouse.datasets import schema

pytestmark = pytest.mark.duckdb2

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
statement = st.tuples(
    st.sampled_from(["a", "b"]),  # source
    st.integers(0, 40),  # hour it was known; repeats are made distinct below
    st.booleans(),  # full
    st.dictionaries(st.integers(0, 5), st.one_of(st.none(), st.sampled_from([1.0, 2.0])), max_size=6),
)


def replay(stated: list[tuple], moment: dt.datetime) -> dict[tuple, float | None]:
    """What is known at a moment, told plainly: a full statement replaces its source's rows, a window adds to
    them."""
    known: dict[tuple, float | None] = {}
    for source, at, full, rows in sorted(stated, key=lambda item: item[1]):
        if at <= moment:
            if full:
                known = {key: value for key, value in known.items() if key[0] != source}
            known |= {(source, key): value for key, value in rows.items()}
    return known


@settings(max_examples=60, deadline=None)
@given(st.lists(statement, min_size=1, max_size=7))
def test_history_equals_a_replay_at_every_boundary(drawn):
    stated = [
        (source, START + dt.timedelta(hours=hour, minutes=number), full, rows)
        for number, (source, hour, full, rows) in enumerate(drawn)
    ]
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
        con.execute("CREATE SCHEMA history")
        files = []
        for number, (source, at, full, rows) in enumerate(stated):
            path = Path(folder) / f"{number}.parquet"
            con.execute(
                "CREATE OR REPLACE TABLE r (source VARCHAR, k INTEGER, v DOUBLE, record BIGINT,"
                " place VARCHAR)"
            )
            for key, value in rows.items():
                con.execute("INSERT INTO r VALUES (?, ?, ?, ?, '')", [source, key, value, key])
            con.execute(f"COPY r TO '{path}' (FORMAT parquet)")
            files.append(Statement(source, path, at, full, f"document {number}"))
        history.write(con, "history.t", ("source", "k"), ("v",), files, lineage=True)
        for _, at, _, _ in stated:
            moment = at.replace(tzinfo=None)
            found = con.execute(
                "SELECT source, k, v FROM history.t WHERE known_from <= ?"
                " AND (known_to IS NULL OR known_to > ?)",
                [moment, moment],
            )
            assert {(source, key): value for source, key, value in found.fetchall()} == replay(stated, at)
        repeated = con.execute(
            "SELECT source, k, known_from FROM history.t GROUP BY ALL HAVING count(*) > 1"
        ).fetchall()
        assert repeated == []
        kept = con.execute(
            """SELECT count(*) FROM (SELECT v, lag(v) OVER w AS before, known_from,
            lag(known_to) OVER w AS ended
            FROM history.t WINDOW w AS (PARTITION BY source, k ORDER BY known_from))
            WHERE ended = known_from AND v IS NOT DISTINCT FROM before"""
        ).fetchone()
        assert kept == (0,), "a version is written only when a value changed"


def test_each_version_names_the_document_that_began_it(tmp_path):
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA history")
        stated = []
        for number, value in enumerate((1, 1, 2)):
            path = tmp_path / f"{number}.parquet"
            row = (
                f"SELECT 's' AS source, 7 AS k, {value}::DOUBLE AS v, {number} + 1 AS record, ',"
                " column v' AS place"
            )
            con.execute(f"COPY ({row}) TO '{path}' (FORMAT parquet)")
            stated.append(
                Statement("s", path, START + dt.timedelta(days=number), full=True, document=f"d{number}")
            )
        history.write(con, "history.t", ("source", "k"), ("v",), stated, lineage=True)
        found = con.execute(
            "SELECT v, document, record, known_from, known_to FROM history.t ORDER BY known_from"
        ).fetchall()
    day = START.replace(tzinfo=None)
    assert found == [
        (1, "d0", 1, day, day + dt.timedelta(days=2)),
        (2, "d2", 3, day + dt.timedelta(days=2), None),
    ]


def test_a_table_that_is_all_key_has_versions_too(tmp_path):
    """Nothing but presence can change: a row that is withdrawn and comes back has two versions."""
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA history")
        stated = []
        for number, rows in enumerate(("(1), (2)", "(1)", "(1), (2)")):
            path = tmp_path / f"{number}.parquet"
            con.execute(
                "COPY (SELECT 's' AS source, k, k AS record, '' AS place"
                f" FROM (VALUES {rows}) AS r(k)) TO '{path}' (FORMAT parquet)"
            )
            stated.append(
                Statement("s", path, START + dt.timedelta(days=number), full=True, document=f"d{number}")
            )
        history.write(con, "history.t", ("source", "k"), (), stated, lineage=True)
        found = con.execute("SELECT k, document, known_to IS NULL FROM history.t ORDER BY ALL").fetchall()
    assert found == [(1, "d0", True), (2, "d0", False), (2, "d2", True)]


TABLE = schema.Dataset(
    "t",
    "",
    tuple(
        schema.Column(n, k, False, "") for n, k in (("source", "VARCHAR"), ("k", "INTEGER"), ("v", "DOUBLE"))
    ),
    ("source", "k"),
)
stated_rows = st.dictionaries(
    st.integers(0, 3), st.one_of(st.none(), st.sampled_from([1.0, 2.0])), max_size=4
)
a_statement = st.tuples(
    st.sampled_from("ab"), st.sampled_from("pq"), st.integers(0, 9), st.booleans(), stated_rows
)


def written(folder: Path, drawn: tuple, number: int) -> Statement:
    """A drawn statement on disk. The two parts of a source never state the same key; some documents are the
    same for both parts."""
    source, part, hour, full, rows = drawn
    path = folder / f"{number}.parquet"
    rows = [
        f"('{source}', {key + 10 * (part == 'q')}, {value or 'NULL'}::DOUBLE, {key}, '')"
        for key, value in sorted(rows.items())
    ]
    values = f"(VALUES {', '.join(rows)})" if rows else "(SELECT 'a', 1, 1.0::DOUBLE, 1, '' LIMIT 0)"
    duckdb.sql(
        f"COPY (SELECT * FROM {values} AS r(source, k, v, record, place)) TO '{path}' (FORMAT parquet)"
    )
    return Statement(
        source, path, START + dt.timedelta(hours=hour), full, f"document {hour if full else number}", part
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(a_statement, max_size=6),
    st.lists(a_statement, max_size=3),
    st.sets(st.integers(0, 5), max_size=2),
)
def test_history_extended_equals_history_made_anew(before, added, dropped):
    """Documents in any order of arrival, some of them taken back: extended from the earliest moment at which
    the two differ."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
        con.execute("CREATE SCHEMA history")
        every = [written(Path(folder), drawn, number) for number, drawn in enumerate([*before, *added])]
        # One part states one thing at a moment: the first that was drawn.
        every = list({(s.source, s.part, s.known_from): s for s in reversed(every)}.values())[::-1]
        told = [s for number, s in enumerate(every) if number < len(before)]
        now = [s for number, s in enumerate(every) if number not in dropped]
        history.write_dataset(con, TABLE, told)
        since: dict[str, dt.datetime] = {}
        for statement in [*(s for s in told if s not in now), *(s for s in now if s not in told)]:
            since[statement.source] = min(
                statement.known_from, since.get(statement.source, statement.known_from)
            )
        if since:
            history.extend_dataset(con, TABLE, now, since)
        extended = con.execute("FROM history.t ORDER BY ALL").fetchall()
        con.execute("DROP TABLE history.t")
        history.write_dataset(con, TABLE, now)
        assert extended == con.execute("FROM history.t ORDER BY ALL").fetchall()
