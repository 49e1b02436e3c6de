"""The Prefect flow: the steps of a refresh as tasks, with retries, time-outs and artifacts."""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
import platform
import signal
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any, TypeVar
from uuid import UUID

from prefect import flow, runtime, tags, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import exponential_backoff
from rich.markup import escape

from extractors.definition import all_sources
from flows import display
from flows.prefect_server import crash_dead_runs, die_with_parent
from flows.report import Report
from flows.steps import Busy, Refresh, alone
from warehouse.fetch import Fetcher, utc_now
from warehouse.layout import Layout, default_root
from warehouse.web import Web

T = TypeVar("T")
R = TypeVar("R")
FETCH_SECONDS = 1800  # three attempts, each bounded by the fetcher itself
STEP_SECONDS = 3600


def _interruptible(record: logging.LogRecord) -> bool:
    """Prefect says for each task that a time-out cannot interrupt a thread: the fetcher bounds every wait by itself."""
    return "the task is running in a worker thread" not in record.getMessage()


logging.getLogger("prefect.task_runs").addFilter(_interruptible)
# It announces each of its temporary folders, and Prefect's handler at the root would print that.
logging.getLogger("great_expectations").propagate = False


class Tasks:
    """Runs steps as Prefect tasks; a step that still fails after its retries yields its exception."""

    def each(self, name: str, step: Callable[[T], R], items: Iterable[T], label: Callable[[T], str]) -> list[R | Exception]:
        prepared: Any = _task(step, name, FETCH_SECONDS)
        futures = [prepared.with_options(task_run_name=f"{name} {label(item)}").submit(item) for item in items]
        return [future.result(raise_on_failure=False) for future in futures]

    def once(self, name: str, step: Callable[[], R]) -> R:
        prepared: Any = _task(step, name, STEP_SECONDS, retries=0)
        result: R = prepared()
        return result


def _task(step: Callable[..., Any], name: str, seconds: int, retries: int = 2) -> Any:
    def run(*args: Any) -> Any:
        return step(*args)

    return task(
        name=name,
        retries=retries,
        retry_delay_seconds=exponential_backoff(backoff_factor=1),
        retry_jitter_factor=0.5,
        timeout_seconds=seconds,
        cache_policy=NO_CACHE,
        persist_result=False,
    )(run)


def tag(layout: Layout) -> str:
    """Marks the runs of one data directory of one machine, so that only its own dead runs are cleaned up."""
    return "data-dir-" + hashlib.sha256(f"{platform.node()} {layout.root.resolve()}".encode()).hexdigest()[:12]


def run(job: Refresh) -> Report:
    """One refresh as a flow run on the Prefect server in use; the caller holds ``alone``."""
    crash_dead_runs("refresh", tag(job.layout))

    @flow(name="refresh", task_runner=ThreadPoolTaskRunner(max_workers=8), validate_parameters=False)  # type: ignore[arg-type]  # any task runner
    def steps() -> Report:
        report = job.run(Tasks())
        _artifacts(report)
        return report

    with tags(tag(job.layout)):
        return steps()


@flow(name="refresh", task_runner=ThreadPoolTaskRunner(max_workers=8))  # type: ignore[arg-type]  # any task runner
def refresh(sources: list[str] | None = None) -> State[None]:
    """The deployed flow: refreshes ``GAPWATCH_DATA_DIR``; ``sources`` are those asked, all where none is given.

    Ends Failed, saying what a person must look at, where the command would exit with 1; Skipped (a Completed state:
    nobody need come) when a refresh by hand is at work on the data directory. A state and not an exception, whose
    stack trace would tell nothing.
    """
    if multiprocessing.parent_process() is not None:  # started by `gapwatch serve`, which also decides about Ctrl-C
        die_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    state = _refreshed(Layout(default_root()), sources or [])
    display.console.print(escape(f"{utc_now():%Y-%m-%d %H:%M} UTC {state.name}: {state.message}"), soft_wrap=True)
    return state


def _refreshed(layout: Layout, sources: list[str]) -> State[None]:
    try:
        with alone(layout):
            _tag_own_run(layout)
            crash_dead_runs("refresh", tag(layout))
            job = Refresh(layout, all_sources(), Fetcher(layout, Web(layout.memo)), tuple(sources))
            report = job.run(Tasks())
    except Busy as busy:
        return Completed(name="Skipped", message=str(busy))
    _artifacts(report)
    if report.needs_a_person:
        told = [line.message or line.outcome for line in report.lines if line.needs_a_person]
        return Failed(message="; ".join([*told, *report.held, *report.undelivered, *report.unpacked]))
    return Completed(message=f"published release {report.release}" if report.release else "nothing new")


def _tag_own_run(layout: Layout) -> None:
    """A run that a worker started has no tag of its data directory yet, by which a later run finds it should it die."""
    if (run := runtime.flow_run.id) and tag(layout) not in runtime.flow_run.tags:
        with get_client(sync_client=True) as client:
            client.update_flow_run(UUID(run), tags={*runtime.flow_run.tags, tag(layout)})


def _artifacts(report: Report) -> None:
    shown = ("source", "outcome", "new", "revised", "withdrawn", "quarantined", "state", "message")
    rows = [{name: asdict(line)[name] for name in shown} for line in report.lines]
    create_table_artifact(key="refresh", table=rows, description="How each source fared")
    if moved := report.moved + report.alerts + report.held:
        create_markdown_artifact(key="moved", markdown="\n".join(f"- `{line.replace('`', chr(39))}`" for line in moved), description="What moved")
