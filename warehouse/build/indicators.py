"""Indicators: one SELECT each, evaluated at every moment something it rests on became known."""

from __future__ import annotations

import bisect
import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Annotated

import duckdb
from pydantic import AfterValidator, Field, PlainValidator

from extractors.sql import literal
from extractors.yml import Definition, Listed
from warehouse.build import derived, history
from warehouse.datasets import schema
from warehouse.reference import tables
from warehouse.staging.vintage import Vintage, Vintages, known_at
from warehouse.store import code_identity, files, frames, headed_sql
from warehouse.store.code_identity import Identity, fingerprint
from warehouse.store.headed_sql import Headed
from warehouse.store.paths import Layout

FOLDER = Path(__file__).parents[1] / "indicators"
MACROS = Path(__file__).parents[1] / "macros"
_MACRO = re.compile(r"CREATE[\w ]*\bMACRO\s+(\w+)")
# Table -> which of the evaluated rows it holds, what else than series and period names a row of it, and its
# columns.
_TABLES = {
    "derived.indicator_value": ("told.statistic = ''", "true", "* EXCLUDE (statistic, since)"),
    "derived.indicator_headline": (
        "told.statistic <> ''",
        "kept.statistic = told.statistic",
        'indicator, series, statistic, period, gap AS "value", low, high, unit, known_from, known_to',
    ),
}
AT_ONCE = 500  # evaluations that are compared at once, where they are of several indicators
_KEY = ("indicator", "series", "statistic", "period")
VALUES = ("usa", "chn", "gap", "low", "high", "leader", "unit", "coverage", "break", "input_list")
INPUTS = (
    'STRUCT(side VARCHAR, dataset VARCHAR, source VARCHAR, document VARCHAR, locator VARCHAR, "value"'
    " DOUBLE)[]"
)


def _change(stated: object) -> object:
    if not re.fullmatch(r"\d+(\.\d+)?( ?%)?", str(stated)):
        raise ValueError("should be a number, in the unit of the indicator, or like '20 %'")
    return stated


Change = Annotated[
    int | float | str,
    PlainValidator(
        _change, json_schema_input_type=float | Annotated[str, Field(pattern=r"^\d+(\.\d+)? ?%$")]
    ),
]
Words = Annotated[str, AfterValidator(lambda text: " ".join(text.split()))]


class AlertRule(Definition):
    """Which move of an indicator's newest value, from one release to the next, is worth a person."""

    leader: bool = False
    """Whether another leader is one."""
    change: Change | None = None
    """More than this is one: in the unit of the indicator, or in per cent ('20 %')."""

    def __str__(self) -> str:
        """What the rule states, as JSON."""
        return json.dumps(self.model_dump(exclude_unset=True), sort_keys=True)


class Indicator(Headed):
    """One indicator: the header of its file (what it means) and its SELECT."""

    title: Words
    """What people call it."""
    question: Words
    """The question that it answers."""
    unit: Words
    """The unit of its gap."""
    formula: Words
    """How the gap is computed, in a line."""
    method: Words
    """What counts, what does not, and why."""
    bounds: Words
    """What its bounds mean and where they come from."""
    sources: Listed[str]
    """The sources that it rests on: it uses no other."""
    alert: AlertRule
    """Which move is worth a person; {}: none."""
    events: str | None = None
    """The topic of the policy events that annotate it."""

    @property
    def hash(self) -> str:
        """Names what of this decides its values."""
        return fingerprint(
            [
                self.unit,
                sorted(self.sources),
                *map(code_identity.sql_meaning, (self.sql, macros_of(self.sql))),
            ]
        )


class OfBefore(Headed, extra="ignore"):
    """What an indicator of an earlier release rests on. The other fields of its header may have been others
    than today's."""

    sources: Listed[str]


@cache
def all_indicators() -> dict[str, Indicator]:
    """Every indicator by name, in order of name."""
    return headed_sql.read(Indicator, FOLDER)


@cache
def macros() -> str:
    """The SQL that indicators share."""
    return "\n".join(path.read_text("utf-8") for path in sorted(MACROS.glob("*.sql")))


@cache
def macros_of(sql: str) -> str:
    """What of these macros SQL uses: those that it names, and those that they name."""
    statements = duckdb.cursor().extract_statements(macros())
    every = {f"{name[1]}()": one.query for one in statements if (name := _MACRO.search(one.query))}
    found: dict[str, str] = {}
    waiting = [sql]
    while waiting:
        named = derived.read_by(waiting.pop()) & every.keys() - found.keys()
        found |= {name: every[name] for name in named}
        waiting += [every[name] for name in named]
    return ";\n".join(found[name] for name in sorted(found))


def engine() -> Identity:
    """What every table of a build rests on; the definitions of datasets, indicators and derived tables and
    the reviewed tables are told apart."""
    return code_identity.of(
        "warehouse.build.build", without=(FOLDER, MACROS, derived.FOLDER, schema.DATASETS, tables.FOLDER)
    )


def basis(vintages: Vintages) -> dict[str, str]:
    """Indicator -> what decides its values besides the documents of its sources."""
    deciding = derived.decides(vintages)
    shared = [
        engine().digest,
        [dataset.hash for dataset in schema.all_datasets().values()],
        tables.content_hash(),
    ]
    return {
        name: fingerprint(
            [one.hash, *shared, [deciding[table] for table in derived.rests(one.sql, macros_of(one.sql))]]
        )
        for name, one in all_indicators().items()
    }


def write(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    vintages: Vintages,
    since: Mapping[str, dt.datetime],
) -> None:
    """Fill ``derived.indicator_value`` and ``derived.indicator_headline`` with all vintages of the indicators
    that ``since`` names, each from its moment on: what was known before stays.

    Each evaluation is cached by the indicator and the documents it rests on. Needs the dataset views.
    """
    con.execute(macros())
    deciding = basis(vintages)
    stated: list[history.Statement] = []
    for indicator in all_indicators().values():
        if indicator.name not in since:
            continue
        resting = {source: list(vintages.get(source, ())) for source in indicator.sources}
        moments = sorted(
            {v.known_from for known in resting.values() for v in known if v.status == "accepted"}
        )
        begin = bisect.bisect_left(moments, since[indicator.name])
        for moment in moments[max(begin - 1, 0) :]:  # the one before is what stands
            evaluated = _evaluate(con, layout, indicator, resting, moment, deciding[indicator.name])
            stated.append(history.Statement(indicator.name, evaluated, moment, full=True))
    con.execute("RESET VARIABLE as_of")
    con.execute("CREATE OR REPLACE TEMP TABLE turned (indicator VARCHAR, since TIMESTAMP)")
    frames.insert(con, "turned", [(name, moment.replace(tzinfo=None)) for name, moment in since.items()])
    for table in _TABLES:
        con.execute(
            f"""DELETE FROM {table} AS kept USING turned
            WHERE kept.indicator = turned.indicator AND known_from >= since"""
        )
    for some in _batches(stated):
        history.write(con, "memory.evaluated", _KEY, VALUES, some, lineage=False)
        for table, (which, same, columns) in _TABLES.items():
            con.execute(
                f"""UPDATE {table} AS kept SET known_to = told.known_to
                FROM memory.evaluated AS told JOIN turned USING (indicator)
                WHERE kept.indicator = told.indicator AND kept.series = told.series
                AND kept.period IS NOT DISTINCT FROM told.period AND {same} AND {which}
                AND told.known_from < since AND (kept.known_to IS NULL OR kept.known_to >= since)
                AND kept.known_to IS DISTINCT FROM told.known_to"""
            )
            con.execute(
                f"""INSERT INTO {table} BY NAME SELECT {columns}
                FROM memory.evaluated AS told JOIN turned USING (indicator)
                WHERE {which} AND known_from >= since ORDER BY known_from, indicator, series, period"""
            )
        con.execute("DROP TABLE memory.evaluated")
    _input_lists(con, stated)


def _batches(stated: Sequence[history.Statement]) -> Iterator[list[history.Statement]]:
    """The statements of all indicators at once or, where they are many, of a few or one: each is compared
    with those of its own alone."""
    batch: list[history.Statement] = []
    for _, group in groupby(stated, key=lambda statement: statement.source):
        mine = list(group)
        if batch and len(batch) + len(mine) > AT_ONCE:
            yield batch
            batch = []
        batch += mine
    if batch:
        yield batch


def _input_lists(con: duckdb.DuckDBPyConnection, stated: Sequence[history.Statement]) -> None:
    """Keep each list of inputs that a value names, once."""
    named = "SELECT input_list FROM derived.indicator_value WHERE input_list IS NOT NULL"
    con.execute(f"DELETE FROM derived.input_list WHERE input_list NOT IN ({named})")
    if stated:
        files = ", ".join(sorted({literal(statement.path) for statement in stated}))
        con.execute(
            f"""INSERT INTO derived.input_list SELECT input_list, any_value(inputs)
            FROM read_parquet([{files}])
            WHERE input_list IN ({named}) AND input_list NOT IN (SELECT input_list FROM derived.input_list)
            GROUP BY input_list ORDER BY input_list"""
        )


def _evaluate(
    con: duckdb.DuckDBPyConnection,
    layout: Layout,
    indicator: Indicator,
    resting: Mapping[str, list[Vintage]],
    moment: dt.datetime,
    deciding: str,
) -> Path:
    known = {
        source: [(v.document, v.stage_key, v.known_from, v.full) for v in known_at(vintages, moment)]
        for source, vintages in resting.items()
    }
    named = fingerprint([deciding, known])
    name = f"indicators/{named[:2]}/{indicator.name}-{named[:32]}"
    if found := layout.memo.file(name):
        return found
    con.execute(f"SET VARIABLE as_of = TIMESTAMP '{moment.astimezone(dt.UTC).replace(tzinfo=None)}'")
    rows = (
        "SELECT *, md5(inputs::VARCHAR)::UUID AS input_list"
        f" FROM ({evaluation(indicator.name, indicator.unit, indicator.sql)})"
    )
    return layout.memo.make(
        name, lambda part: con.execute(f"COPY ({rows}) TO {literal(part)} ({files.PARQUET})")
    )


def evaluation(name: str, unit: str, sql: str) -> str:
    """SQL of an indicator's values in the columns that are kept, from its SELECT."""
    return f"""SELECT {literal(name)} AS indicator, coalesce(series, '') AS series, coalesce(statistic,
                '') AS statistic, period,
                usa::DOUBLE AS usa, chn::DOUBLE AS chn, gap::DOUBLE AS gap, low::DOUBLE AS low,
                high::DOUBLE AS high,
                CASE WHEN usa > chn THEN 'USA' WHEN chn > usa THEN 'CHN'
                WHEN usa = chn THEN 'tie' END AS leader,
                {literal(unit)} AS unit, coverage::DOUBLE AS coverage, "break", inputs::{INPUTS} AS inputs
            FROM (SELECT NULL::VARCHAR AS series, NULL::VARCHAR AS "break" WHERE false
            UNION ALL BY NAME ({sql}))
            WHERE gap IS NOT NULL ORDER BY series, statistic, period"""
