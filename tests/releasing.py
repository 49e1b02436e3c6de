"""A small data directory: one document of one source, published without a process."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from conftest import SOURCES, Gapwatch, good, good_answer
from loopback import Publisher

from flows.refresh.runner import Direct
from flows.refresh.steps import Refresh
from warehouse.acquire.fetch import Fetcher
from warehouse.acquire.http import Web
from warehouse.staging import vintage
from warehouse.store.paths import Layout

OWID = "owid_electricity_generation"
AT = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def refresh(layout: Layout, *, always: bool = False) -> str | None:
    """The id under which a refresh publishes; None where it has nothing to publish."""
    job = Refresh(
        layout, SOURCES, Fetcher(layout, Web(layout.memo)), clock=lambda: AT, ask=False, always=always
    )
    report = job.run(Direct())
    assert not report.held
    return report.release


def published_once(folder: Path) -> Layout:
    """A data directory in ``folder`` after its first release."""
    layout = Layout(folder)
    document = folder / "document"
    document.write_bytes(good(OWID))
    vintage.backfill(layout, SOURCES[OWID], document, AT)
    assert refresh(layout)
    return layout


def first_release(folder: Path, **environment: str | None) -> Gapwatch:
    """The command line on a data directory after a first release of one source, as the program made it."""
    server = Publisher()
    server.serve(SOURCES[OWID].url, good_answer(OWID))
    run = Gapwatch(folder, server.address)
    done = run.refresh("--source", OWID, **environment)
    server.close()
    assert "Published release" in done.stdout, done.stdout + done.stderr
    return run
