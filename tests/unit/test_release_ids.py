"""One release id never has two contents: what is made again under an id is what was published under it."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest
from conftest import SOURCES, good

from flows.refresh.runner import Direct
from flows.refresh.steps import Refresh
from warehouse.acquire.fetch import Fetcher
from warehouse.acquire.http import Web
from warehouse.publish import publish
from warehouse.staging import vintage
from warehouse.store import journal
from warehouse.store.paths import Layout

OWID = "owid_electricity_generation"
AT = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


@pytest.fixture
def layout(tmp_path):
    """A data directory that holds one document."""
    made = Layout(tmp_path / "data")
    document = tmp_path / "document"
    document.write_bytes(good(OWID))
    vintage.backfill(made, SOURCES[OWID], document, AT)
    return made


def refresh(layout: Layout, *, always: bool = False) -> str | None:
    """The id under which a refresh publishes; None where it has nothing to publish."""
    job = Refresh(
        layout, SOURCES, Fetcher(layout, Web(layout.memo)), clock=lambda: AT, ask=False, always=always
    )
    report = job.run(Direct())
    assert not report.held
    return report.release


def ids(layout: Layout) -> list[str]:
    return [entry["release"] for entry in journal.read(layout.ledger, "release")]


def stated(layout: Layout) -> dict[str, str]:
    """What analysts are told, but for the ledger of releases."""
    digests = publish.content_digest(layout.published)
    return {name: digest for name, digest in digests.items() if not name.startswith("ledger.")}


def test_an_id_stands_for_one_content(layout):
    first = refresh(layout)
    assert ids(layout) == [first]
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
    first = refresh(layout)
    whole = publish.content_digest(layout.published)
    layout.published.unlink()
    assert refresh(layout, always=True) == first
    assert (ids(layout), publish.content_digest(layout.published)) == ([first], whole)
