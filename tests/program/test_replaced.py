"""What was damaged or refused gives way to what is right, and both are told: a body of the archive that comes
again, a backfill for the same moment."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from conftest import SOURCES, Gapwatch, good, good_answer
from releasing import OWID

from warehouse.store import archive, compression
from warehouse.store.paths import Layout

HEADER = "entity,code,year,total_generation__twh\n"
RIGHT = HEADER + "China,CHN,2001,1500\nUnited States,USA,2001,1400\n"
OTHER = HEADER + "China,CHN,2001,1600\nUnited States,USA,2001,1400\n"
WRONG = {"drift": "<html>not found</html>\n", "failed": HEADER + "United States,USA,2002,1400\n"}


@pytest.fixture
def run(one_release, tmp_path, publisher):
    return one_release.copy_to(tmp_path, publisher.address)


def body(run: Gapwatch) -> tuple[Path, str]:
    """Where the document lies that was fetched, and its hash."""
    [entry] = run.ledger("document", OWID)
    return archive.path_of(Layout(run.data).archive, entry["sha256"]), entry["sha256"]


def spoil(path: Path, content: bytes) -> None:
    before = path.stat()
    path.unlink()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    ("packed", "etag"),
    [(False, None), (False, "auto"), (True, "auto")],
    ids=["plain, and sent every night", "plain", "packed"],
)
def test_the_same_bytes_take_the_place_of_a_damaged_body(run, publisher, packed, etag):
    publisher.serve(SOURCES[OWID].url, good_answer(OWID, etag=etag))
    run.refresh("--source", OWID)
    path, sha256 = body(run)
    if packed:
        for _ in range(2):
            assert compression.turn([(path, sha256)] if path.exists() else []) == []
        path, _ = body(run)
        assert compression.is_packed(path)
    content = path.read_bytes()
    spoil(path, content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    done = run.refresh("--source", OWID)
    assert f"{OWID}: {path} was damaged: the same bytes came again and took its place" in done.stdout
    now, _ = body(run)
    assert now.read_bytes() == good(OWID)
    assert now.stat().st_mode & 0o777 == 0o444
    assert len(run.ledger("document", OWID)) == 1
    assert "was damaged" not in run.refresh("--source", OWID).stdout


def test_a_backfill_of_the_same_bytes_mends_the_archive(run):
    path, _ = body(run)
    spoil(path, b"")
    file = run.home / "again.csv"
    file.write_bytes(good(OWID))
    done = run("backfill", OWID, str(file), "--published-at", "2026-05-01T12:00+02:00")
    assert f"{path} was damaged: the same bytes came again and took its place" in done.stdout
    assert path.read_bytes() == good(OWID)


def backfill(run: Gapwatch, content: str, at: str = "2011-05-01"):
    path = run.home / "old.csv"
    path.write_text(content, "utf-8")
    return run("backfill", OWID, str(path), "--published-at", at)


@pytest.mark.parametrize(
    ("wrong", "night"),
    [(WRONG["drift"], False), (WRONG["failed"], True)],
    ids=["drift, at once", "failed, after a release with it"],
)
def test_the_right_file_takes_the_place_of_a_refused_one(run, wrong, night):
    assert backfill(run, RIGHT, "2010-05-01").returncode == 0, "what it knows is gone in the wrong one"
    done = backfill(run, wrong)
    assert done.returncode == 1, done.stdout + done.stderr
    if night:
        run.refresh("--source", OWID)
    done = backfill(run, OTHER)
    assert done.returncode == 0, done.stdout + done.stderr
    [*_, bad, right] = run.ledger("document", OWID)
    assert right["replaces"] == bad["sha256"]
    assert f"added in place of document {bad['sha256'][:12]}, which was refused" in done.stdout
    assert "refused and replaced: 1" in run("status").stdout
    run.refresh("--source", OWID)
    told = run.query(
        """SELECT document, status, reason FROM document
        WHERE source = ? AND known_from = '2011-05-01' ORDER BY status""",
        OWID,
    )
    reason = f"it was refused, and document {right['sha256'][:12]} was added in its place"
    assert told == [(right["sha256"], "accepted", ""), (bad["sha256"], "replaced", reason)]
    assert run.query(
        """SELECT twh FROM history.electricity_generation
        WHERE period = '2001-01-01' AND country = 'CHN' AND known_from = '2011-05-01'"""
    ) == [(1600.0,)]
    found = json.loads(run("trace", "energy_generation", "2001", "--as-of", "2012-01-01", "--json").stdout)
    assert found["documents"][0]["replaced"] == [bad["sha256"]]
    assert bad["sha256"] in run("trace", "energy_generation", "2001", "--as-of", "2012-01-01").stdout
    assert "was there already" in backfill(run, OTHER).stdout
    done = run("rebuild")
    assert done.returncode == 0, done.stdout + done.stderr
    assert run.query("SELECT count(*) FROM release") == [(3 if night else 2,)], "the same, made again"


def test_an_accepted_document_is_never_replaced(run):
    assert backfill(run, RIGHT).returncode == 0
    done = backfill(run, OTHER)
    assert done.returncode == 1
    assert "was published at the same moment and was accepted" in done.stderr
    assert "--published-at 2026-05-01T12:00+02:00" in done.stderr
    assert backfill(run, OTHER, "2011-05-01T12:00+02:00").returncode == 0
    assert [entry["known_from"] for entry in run.ledger("document", OWID)][1:] == [
        "2011-05-01 00:00:00.000000",
        "2011-05-01 10:00:00.000000",
    ]


def test_a_replaced_document_can_come_back(run):
    """It was replaced by another that was refused too."""
    first, second = WRONG["drift"], WRONG["drift"].replace("not found", "forbidden")
    for content in (first, second, first):
        assert backfill(run, content).returncode == 1
    assert backfill(run, RIGHT).returncode == 0
    assert "refused and replaced: 2" in run("status").stdout
    run.refresh("--source", OWID)
    assert run.query("SELECT status FROM document WHERE known_from = '2011-05-01' ORDER BY 1") == [
        ("accepted",),
        ("replaced",),
        ("replaced",),
    ]


@pytest.mark.parametrize("text", ["yesterday", "2026-05-01T12:00", "2026-02-30", "1.5.2026"])
def test_a_moment_that_cannot_be_read_is_told_with_an_example(run, text):
    done = backfill(run, RIGHT, text)
    assert done.returncode == 2
    assert f"--published-at: '{text}'" in done.stderr
    assert "such as 2026-05-01T12:00+02:00" in done.stderr
