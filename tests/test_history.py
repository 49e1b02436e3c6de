"""The bitemporal law: at every moment, what history says equals a replay of the statements one by one."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse import history
from warehouse.history import Statement

pytestmark = pytest.mark.duckdb2

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
statement = st.tuples(
    st.sampled_from(["a", "b"]),  # source
    st.integers(0, 40),  # hour it was known; repeats are made distinct below
    st.booleans(),  # full
    st.dictionaries(st.integers(0, 5), st.one_of(st.none(), st.sampled_from([1.0, 2.0])), max_size=6),
)


def replay(stated: list[tuple], moment: dt.datetime) -> dict[tuple, float | None]:
    """What is known at a moment, told plainly: a full statement replaces its source's rows, a window adds to them."""
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
    stated = [(source, START + dt.timedelta(hours=hour, minutes=number), full, rows) for number, (source, hour, full, rows) in enumerate(drawn)]
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
        con.execute("CREATE SCHEMA history")
        files = []
        for number, (source, at, full, rows) in enumerate(stated):
            path = Path(folder) / f"{number}.parquet"
            con.execute("CREATE OR REPLACE TABLE r (source VARCHAR, k INTEGER, v DOUBLE, record BIGINT, place VARCHAR)")
            for key, value in rows.items():
                con.execute("INSERT INTO r VALUES (?, ?, ?, ?, '')", [source, key, value, key])
            con.execute(f"COPY r TO '{path}' (FORMAT parquet)")
            files.append(Statement(source, path, at, full, f"document {number}"))
        history.write(con, "history.t", ("source", "k"), ("v",), files, lineage=True)
        for _, at, _, _ in stated:
            moment = at.replace(tzinfo=None)
            found = con.execute("SELECT source, k, v FROM history.t WHERE known_from <= ? AND (known_to IS NULL OR known_to > ?)", [moment, moment])
            assert {(source, key): value for source, key, value in found.fetchall()} == replay(stated, at)
        repeated = con.execute("SELECT source, k, known_from FROM history.t GROUP BY ALL HAVING count(*) > 1").fetchall()
        assert repeated == []
        kept = con.execute(
            """SELECT count(*) FROM (SELECT v, lag(v) OVER w AS before, known_from, lag(known_to) OVER w AS ended
            FROM history.t WINDOW w AS (PARTITION BY source, k ORDER BY known_from)) WHERE ended = known_from AND v IS NOT DISTINCT FROM before"""
        ).fetchone()
        assert kept == (0,), "a version is written only when a value changed"


def test_each_version_names_the_document_that_began_it(tmp_path):
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA history")
        stated = []
        for number, value in enumerate((1, 1, 2)):
            path = tmp_path / f"{number}.parquet"
            row = f"SELECT 's' AS source, 7 AS k, {value}::DOUBLE AS v, {number} + 1 AS record, ', column v' AS place"
            con.execute(f"COPY ({row}) TO '{path}' (FORMAT parquet)")
            stated.append(Statement("s", path, START + dt.timedelta(days=number), full=True, document=f"d{number}"))
        history.write(con, "history.t", ("source", "k"), ("v",), stated, lineage=True)
        found = con.execute("SELECT v, document, record, known_from, known_to FROM history.t ORDER BY known_from").fetchall()
    day = START.replace(tzinfo=None)
    assert found == [(1, "d0", 1, day, day + dt.timedelta(days=2)), (2, "d2", 3, day + dt.timedelta(days=2), None)]
