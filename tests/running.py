"""The command line in a process of its own, and what it published."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import forking

API_KEY = "key-for-tests-0815"
# the same everywhere, so that one data directory can use what another has staged
SALT = "a secret of the tests"


def asking(*sources: str) -> list[str]:
    """The arguments with which a refresh asks these sources alone; of none, all."""
    return [word for source in sources for word in ("--source", source)]


def needs_prefect(arguments: tuple[str, ...]) -> bool:
    """Whether a command starts a Prefect server: such a one is always run as it is installed."""
    return "serve" in arguments or ("refresh" in arguments and "--direct" not in arguments)


def _program() -> list[str]:
    script = Path(sys.executable).parent / "gapwatch"
    return (
        [str(script)]
        if script.exists()
        else [sys.executable, "-c", "from flows.commands.cli import main; main()"]
    )


class Gapwatch:
    """The command line on one data directory. Calling it runs it in a process of its own, which is forked
    with the libraries loaded (see forking) unless it is ``installed``: then it is the installed program, as a
    user starts it.

    ``warm`` is the stage of another data directory: what was parsed and checked there is not again. It is a
    cache; tests that are about parsing and checking of whole refreshes begin without it.
    """

    def __init__(self, folder: Path, mirror: str | None = None, warm: Path | None = None):
        self.data, self.home, self.mirror = folder / "data", folder / "home", mirror
        self.home.mkdir(parents=True, exist_ok=True)
        if warm:
            shutil.copytree(warm, self.data / "stage", copy_function=os.link)

    def environment(self, **more: str | None) -> dict[str, str]:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "GAPWATCH_DATA_DIR": str(self.data),
            "GAPWATCH_TIMEOUT": "2",
            "COLUMNS": "250",
        }
        env |= {
            "EIA_API_KEY": API_KEY,
            "GAPWATCH_CONTACT": "tests@example.org",
            "PYTHONUTF8": "1",
            "GAPWATCH_SALT": SALT,
        }
        env |= {"GAPWATCH_MIRROR": self.mirror} if self.mirror else {}
        # a checkout other than the installed one
        env |= {"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}
        return {name: value for name, value in (env | more).items() if value is not None}

    def __call__(
        self,
        *arguments: str,
        timeout: float = forking.GUARD,
        installed: bool = False,
        **environment: str | None,
    ) -> subprocess.CompletedProcess[str]:
        env = self.environment(**environment)
        if forking.POSSIBLE and not installed and not needs_prefect(arguments):
            return forking.run([*arguments], env, timeout)
        return subprocess.run(
            [*_program(), *arguments], env=env, capture_output=True, text=True, timeout=timeout, check=False
        )

    def start(self, *arguments: str) -> forking.Run | subprocess.Popen:
        """As calling it, but not waited for: a process that leads a group of its own."""
        if forking.POSSIBLE:
            return forking.forker().start([*arguments], self.environment())
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
        return subprocess.Popen([*_program(), *arguments], env=self.environment(), **quiet)

    def refresh(self, *arguments: str, **environment: Any) -> subprocess.CompletedProcess[str]:
        """A refresh without Prefect; it must end in a report, never in a stack trace."""
        done = self("refresh", "--direct", *arguments, **environment)
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    @contextmanager
    def published(self):
        """A read-only connection to the published file."""
        con = duckdb.connect()
        try:
            con.execute(f"ATTACH '{self.data / 'gapwatch.duckdb'}' AS gapwatch (READ_ONLY)")
            con.execute("USE gapwatch")
            yield con
        finally:
            con.close()

    def query(self, sql: str, *values) -> list[tuple]:
        with self.published() as con:
            return con.execute(sql, list(values)).fetchall()

    def ledger(self, name: str, source: str | None = None) -> list[dict]:
        lines = (self.data / "ledger" / f"{name}.ndjson").read_text("utf-8").splitlines()
        return [entry for entry in map(json.loads, lines) if source in (None, entry.get("source"))]

    def copy_to(self, folder: Path, mirror: str) -> Gapwatch:
        other = Gapwatch(folder, mirror)
        shutil.copytree(
            self.data,
            other.data,
            copy_function=lambda old, new: (os.link if "/stage/" in old else shutil.copy2)(old, new),
        )
        # the copy talks to a publisher of its own
        shutil.rmtree(other.data / "stage/memo/robots", ignore_errors=True)
        return other
