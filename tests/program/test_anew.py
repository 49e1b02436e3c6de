"""The sample of all sources, night after night and made anew: one content, and each night's answer is today's
as of then."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from conftest import SOURCES
from releasing import views
from running import SALT

from flows.refresh import demo_publishers
from flows.refresh.runner import Direct
from flows.refresh.steps import Refresh
from warehouse.acquire.fetch import Fetcher
from warehouse.acquire.http import Web
from warehouse.publish import publish
from warehouse.store.paths import Layout

pytestmark = pytest.mark.duckdb2


@pytest.fixture(autouse=True)
def salted(monkeypatch):
    """The secret that the demo was made with."""
    monkeypatch.setenv("GAPWATCH_SALT", SALT)


@pytest.fixture(scope="module")
def nights(tmp_path_factory, sample_nights):
    """The sample of all sources over its three nights, each release extending the one before."""
    return sample_nights.copy_to(tmp_path_factory.mktemp("sample"), "http://127.0.0.1:9")


def test_the_sample_of_all_sources_made_anew_is_the_same(nights):
    layout = Layout(nights.data)
    assert len(list((layout.memo.folder / "bases").iterdir())) == 3
    before = publish.content_digest(layout.published)
    releases = [entry["release"] for entry in nights.ledger("release")]
    for release, moment in zip(releases[:-1], demo_publishers.NIGHTS, strict=False):
        assert views(layout.releases / f"{release}.duckdb") == views(layout.published, moment)
    # evaluated anew as well, over rows that lie in another order
    shutil.rmtree(layout.memo.folder / "indicators")
    job = Refresh(
        layout,
        SOURCES,
        Fetcher(layout, Web(layout.memo), lambda: demo_publishers.NIGHTS[-1]),
        clock=lambda: demo_publishers.NIGHTS[-1],
    )
    report = replace(job, ask=False, always=True).run(Direct())
    assert report.release == releases[-1], "the same release, made again"
    assert publish.content_digest(layout.published) == before
