"""Prefect for a command-line tool: quiet, offline, and leaving no process behind.

Runs use the Prefect server that the operator configured, or one started here that lasts as long as this
process. Prefect is imported inside the functions: importing it takes a second. As a program this module is
that server.
"""

import atexit
import ctypes
import datetime as dt
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any


def quiet_environment(home: Path) -> None:
    """Make Prefect quiet and offline and give it a home of its own; call before importing it.

    ``home`` holds Prefect's database and is created. Whatever the operator has set in the environment wins,
    as does a profile in the operator's ~/.prefect/profiles.toml. Raises RuntimeError, in one line, if the
    home cannot be written.
    """
    own = Path("~/.prefect/profiles.toml").expanduser()
    if "PREFECT_HOME" not in os.environ and os.access(own, os.R_OK):
        # A home of our own would hide the server that the operator chose with `prefect config set`.
        os.environ.setdefault("PREFECT_PROFILES_PATH", str(own))
    quiet = {
        "PREFECT_HOME": str(home.absolute()),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
        # A client without an address would start a server that nobody stops.
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        # The web pages are copied into site-packages at start, which may be read-only.
        "PREFECT_SERVER_UI_ENABLED": "false",
        # No block types are used; registering them takes a second in a new home.
        "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
        # One transaction per event takes 6 ms: a run with many tasks would wait for it at its end.
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    }
    os.environ.update(quiet | os.environ)
    used = Path(os.environ["PREFECT_HOME"]).expanduser()
    try:
        used.mkdir(parents=True, exist_ok=True, mode=0o700)
        tempfile.TemporaryFile(dir=used).close()
    except OSError as error:
        raise RuntimeError(f"Prefect's home {used} cannot be written: {error.strerror}") from None


def die_with_parent(parent: int | None) -> None:
    """Have the kernel kill this process when ``parent``, which started it, is killed (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:  # killed while this process was starting
        os._exit(1)


def server(home: Path, *, services: bool, port: int | None = None) -> str:
    """The address of the Prefect API that answers: the configured one, or that of a server started here.

    Ours listens on 127.0.0.1 (``port``, or a free one), keeps its database in PREFECT_HOME and writes to
    server.log in ``home``, and asks for a password of its own; ``services`` adds the scheduler, needed for
    cron and not for single runs. Call it in the main thread, since the kernel ends the server with the thread
    that started it. It ends after all else of this process, when Prefect has sent what it had queued. Raises
    RuntimeError or OSError, in one line, if there is no answer or the port is taken.
    """
    from prefect.client.orchestration import get_client
    from prefect.settings import get_current_settings

    told = f"the configured Prefect server {(url := get_current_settings().api.url)} does not answer"
    if not url:
        url, told = _start(home, services, port), f"Prefect's server did not start; see {home / 'server.log'}"
    with get_client(sync_client=True) as client:
        if error := client.api_healthcheck():
            raise RuntimeError(f"{told}: {error}")
    return url


def crash_dead_runs(tag: str, *states: str) -> None:
    """Mark runs with this tag that are still in ``states`` as Crashed, with their tasks.

    Only right while the caller holds the lock that every run takes, for then none but the run it is called
    from, which is left out, can be running. A run is Pending for seconds before its process is up: such a
    one is dead only if no runner is at work. A run not marked keeps its slot of a deployment's concurrency
    limit for ever.
    """
    from prefect import runtime
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, TaskRunFilter
    from prefect.states import Crashed

    crashed: Any = Crashed(
        message="The process running this ended without reporting; found and marked later."
    )
    others, state = {"not_any_": [*filter(None, [runtime.flow_run.id])]}, {"type": {"any_": states}}
    dead = FlowRunFilter.model_validate({"id": others, "tags": {"all_": [tag]}, "state": state})
    tasks = TaskRunFilter.model_validate({"state": {"type": {"any_": ["RUNNING", "PENDING"]}}})
    with get_client(sync_client=True) as client:
        while runs := client.read_flow_runs(flow_run_filter=dead):
            for run in runs:
                own = FlowRunFilter.model_validate({"id": {"any_": [run.id]}})
                for task in client.read_task_runs(flow_run_filter=own, task_run_filter=tasks):
                    client.set_task_run_state(task.id, crashed, force=True)
                client.set_flow_run_state(run.id, crashed, force=True)


def skip_late_runs() -> None:
    """Mark the other scheduled runs of this run's deployment that are due as Skipped: one makes up for all.

    While nothing took them up, in nights, they gathered; they would follow one another at once. A run that
    somebody asked for by hand stays.
    """
    from prefect import runtime
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter
    from prefect.states import Completed

    if not runtime.deployment.id:
        return
    skipped: Any = Completed(name="Skipped", message="another run makes up for all that were missed")
    asked = {
        "id": {"not_any_": [runtime.flow_run.id]},
        "deployment_id": {"any_": [runtime.deployment.id]},
        "state": {"type": {"any_": ["SCHEDULED"]}},
        "expected_start_time": {"before_": dt.datetime.now(dt.UTC)},
    }
    due = FlowRunFilter.model_validate(asked)
    with get_client(sync_client=True) as client:
        while runs := [run for run in client.read_flow_runs(flow_run_filter=due) if run.auto_scheduled]:
            for run in runs:
                client.set_flow_run_state(run.id, skipped, force=True)


def no_heartbeat() -> AbstractContextManager[Any]:
    """Run flows in the block without heartbeats, whose thread costs each 1.1 seconds at its end.

    No environment variable can switch them off.
    """
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    return temporary_settings(updates={PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})


def deaf() -> None:
    """From here on ignore being told to stop: the end has begun and takes seconds."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def _start(home: Path, services: bool, port: int | None) -> str:
    """Start a server and have this process and its children use it; connections wait until it is up."""
    from prefect.context import refresh_global_settings_context

    log = home / "server.log"
    mode = "wb" if log.exists() and log.stat().st_size > 1_000_000 else "ab"
    # Any user of this machine reaches the address, and could pause the schedule. Whoever may see the
    # environment of this process, which hands it on to its children, is its own user.
    password = f"gapwatch:{secrets.token_urlsafe(32)}"
    os.environ.update(PREFECT_SERVER_API_AUTH_STRING=password, PREFECT_API_AUTH_STRING=password)
    with socket.create_server(("127.0.0.1", port or 0)) as listener, log.open(mode) as output:
        number = listener.fileno()
        # -P: nothing in the current directory is to be imported.
        command = [sys.executable, "-P", "-m", __name__, *map(str, (os.getpid(), number, int(services)))]
        # A session of its own: Ctrl-C is for the client, which ends the server after its last reports.
        process = subprocess.Popen(
            command, pass_fds=[number], stdout=output, stderr=output, start_new_session=True
        )
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
    # Prefect sends what it has queued when Python begins to end, which is before this.
    atexit.register(_end, process)
    # A proxy in the environment is not for this address.
    exempt = f"{os.environ.get('no_proxy') or os.environ.get('NO_PROXY') or 'localhost'},127.0.0.1"
    os.environ.update(PREFECT_API_URL=url, no_proxy=exempt, NO_PROXY=exempt)
    refresh_global_settings_context()
    return url


def _end(process: "subprocess.Popen[bytes]") -> None:
    deaf()
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(3)
    process.kill()
    process.wait()


def _serve(parent: int, listener: int, services: int) -> None:
    die_with_parent(parent)
    import uvicorn
    from prefect.server.api.server import create_app

    app = create_app(ephemeral=not services, final=True)
    config = uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run([socket.socket(fileno=listener)])


if __name__ == "__main__":
    _serve(*map(int, sys.argv[1:]))
