"""Prefect for a command-line tool: quiet, offline, and leaving no process behind.

Runs use the Prefect server the operator configured or one started here for as long as a block
lasts. Prefect itself is imported inside the functions, because importing it takes a second.
"""

import json
import logging
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

_START_SECONDS = 60.0
_LOG_BYTES = 1_000_000
_DEAD = "The process running this ended without reporting; found and marked by a later run."

# First code of the server process. prctl makes the kernel kill it with its parent; it is called
# here and not in a preexec_fn, which may deadlock when the parent has threads. Linux sends that
# signal when the *thread* that forked ends, so it is asked for only when that was the main
# thread; the end of the pipe on stdin covers the other cases and other systems.
_CHILD = """
import ctypes, os, runpy, sys, threading
parent, main_thread = int(sys.argv.pop(1)), sys.argv.pop(1) == "1"
if main_thread and sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)
def watch():
    os.read(0, 1)
    os._exit(1)
threading.Thread(target=watch, daemon=True).start()
if os.getppid() != parent:
    os._exit(1)
runpy.run_module("uvicorn", run_name="__main__", alter_sys=True)
"""


def quiet_environment(home: Path) -> None:
    """Make Prefect quiet and offline and give it a home of its own; call before importing it.

    `home` holds Prefect's database and is created. Whatever the operator has set in the
    environment wins, as does a profile in the operator's ~/.prefect/profiles.toml. Raises
    RuntimeError, in one line, if the home cannot be created or written.
    """
    own = Path("~/.prefect/profiles.toml").expanduser()
    if "PREFECT_HOME" not in os.environ and os.access(own, os.R_OK):
        # A home of our own would hide the server the operator chose with `prefect config set`.
        os.environ.setdefault("PREFECT_PROFILES_PATH", str(own))
    for name, value in {
        "PREFECT_HOME": str(home.absolute()),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
        "PREFECT_CLI_PROMPT": "false",
        # A client without an address would start a server that nobody stops.
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    }.items():
        os.environ.setdefault(name, value)
    _writable(Path(os.environ["PREFECT_HOME"]).expanduser())


def configured_api() -> str | None:
    """The address of the Prefect API the operator configured (environment, profile or
    prefect.toml), None if there is none."""
    from prefect.settings import get_current_settings

    return get_current_settings().api.url or None


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that started it is killed (Linux only,
    nothing elsewhere). For the processes Prefect starts for scheduled runs, which would
    otherwise outlive a killed `serve`."""
    if sys.platform == "linux":
        import ctypes

        parent = multiprocessing.parent_process()
        ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)
        if parent is not None and not parent.is_alive():  # killed while this process was starting
            os._exit(1)


@contextmanager
def server(home: Path, *, services: bool, port: int | None = None, log: Path) -> Iterator[str]:
    """Have a Prefect API for the block and yield its URL: the configured one or one of our own.

    Our own listens on 127.0.0.1 (`port`, or a free one), keeps its database in PREFECT_HOME and
    writes to the file `log`; flows, clients, threads and child processes started in the block
    use it. `services` adds the scheduler and its like, needed for cron deployments and not for
    single runs. It ends with the block, and on SIGKILL of this process (enter from the main
    thread to have the kernel see to that on Linux). Raises RuntimeError, in one line, if the
    configured server does not answer, the files cannot be written, the port is taken or our
    own is not up within 60 seconds.
    """
    if url := configured_api():
        _answers(url)
        yield url
        return
    _writable(home)
    _end_leftovers(home)
    port = _port(port)
    url = f"http://127.0.0.1:{port}/api"
    process = _start(port, services, log)
    # One file per owner: a refresh by hand must not take the server of a running `serve` for a
    # leftover, nor overwrite its record.
    record = home / f"server-{os.getpid()}.pid"
    try:
        record.write_text(f"{process.pid} {_started(process.pid)}\n{os.getpid()} {_started(os.getpid())}\n")
        _await_health(process, port, log)
        stale = _unfinished(port)
        with _pointed_at(url):
            try:
                yield url
            finally:
                if process.poll() is None:
                    _flush(port, stale)
    finally:
        _end(process)
        record.unlink(missing_ok=True)


def crash_dead_runs(flow_name: str, tag: str, *, starting_seconds: float = 60.0) -> int:
    """Mark runs that can no longer be running as Crashed, with their tasks, and count them.

    Meant are the runs of the flow `flow_name` with the tag `tag` that still say Running, or
    have said Pending for `starting_seconds` (the runner makes a run Pending seconds before the
    run's own process is up; 0 if no runner is at work). The run it is called from is left out.
    Only right while the caller holds the lock every run takes; errors of Prefect's client pass
    through. A run not marked keeps its slot of a deployment's concurrency limit for ever.
    """
    from prefect import runtime
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowFilter, FlowRunFilter, TaskRunFilter
    from prefect.states import Crashed

    unfinished = {"type": {"any_": ["RUNNING", "PENDING"]}}
    of_flow = FlowFilter.model_validate({"name": {"any_": [flow_name]}})
    tagged = FlowRunFilter.model_validate({"tags": {"all_": [tag]}, "state": unfinished})
    tasks = TaskRunFilter.model_validate({"state": unfinished})
    before = datetime.now(UTC) - timedelta(seconds=starting_seconds)
    count = 0
    with get_client(sync_client=True) as client:
        while True:
            page = client.read_flow_runs(flow_filter=of_flow, flow_run_filter=tagged)
            runs = [
                run for run in page if str(run.id) != runtime.flow_run.id and run.state and (run.state.is_running() or run.state.timestamp < before)
            ]
            for run in runs:
                own = FlowRunFilter.model_validate({"id": {"any_": [run.id]}})
                for task in client.read_task_runs(flow_run_filter=own, task_run_filter=tasks):
                    client.set_task_run_state(task.id, Crashed(message=_DEAD), force=True)
                client.set_flow_run_state(run.id, Crashed(message=_DEAD), force=True)
            count += len(runs)
            if not runs:
                return count


@contextmanager
def no_heartbeat() -> Iterator[None]:
    """Run flows in the block without heartbeats, whose thread costs each 1.1 seconds at its
    end. No environment variable can switch them off."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    with temporary_settings(updates={PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


def _answers(url: str) -> None:
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        if error := client.api_healthcheck():
            raise RuntimeError(f"the configured Prefect server {url} does not answer: {error}")


@contextmanager
def _one_line(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RuntimeError(f"{what}: {error.strerror}") from None


def _writable(folder: Path) -> None:
    probe = folder / f".writable-{os.getpid()}"
    with _one_line(f"Prefect's home {folder} cannot be written"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe.touch()
        probe.unlink()


def _port(wanted: int | None) -> int:
    with _one_line(f"Prefect's server cannot use port {wanted}"), socket.socket() as probe:
        if os.name == "posix":  # or connections of an earlier server, long closed, block its port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", wanted or 0))
        return int(probe.getsockname()[1])


def _start(port: int, services: bool, log: Path) -> "subprocess.Popen[bytes]":
    import prefect
    from prefect.settings import get_current_settings

    env = os.environ | get_current_settings().to_environment_variables(exclude_unset=True)
    env["PREFECT__SERVER_FINAL"] = "1"
    if not services:
        env["PREFECT__SERVER_EPHEMERAL"] = "1"
    # No block types are used; registering them takes a second in a new home.
    env.setdefault("PREFECT_SERVER_REGISTER_BLOCKS_ON_START", "false")
    # One transaction per event takes 6 ms: a run with many tasks would wait for it at its end.
    # What a batch still lacks is written when the server stops.
    env.setdefault("PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE", "100")
    env.setdefault("PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL", "1")
    if "PREFECT_UI_ENABLED" not in env:
        # The web pages are copied into site-packages at start, which may be read-only.
        env.setdefault("PREFECT_SERVER_UI_ENABLED", "false")
    main = "1" if threading.current_thread() is threading.main_thread() else "0"
    options = "--factory prefect.server.api.server:create_app --host 127.0.0.1 --log-level error --lifespan on --timeout-graceful-shutdown 1"
    uvicorn = [*options.split(), "--port", str(port), "--app-dir", str(prefect.__module_path__.parent)]
    # -P: nothing in the current directory is to be imported.
    command = [sys.executable, "-P", "-c", _CHILD, str(os.getpid()), main, *uvicorn]
    with _one_line(f"Prefect's server cannot be started with log file {log}"):
        log.parent.mkdir(parents=True, exist_ok=True)
        large = log.exists() and log.stat().st_size > _LOG_BYTES
        with log.open("wb" if large else "ab") as output:
            # A session of its own: Ctrl-C is for the client, which ends the server after its
            # last reports.
            return subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True)


def _request(port: int, path: str, body: object = None) -> int:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api{path}", data, {"Content-Type": "application/json"})
    # A proxy in the environment is not for this address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=2) as response:
        return int(json.load(response))


def _unfinished(port: int) -> int:
    with suppress(OSError):  # when the operator has set a password for servers, for one
        return _request(port, "/task_runs/count", {"task_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING"]}}}})
    return 0


def _await_health(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if (code := process.poll()) is not None:
            raise RuntimeError(f"Prefect's server ended at start (code {code}); see {log}")
        with suppress(OSError):
            _request(port, "/health")
            return
        time.sleep(0.05)
    raise RuntimeError(f"Prefect's server was not up after {_START_SECONDS:.0f} s; see {log}")


@contextmanager
def _pointed_at(url: str) -> Iterator[None]:
    from prefect.context import refresh_global_settings_context
    from prefect.settings import PREFECT_API_URL, temporary_settings

    exempt = ",".join(filter(None, [os.environ.get("no_proxy") or os.environ.get("NO_PROXY"), "127.0.0.1"]))
    updates = {"PREFECT_API_URL": url, "no_proxy": exempt, "NO_PROXY": exempt}
    saved = {name: os.environ.pop(name) for name in updates if name in os.environ}
    os.environ.update(updates)
    try:
        # The environment is for child processes, the global context for threads, which do not
        # inherit the temporary one; that one is for callers inside temporary settings.
        refresh_global_settings_context()
        with temporary_settings(updates={PREFECT_API_URL: url}):
            yield
    finally:
        for name in updates:
            os.environ.pop(name, None)
        os.environ.update(saved)
        refresh_global_settings_context()


def _flush(port: int, stale: int) -> None:
    """Wait until what the block reported is in the database: task runs travel as events through
    a queue here and another in the server, and whatever is queued is lost with the server.
    `stale` task runs were unfinished before the block and may stay so."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for name in ("EventsWorker", "APILogWorker"):  # they tell how much is still to do
        logging.getLogger(name).setLevel(logging.ERROR)
    deadline = time.monotonic() + 10
    with suppress(Exception):  # a record less is no reason to fail a run that is over
        EventsWorker.drain_all(timeout=8)
        APILogWorker.drain_all(timeout=2)
        seen, since = None, time.monotonic()
        while time.monotonic() < deadline:
            now = _request(port, "/task_runs/count", {}), _unfinished(port)
            if now != seen:
                seen, since = now, time.monotonic()
            # A batch waits a second; what then is still unfinished was aborted.
            elif time.monotonic() - since > (1.3 if now[1] > stale else 0.15):
                return
            time.sleep(0.05)


def _end(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.terminate()
        process.wait(timeout=3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    finally:
        if process.stdin:
            process.stdin.close()


def _started(pid: int) -> str:
    """When the process started, as the kernel counts; "" if there is none or no telling."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    return ""


def _end_leftovers(home: Path) -> None:
    """Kill servers whose owner was killed, where neither kernel nor pipe did so."""
    for record in home.glob("server-*.pid"):
        with suppress(OSError, ValueError):
            (child, begun), (owner, owner_begun) = (line.split(" ") for line in record.read_text().splitlines())
            if owner_begun and _started(int(owner)) == owner_begun:
                continue
            # Without the start time the number may by now be that of another process.
            if begun and _started(int(child)) == begun:
                os.kill(int(child), 9)
            record.unlink()
