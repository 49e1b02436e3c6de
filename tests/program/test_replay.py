"""as_of is a replay: what a dataset or an indicator shows as of a moment is what the documents of that moment
say, read without any history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import duckdb
import pytest
from conftest import SOURCES, read
from running import SALT

from extractors.sql import literal
from warehouse.build import build, indicators
from warehouse.datasets import schema
from warehouse.staging import vintage
from warehouse.staging.vintage import Vintage
from warehouse.store.paths import Layout

pytestmark = pytest.mark.duckdb2

VALUES = 'series, statistic, period, usa, chn, gap, low, high, coverage, "break"'


@pytest.fixture(scope="module")
def known(tmp_path_factory, sample_nights) -> Iterator[tuple[Layout, dict[str, list[Vintage]]]]:
    """The sample of all sources over its three nights, with every statement."""
    run = sample_nights.copy_to(tmp_path_factory.mktemp("sample"), "http://127.0.0.1:9")
    layout = Layout(run.data)
    with pytest.MonkeyPatch.context() as secret:
        secret.setenv("GAPWATCH_SALT", SALT)  # the one that the demo was made with
        yield layout, {name: read(layout, source) for name, source in SOURCES.items()}


@pytest.fixture
def replay(known) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of empty datasets in which every indicator can be evaluated, with the published file beside
    it."""
    with duckdb.connect() as con:
        con.execute(f"ATTACH {literal(known[0].published)} AS gapwatch (READ_ONLY)")
        con.execute(
            "CREATE SCHEMA reference; CREATE SCHEMA derived; CREATE VIEW derived.affiliation AS"
            " FROM gapwatch.derived.affiliation"
        )
        con.execute("CREATE VIEW document AS FROM gapwatch.main.document")
        for (table,) in con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'gapwatch'"
            " AND schema_name = 'reference'"
        ).fetchall():
            con.execute(f"CREATE VIEW reference.{table} AS FROM gapwatch.reference.{table}")
        for dataset in schema.all_datasets().values():
            columns = ", ".join(f'"{column.name}" {column.type}' for column in dataset.columns)
            con.execute(f"CREATE TABLE {dataset.name} ({columns}, document VARCHAR, locator VARCHAR)")
        for statement in build.views().split(";\n"):
            if "VIEW main.talent_" in statement:
                con.execute(statement)
        for path in sorted(indicators.MACROS.glob("*.sql")):
            con.execute(path.read_text("utf-8"))
        yield con


def state(con: duckdb.DuckDBPyConnection, source: str, deciding: Sequence[Vintage]) -> None:
    """Fill a source's rows from the documents that decide at a moment: of every key, what the last of them to
    state it says."""
    for name in SOURCES[source].datasets:
        dataset = schema.all_datasets()[name]
        columns, keys = (
            ", ".join(f'"{column}"' for column in listed)
            for listed in ((*dataset.key, *dataset.values), dataset.key)
        )
        con.execute(f"DELETE FROM {name} WHERE source = ?", [source])
        rows = " UNION ALL ".join(
            f"SELECT {columns}, '{one.document}' AS document, concat('record ' || record, place) AS locator,"
            f" {number} AS nth"
            f" FROM read_parquet({literal(one.staged.parquet(name))})"
            for number, one in enumerate(deciding)
            if name in one.staged.rows
        )
        if rows:
            last = f"QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY nth DESC) = 1"
            con.execute(f"INSERT INTO {name} BY NAME SELECT * EXCLUDE (nth) FROM ({rows}) {last}")


def test_every_dataset_and_indicator_at_every_boundary(known, replay):
    _, vintages = known
    moments = sorted({one.known_from for found in vintages.values() for one in found})
    expected: dict[str, Counter] = {name: Counter() for name in indicators.all_indicators()}
    seen: Counter[str] = Counter()
    for moment in moments:
        replay.execute(f"SET VARIABLE as_of = TIMESTAMP '{moment.replace(tzinfo=None)}'")
        moved = {name for name, found in vintages.items() if any(one.known_from == moment for one in found)}
        for source in sorted(moved):
            state(replay, source, vintage.known_at(vintages[source], moment))
            for dataset in map(schema.all_datasets().__getitem__, SOURCES[source].datasets):
                columns = ", ".join(f'"{column.name}"' for column in dataset.columns)
                shown, said = (
                    f"SELECT {columns} FROM {where}{dataset.name} WHERE source = '{source}'"
                    for where in ("gapwatch.main.", "")
                )
                differing = replay.execute(
                    f"(({shown}) EXCEPT ALL ({said})) UNION ALL (({said}) EXCEPT ALL ({shown}))"
                ).fetchall()
                assert differing == [], (source, moment, dataset.name)
                seen["dataset"] += 1
        for name, indicator in indicators.all_indicators().items():
            if moved & set(indicator.sources):
                expected[name] = evaluated(replay, indicator)
                seen[name] += bool(expected[name])
            assert shown_of(replay, name) == expected[name], (name, moment)
    assert seen["dataset"] > 60
    assert {name for name in indicators.all_indicators() if not seen[name]} == set(), "never had a value"


def evaluated(con: duckdb.DuckDBPyConnection, indicator: indicators.Indicator) -> Counter:
    """Rows of an indicator over what is stated now."""
    return counted(
        con.execute(
            f"SELECT {VALUES}, inputs FROM"
            f" ({indicators.evaluation(indicator.name, indicator.unit, indicator.sql)})"
        ).fetchall()
    )


def shown_of(con: duckdb.DuckDBPyConnection, name: str) -> Counter:
    """The same from the published views."""
    rows = con.execute(
        f"""SELECT {VALUES}, inputs FROM (SELECT *, '' AS statistic FROM gapwatch.main.indicator_value
        WHERE indicator = $1)
        UNION ALL SELECT series, statistic, period, NULL, NULL, "value", low, high, NULL, NULL, NULL
        FROM gapwatch.main.indicator_headline WHERE indicator = $1""",
        [name],
    )
    return counted(rows.fetchall())


def counted(rows: Sequence[tuple]) -> Counter:
    """Rows with their inputs by side, source and value, whatever their order; of a headline number what its
    view shows.

    An input may be known from an earlier document that says the same.
    """
    found: Counter = Counter()
    for series, statistic, period, usa, chn, gap, low, high, coverage, mark, inputs in rows:
        numbers = [gap, low, high] if statistic else [usa, chn, gap, low, high, coverage]
        told = sorted(
            str((one["side"], one["dataset"], one["source"], one["value"]))
            for one in inputs or ()
            if not statistic
        )
        found[series, statistic, period, *numbers, mark, *told] += 1
    return found
