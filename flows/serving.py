"""Refresh on a schedule: ``gapwatch serve``, one process with a Prefect server where none is configured."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import multiprocessing
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import Any

from rich.markup import escape

from flows import display, prefect_server
from flows.steps import Busy, alone
from warehouse.layout import Layout

GRACE_SECONDS = 4.0  # for a run in progress to end when told to stop
WATCH_SECONDS = 5.0


def serve(layout: Layout, cron: str, timezone: str, port: int | None) -> None:
    """Serve ``flows.refresh.refresh`` for ``layout`` until SIGTERM or SIGINT; a run in progress is then ended.

    One run at a time: what falls due meanwhile waits, and a night missed while nothing was served is not made up
    for. Raises ValueError for a schedule that is none, RuntimeError when the server does not start or goes away.
    """
    layout.root.mkdir(parents=True, exist_ok=True)
    os.environ["GAPWATCH_DATA_DIR"] = str(layout.root)  # for the runs, which are processes of their own
    prefect_server.quiet_environment(layout.prefect)
    next_run(cron, timezone)
    # A run that is ended leaves semaphores, which the helper process of multiprocessing would complain of after us.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt), prefect_server.server(layout.prefect, services=True, port=port, log=layout.prefect / "server.log") as url:
        from flows import refresh

        with suppress(Busy), alone(layout):  # while a refresh by hand is at work, the first run does this
            prefect_server.crash_dead_runs("refresh", refresh.tag(layout), starting_seconds=0)
        told = f"Refreshing {layout.root} at '{cron}' ({timezone}) through {url}; next at {next_run(cron, timezone):%Y-%m-%d %H:%M %Z}."
        display.console.print(escape(told), soft_wrap=True)
        sys.stdout.flush()
        asyncio.run(_until_stopped(url, cron, timezone, refresh.tag(layout)))


def next_run(cron: str, timezone: str) -> dt.datetime:
    """When the schedule fires next, as Prefect reads it. Raises ValueError, in one line, when it is none or never fires."""
    from prefect._vendor.croniter.croniter import CroniterBadDateError
    from prefect.server.schemas.schedules import CronSchedule
    from pydantic import ValidationError

    try:
        dates = asyncio.run(CronSchedule(cron=cron, timezone=timezone).get_dates(1))
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    except CroniterBadDateError:
        dates = []
    if not dates:
        raise ValueError(f"the schedule {cron!r} never fires")
    return dates[0]


async def _until_stopped(url: str, cron: str, timezone: str, tag: str) -> None:
    from prefect.runner import Runner
    from prefect.schedules import Cron
    from prefect.types.entrypoint import EntrypointType

    from flows.refresh import refresh

    loop = asyncio.get_running_loop()

    class Stoppable(Runner):
        """Prefect's own handler raises SystemExit inside the event loop, which prints stack traces and orphans the run."""

        def handle_sigterm(self, *_: Any, **__: Any) -> None:
            runs = multiprocessing.active_children()
            for run in runs:
                run.terminate()
            timer = threading.Timer(GRACE_SECONDS, _kill, [runs])
            timer.daemon = True
            timer.start()
            if not serving.cancelling():
                loop.call_soon_threadsafe(serving.cancel)

    runner = Stoppable(name="gapwatch", limit=1, pause_on_shutdown=False)
    schedule = Cron(cron, timezone=timezone)
    # A name of its own for each data directory, for on a configured server they may meet, and with prefect.yaml's "nightly".
    await runner.aadd_flow(refresh, name=f"nightly-{tag}", schedule=schedule, tags=[tag], entrypoint_type=EntrypointType.MODULE_PATH)
    # What this says at length once the server is gone is found out, and told in one line, by the watch below.
    logging.getLogger("prefect.FlowRunCancellingObserver").setLevel(logging.CRITICAL)
    serving = asyncio.create_task(runner.start())
    watch = asyncio.create_task(_until_lost())
    signal.signal(signal.SIGINT, runner.handle_sigterm)
    await asyncio.wait({serving, watch}, return_when=asyncio.FIRST_COMPLETED)
    if lost := watch.done():
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        runner.handle_sigterm()
    watch.cancel()
    with suppress(asyncio.CancelledError):
        await serving
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # the end has begun and takes seconds
    if lost:
        raise RuntimeError(f"the Prefect server at {url} does not answer any more; start gapwatch serve again")


async def _until_lost() -> None:
    """Return when the server has not answered several times running: the runner would wait for it for ever, firing nothing."""
    from prefect.client.orchestration import get_client

    silent = 0
    while silent < 3:
        await asyncio.sleep(WATCH_SECONDS)
        silent += 1
        async with get_client() as client:  # a new one each time: one that was connected tries again for a minute
            with suppress(TimeoutError):
                silent = silent if await asyncio.wait_for(client.api_healthcheck(), 2 * WATCH_SECONDS) else 0


def _kill(runs: list[multiprocessing.process.BaseProcess]) -> None:
    for run in runs:
        run.kill()
