"""What is kept to be quick: what cannot be read is absent and is made again, and a write is whole or was
never made."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from warehouse.publish import publish
from warehouse.store import files
from warehouse.store.memo import Memo
from warehouse.store.paths import Layout

VALUE = {"a": [1, None, "ü"], "b": {"c": 1.5}}
DAMAGE = {
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "a byte flipped": lambda content: bytes([content[0] ^ 1]) + content[1:],
    "more": lambda content: content + b" ",
    "not JSON": lambda content: b"\xff{",
}


@pytest.fixture
def memo(tmp_path):
    return Memo(tmp_path / "memo")


def fail(path):
    path.write_bytes(b"half")
    raise OSError("the disk is full")


def test_what_is_kept_is_what_was_put(memo):
    assert memo.get("kind/name") is None
    memo.put("kind/name", VALUE)
    assert memo.get("kind/name") == VALUE
    memo.put("kind/name", [])
    assert memo.get("kind/name") == []
    assert len(list(memo.folder.rglob("*~*"))) == 1
    assert memo.get("kind/nam") is None, "another name, which this one begins with"


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_value_that_is_damaged_is_absent(memo, damage):
    memo.put("kind/name", VALUE)
    [path] = (memo.folder / "kind").iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert memo.get("kind/name") is None
    memo.put("kind/name", VALUE)
    assert memo.get("kind/name") == VALUE


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_file_that_is_damaged_is_absent(memo, damage):
    kept = memo.make("name", lambda part: part.write_bytes(b"rows"))
    assert (memo.file("name"), kept.read_bytes()) == (kept, b"rows")
    kept.write_bytes(damage(b"rows"))
    assert memo.file("name") is None
    assert memo.make("name", lambda part: part.write_bytes(b"rows")).read_bytes() == b"rows"


def test_a_file_that_is_no_value_is_none(memo):
    """It is as it was written, but by something else."""
    memo.make("name", lambda part: part.write_bytes(b"\xffPAR1"))
    assert memo.get("name") is None


def test_a_write_that_fails_leaves_what_was_there(memo):
    memo.put("name", VALUE)
    with pytest.raises(OSError, match="the disk is full"):
        memo.make("name", fail)
    assert memo.get("name") == VALUE
    assert len(list(memo.folder.iterdir())) == 1


def test_the_newest_are_kept(memo):
    for number in range(4):
        memo.put(f"kind/{number}", number)
        [path] = (memo.folder / "kind").glob(f"{number}~*")
        os.utime(path, (number, number))
    memo.keep_newest("kind", 2)
    assert [memo.get(f"kind/{number}") for number in range(4)] == [None, None, 2, 3]


def test_a_replaced_file_is_the_old_or_the_new_one(tmp_path):
    path = tmp_path / "folder" / "name"
    files.write(path, b"old")
    with pytest.raises(OSError, match="the disk is full"), files.replacing(path) as part:
        fail(part)
    assert path.read_bytes() == b"old"
    files.write(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


WRITES = """
import pathlib, sys
from warehouse.store import files
with files.part_of(pathlib.Path(sys.argv[1])) as part:
    part.write_bytes(b"half")
    print(part, flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
def test_parts_of_killed_writes_are_swept(tmp_path):
    layout = Layout(tmp_path)
    places = [layout.archive / "ab/file", layout.ledger / "file", layout.releases / "file"]
    places.append(layout.memo.folder / "kind/file")
    for place in places:
        files.write(place.with_name("kept"), b"{}")
    layout.ledger.joinpath("release.ndjson").write_text(json.dumps({"release": "one"}) + "\n")
    writing = [
        subprocess.Popen(
            [sys.executable, "-c", WRITES, str(place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for place in places
    ]
    parts = [process.stdout.readline().strip() for process in writing]
    publish.sweep(layout)
    assert all(os.path.exists(part) for part in parts), "they are still written"  # noqa: PTH110
    for process in writing:
        process.kill()
        process.communicate()
    publish.sweep(layout)
    assert not any(os.path.exists(part) for part in parts)  # noqa: PTH110
    assert (layout.memo.folder / "kind/kept").read_bytes() == b"{}"
