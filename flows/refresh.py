"""The Prefect flow: the steps of a refresh as tasks, with retries, time-outs and artifacts."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any, TypeVar

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import exponential_backoff

from extractors.contract import all_sources
from flows.prefect_server import crash_dead_runs
from flows.report import Report
from flows.steps import Refresh, alone
from warehouse.fetch import Fetcher
from warehouse.layout import Layout, default_root
from warehouse.web import Web

T = TypeVar("T")
R = TypeVar("R")
FETCH_SECONDS = 1800  # three attempts, each bounded by the fetcher itself
STEP_SECONDS = 3600

logging.getLogger("prefect.task_runs").addFilter(lambda record: _interruptible(record))


def _interruptible(record: logging.LogRecord) -> bool:
    """Prefect says for each task that a time-out cannot interrupt a thread: the fetcher bounds every wait by itself."""
    return "the task is running in a worker thread" not in record.getMessage()


class NeedsAPerson(RuntimeError):
    """A scheduled refresh ended with something a person must look at; its flow run is marked as failed."""


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
    """Marks the runs of one data directory, so that only its own dead runs are cleaned up."""
    return "data-dir-" + hashlib.sha256(str(layout.root.resolve()).encode()).hexdigest()[:12]


def run(job: Refresh) -> Report:
    """One refresh as a flow run on the Prefect server in use; the caller holds ``alone``."""
    crash_dead_runs("refresh", tag(job.layout))

    @flow(name="refresh", task_runner=ThreadPoolTaskRunner(max_workers=8), validate_parameters=False)  # type: ignore[arg-type]  # any task runner
    def steps() -> Report:
        report = job.run(Tasks())
        _artifacts(report)
        return report

    from prefect import tags

    with tags(tag(job.layout)):
        return steps()


@flow(name="refresh", task_runner=ThreadPoolTaskRunner(max_workers=8))  # type: ignore[arg-type]  # any task runner
def refresh(sources: list[str] | None = None) -> None:
    """The deployed flow: refreshes ``GAPWATCH_DATA_DIR``. Raises ``NeedsAPerson`` where the command would exit with 1."""
    layout = Layout(default_root())
    os.environ.setdefault("PREFECT_HOME", str(layout.prefect))
    every = all_sources()
    with alone(layout):
        crash_dead_runs("refresh", tag(layout))
        job = Refresh(layout, every, Fetcher(layout, Web(layout.root / "robots")), tuple(sources or ()))
        report = job.run(Tasks())
    _artifacts(report)
    if report.needs_a_person:
        told = [line.message or line.outcome for line in report.lines if line.needs_a_person]
        raise NeedsAPerson("; ".join([*told, *report.held, *report.undelivered]))


def _artifacts(report: Report) -> None:
    shown = ("source", "outcome", "new", "revised", "withdrawn", "quarantined", "state", "message")
    rows = [{name: asdict(line)[name] for name in shown} for line in report.lines]
    create_table_artifact(key="refresh", table=rows, description="How each source fared")
    if moved := report.moved + report.alerts + report.held:
        create_markdown_artifact(key="moved", markdown="\n".join(f"- `{line.replace('`', chr(39))}`" for line in moved), description="What moved")
