"""One release id never has two contents: what is made again under an id is what was published under it,
whatever is damaged of what is kept to be quick."""

from __future__ import annotations

import shutil

import duckdb
import pytest
from releasing import published_once, refresh

from warehouse.publish import publish
from warehouse.store import journal
from warehouse.store.paths import Layout


def ids(layout: Layout) -> list[str]:
    return [entry["release"] for entry in journal.read(layout.ledger, "release")]


def stated(layout: Layout) -> dict[str, str]:
    """What analysts are told, but for the ledger of releases."""
    digests = publish.content_digest(layout.published)
    return {name: digest for name, digest in digests.items() if not name.startswith("ledger.")}


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A data directory that has published one document; copy it, never change it."""
    return published_once(tmp_path_factory.mktemp("published"))


@pytest.fixture
def layout(tmp_path, published):
    """A data directory that has published one document."""
    return Layout(shutil.copytree(published.root, tmp_path / "data"))


def test_an_id_stands_for_one_content(layout):
    [first] = ids(layout)
    whole, told = publish.content_digest(layout.published), stated(layout)
    assert refresh(layout) is None, "nothing is new"
    assert refresh(layout, always=True) == first
    assert (ids(layout), publish.content_digest(layout.published)) == ([first], whole)

    layout.published.chmod(0o644)
    with duckdb.connect(str(layout.published)) as con:
        con.execute("UPDATE derived.indicator_value SET gap = gap + 1")
    other = publish.content_digest(layout.published)
    second = refresh(layout, always=True)
    assert second != first
    assert ids(layout) == [first, second]
    assert stated(layout) == told != {name: other[name] for name in told}
    assert refresh(layout, always=True) == second


def test_a_published_file_that_is_gone_is_made_again_under_its_id(layout):
    [first] = ids(layout)
    whole = publish.content_digest(layout.published)
    layout.published.unlink()
    assert refresh(layout, always=True) == first
    assert (ids(layout), publish.content_digest(layout.published)) == ([first], whole)


DAMAGE = {
    "empty": lambda content: b"",
    "a byte flipped": lambda content: content[:-1] + bytes([content[-1] ^ 1]),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_is_damaged_below_the_stage_is_made_again(layout, damage):
    [first] = ids(layout)
    whole = publish.content_digest(layout.published)
    held = [path for path in layout.stage.rglob("*") if path.is_file()]
    assert {path.suffix for path in held} >= {".parquet", ".json"}
    for path in held:
        path.write_bytes(damage(path.read_bytes()))
    assert refresh(layout, always=True) == first
    assert (ids(layout), publish.content_digest(layout.published)) == ([first], whole)


@pytest.mark.parametrize("suffix", [".parquet", ".json", ""])
def test_what_is_damaged_of_a_document_is_read_again(layout, suffix):
    """The rest of what is kept still names it."""
    [first] = ids(layout)
    whole = publish.content_digest(layout.published)
    for path in [path for path in layout.stage.glob("??/*/*") if path.name.endswith(suffix)]:
        path.write_bytes(b"")
    assert refresh(layout, always=True) == first
    assert publish.content_digest(layout.published) == whole
