"""The checks of one document: its dataset's suite, and what every dataset must hold. Nothing is remembered
here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb

from expectations import suites
from expectations.suites import Result
from extractors.contract import ALWAYS_SPARED, MOST_SHARE
from extractors.sql import literal
from warehouse.datasets import schema
from warehouse.staging.typed_rows import QUARANTINE
from warehouse.store import journal
from warehouse.store.memo import Memo

READABLE = "few records are unreadable"
# a check rests on little: what a document states is named where the result is remembered
if TYPE_CHECKING:
    from extractors.definition import Source
    from warehouse.staging.vintage import Vintage


def run(memo: Memo, source: Source, vintage: Vintage, previous: Vintage | None, dataset: str) -> list[Result]:
    """Results for one dataset of a vintage.

    Batches see ``staged``, ``previous`` (empty for the first vintage) and ``facts``, one row about the
    document.
    """
    with duckdb.connect() as con:
        con.execute(f"CREATE VIEW staged AS FROM read_parquet({literal(vintage.staged.parquet(dataset))})")
        before = "staged LIMIT 0"
        if previous and dataset in previous.staged.rows:
            before = f"read_parquet({literal(previous.staged.parquet(dataset))})"
        con.execute(f"CREATE VIEW previous AS FROM {before}")
        con.execute(
            """CREATE TABLE facts AS SELECT ?::BIGINT AS row_count, ?::BIGINT AS said_count,
            ?::VARCHAR AS part, ?::BIGINT AS quarantined, ?::BIGINT AS unreadable_over,
            ?::TIMESTAMP AS known_from, ?::DATE AS newest_period, ?::BIGINT AS allowed_age_days,
            ?::BOOLEAN AS is_full""",
            [
                vintage.staged.rows.get(dataset, 0),
                _said(source, vintage, dataset),
                vintage.part,
                vintage.staged.quarantined,
                vintage.staged.quarantined + vintage.staged.opened - _allowed(source, vintage),
                journal.timestamp(vintage.known_from),
                vintage.staged.newest_period,
                source.cadence and source.cadence.newest_period.days,
                vintage.entry["full"],
            ],
        )
        con.execute(
            f"CREATE VIEW unreadable AS FROM read_parquet({literal(vintage.staged.parquet(QUARANTINE))})"
        )
        keys = [name for name in schema.all_datasets()[dataset].key if name != "source"]
        suite = suites.load("datasets", dataset)
        return _always(con, keys, memo) + (suites.run(con, suite, source.id, memo) if suite else [])


def _allowed(source: Source, vintage: Vintage) -> int:
    """How many records of a document may be unreadable: a share, but five, but a tenth, and one in any
    case; none of a table that is held to have none."""
    records = sum(vintage.staged.rows.values()) + vintage.staged.quarantined
    share = min(max(source.unreadable * records, ALWAYS_SPARED), MOST_SHARE * records)
    return max(1, int(share)) if source.unreadable else 0


def _said(source: Source, vintage: Vintage, dataset: str) -> int:
    """Rows kept; where a document is asked for once, such as one of many filings, those ignored by name count
    as well."""
    ignored = sum(vintage.staged.ignored.get(dataset, {}).values()) if source.once else 0
    return vintage.staged.rows.get(dataset, 0) + ignored


def _always(con: duckdb.DuckDBPyConnection, keys: list[str], cache: Memo) -> list[Result]:
    """Every dataset: the columns of its PRIMARY KEY are unique together, the document is not empty, and few
    of its records are unreadable.

    The database counts, which takes large documents a fraction of the time; what is found is judged as all
    else is.
    """
    names = ", ".join(f'"{name}"' for name in keys)
    repeated = f"SELECT {names}, count(*) AS times FROM staged GROUP BY ALL HAVING count(*) > 1"
    counts = f"SELECT *, (SELECT count(*) FROM ({repeated})) AS repeated_keys FROM facts"
    wanted = {
        "each key once": {"column": "repeated_keys", "max_value": 0},
        "the document has rows": {"column": "said_count", "min_value": 1},
        READABLE: {"column": "unreadable_over", "max_value": 0},
    }
    checks = [
        {"name": name, "batch": "counts", "expect": "ExpectColumnValuesToBeBetween", "with": limits}
        for name, limits in wanted.items()
    ]
    suite = suites.Suite.model_validate(
        {"name": "keys", "batches": {"counts": counts}, "checks": checks, "hash": ""}
    )
    once, filled, readable = suites.run(con, suite, cache=cache)
    if once.status == "fail":
        examples = con.execute(f"{repeated} ORDER BY ALL LIMIT 5").fetchall()
        text = "; ".join(", ".join(map(str, row[:-1])) + f" ({row[-1]} times)" for row in examples)
        once = replace(once, message=f"each key once: {text}")
    if readable.status == "fail":
        found = con.execute("SELECT locator, reason FROM unreadable ORDER BY ALL").fetchall()
        text = "; ".join(f"{place}: {reason}" for place, reason in found[:3])
        readable = replace(readable, message=f"{READABLE}: {len(found)} are not, for example {text}")
    return [once, filled, readable]
