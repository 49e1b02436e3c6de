"""Old documents: a folder of them becomes vintages, each dated by a table, a bucket's listing or its name, or
refused by name."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from conftest import SOURCES

from flows.commands import backfill
from flows.refresh import demo_publishers
from warehouse.acquire import publication_dates
from warehouse.store import journal
from warehouse.store.paths import Layout

SOURCE = "owid_electricity_mix"


@pytest.fixture
def folder(tmp_path):
    """Two documents of the sample, called by nothing that tells a day."""
    found = tmp_path / "old"
    (found / "outputs-archive").mkdir(parents=True)
    for name, entry in zip(
        ("a.csv", "outputs-archive/b.csv"), demo_publishers.documents(SOURCES[SOURCE]), strict=False
    ):
        (found / name).write_bytes(entry["content"])
    return found


def told(found: list[publication_dates.Old]) -> list[tuple]:
    return [
        (old.name, old.published and f"{old.published:%Y-%m-%d %H:%M}", old.part, old.refused)
        for old in found
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2021-03-31_mix.csv", "2021-03-31"),
        ("release_20220408.csv", "2022-04-08"),
        ("2020_09_09/mix.csv", "2020-09-09"),
        ("2020-09-09/mix_2021-03-31.csv", "2021-03-31"),
        ("mix.csv", "no day such as 2026-01-31"),
        ("2021-02-30_mix.csv", "no day of the calendar"),
        ("2021-03-31_2022-04-08.csv", "several days"),
        ("1202103310.csv", "no day such as"),
    ],
)
def test_a_day_in_a_name(tmp_path, name, expected):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    (found,) = publication_dates.documents(tmp_path)
    assert expected in (found.refused or f"{found.published:%Y-%m-%d}")


def test_a_table_of_dates(folder):
    table = folder / "dates.csv"
    table.write_text(
        "file,published_at,part\na.csv,2020-09-09,x\noutputs-archive/b.csv,2021-03-31T18:30:00+02:00,\n"
        "gone.csv,2021-01-01,\n",
        "utf-8",
    )
    (folder / "c.csv").touch()
    assert told(publication_dates.documents(folder, table)) == [
        ("a.csv", "2020-09-09 00:00", "x", ""),
        ("outputs-archive/b.csv", "2021-03-31 16:30", "", ""),
        ("c.csv", None, "", "dates.csv does not name it"),
        ("gone.csv", None, "", "dates.csv names it, but it is not in the folder"),
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name,published_at\n", "line 1: expected the columns"),
        ("file,published_at\na.csv,yesterday\n", "line 2: 'yesterday' is no day"),
        ("file,published_at\na.csv,2021-03-31 10:00\n", "line 2: '2021-03-31 10:00' has no time zone"),
        ("file,published_at\na.csv\n", "line 2: not as many cells"),
        ("file,published_at\na.csv,2021-03-31\na.csv,2021-04-01\n", "line 3: a.csv is there twice"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_by_line(folder, text, complaint):
    table = folder / "dates.csv"
    table.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=complaint):
        publication_dates.documents(folder, table)


def test_a_listing_of_a_bucket(folder):
    """Objects are found by the end of their names; a copy with other bytes than the bucket's is not taken."""
    (folder / "c.csv").write_bytes(b"cut o")
    (folder / "d.csv").touch()
    md5 = base64.b64encode(hashlib.md5((folder / "outputs-archive/b.csv").read_bytes()).digest()).decode()
    objects = {
        "a.csv": ("2020-09-09T10:00:00.123Z", None),
        "outputs-archive/b.csv": ("2021-03-31T12:00:00Z", md5),
        "c.csv": ("2021-04-01T12:00:00Z", md5),
    }
    items = [
        {"name": f"public-downloads/{name}", "updated": at, **({"md5Hash": known} if known else {})}
        for name, (at, known) in objects.items()
    ]
    listing = folder.parent / "listing.json"
    listing.write_text(json.dumps({"kind": "storage#objects", "items": items}), "utf-8")
    assert told(publication_dates.documents(folder, listing, "p")) == [
        ("a.csv", "2020-09-09 10:00", "p", ""),
        ("outputs-archive/b.csv", "2021-03-31 12:00", "p", ""),
        ("c.csv", None, "", "its bytes are not those of public-downloads/c.csv in listing.json"),
        ("d.csv", None, "", "listing.json does not name it"),
    ]


def test_documents_of_one_moment_are_refused(folder):
    (folder / "a.csv").rename(folder / "2021-03-31.csv")
    (folder / "outputs-archive").rename(folder / "2021-03-31")
    assert all("published at the same moment" in old.refused for old in publication_dates.documents(folder))


def test_a_folder_becomes_vintages(gapwatch, folder):
    (folder / "a.csv").rename(folder / "2020-09-09_mix.csv")
    (folder / "outputs-archive/b.csv").rename(folder / "2021-03-31_mix.csv")
    (folder / "notes.txt").touch()
    done = gapwatch("backfill", SOURCE, str(folder))
    assert done.returncode == 1, "one of them cannot be dated"
    assert "notes.txt: refused: no day such as 2026-01-31" in done.stderr
    assert "2020-09-09 2020-09-09_mix.csv: document" in done.stdout
    assert "2 of 3 documents taken" in done.stdout
    assert [entry["known_from"][:10] for entry in gapwatch.ledger("document")] == ["2020-09-09", "2021-03-31"]
    (folder / "notes.txt").unlink()
    done = gapwatch("backfill", SOURCE, str(folder))
    assert (done.returncode, done.stdout.count("was there already")) == (0, 2), done.stderr
    assert len(gapwatch.ledger("document")) == 2


def test_another_document_of_the_same_moment_is_refused(tmp_path, folder, capsys):
    layout, source = Layout(tmp_path / "data"), SOURCES[SOURCE]
    for file, well in (("a.csv", True), ("outputs-archive/b.csv", False)):
        assert backfill.fill(layout, source, backfill.dated(folder / file, None, "2021-03-31", "")) is well
    assert "was published at the same moment" in capsys.readouterr().err
    assert len(journal.read(layout.ledger, "document")) == 1
