"""A small data directory: one document of one source, published without a process; and what a published
file says."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from conftest import SOURCES, Gapwatch, good, good_answer
from loopback import Publisher

from flows.refresh.runner import Direct
from flows.refresh.steps import Refresh, alone
from warehouse.acquire.fetch import Fetcher
from warehouse.acquire.http import Web
from warehouse.datasets import schema
from warehouse.publish import publish
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


def release_what_is_there(layout: Layout) -> None:
    """A release of all documents that a data directory holds, with nobody asked and what is staged kept."""
    with alone(layout):
        report = Refresh(layout, SOURCES, Fetcher(layout, Web(layout.memo)), ask=False).run(Direct())
    assert not report.held, report.held
    assert report.release


def published_once(folder: Path) -> Layout:
    """A data directory in ``folder`` after its first release."""
    layout = Layout(folder)
    document = folder / "document"
    document.write_bytes(good(OWID))
    vintage.backfill(layout, SOURCES[OWID], document, AT)
    assert refresh(layout)
    return layout


def views(path: Path, as_of: dt.datetime | None = None) -> dict[str, list]:
    """What analysts read of datasets, indicators and claims, as of a moment."""
    names = [*schema.all_datasets(), "indicator_value", "indicator_headline", "claim", "document"]
    with publish.open_published(path) as con:
        if as_of:
            con.execute(f"SET VARIABLE as_of = TIMESTAMP '{as_of.replace(tzinfo=None)}'")
        kept = {
            name: "SELECT * EXCLUDE (known_from, known_to)" if name in schema.all_datasets() else "SELECT *"
            for name in names
        }
        return {
            name: sorted(map(str, con.execute(f"{select} FROM {name}").fetchall()))
            for name, select in kept.items()
        }


def first_release(folder: Path, **environment: str | None) -> Gapwatch:
    """The command line on a data directory after a first release of one source, as the program made it."""
    server = Publisher()
    server.serve(SOURCES[OWID].url, good_answer(OWID))
    run = Gapwatch(folder, server.address)
    done = run.refresh("--source", OWID, **environment)
    server.close()
    assert "Published release" in done.stdout, done.stdout + done.stderr
    return run
