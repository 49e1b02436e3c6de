"""Shared pieces: the publishers on loopback, and data directories that the command line has published."""

from __future__ import annotations

import datetime as dt
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import pytest
from filelock import FileLock
from loopback import Answer, Publisher
from running import API_KEY, Gapwatch, asking

from expectations import gate
from extractors import contract, definition
from flows.refresh import demo_publishers
from warehouse.acquire.fetch import Fetcher
from warehouse.acquire.http import Web
from warehouse.staging import stage, vintage
from warehouse.store import archive
from warehouse.store import secret as installation_secret
from warehouse.store.paths import Layout

# Else each test process would rewrite and compile all tests anew, which takes it five seconds.
sys.dont_write_bytecode = False
# Files that take long come first, and the short ones fill what is left; a test process holds two files, so
# short ones stand between.
FIRST = (
    "docs",
    "schedule",
    "edgar_json",
    "publish",
    "edgar_xbrl",
    "bad_input",
    "prefect",
    "alerts",
    "recorded_families",
    "vintages",
    "bad_rows",
    "refit_nights",
)
SOURCES = definition.all_sources()
FETCHED = {name: source for name, source in SOURCES.items() if source.fetched}
# Some of each form that small documents come in: CSV, JSON and a zip.
FEW = (
    "ember_generation_yearly",
    "ember_generation_monthly",
    "owid_electricity_generation",
    "epoch_eci_scores",
    "epoch_benchmark_data",
    "eia_us_generation",
)


@cache
def documents(source: str) -> list[dict]:
    """All hand-written sample documents of a source. They are made once: some are packed or compressed."""
    return demo_publishers.documents(SOURCES[source])


def good_document(source: str, part: str | None = None) -> dict:
    """The newest hand-written sample document of a source, or of one of its parts: ``content``, ``part``,
    ``url``."""
    return [entry for entry in documents(source) if part in (None, entry["part"])][-1]


def good(source: str) -> bytes:
    return good_document(source)["content"]


def only(source: str) -> contract.Ask:
    return contract.Ask("", SOURCES[source].url)


def good_answer(source: str, body: bytes | None = None, **changes) -> Answer:
    return Answer(
        **{"body": good(source) if body is None else body, "media": SOURCES[source].media[0]} | changes
    )


@pytest.fixture
def make(tmp_path, publisher, monkeypatch):
    """Makes fetchers on one data directory, each as in a run of its own."""
    monkeypatch.setenv("EIA_API_KEY", API_KEY)
    layout = Layout(tmp_path / "data")
    return lambda: Fetcher(
        layout, Web(layout.memo, contact="tests@example.org", mirror=publisher.address, read_seconds=2)
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"demo", "recordings"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
    items.sort(
        key=lambda item: next(
            (place for place, name in enumerate(FIRST) if item.path.stem == f"test_{name}"), len(FIRST)
        )
    )


class Stage:
    """Parses documents as a refresh does, without fetching them. Calling it gives the staged document."""

    def __init__(self, folder: Path):
        self.layout = Layout(folder)

    def __call__(self, source: str, body: bytes, part: str = "") -> stage.Staged:
        stored = archive.store(self.layout.archive, [body], SOURCES[source].limit)
        assert stored.error is None
        secret = installation_secret.of(self.layout) if SOURCES[source].personal else b""
        return stage.stage(
            self.layout, SOURCES[source], contract.Document(source, stored.sha256, stored.path, part, secret)
        )

    def rows(self, staged: stage.Staged, sql: str = "FROM rows", dataset: str | None = None) -> list[tuple]:
        """``sql`` over the kept ``rows`` of the document's dataset (named where it has several), and over
        ``quarantine``."""
        assert staged.drift is None, staged.drift
        if dataset is None:
            [dataset] = staged.rows
        with duckdb.connect() as con:
            kept = f"read_parquet('{staged.parquet(dataset)}')"
            con.execute(
                "CREATE VIEW rows AS SELECT * EXCLUDE (record, place), concat('record ' || record,"
                f" place) AS locator FROM {kept}"
            )
            con.execute(f"CREATE VIEW quarantine AS FROM read_parquet('{staged.parquet('quarantine')}')")
            return con.execute(sql).fetchall()


def read(layout: Layout, source: contract.Source) -> list[vintage.Vintage]:
    """Every statement of a source, staged and judged."""
    return gate.judge(layout, source, vintage.of_source(layout, source))


def judged(layout: Layout, source: contract.Source) -> tuple[list[vintage.Vintage], list[dict]]:
    """Every statement of a source, and the rows of ``check_result`` about them."""
    known = read(layout, source)
    return known, gate.rows(layout, {source.id: source}, {source.id: known}, known)


@pytest.fixture
def staging(tmp_path):
    return Stage(tmp_path)


@dataclass
class Seen:
    """How asking a publisher once ended: ``outcome`` of the fetch, or 'drift' or 'failed' for a document that
    was received and refused."""

    outcome: str
    message: str
    vintage: vintage.Vintage | None
    stage: Stage

    def rows(self, sql: str = "FROM rows", dataset: str | None = None) -> list[tuple]:
        return self.stage.rows(self.vintage.staged, sql, dataset)


@pytest.fixture
def asked(tmp_path, publisher, make):
    """``asked(source, body, part=…, url=…, **changes)``: a real publisher answers, a real fetcher asks, the
    gate judges."""

    def ask(source: str, body: bytes, *, part: str = "", url: str | None = None, **changes) -> Seen:
        # asked as often as the test likes
        described, fetcher = SOURCES[source].model_copy(update={"every": None}), make()
        address = (
            url
            or described.url
            or described.urls.get(part)
            or f"https://{urlsplit(described.homepage).netloc}/{part or 'file'}"
        )
        publisher.serve(address, good_answer(source, body, **changes))
        fetched = fetcher.fetch(described, contract.Ask(part, address))
        judged = read(fetcher.layout, described)
        mine = [found for found in judged if found.part == part]
        refused = fetched.outcome in ("new", "unchanged") and mine[-1].status != "accepted"
        told = (mine[-1].status, mine[-1].reason) if refused else (fetched.outcome, fetched.message)
        return Seen(*told, mine[-1] if mine else None, Stage(tmp_path / "data"))

    return ask


def serve_good(publisher: Publisher):
    """Every source answers with its newest sample document."""
    for name in FETCHED:
        # oldest first: the last one of an address stays
        for entry in documents(name):
            if entry["url"]:
                publisher.serve(entry["url"], good_answer(name, entry["content"]))
        # goes on after the newest sample: so that no test ends with a year
        if calendar := SOURCES[name].calendar:
            newest = good_document(name)
            for ask in calendar.asks(dt.datetime.now(dt.UTC).date()):
                if ask.part > newest["part"]:
                    publisher.serve(
                        ask.url,
                        good_answer(
                            name,
                            newest["content"].replace(newest["part"][:4].encode(), ask.part[:4].encode()),
                        ),
                    )


@pytest.fixture
def publisher():
    server = Publisher()
    serve_good(server)
    yield server
    server.close()


@pytest.fixture
def gapwatch(tmp_path, publisher, warm):
    """The command line on a data directory that holds nothing but a warm stage."""
    return Gapwatch(tmp_path, publisher.address, warm)


@contextmanager
def made_once(tmp_path_factory, name: str):
    """A folder that all test processes share, and whether it is still to be filled; the others wait until it
    is."""
    shared = (
        tmp_path_factory.getbasetemp().parent
        if "PYTEST_XDIST_WORKER" in os.environ
        else tmp_path_factory.getbasetemp()
    )
    folder = shared / f"{name}-{duckdb.__version__}"
    with FileLock(f"{folder}.lock"):
        made = (folder / "made").exists()
        yield folder, not made
        if not made:
            (folder / "made").touch()


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """A folder in which the demo was run as it is installed, from nothing, and what `make demo` prints
    there."""
    with made_once(tmp_path_factory, "demo") as (folder, empty):
        run = Gapwatch(folder)
        run.data = run.home / "demo"
        if empty:
            done = run.refresh("--sample", installed=True, EIA_API_KEY=None, COLUMNS="160")
            assert done.returncode == 0, done.stdout + done.stderr
            (folder / "printed").write_text(done.stdout + run("show", COLUMNS="160").stdout, "utf-8")
    return run.home, (folder / "printed").read_text("utf-8")


@pytest.fixture(scope="session")
def warm(tmp_path_factory, demo):
    """The stage after the sample's three nights and a night of good documents."""
    with made_once(tmp_path_factory, "warm") as (folder, empty):
        run = Gapwatch(folder, warm=demo[0] / "demo" / "stage" if empty else None)
        if empty:
            server = Publisher()
            serve_good(server)
            run.mirror = server.address
            done = run.refresh()
            server.close()
            assert done.returncode == 0, done.stdout + done.stderr
    return run.data / "stage"


@pytest.fixture(scope="session")
def sample_nights(demo):
    """A data directory after the sample's three nights; copy it, never change it."""
    run = Gapwatch(demo[0].parent)
    run.data = demo[0] / "demo"
    return run


@pytest.fixture(scope="session")
def good_night(tmp_path_factory, warm):
    """A data directory after good documents of every source; copy it, never change it."""
    return good_documents(tmp_path_factory, "good", warm)


@pytest.fixture(scope="session")
def one_release(tmp_path_factory):
    """A data directory after a first release of one source; copy it, never change it."""
    from releasing import first_release  # which needs this module

    with made_once(tmp_path_factory, "one_release") as (folder, empty):
        return first_release(folder) if empty else Gapwatch(folder)


@pytest.fixture(scope="session")
def few_night(tmp_path_factory, warm):
    """The same of few sources, for what is the same with any: what is made from nothing of all of them takes
    half a minute."""
    return good_documents(tmp_path_factory, "few", warm, *FEW)


def good_documents(tmp_path_factory, name: str, warm: Path, *sources: str) -> Gapwatch:
    with made_once(tmp_path_factory, name) as (folder, empty):
        run = Gapwatch(folder, warm=warm if empty else None)
        if empty:
            server = Publisher()
            serve_good(server)
            run.mirror = server.address
            first = Fetcher(Layout(run.data), Web(Layout(run.data).memo, mirror=server.address)).fetch(
                SOURCES["epoch_benchmark_data"], only("epoch_benchmark_data")
            )
            # before the others, so that the capability series rest on the other of Epoch's two
            assert first.outcome == "new"
            done = run.refresh(*asking(*sources))
            server.close()
            assert done.returncode == 0, done.stdout + done.stderr
    return run


@pytest.fixture
def after_few_night(tmp_path, publisher, few_night):
    """The command line on a data directory that has published once, of few sources."""
    return few_night.copy_to(tmp_path, publisher.address)


@pytest.fixture
def after_good_night(tmp_path, publisher, good_night):
    """The command line on a data directory that has published once from good documents of every source."""
    return good_night.copy_to(tmp_path, publisher.address)


@pytest.fixture(scope="session")
def recordings():
    """The folder of recorded publisher files."""
    folder = os.environ.get("GAPWATCH_RECORDINGS")
    if not folder or not Path(folder).is_dir():
        pytest.skip(
            "no recordings: set GAPWATCH_RECORDINGS to the folder that holds the recorded publisher files"
        )
    return Path(folder)
