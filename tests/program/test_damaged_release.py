"""The published file is damaged: the next refresh notices and makes it again, and so does a rebuild."""

from __future__ import annotations

import os
import shutil

import pytest
from conftest import Gapwatch
from releasing import OWID

from warehouse.publish import publish


def flipped(content: bytes) -> bytes:
    """One byte in the middle of the blocks, which only their check sums tell."""
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


DAMAGE = {
    "half of it": lambda content: content[: len(content) // 2],
    "a byte flipped": flipped,
    "empty": lambda content: b"",
    "zeros": lambda content: bytes(len(content)),
    "garbage": lambda content: b"this is no database\n" * 5000,
}


@pytest.fixture
def run(one_release, tmp_path, publisher):
    return one_release.copy_to(tmp_path, publisher.address)


def damaged(run: Gapwatch, damage, *, everywhere: bool) -> None:
    """The file as a bad disk leaves it, with the size and time that it had where its length allows;
    ``everywhere``: its second name below releases/ too."""
    path = run.data / "gapwatch.duckdb"
    before = path.stat()
    content = damage(path.read_bytes())
    path.unlink()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    if everywhere:
        [kept] = (run.data / "releases").glob("*.duckdb")
        kept.unlink()
        os.link(path, kept)


@pytest.mark.parametrize(
    ("damage", "everywhere"),
    [*((damage, True) for damage in DAMAGE.values()), (flipped, False)],
    ids=[*DAMAGE, "a byte flipped, and not in its copy"],
)
def test_a_refresh_makes_a_damaged_file_again(run, damage, everywhere):
    path = run.data / "gapwatch.duckdb"
    before, releases = publish.content_digest(path), run.ledger("release")
    damaged(run, damage, everywhere=everywhere)
    status = run("status")
    assert status.returncode == 1
    assert f"{path} is damaged" in status.stdout
    assert "Traceback" not in run("show").stderr
    done = run.refresh("--source", OWID)
    assert f"{path} is damaged" in done.stdout
    assert "made again" in done.stdout
    assert "Nothing new" not in done.stdout
    assert publish.content_digest(path) == before
    assert run.ledger("release") == releases, "it is the same release"
    again = run.refresh("--source", OWID)
    assert "Nothing new: the published file is as it was" in again.stdout


@pytest.mark.parametrize("damage", [flipped, DAMAGE["empty"]], ids=["a byte flipped", "empty"])
def test_a_rebuild_heals_a_damaged_file(run, damage):
    path = run.data / "gapwatch.duckdb"
    before = publish.content_digest(path)
    damaged(run, damage, everywhere=True)
    done = run("rebuild")
    assert done.returncode == 0, done.stdout + done.stderr
    assert publish.content_digest(path) == before


@pytest.mark.parametrize("damage", [flipped, DAMAGE["empty"]], ids=["a byte flipped", "empty"])
def test_without_what_is_remembered_the_file_is_read_through(run, damage):
    """The stage is gone, and with it the hash of the file."""
    shutil.rmtree(run.data / "stage")
    done = run.refresh("--source", OWID)
    assert "Nothing new: the published file is as it was" in done.stdout, done.stdout + done.stderr
    shutil.rmtree(run.data / "stage")
    damaged(run, damage, everywhere=True)
    done = run.refresh("--source", OWID)
    assert "is damaged" in done.stdout
    assert run("show").returncode == 0


def test_what_a_new_release_changes_is_told_without_the_file_of_the_last_one(run, publisher):
    """By the ledgers: else every row and every state would count as new."""
    whole = run.copy_to(run.data.parent / "whole", publisher.address)
    for one in (run, whole):
        old = one.home / "old.csv"
        old.write_text(
            "entity,code,year,total_generation__twh\nChina,CHN,2001,1500\nUnited States,USA,2001,1400\n",
            "utf-8",
        )
        done = one("backfill", OWID, str(old), "--published-at", "2015-05-01")
        assert done.returncode == 0, done.stdout + done.stderr
    damaged(run, DAMAGE["half of it"], everywhere=True)
    for one in (run, whole):
        one.refresh("--source", OWID)
    [_, told], [_, wanted] = (one.ledger("release") for one in (run, whole))
    assert told["changes"] == wanted["changes"] != []


def test_a_file_put_back_from_a_backup_is_not_taken_for_the_release(run):
    old = (run.data / "gapwatch.duckdb").read_bytes()
    late = run.home / "late.csv"
    late.write_text(
        "entity,code,year,total_generation__twh\nChina,CHN,2001,1500\nUnited States,USA,2001,1400\n", "utf-8"
    )
    assert run("backfill", OWID, str(late), "--published-at", "2015-05-01").returncode == 0
    run.refresh("--source", OWID)
    path = run.data / "gapwatch.duckdb"
    before = publish.content_digest(path)
    path.unlink()
    path.write_bytes(old)
    assert "is damaged" in run.refresh("--source", OWID).stdout
    newest = publish.content_digest(path)
    assert {name for name in before if before[name] != newest[name]} <= {"ledger.fetch"}
