"""Refresh on a schedule: ``gapwatch serve``, one process with a Prefect server where none is configured."""

from __future__ import annotations

import datetime as dt
import logging
import multiprocessing
import os
import signal
import threading
from contextlib import suppress
from queue import Empty, Queue
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from flows.commands import terminal
from flows.refresh import heartbeat
from flows.refresh.steps import Busy, alone
from flows.scheduling import server as prefect_server
from warehouse.store.paths import Layout, check_owner

GRACE_SECONDS = 4.0  # for a run in progress to end when told to stop
WATCH_SECONDS = 5.0


def serve(layout: Layout, cron: str, timezone: str, port: int | None) -> None:
    """Serve ``flows.scheduling.flow.refresh`` for ``layout`` until SIGTERM or SIGINT; a run in progress is
    then ended.

    One run at a time: what falls due meanwhile waits, and one run makes up for all nights that were missed
    while nothing was served. Raises ValueError for a schedule that is none, RuntimeError when the server does
    not start or goes away.
    """
    check_owner(layout)
    layout.root.mkdir(parents=True, exist_ok=True)
    os.environ["GAPWATCH_DATA_DIR"] = str(layout.root)  # for the runs, which are processes of their own
    prefect_server.quiet_environment(layout.prefect)
    next_run(cron, timezone)
    # A run that is ended leaves semaphores, which the helper process of multiprocessing would complain of
    # after us.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        url = prefect_server.server(layout.prefect, services=True, port=port)
        from flows.scheduling import flow

        heartbeat.scheduled(layout, cron, timezone)
        _mark_dead(layout)  # while a refresh by hand is at work, the first run does this
        terminal.tell(
            f"Refreshing {layout.root} at '{cron}' ({timezone}) through {url}; next at"
            f" {next_run(cron, timezone):%Y-%m-%d %H:%M %Z}."
        )
        # In a thread Prefect leaves the signals alone: its own handler prints stack traces and orphans the
        # run.
        ended: Queue[Exception] = Queue()
        threading.Thread(target=_run, args=(ended, flow.tag(layout), cron, timezone), daemon=True).start()
        why = None
        with suppress(KeyboardInterrupt):
            why = _until_lost(ended)
        prefect_server.deaf()
        if not why:
            heartbeat.unscheduled(layout)
        logging.disable()  # what Prefect says of runs that end, and of a server that has, is known
        for run in multiprocessing.active_children():
            run.terminate()
            run.join(GRACE_SECONDS)
            run.kill()
        if why:
            raise RuntimeError(
                f"the Prefect server at {url} does not answer any more ({why}); start gapwatch serve again"
            )
        _mark_dead(layout)


def _mark_dead(layout: Layout) -> None:
    from flows.scheduling.flow import tag

    with suppress(Busy), alone(layout):
        prefect_server.crash_dead_runs(tag(layout), "RUNNING", "PENDING")


def next_run(cron: str, timezone: str) -> dt.datetime:
    """When the schedule fires next. Raises ValueError, in one line, when it is none or never fires."""
    from prefect.client.schemas.schedules import CronSchedule
    from pydantic import ValidationError

    try:
        CronSchedule(cron=cron, timezone=timezone)
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    with suppress(CronSimError, StopIteration):
        if len(cron.split()) == 5:
            return next(CronSim(cron, dt.datetime.now(ZoneInfo(timezone))))
    raise ValueError(f"the schedule {cron!r} never fires, or has not the five fields of cron")


def _run(ended: Queue[Exception], tag: str, cron: str, timezone: str) -> None:
    """Run what falls due, one run at a time, for ever; tell why if that ends."""
    from prefect.schedules import Cron
    from prefect.types.entrypoint import EntrypointType

    from flows.scheduling.flow import refresh

    try:
        refresh.serve(
            # A name of its own for each data directory, for on a configured server they may meet, and with
            # prefect.yaml's "nightly".
            name=f"nightly-{tag}",
            tags=[tag],
            schedule=Cron(cron, timezone=timezone),
            limit=1,
            pause_on_shutdown=False,
            print_starting_message=False,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
    except Exception as error:  # whatever it is, nothing fires any more  # noqa: BLE001
        ended.put(error)


def _until_lost(ended: Queue[Exception]) -> Exception | None:
    """Wait until the server has not answered several times running, and tell why.

    The runner would wait for it for ever, firing nothing.
    """
    from prefect.client.orchestration import get_client

    # What this says at length once the server is gone is found out, and told in one line, here.
    logging.getLogger("prefect.FlowRunCancellingObserver").setLevel(logging.CRITICAL)
    silent, why = 0, None
    while silent < 3:
        with suppress(Empty):
            return ended.get(timeout=WATCH_SECONDS)
        # A new one each time: one that was connected tries again for a minute.
        with get_client({"timeout": 2 * WATCH_SECONDS}, sync_client=True) as client:
            why = client.api_healthcheck()
        silent = silent + 1 if why else 0
    return why
