"""Ledgers in parts: sealed or not, they say what they said, and damage is noticed."""

from __future__ import annotations

import gzip
import hashlib
import lzma
from pathlib import Path

import duckdb
import pytest

from warehouse.store import journal


def lying(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def seal_as_before(folder: Path) -> None:
    """Make the sealed parts what versions before this one made of them: xz, or for a night both."""
    for number, path in enumerate(sorted(folder.glob("fetch-*.gz"))):
        content = gzip.decompress(path.read_bytes())
        path.with_suffix(".xz").write_bytes(lzma.compress(content))
        if number % 2:
            path.with_suffix("").write_bytes(content)
        path.unlink()


@pytest.mark.parametrize("form", ["gz", "xz"])
def test_a_ledger_in_parts_says_what_it_said(tmp_path, form):
    """At every step of its life: sealed, torn, with one more line; whole, and from every line on."""
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    for number in range(40):
        for folder in (whole, parts):
            journal.append(folder, "fetch", {"number": number, "text": "ü" * (number % 7)})
        if number % 10 == 4:
            journal.seal(parts, "fetch", 1)
            if form == "xz":
                seal_as_before(parts)
        if number % 13 == 0:
            for folder in (whole, parts):
                with (folder / "fetch.ndjson").open("ab") as file:
                    file.write(b'{"torn')
        assert journal.read(parts, "fetch") == journal.read(whole, "fetch")
    sealed = {path.name.split("-")[1] for path in parts.glob("fetch-*")}
    assert sealed == {"0001", "0002", "0003", "0004"}
    assert any(path.suffix == f".{form}" for path in parts.iterdir())
    every, before = (whole / "fetch.ndjson").read_bytes().splitlines(keepends=True), 0
    for number in range(5):
        lines = journal.place(parts, "fetch", number).lines
        for line in range(lines + 1):
            with journal.after(parts, "fetch", journal.place(parts, "fetch", number, line)) as path:
                assert path.read_bytes().splitlines(keepends=True) == every[before + line :]
        before += lines


def test_a_place_is_the_same_when_its_part_is_sealed(tmp_path):
    """And no more where what stands before it is something else."""
    for number in range(20):
        journal.append(tmp_path, "fetch", {"number": number})
        if number == 9:
            journal.seal(tmp_path, "fetch", 1)
    before = journal.place(tmp_path, "fetch")
    assert (before.parts, before.lines) == (1, 10)
    journal.append(tmp_path, "fetch", {"number": 20})

    def again() -> journal.Place:
        return journal.place(tmp_path, "fetch", before.parts, before.lines)

    assert again() == before != journal.place(tmp_path, "fetch")
    journal.seal(tmp_path, "fetch", 1)
    assert again() == before
    seal_as_before(tmp_path)
    assert again() == before
    journal.seal(tmp_path, "fetch", 1)
    assert again() == before
    for path in tmp_path.iterdir():
        path.unlink()
    for number in range(20):
        journal.append(tmp_path, "fetch", {"number": number + (number == 3)})
        if number == 9:
            journal.seal(tmp_path, "fetch", 1)
    assert again() != before


def test_a_torn_line_is_closed_before_its_part_is(tmp_path):
    journal.append(tmp_path, "fetch", {"number": 1})
    with (tmp_path / "fetch.ndjson").open("ab") as file:
        file.write(b'{"torn')
    journal.seal(tmp_path, "fetch", 1)
    assert lying(tmp_path) == ["fetch.ndjson"]
    journal.append(tmp_path, "fetch", {"number": 2})
    journal.seal(tmp_path, "fetch", 1)
    assert [row["number"] for row in journal.read(tmp_path, "fetch")] == [1, 2]
    journal.seal(tmp_path, "fetch", 1)
    assert len(lying(tmp_path)) == 1, "there is nothing to seal"


def test_a_sealed_part_is_read_without_gapwatch(tmp_path):
    """By gzip and by DuckDB; and what is the same is packed to the same bytes."""
    for folder in (tmp_path / "one", tmp_path / "two"):
        for number in range(3):
            journal.append(folder, "fetch", {"number": number})
        journal.seal(folder, "fetch", 1)
    [one], [two] = (list(folder.iterdir()) for folder in (tmp_path / "one", tmp_path / "two"))
    content = gzip.decompress(one.read_bytes())
    assert (
        one.name == two.name == f"fetch-0001-{len(content)}-{hashlib.sha256(content).hexdigest()}.ndjson.gz"
    )
    assert one.read_bytes() == two.read_bytes()
    assert duckdb.sql(f"SELECT number FROM '{one}' ORDER BY 1").fetchall() == [(0,), (1,), (2,)]


def test_sealing_that_was_killed_is_finished(tmp_path):
    """After the part got its name, and after it was packed: what is packed is made anew, and the plain one
    goes."""
    journal.append(tmp_path, "fetch", {"number": 1})
    journal.seal(tmp_path, "fetch", 1)
    [packed] = tmp_path.iterdir()
    plain, good = packed.with_suffix(""), packed.read_bytes()
    for left in (None, good, good[:-9]):
        packed.unlink()
        plain.write_bytes(gzip.decompress(good))
        if left is not None:
            packed.write_bytes(left)
        assert journal.read(tmp_path, "fetch") == [{"number": 1}]
        journal.seal(tmp_path, "fetch", 1)
        assert lying(tmp_path) == [packed.name]
        assert packed.read_bytes() == good


@pytest.mark.parametrize("form", ["gz", "xz", "ndjson"])
def test_a_part_that_is_lost_or_damaged_is_missed(tmp_path, form):
    for number in range(2):
        journal.append(tmp_path, "fetch", {"number": number, "text": "ü" * 100})
        journal.seal(tmp_path, "fetch", 1)
    if form == "xz":
        seal_as_before(tmp_path)
        [plain] = tmp_path.glob("*.ndjson")
        plain.unlink()
    if form == "ndjson":
        for path in list(tmp_path.iterdir()):
            path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
            path.unlink()
    first, second = (tmp_path / name for name in lying(tmp_path))
    good = second.read_bytes()
    for bad in (good[:-9], good[:20] + bytes(3) + good[23:], b"", b"something else"):
        second.write_bytes(bad)
        with (
            pytest.raises(
                OSError,
                match=r"fetch-0002.* is damaged: its content is not that of its name;"
                r" restore it from a backup",
            ),
            journal.after(tmp_path, "fetch", journal.START),
        ):
            pytest.fail("given to a reader")
    second.write_bytes(good)
    first.unlink()
    with pytest.raises(
        OSError, match=r"of the ledger 'fetch' the part fetch-0001 is missing: restore it from a backup"
    ):
        journal.place(tmp_path, "fetch")
