"""What has lain there for long is packed: it is read as before, no turn loses anything, and damage is
noticed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import lzma
import os
from dataclasses import asdict
from pathlib import Path

import pytest
from conftest import FEW, SOURCES
from running import SALT, Gapwatch, asking
from tracing import every_input

from warehouse.acquire import attempt_summary, documents_due
from warehouse.staging import stage, vintage
from warehouse.store import archive, compression, files, journal
from warehouse.store.paths import Layout

LATER = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)


def pack_all(layout: Layout) -> None:
    """Two turns in which everything is old."""
    for _ in range(2):
        compression.turn(archive.aged(layout.archive, LATER))


def lying(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def packed(tmp_path_factory, sample_nights) -> Gapwatch:
    """The sample's three nights, years later."""
    run = sample_nights.copy_to(tmp_path_factory.mktemp("packed"), "http://127.0.0.1:9")
    pack_all(Layout(run.data))
    return run


# ── Reading what is packed ───────────────────────────────────────────────────────────────────────


def test_all_of_it_is_packed(packed, sample_nights):
    plain = lying(sample_nights.data / "archive")
    assert lying(packed.data / "archive") == [f"{name}.xz" for name in plain]
    for path in (packed.data / "archive").rglob("*.xz"):
        assert hashlib.sha256(lzma.decompress(path.read_bytes())).hexdigest() == path.stem, (
            "xz alone reads it"
        )


def test_every_input_leads_to_the_same_text(packed, sample_nights):
    assert every_input(packed) == every_input(sample_nights)


@pytest.mark.parametrize("source", SOURCES)
def test_the_newest_document_of_each_source_is_parsed_as_before(
    packed, sample_nights, tmp_path, monkeypatch, source
):
    monkeypatch.setenv("GAPWATCH_SALT", SALT)  # the one that the demo was made with
    here = Layout(tmp_path)
    (tmp_path / "archive").symlink_to(packed.data / "archive")
    (tmp_path / "ledger").symlink_to(packed.data / "ledger")
    before = vintage.of_source(Layout(sample_nights.data), SOURCES[source])[-1].staged
    [*_, entry] = documents_due.entries(here, SOURCES[source])
    found = stage.stage(here, SOURCES[source], vintage.document_of(here, SOURCES[source], entry))
    assert asdict(found) | {"folder": ""} == asdict(before) | {"folder": ""}
    assert found.rows or found.drift


def test_a_trace_says_where_the_packed_document_lies(packed):
    told = json.loads(packed("trace", "energy_generation", "2025", "--json").stdout)
    for document in told["documents"]:
        assert document["archived"].endswith(f"{document['document']}.xz")
        assert Path(document["archived"]).exists()


def test_a_parser_that_fails_names_no_path(packed, tmp_path, monkeypatch):
    """The path is another one each time, and what is published must not be."""
    here, source = Layout(tmp_path), SOURCES["owid_electricity_mix"]
    (tmp_path / "archive").symlink_to(packed.data / "archive")
    monkeypatch.setattr(
        type(source), "parser", lambda _: lambda document: Path(document.path, "member").read_bytes()
    )
    [entry, *_] = documents_due.entries(Layout(packed.data), source)
    drift = stage.stage(here, source, vintage.document_of(here, source, entry)).drift
    assert "holds something that its parser does not expect" in drift
    assert "Error" not in drift
    assert "gapwatch-" not in drift


# ── Turns ────────────────────────────────────────────────────────────────────────────────────────


def test_nights_pack_what_is_old_alone(after_good_night):
    bodies = sorted(path for path in (after_good_night.data / "archive").rglob("*") if path.is_file())
    old = bodies[0]
    os.utime(old, (0, 0))
    others = {path.name for path in bodies[1:]}
    beside = compression.beside(old)
    assert after_good_night.refresh().returncode == 0
    assert (old.exists(), beside.exists()) == (True, True), "a reader may still be at it"
    assert after_good_night.refresh("--dry-run").returncode == 0
    assert old.exists(), "a dry run leaves all as it is"
    assert after_good_night.refresh().returncode == 0
    assert (old.exists(), beside.exists()) == (False, True)
    assert beside.stat().st_mode & 0o777 == 0o444
    assert others <= set(lying(after_good_night.data / "archive")), "what is new is left as received"


def test_a_document_that_comes_again_takes_the_place_of_the_packed_one(tmp_path):
    """Which may be damaged, where what has just come is not."""
    first = archive.store(tmp_path, [b"body"], 10)
    for _ in range(2):
        compression.turn(archive.aged(tmp_path, LATER))
    assert lying(tmp_path) == [f"{first.sha256}.xz"]
    again = archive.store(tmp_path, [b"body"], 10)
    assert (again.path, again.path.read_bytes()) == (first.path, b"body")
    assert lying(tmp_path) == [first.sha256]


def test_a_night_tells_of_a_damaged_document_and_stands(after_good_night):
    old, *_ = sorted(path for path in (after_good_night.data / "archive").rglob("*") if path.is_file())
    old.chmod(0o644)
    old.write_bytes(b"another body")
    os.utime(old, (0, 0))
    for _ in range(2):
        done = after_good_night.refresh(COLUMNS="300")
        assert done.returncode == 1, done.stdout
        assert "Not packed" in done.stdout
        assert (
            f"{old.name} is damaged: its content is not that of its name; restore it from a backup"
            in done.stdout
        )
        assert old.read_bytes() == b"another body"
        assert not compression.beside(old).exists()


def test_what_is_not_what_it_was_does_not_take_its_place(tmp_path):
    stored = archive.store(tmp_path, [b"body"], 10)
    for bad in (lzma.compress(b"another"), lzma.compress(b"body")[:-9], b"no xz at all"):
        compression.beside(stored.path).write_bytes(bad)
        assert compression.turn(archive.aged(tmp_path, LATER)) == []
        assert lying(tmp_path) == [stored.sha256]


def test_a_turn_packs_no_more_than_it_should(tmp_path):
    for number in range(4):
        archive.store(tmp_path, [b"%d" % number * 100], 1000)
    compression.turn(archive.aged(tmp_path, LATER), at_once=150)
    assert sum(name.endswith(".xz") for name in lying(tmp_path)) == 2


def test_a_half_packed_file_of_a_killed_run_is_made_anew(tmp_path):
    stored = archive.store(tmp_path, [b"body"], 10)
    stored.path.with_name(f".{stored.sha256}.xz.{2**22 + 1}-1").write_bytes(
        b"half"
    )  # no process has this number
    files.sweep(tmp_path)
    for _ in range(2):
        compression.turn(archive.aged(tmp_path, LATER))
    assert lying(tmp_path) == [f"{stored.sha256}.xz"]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (lambda good: lzma.compress(b"another document"), "holds"),
        (lambda good: good[:-20], "is cut off"),
        (lambda good: good[:30] + bytes(9) + good[39:], "cannot be unpacked"),
        (lambda good: b"", "is cut off"),
    ],
    ids=["another", "cut", "changed", "empty"],
)
def test_damage_is_told_with_the_place(sample_nights, tmp_path, bad, told):
    run = sample_nights.copy_to(tmp_path, "http://127.0.0.1:9")
    layout, source = Layout(run.data), SOURCES["owid_electricity_mix"]
    pack_all(layout)
    document = vintage.document_of(layout, source, documents_due.entries(layout, source)[0])
    good = document.path.read_bytes()
    document.path.chmod(0o644)
    document.path.write_bytes(bad(good))
    with (
        pytest.raises(
            OSError,
            match=f"{document.sha256[:12]}: the archive is damaged .*{told}.*restore it from a backup",
        ),
        archive.as_received(document),
    ):
        pytest.fail("given to a parser")


def test_what_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    assert max(source.limit for source in SOURCES.values()) < compression.UNPACKED
    monkeypatch.setattr(compression, "UNPACKED", 10_000_000)
    bomb = tmp_path / "bomb.xz"
    bomb.write_bytes(lzma.compress(bytes(11_000_000)))
    with pytest.raises(compression.Damaged, match="more than 10,000,000 bytes"):
        for _ in compression.content(bomb):
            pass


# ── The fetch ledger ─────────────────────────────────────────────────────────────────────────────


def test_a_night_goes_on_from_a_sealed_ledger(after_few_night):
    layout = Layout(after_few_night.data)
    before = journal.read(layout.ledger, "fetch")
    held = attempt_summary.held(layout, layout.published)
    assert (held.parts, held.lines) == (0, len(before))
    journal.seal(layout.ledger, "fetch", 1)
    assert after_few_night.refresh(*asking(*FEW)).returncode == 0
    after = journal.read(layout.ledger, "fetch")
    assert after[: len(before)] == before
    assert {row["outcome"] for row in after[len(before) :]} <= {"unchanged", "not_due"}, (
        "conditional requests rest on the sealed lines"
    )
    assert attempt_summary.held(layout, layout.published) == held, "the next build adds to what is there"
    assert after_few_night.refresh("--full", *asking(*FEW)).returncode == 0
    assert after_few_night.query('SELECT count(*) FROM main."fetch"') == [(len(before),)], (
        "made again as of its release"
    )


def test_a_night_tells_of_a_damaged_part_and_stands(after_good_night):
    """What was sealed long ago is in the published file: the night does not need it, and does not pack it."""
    layout = Layout(after_good_night.data)
    journal.seal(layout.ledger, "fetch", 1)
    attempt_summary.keep(layout, layout.published, journal.place(layout.ledger, "fetch"))
    [packed] = layout.ledger.glob("*.gz")
    part = packed.with_suffix("")
    part.write_bytes(b"lines")
    packed.unlink()
    for _ in range(2):
        done = after_good_night.refresh(COLUMNS="400")
        assert done.returncode == 1, done.stdout
        assert "Not packed" in done.stdout
        assert (
            f"{part.name} is damaged: its content is not that of its name; restore it from a backup"
            in done.stdout
        )
        assert part.read_bytes() == b"lines"
