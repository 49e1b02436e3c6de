"""The command line as a process that can be killed, what it leaves behind, and what Prefect recorded of
it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import requests
from forking import GUARD
from running import Gapwatch

_SERVER = """
import os
import sys
from pathlib import Path
from flows.scheduling import server as prefect_server
home = Path(sys.argv[1])
prefect_server.quiet_environment(home)
print(prefect_server.server(home, services=False), flush=True)
print(os.environ["PREFECT_API_AUTH_STRING"], flush=True)
sys.stdin.read()
"""


def start(run: Gapwatch, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """The command line, started and not waited for, its two outputs joined in a pipe."""
    env = run.environment(GAPWATCH_TIMEOUT="20", **environment)
    command = [str(Path(sys.executable).parent / "gapwatch"), *arguments]
    return subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def alive(run: Gapwatch) -> list[psutil.Process]:
    """Every process that was started for this data directory, by whomever, and still runs."""
    found = []
    for process in psutil.process_iter():
        try:
            if (
                process.environ().get("GAPWATCH_DATA_DIR") == str(run.data)
                and process.status() != psutil.STATUS_ZOMBIE
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


def running(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those that still run, a moment after they were to end: a process that was just killed takes one to be
    gone."""
    left = list(processes)
    deadline = time.monotonic() + 5
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left = [process for process in left if _runs(process)]
    return left


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def password_of(process: subprocess.Popen[str]) -> str:
    """The password of the Prefect server that a process of ours started: only its own user may see it."""
    [server] = [
        each for each in psutil.Process(process.pid).children() if "flows.scheduling.server" in each.cmdline()
    ]
    return server.environ()["PREFECT_API_AUTH_STRING"]


def wait_until(condition: Callable[[], Any], seconds: float, what: str, every: float = 0.2) -> Any:
    """The condition's first true value. It is looked at ``every`` so many seconds: more seldom where looking
    costs a server work."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(every)
    return value


class Api:
    """Questions to a Prefect server."""

    def __init__(self, url: str, password: str):
        """``password``: user and password, as Prefect's settings write them."""
        self.url, self.password = url, password

    @property
    def auth(self) -> tuple[str, ...]:
        return tuple(self.password.split(":", 1))

    def read_all(self, what: str) -> list[dict]:
        """Everything, a page of 200 (the most that Prefect gives) at a time."""
        found: list[dict] = []
        while page := self.read(what, limit=200, offset=len(found)):
            found += page
        return found

    def read(self, what: str, **filters) -> list[dict]:
        answer = requests.post(f"{self.url}/{what}/filter", json=filters, timeout=GUARD, auth=self.auth)
        answer.raise_for_status()
        return answer.json()

    def runs(self) -> list[dict]:
        """Flow runs that are more than planned, oldest first."""
        return self.read(
            "flow_runs",
            sort="EXPECTED_START_TIME_ASC",
            flow_runs={"state": {"type": {"not_any_": ["SCHEDULED"]}}},
        )


@contextmanager
def prefect_api(home: Path) -> Iterator[Api]:
    """A Prefect server on ``home``, in a process of its own."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home.parent),
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(home)],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        url = process.stdout.readline().strip()
        assert url.startswith("http"), "the server did not start"
        yield Api(url, process.stdout.readline().strip())
    finally:
        process.communicate(timeout=GUARD)
