"""The lines that OPERATIONS.md gives for cron, run by a shell as cron runs them on a fresh machine."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import serve_good
from forking import GUARD
from loopback import Publisher
from running import SALT

GUIDE = Path(__file__).parents[2] / "deploy/OPERATIONS.md"
LINES = re.compile(
    r"^```\nPATH=(?P<path>\S+)\n(?P<time>(?:\S+ ){4}\S+) +(?P<user>\S+) +(?P<command>.+)\n```$", re.MULTILINE
)


class Machine:
    """A fresh machine below a folder: the program and its settings are installed as the guide says, nothing
    else is there."""

    def __init__(self, root: Path, mirror: str):
        self.root, self.home = root, root / "var/lib/gapwatch"
        self.found = LINES.search(GUIDE.read_text("utf-8"))
        (root / "opt/gapwatch/bin").mkdir(parents=True)
        program = root / "opt/gapwatch/bin/gapwatch"
        program.write_text(f"#!{sys.executable}\nfrom flows.commands.cli import main\nmain()\n")
        program.chmod(0o755)
        (root / "etc").mkdir()
        (root / "etc/gapwatch.env").write_text(
            f"GAPWATCH_CONTACT=you@example.org\nEIA_API_KEY=your-key\nGAPWATCH_MIRROR={mirror}\n"
            f'GAPWATCH_SALT="{SALT}"\n'
        )

    def below(self, text: str) -> str:
        """The places of the machine that the guide names, below the folder."""
        return re.sub(r"(?<![\w.])/(opt|etc|var)/", rf"{self.root}/\1/", text)

    def run(self) -> subprocess.CompletedProcess[str]:
        env = {"PATH": self.below(self.found["path"]), "HOME": str(self.home), "LOGNAME": self.found["user"]}
        env |= {"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}
        return subprocess.run(
            ["sh", "-c", self.below(self.found["command"])],
            env=env, cwd="/", capture_output=True, text=True, timeout=GUARD, check=False,
        )  # fmt: skip


def test_a_failure_is_printed_and_a_second_run_keeps_away(tmp_path):
    publisher = Publisher()
    machine = Machine(tmp_path, publisher.address)
    assert not machine.home.exists()
    failed = machine.run()
    publisher.close()
    assert (failed.returncode, failed.stderr) == (0, "")
    assert "answered 404" in failed.stdout
    assert failed.stdout == (machine.home / "last.txt").read_text()
    with (machine.home / "cron.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        again = machine.run()
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert failed.stdout == (machine.home / "last.txt").read_text()


@pytest.mark.slow
def test_a_night_that_is_well_prints_nothing_and_is_published(tmp_path):
    publisher = Publisher()
    serve_good(publisher)
    machine = Machine(tmp_path, publisher.address)
    done = machine.run()
    publisher.close()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "Published release" in (machine.home / "last.txt").read_text()
    assert (machine.home / "gapwatch.duckdb").exists()
