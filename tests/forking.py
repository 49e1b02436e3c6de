"""The command line in processes of its own that begin with all modules already imported.

Great Expectations, pandas and scipy take three seconds of a processor to import, many times more than most
runs of the command line take otherwise, and our own modules with DuckDB a third of one. So one process
imports them, runs nothing of them, and then forks for each run. A run has its own arguments, environment,
folder, output and exit code, and can be killed, like any other process.

It ends without taking the interpreter apart: that would copy the memory shared with the first process, only
to throw it away, and DuckDB, which began a thread when it was imported, aborts there.

Run as a program, this file is the process that forks: ``python forking.py <file descriptor of a socket>``.
"""

from __future__ import annotations

import atexit
import itertools
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

# Those that our modules import only where they use them; Prefect is not among them.
LIBRARIES = ("bs4", "filelock", "great_expectations", "lxml.html", "numpy", "pandas", "pydantic.json_schema", "python_calamine", "requests",  # noqa: E501
             "rich", "scipy.stats", "stamina", "typer", "yaml")  # fmt: skip
GUARD = 600  # seconds after which what hangs is given up; no verdict rests on them
PACKAGES = ("extractors", "warehouse", "expectations", "flows.refresh")
POSSIBLE = sys.platform == "linux"  # elsewhere a process that has loaded these libraries must not fork


@dataclass
class Run:
    """A run of the command line that was started. ``pid`` also names its process group."""

    out: Path
    err: Path
    began: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    pid: int = 0
    returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        if not self.ended.wait(timeout):
            os.killpg(self.pid, 9)
            raise subprocess.TimeoutExpired(f"gapwatch, process {self.pid}", timeout or 0)
        assert self.returncode is not None
        return self.returncode


class Forker:
    """The process that forks, seen from the tests."""

    def __init__(self) -> None:
        mine, its = socket.socketpair()
        self.folder = tempfile.TemporaryDirectory()
        env = {"PATH": os.environ["PATH"], "HOME": self.folder.name, "PYTHONUTF8": "1"}
        env |= {"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}
        self.process = subprocess.Popen(
            [sys.executable, "-P", __file__, str(its.fileno())], env=env, pass_fds=[its.fileno()]
        )
        its.close()
        self.link = mine.makefile("rw", encoding="utf-8")
        self.numbers, self.runs, self.lock = itertools.count(), {}, threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()
        atexit.register(self.close)

    def start(self, arguments: list[str], env: dict[str, str]) -> Run:
        number = next(self.numbers)
        run = self.runs[number] = Run(
            *(Path(self.folder.name) / f"{number}.{kind}" for kind in ("out", "err"))
        )
        asked = {
            "number": number,
            "arguments": arguments,
            "env": env,
            "cwd": str(Path.cwd()),
            "out": str(run.out),
            "err": str(run.err),
        }
        with self.lock:
            self.link.write(json.dumps(asked) + "\n")
            self.link.flush()
        assert run.began.wait(60), "the process that forks does not answer"
        return run

    def _listen(self) -> None:
        for line in self.link:
            told = json.loads(line)
            run = self.runs[told["number"]]
            if "pid" in told:
                run.pid = told["pid"]
                run.began.set()
            else:
                run.returncode = told["returncode"]
                run.ended.set()

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


forker = cache(Forker)


def run(arguments: list[str], env: dict[str, str], timeout: float) -> subprocess.CompletedProcess[str]:
    """As ``subprocess.run``, for the command line of this project."""
    started = forker().start(arguments, env)
    code = started.wait(timeout)
    return subprocess.CompletedProcess(
        ["gapwatch", *arguments], code, started.out.read_text("utf-8"), started.err.read_text("utf-8")
    )


def _serve(link: socket.socket) -> dict:
    """Fork for every line that comes and tell how it ended. Returns, in the forked process, what to run."""
    numbers: dict[int, int] = {}
    waiting = b""
    link.settimeout(0.01)
    while True:
        try:
            received = link.recv(1 << 16)
            if not received:
                raise SystemExit
            *lines, waiting = (waiting + received).split(b"\n")
        except TimeoutError:
            lines = []
        for line in lines:
            asked = json.loads(line)
            pid = os.fork()
            if not pid:
                os.setsid()
                link.close()
                return asked
            numbers[pid] = asked["number"]
            link.sendall(json.dumps({"number": asked["number"], "pid": pid}).encode() + b"\n")
        while numbers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            told = {"number": numbers.pop(pid), "returncode": os.waitstatus_to_exitcode(status)}
            link.sendall(json.dumps(told).encode() + b"\n")
        link.settimeout(0.01 if numbers else None)


def _become(asked: dict) -> None:
    """Take on the environment, folder, arguments and output of a run."""
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    for number, path in ((0, os.devnull), (1, asked["out"]), (2, asked["err"])):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    sys.argv = ["gapwatch", *asked["arguments"]]
    time.tzset()


def _load() -> None:
    import gc
    import importlib
    import pkgutil

    for library in LIBRARIES:
        importlib.import_module(library)
    for package in map(importlib.import_module, PACKAGES):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    # the terminal's width is looked up when its module is imported, so that is left to each run
    assert not {"prefect", "flows.commands.terminal"} & set(sys.modules)
    gc.freeze()


def _ended() -> int:
    """Run the command line to its end: the exit code that it would have had."""
    from flows.commands.cli import main

    try:
        main()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - told as the interpreter would
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    _load()
    _become(_serve(socket.socket(fileno=int(sys.argv[1]))))
    code = _ended()
    threading._shutdown()  # waits for the threads that are not daemons, as the interpreter does at its end
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
