"""Speed at age: what a full build, a night and a question cost on ten years of vintages, which ``made_up``
makes up.

    python -m tests.benchmarks.decade --years 10 [--folder DIR]

Times are those of the processor, each run in a process of its own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from expectations import gate
from extractors import definition
from flows.refresh.runner import Direct
from flows.refresh.steps import Refresh
from tests.benchmarks.made_up import END, generate, write_ledgers
from warehouse.acquire.fetch import Fetcher
from warehouse.acquire.http import Web
from warehouse.build import build
from warehouse.publish import publish
from warehouse.staging import vintage
from warehouse.store import archive, compression
from warehouse.store.paths import Layout

NIGHTS = 3  # extensions that are measured, after the full build
QUERIES = {
    "a series": (
        "SELECT country, period, twh FROM electricity_generation WHERE source = 'ember_generation_yearly'"
        " AND series = 'total'"
    ),
    "a sum": "SELECT source, count(*), sum(twh) FROM electricity_generation GROUP BY source",
    "indicators": "SELECT indicator, series, period, gap FROM indicator_value",
}


def run(root: Path, at: dt.datetime, *, whole: bool) -> None:
    """One refresh without asking, as of a moment: prints the processor's seconds of reading, and of all."""
    layout = Layout(root)
    every = definition.all_sources()
    job = Refresh(
        layout,
        every,
        Fetcher(layout, Web(layout.memo), clock=lambda: at),
        clock=lambda: at,
        ask=False,
        always=whole,
    )
    began = time.process_time()
    for source in every.values():
        gate.judge(layout, source, vintage.of_source(layout, source))
    read = time.process_time() - began
    report = job.run(Direct())
    assert report.release, report.held
    print(
        json.dumps({"read": read, "all": time.process_time() - began - read, "process": time.process_time()})
    )


def measured(root: Path, at: dt.datetime, *, whole: bool) -> dict[str, float]:
    """``run`` in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.decade",
        "--run",
        str(root),
        "--at",
        at.isoformat(),
        *(["--whole"] if whole else []),
    ]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def questions(published: Path, dates: list[dt.datetime]) -> Iterator[tuple[str, list[float], float]]:
    """Query, seconds at three dates over seconds now, and seconds now over those on a table that holds
    nothing but what is current."""
    with publish.open_published(published) as con:
        con.execute("SET threads = 1")
        for name in ("electricity_generation", "indicator_value"):
            con.execute(f"CREATE TABLE memory.main.{name} AS FROM {name}")
        for what, query in QUERIES.items():

            def took(sql: str = query) -> float:
                found = []
                for _ in range(15):
                    began = time.process_time()
                    con.execute(sql).fetchall()
                    found.append(time.process_time() - began)
                return statistics.median(found)

            now, bare = took(), took(query.replace("FROM ", "FROM memory.main."))
            ratios = []
            for date in dates:
                con.execute(f"SET VARIABLE as_of = TIMESTAMP '{date.replace(tzinfo=None)}'")
                ratios.append(took() / now)
            con.execute("RESET VARIABLE as_of")
            yield what, ratios, now / bare


def shares(published: Path) -> dict[str, float]:
    """Schema of the published file -> MiB of the blocks that hold its tables; no block holds two tables."""
    found: dict[str, float] = {}
    with publish.open_published(published) as con:
        for schema_name, table in con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'gapwatch'"
        ).fetchall():
            stored = f"FROM pragma_storage_info('{schema_name}.{table}')"
            blocks = f"SELECT block_id AS block {stored} UNION SELECT unnest(additional_block_ids) {stored}"
            (count,) = con.execute(f"SELECT count(*) FROM ({blocks}) WHERE block >= 0").fetchone() or (0,)
            found[schema_name] = found.get(schema_name, 0) + count * build.BLOCK_SIZE / 2**20
    return found


def size(path: Path) -> float:
    return (
        sum(file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())
        / 2**20
    )


def main(root: Path, years: float) -> None:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    layout = Layout(root)
    began = time.process_time()
    made = generate(layout, years)
    nights = [END - dt.timedelta(days=back) + dt.timedelta(hours=1) for back in range(NIGHTS, -1, -1)]
    print(
        f"{years:g} years, {len(made.documents)} documents, {time.process_time() - began:.0f} s to make up",
        flush=True,
    )
    write_ledgers(layout, made, None, nights[0])
    began = time.process_time()
    for _ in range(2):  # what the nights before would have packed
        compression.turn(archive.aged(layout.archive, nights[0]), 1 << 40)
    print(f"packed in {time.process_time() - began:.0f} s", flush=True)
    full = measured(root, nights[0], whole=True)
    whole = size(layout.published)
    print(
        f"full build of what is staged: {full['all']:.1f} s, of the whole process {full['process']:.1f} s",
        flush=True,
    )
    extended = []
    for before, night in itertools.pairwise(nights):
        write_ledgers(layout, made, before, night)
        extended.append(measured(root, night, whole=False))
        print(f"a night: reading {extended[-1]['read']:.2f} s, all {extended[-1]['all']:.2f} s", flush=True)
    usual = statistics.median(one["all"] for one in extended)
    print(
        f"a night's extension: 1/{full['all'] / usual:.0f} of the full build, target 1/50 ({usual:.2f} s"
        f" against {full['all']:.1f} s)"
    )
    for what, ratios, bare in questions(
        layout.published, [END - dt.timedelta(days=365.25 * years * part) for part in (0.9, 0.5, 0.1)]
    ):
        told = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        print(
            f"as_of, {what}: {told} x the query now, target 2 x (now: {bare:.2f} x a table of current rows"
            " alone)"
        )
    kept = {
        "archive": size(layout.archive),
        "ledgers": size(layout.ledger),
        "published file": size(layout.published),
    }
    stored, packed, changed = sum(kept.values()), made.packed / 2**20, made.changed / 2**20
    print(
        f"size: {stored:.1f} MiB ({', '.join(f'{name} {mib:.1f}' for name, mib in kept.items())}) of"
        f" {made.received / 2**20:.0f} MiB received"
    )
    print(
        f"  = {stored / packed:.2f} x the documents that changed, each compressed ({packed:.1f} MiB), target"
        " 1.5 x"
    )
    alone = kept["published file"] / changed
    print(
        f"  = {stored / changed:.2f} x the lines that changed, compressed ({changed:.1f} MiB);"
        f" the published file alone {alone:.2f} x"
    )
    print(
        f"  besides, what can be made again: stage {size(layout.stage):.1f} MiB;"
        f" the published file had {whole:.1f} MiB when built full"
    )
    held = shares(layout.published)
    print(
        "  in it: "
        + ", ".join(f"{name} {mib:.1f} MiB = {mib / changed:.2f} x" for name, mib in held.items())
        + "; the rest is free"
    )


if __name__ == "__main__":
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--years", type=float, default=10)
    wanted.add_argument("--folder", type=Path)
    wanted.add_argument("--run", type=Path)
    wanted.add_argument("--at", type=dt.datetime.fromisoformat)
    wanted.add_argument("--whole", action="store_true")
    given = wanted.parse_args()
    if given.run:
        run(given.run, given.at, whole=given.whole)
    elif given.folder:
        main(given.folder, given.years)
    else:
        with tempfile.TemporaryDirectory() as name:
            main(Path(name) / "data", given.years)
