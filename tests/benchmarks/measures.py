"""What is measured: each function returns (what, ours in seconds, baseline in seconds, target ratio)."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from extractors import definition
from extractors.contract import Document
from flows.refresh import demo_publishers
from warehouse.build import history
from warehouse.datasets import schema
from warehouse.staging import stage
from warehouse.staging.vintage import Vintage
from warehouse.store.paths import Layout

ATTACH = "ATTACH '{path}' AS target (STORAGE_VERSION 'v1.4.0')"


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def paired(
    ours: Callable[[], object], baseline: Callable[[], object], runs: int
) -> tuple[float, float, float]:
    """Medians of both, and the median of their ratios pair by pair: a machine that slows down slows both."""
    pairs = [(seconds(ours), seconds(baseline)) for _ in range(runs + 1)][1:]
    return tuple(
        statistics.median(values)
        for values in ([a for a, _ in pairs], [b for _, b in pairs], [a / b for a, b in pairs])
    )  # type: ignore[return-value]


def load(folder: Path, csv: Path, runs: int = 5) -> tuple[float, float, float]:
    """50 MB of CSV into history, through the stage cache, against read_csv into a table; both end on disk."""
    source = definition.all_sources()["owid_electricity_generation"]
    dataset = schema.all_datasets()["electricity_generation"]
    with csv.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()

    def ours() -> None:
        shutil.rmtree(folder / "data", ignore_errors=True)
        layout = Layout(folder / "data")
        staged = stage.stage(layout, source, Document(source.id, sha256, csv))
        assert staged.drift is None
        assert staged.quarantined == 0
        known = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        vintage = Vintage(source.id, "", sha256, known, "second", "fetched", {"full": True}, staged, "key")
        _table(
            folder / "ours.duckdb",
            lambda con: history.write_dataset(con, dataset, history.statements([vintage], dataset.name)),
        )

    def baseline() -> None:
        _table(
            folder / "bare.duckdb",
            lambda con: con.execute(f"CREATE TABLE history.bare AS FROM read_csv('{csv}')"),
        )

    return paired(ours, baseline, runs)


def _table(path: Path, fill: Callable[[duckdb.DuckDBPyConnection], object]) -> None:
    path.unlink(missing_ok=True)
    with duckdb.connect() as con:
        con.execute(ATTACH.format(path=path))
        con.execute("USE target")
        con.execute("SET preserve_insertion_order = false")
        con.execute("CREATE SCHEMA history")
        fill(con)
        con.execute("CHECKPOINT target")


BY_HAND = """
CREATE TABLE history.by_hand AS
WITH stated AS (
    SELECT *, parse_filename(filename, true)::INTEGER AS seq FROM read_parquet('{files}', filename = true)
), marked AS (
    SELECT *, lag(twh) OVER w AS before, lag(seq) OVER w AS seen, lead(seq) OVER w AS next FROM stated
    WINDOW w AS (PARTITION BY source, country, period, frequency, series ORDER BY seq)
), events AS (
    SELECT *, lead(CASE WHEN before IS DISTINCT FROM twh OR seen IS DISTINCT FROM seq - 1 THEN seq
    ELSE seq + 1 END) OVER (
        PARTITION BY source, country, period, frequency, series ORDER BY seq) AS until
    FROM marked WHERE before IS DISTINCT FROM twh OR seen IS DISTINCT FROM seq - 1 OR next IS DISTINCT
    FROM seq + 1
)
SELECT source, country, period, frequency, series, twh, seq AS known_from, until AS known_to, record, place
FROM events WHERE before IS DISTINCT FROM twh OR seen IS DISTINCT FROM seq - 1
ORDER BY source, country, period, frequency, series, seq
"""


def rebuild(folder: Path, runs: int = 5, vintages: int = 40) -> tuple[float, float, float]:
    """History of 40 revised vintages of 50,000 rows: the build against one statement written by hand over the
    staged files."""
    dataset = schema.all_datasets()["electricity_generation"]
    staged = folder / "staged"
    staged.mkdir()
    with duckdb.connect() as con:
        for number in range(vintages):
            con.execute(
                f"""COPY (SELECT 's' AS source, 'C' || (i % 200) AS country,
                DATE '1900-01-01' + INTERVAL (i // 200) YEAR AS period,
                'year' AS frequency, 'total' AS series, (i + CASE
                WHEN hash(i, {number}) % 100 < 5 THEN {number} ELSE 0 END)::DOUBLE AS twh,
                i AS record, ', column x' AS place
                FROM range(50000) AS r(i) WHERE hash(i, {number},
                1) % 1000 > 0) TO '{staged}/{number}.parquet' (FORMAT parquet)"""
            )
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    stated = [
        history.Statement(
            "s", staged / f"{n}.parquet", start + dt.timedelta(days=n), True, f"{n}", rows=50_000
        )
        for n in range(vintages)
    ]
    return paired(
        lambda: _table(folder / "history.duckdb", lambda con: history.write_dataset(con, dataset, stated)),
        lambda: _table(
            folder / "by_hand.duckdb", lambda con: con.execute(BY_HAND.format(files=staged / "*.parquet"))
        ),
        runs,
    )


EMPTY_FLOW = """
import sys
from pathlib import Path
home, tasks = Path(sys.argv[1]), int(sys.argv[2])
from flows.scheduling import server
prefect_server.quiet_environment(home)
prefect_server.server(home, services=False)
with prefect_server.no_heartbeat():
    from prefect import flow, task
    from prefect.task_runners import ThreadPoolTaskRunner
    @task
    def nothing(n): return n
    @flow(task_runner=ThreadPoolTaskRunner(max_workers=8))
    def empty():
        return [f.result() for f in [nothing.submit(n) for n in range(tasks)]]
    empty()
"""


def _run(command: list[str], folder: Path, **extra: str) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), **extra}
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)


def nothing_new(folder: Path, runs: int = 5) -> tuple[tuple[float, float, float], float]:
    """A refresh that finds nothing new against an empty Prefect flow of as many tasks; and the same with
    --direct, in seconds.

    Publishers answer 304 on loopback. Both flows start a Prefect server of their own in a home that exists.
    """
    gapwatch = str(Path(sys.executable).parent / "gapwatch")
    every = definition.all_sources()
    data = folder / "data"
    _run([gapwatch, "--data-dir", str(data), "refresh", "--sample", "--direct"], folder)
    # from here on these are real documents of publishers that say the same again
    for name in ("fetch", "document", "release"):
        path = data / "ledger" / f"{name}.ndjson"
        path.write_text(path.read_text("utf-8").replace('"origin": "sample"', '"origin": "fetched"'), "utf-8")
    with demo_publishers.publishers(every, demo_publishers.NIGHTS[-1]) as mirror:
        env = {"GAPWATCH_MIRROR": mirror, "EIA_API_KEY": "no-key-is-needed-here"}
        tonight = demo_publishers.served_on(every, demo_publishers.NIGHTS[-1])
        served = [word for name in tonight for word in ("--source", name)]
        command = [gapwatch, "--data-dir", str(data), "refresh", *served]
        for _ in range(2):
            _run(command, folder, **env)
        tasks = str(sum(map(len, tonight.values())) + len(every) + 2)
        home = data / "prefect"
        ratio = paired(
            lambda: _run(command, folder, **env),
            lambda: _run([sys.executable, "-c", EMPTY_FLOW, str(home), tasks], folder),
            runs,
        )
        direct = statistics.median(
            seconds(lambda: _run([*command, "--direct"], folder, **env)) for _ in range(runs)
        )
    return ratio, direct


def peak_memory(folder: Path) -> float:
    """Peak resident memory of one process of a refresh that stages, checks and publishes the whole sample, in
    MiB."""
    gapwatch = str(Path(sys.executable).parent / "gapwatch")
    _run([gapwatch, "--data-dir", str(folder / "data"), "refresh", "--sample"], folder)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
