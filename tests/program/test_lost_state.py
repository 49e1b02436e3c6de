"""Ledgers and secret hold less than the last release rested on: nothing is withdrawn, and the message says
what to do."""

from __future__ import annotations

import datetime as dt
import json
import os

import pytest
from conftest import SOURCES, Gapwatch, good_answer
from loopback import Publisher
from releasing import OWID, first_release

AS_BEFORE = {"GAPWATCH_SALT": None}  # the secret is the file in the data directory


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A data directory with two releases of one source and a secret of its own; copy it, never change it."""
    run = first_release(tmp_path_factory.mktemp("released"), **AS_BEFORE)
    server = Publisher()
    server.serve(SOURCES[OWID].url, good_answer(OWID))
    run.mirror = server.address
    backfilled(run, 2001)
    done = run.refresh("--source", OWID, **AS_BEFORE)
    server.close()
    assert "Published release" in done.stdout, done.stdout + done.stderr
    return run


@pytest.fixture
def run(tmp_path, publisher, released):
    return released.copy_to(tmp_path, publisher.address)


def older(year: int) -> str:
    """An old document, with the years from 2001 on."""
    years = range(2001, year + 1)
    rows = [f"China,CHN,{one},1500\nUnited States,USA,{one},1400\n" for one in years]
    return "".join(["entity,code,year,total_generation__twh\n", *rows])


def backfilled(run: Gapwatch, year: int) -> None:
    path = run.home / f"{year}.csv"
    path.write_text(older(year), "utf-8")
    done = run("backfill", OWID, str(path), "--published-at", f"{year + 10}-05-01", **AS_BEFORE)
    assert done.returncode == 0, done.stdout + done.stderr


def refused(run: Gapwatch, *told: str) -> None:
    """Every command that adds something is refused, in plain words, and leaves all as it is."""
    before = (run.data / "gapwatch.duckdb").read_bytes()
    ledgers = {path: path.read_bytes() for path in (run.data / "ledger").rglob("*") if path.is_file()}
    late = run.home / "late.csv"
    late.write_text(older(2003), "utf-8")
    for command in (
        ("refresh", "--direct", "--source", OWID),
        ("rebuild",),
        ("backfill", OWID, str(late), "--published-at", "2014-01-01"),
    ):
        done = run(*command, **AS_BEFORE)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        for text in told:
            assert text in done.stderr, (command, done.stderr)
    assert (run.data / "gapwatch.duckdb").read_bytes() == before
    assert {path: path.read_bytes() for path in ledgers} == ledgers


def lines_of(run: Gapwatch, name: str) -> list[bytes]:
    return (run.data / "ledger" / f"{name}.ndjson").read_bytes().splitlines(keepends=True)


def write(run: Gapwatch, name: str, lines: list[bytes]) -> None:
    (run.data / "ledger" / f"{name}.ndjson").write_bytes(b"".join(lines))


LOSSES = {
    "the last line": (lambda lines: lines[:-1], "lines, and release"),
    "half of the last line": (lambda lines: [*lines[:-1], lines[-1][:40]], "lines, and release"),
    "a line": (lambda lines: lines[:1] + lines[2:], "lines, and release"),
    "a line changed": (lambda lines: [lines[0].replace(b"2", b"3", 1), *lines[1:]], "are not those that"),
    "a line broken": (lambda lines: [lines[0], b'{"' + lines[1], *lines[2:]], ", line 2: the first"),
    "all": (lambda lines: [], "has 0 lines"),
}


@pytest.mark.parametrize(("loss", "told"), LOSSES.values(), ids=LOSSES)
def test_no_release_is_made_from_less_than_the_last_one_rested_on(run, loss, told):
    whole = lines_of(run, "document")
    write(run, "document", loss(whole))
    refused(run, f"{run.data}/ledger/document.ndjson", told, "Restore the ledger", "--accept-loss")
    write(run, "document", whole)
    assert "Traceback" not in run.refresh("--source", OWID, **AS_BEFORE).stderr
    assert run.query("SELECT count(*) FROM document WHERE source = ?", OWID) == [(2,)]


def test_what_is_lost_can_be_accepted(run):
    lost = next(line for line in lines_of(run, "document") if b"2001.csv" in line)
    write(run, "document", [line for line in lines_of(run, "document") if line != lost])
    (run.data / "salt").unlink()
    refused(run, f"without a line: {OWID} {json.loads(lost)['sha256'][:12]}")
    done = run("rebuild", "--accept-loss", **AS_BEFORE)
    assert "Published release" in done.stdout, done.stdout + done.stderr
    assert run.query("SELECT count(*) FROM document WHERE source = ?", OWID) == [(1,)]
    again = run.refresh("--source", OWID, **AS_BEFORE)
    assert "Nothing new" in again.stdout, again.stdout + again.stderr


def test_a_line_that_a_crash_tore_withdraws_nothing(run):
    """No release knew the document that it was about."""
    with (run.data / "ledger/document.ndjson").open("ab") as file:
        file.write(lines_of(run, "document")[0][:50])
    done = run.refresh("--source", OWID, **AS_BEFORE)
    assert "Nothing new" in done.stdout, done.stdout + done.stderr
    backfilled(run, 2003)
    assert "Published release" in run.refresh("--source", OWID, **AS_BEFORE).stdout
    assert run.query("SELECT count(*) FROM document WHERE source = ?", OWID) == [(3,)]


@pytest.mark.parametrize("name", ["document", "fetch", "release", "delivery"])
@pytest.mark.parametrize("line", [b"[1, 2]\n", b"7\n", b'"text"\n', b'{"source": 5}\n', b"\x93\x00garbage\n"])
def test_a_line_that_is_no_entry_is_told_with_its_place(run, name, line):
    if name == "fetch" and line.startswith(b"{"):
        pytest.skip("an attempt that says too little is skipped: nothing rests on it")
    path = run.data / "ledger" / f"{name}.ndjson"
    before = path.read_bytes() if path.exists() else b""
    path.write_bytes(before + line)
    done = run("rebuild", **AS_BEFORE)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    number = len(before.splitlines()) + 1
    assert f"{path}, line {number}: no entry of this ledger" in done.stderr


@pytest.mark.parametrize("count", [1, 2])
def test_lost_releases_are_noticed(run, count):
    """The newest is in a file of its own too; those before it are known to the published file alone."""
    path, whole = run.data / "gapwatch.duckdb", lines_of(run, "release")
    path.unlink()  # what was copied here has lost that it is one file with two names
    os.link(run.data / "releases" / f"{json.loads(whole[-1])['release']}.duckdb", path)
    kept = len(list((run.data / "ledger/released").iterdir()))
    write(run, "release", whole[:-count])
    if count == 1:
        done = run.refresh("--source", OWID, **AS_BEFORE)
        assert "Nothing new" in done.stdout, done.stdout + done.stderr
        assert lines_of(run, "release") == whole
    else:
        refused(run, f"{run.data}/ledger/release.ndjson lacks 1 of the 2 releases", "Restore the ledger")
    assert len(list((run.data / "ledger/released").iterdir())) == kept


@pytest.mark.parametrize("content", [None, b"another secret of the same installation"])
def test_another_secret_is_refused(run, content):
    path = run.data / "salt"
    before = path.read_bytes()
    path.unlink()
    if content:
        path.write_bytes(content)
    refused(run, str(path), "every person would get another key", "GAPWATCH_SALT", "--accept-loss")
    path.unlink(missing_ok=True)
    path.write_bytes(before)
    assert "Nothing new" in run.refresh("--source", OWID, **AS_BEFORE).stdout
    for question in ("status", "show"):
        path.unlink(missing_ok=True)
        assert "Traceback" not in run(question, **AS_BEFORE).stderr
        assert not path.exists(), "a question makes no secret"


def test_released_at_never_runs_backwards(run):
    """The last release is of a day to come, as of a clock that was set back since."""
    ahead = dt.datetime.now(dt.UTC) + dt.timedelta(days=30)
    told = f"{ahead:%Y-%m-%d %H:%M:%S}.000000"
    path = run.data / "ledger/release.ndjson"
    *first, last = [json.loads(line) for line in path.read_bytes().splitlines()]
    path.write_text(
        "".join(json.dumps(one) + "\n" for one in [*first, last | {"released_at": told}]), "utf-8"
    )
    backfilled(run, 2003)
    done = run.refresh("--source", OWID, **AS_BEFORE)
    assert "Published release" in done.stdout, done.stdout + done.stderr
    assert "the clock says" in done.stdout
    moments = [entry["released_at"] for entry in run.ledger("release")]
    assert moments == sorted(set(moments))
    assert moments[-1].startswith(told[:19])
