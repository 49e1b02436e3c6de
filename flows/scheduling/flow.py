"""The Prefect flow: the steps of a refresh as tasks, with retries, time-outs and artifacts."""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
import platform
import signal
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import UUID

from prefect import flow, runtime, tags, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import TERMINAL_STATES, State
from prefect.exceptions import TerminationSignal
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import exponential_backoff

from extractors.definition import all_sources
from flows.commands import terminal
from flows.refresh.plain import plain
from flows.refresh.report import Report
from flows.refresh.runner import R, T
from flows.refresh.steps import Busy, Refresh, alone
from flows.scheduling.server import crash_dead_runs, die_with_parent, skip_late_runs
from warehouse.acquire import settings
from warehouse.acquire.fetch import Fetcher, utc_now
from warehouse.acquire.http import Web
from warehouse.publish.ledgers import Lost
from warehouse.store import files
from warehouse.store.paths import Layout, default_root

FETCH_SECONDS = 1800  # three attempts, each bounded by the fetcher itself
STEP_SECONDS = 3600
RECORD_SECONDS = 60  # a record less is no reason to fail a run that is over
SHOWN = ("source", "outcome", "new", "revised", "withdrawn", "quarantined", "state", "message")
_task: Any = partial(
    task,
    retry_delay_seconds=exponential_backoff(1),
    retry_jitter_factor=0.5,
    cache_policy=NO_CACHE,
    persist_result=False,
)
# Prefect says for each task that a time-out cannot interrupt a thread: the fetcher bounds every wait by
# itself.
logging.getLogger("prefect.task_runs").addFilter(
    lambda record: "running in a worker thread" not in record.getMessage()
)
for queue in ("EventsWorker", "APILogWorker"):  # they tell how much is still to send at the end
    logging.getLogger(queue).setLevel(logging.ERROR)
# It announces each of its temporary folders, and Prefect's handler at the root would print that.
logging.getLogger("great_expectations").propagate = False


class Tasks:
    """Runs steps as Prefect tasks; a step that still fails after its retries yields its exception."""

    def __init__(self) -> None:
        self.made = 0

    def each(
        self, name: str, step: Callable[[T], R], items: Iterable[T], label: Callable[[T], str]
    ) -> list[R | Exception]:
        prepared = _task(name=name, timeout_seconds=FETCH_SECONDS, retries=2)(step)
        futures = [
            prepared.with_options(task_run_name=f"{name} {label(item)}").submit(item) for item in items
        ]
        self.made += len(futures)
        return [future.result(raise_on_failure=False) for future in futures]

    def once(self, name: str, step: Callable[[], R]) -> R:
        self.made += 1
        result: R = _task(name=name, timeout_seconds=STEP_SECONDS, retries=0)(step)()
        return result

    def await_records(self) -> None:
        """Wait until the server has recorded the end of every task, which travels as an event.

        What the server has queued is lost when it ends.
        """
        ended = {"state": {"type": {"any_": [*TERMINAL_STATES]}}}
        asked = {"task_runs": ended, "flow_runs": {"id": {"any_": [runtime.flow_run.id]}}}
        deadline = time.monotonic() + RECORD_SECONDS
        with get_client(sync_client=True) as client:
            while client.request("POST", "/task_runs/count", json=asked).json() < self.made:
                if time.monotonic() > deadline:
                    break
                time.sleep(0.05)


def tag(layout: Layout) -> str:
    """Marks the runs of one data directory of one machine, so that only its own dead runs are cleaned up."""
    return (
        "data-dir-" + hashlib.sha256(f"{platform.node()} {layout.root.resolve()}".encode()).hexdigest()[:12]
    )


def run(job: Refresh) -> Report:
    """One refresh as a flow run on the Prefect server in use; the caller holds ``alone``."""

    @flow(name="refresh", task_runner=ThreadPoolTaskRunner(max_workers=8))  # type: ignore[arg-type]  # any task runner
    def steps() -> Report:
        return _recorded(job)

    with tags(tag(job.layout)):
        return steps()


# any task runner
@flow(name="refresh", task_runner=ThreadPoolTaskRunner(max_workers=8))  # type: ignore[arg-type]
def refresh(sources: list[str] | None = None) -> State[None]:
    """The deployed flow: refreshes ``GAPWATCH_DATA_DIR``; ``sources`` are those asked, all where none is
    given.

    Ends Failed, saying what a person must look at, where the command would exit with 1; Skipped (a Completed
    state: nobody need come) when a refresh by hand is at work on the data directory. A state and not an
    exception, whose stack trace would tell nothing.
    """
    # started by `gapwatch serve`, which also decides about Ctrl-C
    if parent := multiprocessing.parent_process():
        die_with_parent(parent.pid)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        state = _refreshed(sources or [])
    except TerminationSignal:
        if parent:  # which ends it: each task that waits its turn would say that it is cancelled
            logging.disable()
        raise
    terminal.tell(f"{utc_now():%Y-%m-%d %H:%M} UTC {state.name}: {state.message}")
    return state


def _refreshed(sources: list[str]) -> State[None]:
    every = all_sources()
    try:
        settings.check(source.key_env for source in every.values() if source.key_env)
        layout = Layout(settings.data_dir(default_root()))
    except ValueError as error:
        return Failed(message=str(error))
    skip_late_runs()
    try:
        with alone(layout):
            # A run that a worker started lacks the tag by which a later run finds it should it die.
            with get_client(sync_client=True) as client:
                client.update_flow_run(UUID(runtime.flow_run.id), tags={*runtime.flow_run.tags, tag(layout)})
            fetcher = Fetcher(layout, Web(layout.memo))
            report = _recorded(Refresh(layout, every, fetcher, tuple(sources)))
    except Busy as busy:
        return Completed(name="Skipped", message=str(busy))
    except (Lost, OSError) as error:
        return Failed(message=files.told(error))
    if report.needs_a_person:
        told = [line.message or line.outcome for line in report.lines if line.needs_a_person]
        return Failed(message=plain("; ".join([*told, *report.held, *report.undelivered, *report.unpacked])))
    return Completed(message=f"published release {report.release}" if report.release else "nothing new")


def _recorded(job: Refresh) -> Report:
    """The steps as tasks of the flow run at work, and artifacts of what they did."""
    crash_dead_runs(tag(job.layout), "RUNNING")
    report = job.run(tasks := Tasks())
    rows = [{name: _shown(getattr(line, name)) for name in SHOWN} for line in report.lines]
    create_table_artifact(key="refresh", table=rows, description="How each source fared")
    if moved := report.moved + report.alerts + report.held:
        told = "\n".join(f"- `{plain(line, '').replace('`', chr(39))}`" for line in moved)
        create_markdown_artifact(key="moved", markdown=told, description="What moved")
    tasks.await_records()
    return report


def _shown(value: object) -> object:
    return plain(value) if isinstance(value, str) else value
