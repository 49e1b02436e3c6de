"""Failures of the machine: no memory, no room, no permission. They hold the release back, say where and what
to do, and are no property of a document: the next run reads it anew."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SOURCES, Gapwatch, good_answer
from forking import GUARD
from releasing import OWID

from warehouse.store import archive, journal
from warehouse.store.paths import Layout

LISTS = "paperlists"
MIB = 2**20
# The program with a limit of the system upon it, from after its libraries are loaded.
LIMITED = """
import resource, sys
kind, more = sys.argv.pop(1), int(sys.argv.pop(1))
import expectations.gate, flows.refresh.make_release, flows.refresh.steps
from flows.commands.cli import main
if kind == "AS":
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + more, used + more))
else:
    resource.setrlimit(resource.RLIMIT_FSIZE, (more, more))
main()
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits of the system are those of Linux")
root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files to others")


@pytest.fixture
def run(one_release, tmp_path, publisher):
    return one_release.copy_to(tmp_path, publisher.address)


def limited(run: Gapwatch, kind: str, more: int, *command: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, kind, str(more), *command],
        env=run.environment(),
        capture_output=True,
        text=True,
        timeout=GUARD,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done


def received(run: Gapwatch, source: str, content: bytes, part: str = "") -> str:
    """A document in archive and ledger that nothing has read yet; its hash."""
    layout, known = Layout(run.data), "2026-09-01 00:00:00.000000"
    stored = archive.store(layout.archive, [content], SOURCES[source].limit).whole()
    line = {"source": source, "part": part, "sha256": stored.sha256, "bytes": stored.bytes, "file": "a"}
    line |= {"known_from": known, "received_at": known, "origin": "backfilled", "precision": "day"}
    journal.append(layout.ledger, "document", line)
    return stored.sha256


def held(run: Gapwatch, done: subprocess.CompletedProcess[str], document: str, *told: str) -> None:
    """The release is held back, and nothing is remembered of the document."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Held back, the published file is unchanged" in done.stdout
    for text in (document[:12], *told):
        assert text in done.stdout, done.stdout
    assert not list((run.data / "stage").glob(f"*/{document}-*"))
    assert run.query("SELECT count(*) FROM document WHERE document = ?", document) == [(0,)]


@linux
def test_no_memory_for_a_parser_holds_the_release_back(run):
    """Its ten million lists take twenty times the room of the document."""
    document = received(run, LISTS, b"[" + b"[]," * 10_000_000 + b"[]]", "2025")
    done = limited(run, "AS", 600 * MIB, "refresh", "--direct", "--source", OWID)
    held(run, done, document, LISTS, "not enough memory")
    done = run.refresh("--source", OWID)
    assert "Published release" in done.stdout, done.stdout + done.stderr
    [(status, reason)] = run.query("SELECT status, reason FROM document WHERE document = ?", document)
    assert status == "drift", "it is no list of papers, which only now is known"
    assert "memory" not in reason.lower()


@linux
def test_no_room_for_what_a_parser_read_holds_the_release_back(run):
    codes = [a + b + c for a in "ABCDEFGHIJKLM" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for c in "ABCDEFGHIJ"]
    rows = [
        f"{code},{code},{year},{(number * 7919 + year * 104729) % 1_000_003 / 997!r}"
        for number, code in enumerate(codes)
        for year in range(2000, 2025)
    ]
    document = received(run, OWID, "\n".join(["entity,code,year,total_generation__twh", *rows, ""]).encode())
    done = limited(run, "FSIZE", 300 << 10, "refresh", "--direct", "--source", "eia_us_generation")
    held(run, done, document, OWID, f"{run.data}/stage/", "File too large", "raise the limit")
    run.refresh("--source", "eia_us_generation")
    [(status, count)] = run.query('SELECT status, "rows" FROM document WHERE document = ?', document)
    assert (status != "drift", count) == (True, len(rows))


@linux
@pytest.mark.parametrize("command", [("refresh", "--direct", "--source", OWID), ("rebuild",)])
def test_no_room_for_the_file_to_be_published(run, command):
    """As from a full disk: the path and what to do, and the file that is published stays."""
    before = (run.data / "gapwatch.duckdb").read_bytes()
    if command[0] == "refresh":
        received(run, OWID, b"entity,code,year,total_generation__twh\nChina,CHN,2001,1500\n")
    done = limited(run, "FSIZE", 500 << 10, *command)
    assert done.returncode == 1, done.stdout + done.stderr
    assert str(run.data) in done.stdout + done.stderr
    assert "raise the limit" in done.stdout + done.stderr
    assert (run.data / "gapwatch.duckdb").read_bytes() == before
    assert "Published release" in run.refresh("--source", OWID).stdout or command[0] == "rebuild"


@linux
def test_no_room_for_a_body_is_no_fault_of_its_transfer(run, publisher):
    publisher.serve(SOURCES[OWID].url, good_answer(OWID, b"entity," + b"x" * 400_000))
    done = limited(run, "FSIZE", 300 << 10, "refresh", "--direct", "--source", OWID)
    assert done.returncode == 1
    assert f"{run.data}/archive/incoming: File too large; raise the limit" in done.stdout
    assert "cut off" not in done.stdout
    assert not list((run.data / "archive").glob(".*"))


# ── Names of the data directory ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ['it\'s 100 % #1; a "b" {c} ä&=+,$'])
def test_a_data_directory_may_have_any_other_name(run, name):
    other = Gapwatch(run.data.parent / "other", run.mirror)
    other.data = run.data.parent / name
    shutil.copytree(run.data, other.data)
    received(other, OWID, b"entity,code,year,total_generation__twh\nChina,CHN,2001,1500\n")
    done = other.refresh("--source", OWID)
    assert "Published release" in done.stdout, done.stdout + done.stderr
    for command in (("rebuild",), ("show",), ("status",), ("trace", "energy_generation"), ("diff",)):
        done = other(*command)
        assert "Traceback" not in done.stderr
        assert "gapwatch:" not in done.stderr, (command, done.stderr)


@pytest.mark.parametrize("sign", ["?", "*", "[", "\n"])
def test_a_name_that_is_a_pattern_is_refused_at_once(run, sign):
    run.data = run.data.parent / f"a{sign}b"
    for command in (("refresh", "--direct"), ("rebuild",), ("show",), ("serve",)):
        done = run(*command)
        assert done.returncode == 2, done.stdout + done.stderr
        assert "the data directory" in done.stderr
        assert "give it another name" in done.stderr
    assert not run.data.exists()


# ── Users ────────────────────────────────────────────────────────────────────────────────────────


def given_to(run: Gapwatch, user: int) -> None:
    for path in (run.data, *run.data.rglob("*")):
        os.chown(path, user, user)


def theirs(folder: Path) -> dict[str, tuple[int, int]]:
    found = (path.lstat() for path in folder.rglob("*"))
    names = (str(path.relative_to(folder)) for path in folder.rglob("*"))
    return dict(zip(names, ((one.st_uid, one.st_mtime_ns) for one in found), strict=True))


@root
def test_another_user_than_the_owner_leaves_nothing_behind(run):
    given_to(run, 65534)
    before = theirs(run.data)
    file = run.home / "old.csv"
    file.write_bytes(b"entity,code,year,total_generation__twh\nChina,CHN,2001,1500\n")
    for command in (
        ("refresh", "--direct"),
        ("rebuild",),
        ("serve",),
        ("backfill", OWID, str(file), "--published-at", "2011-05-01"),
    ):
        done = run(*command)
        assert done.returncode == 1, done.stdout + done.stderr
        assert f"{run.data} belongs to nobody, and this is root" in done.stderr, done.stderr
        assert f"sudo -u nobody gapwatch --data-dir {run.data}" in done.stderr
    for question in (("status",), ("show",), ("why", "energy_generation"), ("trace", "energy_generation")):
        assert "Traceback" not in run(*question).stderr
    assert theirs(run.data) == before
    given_to(run, 0)
    assert "Nothing new" in run.refresh("--source", OWID).stdout
