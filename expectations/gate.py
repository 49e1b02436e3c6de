"""The gate: each new vintage is checked against its dataset's suite before it may change anything.

Whether a vintage is accepted depends on its own bytes, the accepted vintage before it, and the
suites: nothing else. A rebuild from the archive comes to the same verdicts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb

from expectations import suites
from expectations.suites import Result
from extractors.definition import Source
from extractors.sql import literal
from warehouse import asks, ledger, schema
from warehouse import vintage as vintage_of
from warehouse.layout import Layout
from warehouse.stage import Staged, stage
from warehouse.vintage import Vintage, fingerprint

_OWN_CODE = Path(__file__).read_text("utf-8")


def judge(layout: Layout, source: Source, vintages: Sequence[Vintage]) -> tuple[list[Vintage], list[dict[str, Any]]]:
    """Verdicts on a source's vintages, oldest first, and the rows of ``check_result``."""
    judged: list[Vintage] = []
    accepted: dict[str, Vintage] = {}
    for vintage in vintages:
        judged.append(verdict(layout, source, vintage, accepted.get(vintage.part)))
        if judged[-1].status == "accepted":
            accepted[vintage.part] = judged[-1]
    return judged, rows(judged)


def read(layout: Layout, source: Source) -> list[Vintage]:
    """Every statement of a source, oldest first, staged and judged.

    What was found out stands in one file per source, each line named by all that it follows from: the ledger up to there, parser,
    suites and gate. A night opens that file and looks at what is new; a late document is judged with all that come after it.
    """
    known, lines = _kept(layout, source), dict[str, list[Any]]()
    judged: list[Vintage] = []
    accepted: dict[str, Vintage] = {}
    key = vintage_of.key_of(layout, source)
    for name, entry in _named(layout, source, key):
        document = vintage_of.document_of(layout, source, entry)
        found = _of_line(layout, source, entry, key, known.get(name))
        if found is None:
            said = vintage_of.of_entry(source, entry, stage(layout, source, document), key)
            found = verdict(layout, source, said, accepted.get(asks.part_of(entry)))
            told = asdict(found.staged)
            lines[name] = [str(Path(told.pop("folder")).relative_to(layout.stage)), told, found.status, found.reason, found.checks]
        else:
            lines[name] = known[name]
        judged.append(found)
        if found.status == "accepted":
            accepted[found.part] = found
    if lines.keys() != known.keys():
        kept = _path(layout, source)
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(lines), "utf-8")
        part.replace(kept)
    return judged


def remembered(layout: Layout, source: Source) -> list[Vintage]:
    """The statements of a source, oldest first, up to the first that no earlier run judged as today's code would. Nothing is read or checked."""
    known, key, found = _kept(layout, source), vintage_of.key_of(layout, source), list[Vintage]()
    for name, entry in _named(layout, source, key):
        one = _of_line(layout, source, entry, key, known.get(name))
        if one is None:
            break
        found.append(one)
    return found


def _path(layout: Layout, source: Source) -> Path:
    return layout.stage / "verdicts" / f"{source.id}.json"


def _kept(layout: Layout, source: Source) -> dict[str, list[Any]]:
    """Name -> folder, what was staged, status, reason and checks of each statement that was judged."""
    path = _path(layout, source)
    kept: dict[str, list[Any]] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return kept


def _named(layout: Layout, source: Source, key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every line of the document ledger about a source, with the name of all that its verdict follows from."""
    name = fingerprint([key, _rules(source)])[:16]
    for entry in vintage_of.entries(layout, source):
        name = fingerprint([name, entry])[:16]
        yield name, entry


def _of_line(layout: Layout, source: Source, entry: dict[str, Any], key: str, line: list[Any] | None) -> Vintage | None:
    """A remembered verdict; None where there is none, or what was staged is there no more."""
    if line is None:
        return None
    folder, staged, status, reason, checks = line
    if not (layout.stage / folder / "stage.json").exists():
        return None
    said = vintage_of.of_entry(source, entry, Staged(folder=str(layout.stage / folder), **staged), key)
    return replace(said, status=status, reason=reason, checks=tuple((dataset, file) for dataset, file in checks))


def verdict(layout: Layout, source: Source, vintage: Vintage, previous: Vintage | None) -> Vintage:
    """The vintage as its checks leave it; ``previous`` is the accepted one of its part before it."""
    if vintage.status != "accepted":
        return vintage
    checked = {name: _checked(layout, source, vintage, previous, name) for name in source.datasets if name in vintage.staged.rows}
    vintage = replace(vintage, checks=tuple((name, kept.name) for name, (kept, _) in checked.items()))
    blocking = [result for _, found in checked.values() for result in found if result.blocks]
    if not blocking:
        return vintage
    kind = "data" if any(result.status == "fail" for result in blocking) else "a check that could not run"
    named = f"{source.id} document {vintage.document[:12]}{f' ({vintage.part})' if vintage.part else ''}: {kind}: "
    return vintage.refused("failed", named + "; ".join(result.message for result in blocking[:3]))


def rows(vintages: Iterable[Vintage]) -> list[dict[str, Any]]:
    """The rows of ``check_result`` about judged vintages."""
    found: list[dict[str, Any]] = []
    for vintage in vintages:
        for name, file in vintage.checks:
            where = {"target": name, "source": vintage.source, "document": vintage.document, "known_from": ledger.timestamp(vintage.known_from)}
            found += [where | row for row in json.loads((Path(vintage.staged.folder) / file).read_text("utf-8"))]
    return found


def code() -> list[str]:
    """Texts of everything that decides a verdict, an alert or a claim, for the signature of a release."""
    return [path.read_text("utf-8") for path in sorted([*suites.HERE.glob("*.py"), *suites.HERE.glob("*.yml"), *suites.HERE.glob("*/*.yml")])]


def _rules(source: Source) -> list[object]:
    """What decides a verdict besides the documents."""
    found = [suites.load("datasets", dataset) for dataset in source.datasets]
    cadence = source.cadence and str(source.cadence.newest_period)
    return [_OWN_CODE, [suite.hash if suite else "" for suite in found], cadence, source.datasets, source.statement, source.once]


def _checked(layout: Layout, source: Source, vintage: Vintage, previous: Vintage | None, dataset: str) -> tuple[Path, list[Result]]:
    """Results for one dataset of a vintage, from the cache in its staged folder where possible, and the file of that cache."""
    suite = suites.load("datasets", dataset)
    before = previous and (previous.document, previous.stage_key, previous.part)
    rules = [_OWN_CODE, suite.hash if suite else "", source.cadence and str(source.cadence.newest_period), source.statement, source.once]
    key = fingerprint([rules, before, ledger.timestamp(vintage.known_from), vintage.full])[:16]
    kept = Path(vintage.staged.folder) / f"checks-{dataset}-{key}.json"
    if kept.exists():
        return kept, [Result(**row) for row in json.loads(kept.read_text("utf-8"))]
    results = _run(layout, source, vintage, previous, dataset)
    part = kept.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps(suites.as_rows(results)), "utf-8")
    part.replace(kept)
    return kept, results


def _run(layout: Layout, source: Source, vintage: Vintage, previous: Vintage | None, dataset: str) -> list[Result]:
    """Batches see ``staged``, ``previous`` (empty for the first vintage) and ``facts``, one row about the document."""
    described = schema.all_datasets()[dataset]
    with duckdb.connect() as con:
        con.execute(f"CREATE VIEW staged AS FROM read_parquet({literal(vintage.staged.parquet(dataset))})")
        if previous and dataset in previous.staged.rows:
            con.execute(f"CREATE VIEW previous AS FROM read_parquet({literal(previous.staged.parquet(dataset))})")
        else:
            con.execute("CREATE VIEW previous AS FROM staged LIMIT 0")
        periods = source.cadence.newest_period.days if source.cadence else None
        con.execute(
            """CREATE TABLE facts AS SELECT ?::BIGINT AS row_count, ?::BIGINT AS said_count, ?::VARCHAR AS part, ?::BIGINT AS quarantined,
            ?::TIMESTAMP AS known_from, ?::DATE AS newest_period, ?::BIGINT AS allowed_age_days, ?::BOOLEAN AS is_full""",
            [
                vintage.staged.rows.get(dataset, 0),
                _said(source, vintage, dataset),
                vintage.part,
                vintage.staged.quarantined,
                ledger.timestamp(vintage.known_from),
                vintage.staged.newest_period,
                periods,
                vintage.entry["full"],
            ],
        )
        keys = [name for name in described.key if name != "source"]
        results = _keys(con, keys, layout.checks)
        suite = suites.load("datasets", dataset)
        return results + (suites.run(con, suite, source.id, layout.checks) if suite else [])


def _said(source: Source, vintage: Vintage, dataset: str) -> int:
    """Rows kept; where a document is asked for once, such as one of many filings, those ignored by name count as well."""
    ignored = sum(vintage.staged.ignored.get(dataset, {}).values()) if source.once else 0
    return vintage.staged.rows.get(dataset, 0) + ignored


def _keys(con: duckdb.DuckDBPyConnection, keys: list[str], cache: Path) -> list[Result]:
    """Every dataset: the columns of its PRIMARY KEY are unique together, and the document is not empty.

    The database counts, which takes large documents a fraction of the time; what is found is judged as all else is.
    """
    names = ", ".join(f'"{name}"' for name in keys)
    repeated = f"SELECT {names}, count(*) AS times FROM staged GROUP BY ALL HAVING count(*) > 1"
    counts = f"SELECT said_count, (SELECT count(*) FROM ({repeated})) AS repeated_keys FROM facts"
    wanted = {"each key once": {"column": "repeated_keys", "max_value": 0}, "the document has rows": {"column": "said_count", "min_value": 1}}
    checks = [{"name": name, "batch": "counts", "expect": "ExpectColumnValuesToBeBetween", "with": limits} for name, limits in wanted.items()]
    suite = suites.Suite.model_validate({"name": "keys", "batches": {"counts": counts}, "checks": checks, "hash": ""})
    found = suites.run(con, suite, cache=cache)
    examples = con.execute(f"{repeated} ORDER BY ALL LIMIT 5").fetchall()
    if examples:
        text = "; ".join(", ".join(map(str, row[:-1])) + f" ({row[-1]} times)" for row in examples)
        found = [
            Result(r.name, r.expectation, r.severity, r.status, r.observed, f"each key once: {text}")
            if r.status == "fail" and r.name == "each key once"
            else r
            for r in found
        ]
    return found
