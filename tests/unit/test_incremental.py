"""The law of the incremental build: begun from the last build or made from the archive, the content is the
same, and so is each night's answer."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import itertools
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from conftest import SOURCES, judged, read
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from releasing import views

from expectations import claims
from flows.refresh import demo_publishers
from warehouse.build import build, history, incremental, indicators
from warehouse.publish import publish
from warehouse.staging import source_state, vintage
from warehouse.staging.vintage import BEGINNING
from warehouse.store.paths import Layout

pytestmark = pytest.mark.duckdb2

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
OWID, EMBER = "owid_electricity_generation", "ember_generation_yearly"


class House:
    """A data directory of tiny documents of two sources; ``archive`` and ``stage`` are shared by all
    examples."""

    def __init__(self, shared: Path, root: Path):
        self.layout = Layout(root)
        root.mkdir()
        for name in ("archive", "stage"):
            (shared / name).mkdir(exist_ok=True)
            (root / name).symlink_to(shared / name)
        self.names = map(str, itertools.count())

    def add(self, source: str, part: str, day: int, values: dict[int, float | None], kind: str) -> None:
        file = self.layout.root / "document.csv"
        file.write_bytes(document(source, part, values, kind))
        # another document of that part and day is there: which came first, nobody can say
        with contextlib.suppress(ValueError):
            vintage.backfill(self.layout, SOURCES[source], file, START + dt.timedelta(days=day), part=part)

    def vintages(
        self, statement: str, restated: frozenset[str] = frozenset(), refused: frozenset[int] = frozenset()
    ) -> dict[str, list]:
        """All statements; those of the sources ``restated`` as another parser reads them; those of the days
        ``refused`` as failed."""
        found = {}
        for name in (OWID, EMBER):
            source = SOURCES[name].model_copy(update={"statement": statement})
            known = vintage.of_source(self.layout, source)
            if name in restated:
                known = [_restated(one) for one in known]
            bad = [one.status == "accepted" and (one.known_from - START).days in refused for one in known]
            found[name] = [
                one.refused("failed", "a check") if is_bad else one
                for one, is_bad in zip(known, bad, strict=True)
            ]
        return found

    def build(self, vintages: dict[str, list], previous: str | None = None) -> str:
        """A finished build, kept as a release that the next one may begin from."""
        at = START + dt.timedelta(days=50)
        every = {name: SOURCES[name] for name in vintages}
        states = {
            name: source_state.of_source(source, vintages[name], {}, at) for name, source in every.items()
        }
        plan = incremental.plan(self.layout, vintages, previous)
        assert (plan.previous is not None) == (previous is not None)
        name = next(self.names)
        built = build.start(self.layout, build.State(every, vintages, states, at), name, plan)
        if plan.claims:
            claims.write(built.con, plan.claims)
        built.finish()
        self.layout.releases.mkdir(exist_ok=True)
        built.path.rename(self.path(name))
        incremental.save(self.layout, name, self.path(name), plan.basis, vintages, built.fetches)
        return name

    def path(self, name: str) -> Path:
        return self.layout.releases / f"{name}.duckdb"


def document(source: str, part: str, values: dict[int, float | None], kind: str) -> bytes:
    """Both countries in each year, in the layout of the source: 'good', with a row that cannot be read, or of
    an unknown layout."""
    rows = [
        (name, code, 2000 + year + 10 * (part == "q"), f"{value * times}" if value else "")
        for year, value in sorted(values.items())
        for name, code, times in (("China", "CHN", 1.5), ("United States", "USA", 1))
    ]
    rows += [("China", "CHN", 2009, "many")] if kind == "unreadable" else []
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    if source == OWID:
        writer.writerow(
            ["entity", "code", "year", "total_generation__twh" if kind != "drift" else "generation"]
        )
        writer.writerows(rows)
        return text.getvalue().encode()
    [header, *lines] = csv.reader(
        io.StringIO(demo_publishers.documents(SOURCES[EMBER])[-1]["content"].decode(), newline="")
    )
    line = next(dict(zip(header, line, strict=True)) for line in lines if "Total generation" in line)
    writer.writerow(header if kind != "drift" else header[1:])
    for name, code, year, value in rows:
        told = line | {"Area": name, "ISO 3 code": code, "Year": str(year), "Generation (TWh)": value}
        writer.writerow(told.values())
    return text.getvalue().encode()


def _restated(one: vintage.Vintage) -> vintage.Vintage:
    """The document as another parser reads it: every figure is another one."""
    key = "another parser 1"
    folder = Path(one.staged.folder.replace(one.stage_key, key))
    if not folder.exists():
        shutil.copytree(one.staged.folder, folder)
        if (file := folder / "electricity_generation.parquet").exists():
            duckdb.sql(
                "COPY (SELECT * REPLACE (twh + 1 AS twh)"
                f" FROM read_parquet('{one.staged.folder}/{file.name}')) TO '{file}' (FORMAT parquet)"
            )
    return replace(one, staged=replace(one.staged, folder=str(folder)), stage_key=key)


kinds = st.sampled_from(["good", "good", "good", "unreadable", "drift"])
an_arrival = st.tuples(
    st.sampled_from([OWID, EMBER]),
    st.sampled_from("pq"),
    st.integers(0, 12),
    st.dictionaries(st.integers(0, 2), st.sampled_from([None, 1.0, 2.0]), min_size=1),
    kinds,
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return tmp_path_factory.mktemp("shared")


# Values that change night by night, a side that changes its source, then a document of the past, one refused,
# another parser.
FULL_OF_CHANGES = (
    [
        (OWID, "p", 1, {0: 1.0, 1: 1.0}, "good"),
        (OWID, "p", 3, {0: 2.0, 1: 1.0}, "good"),
        (EMBER, "p", 5, {0: 1.0}, "good"),
        (OWID, "p", 7, {0: 2.0}, "good"),
    ],
    [(OWID, "p", 2, {0: 1.0, 1: 2.0}, "good"), (EMBER, "q", 6, {1: 2.0}, "good")],
    "full",
    frozenset({3}),
    frozenset({EMBER}),
)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(an_arrival, min_size=2, max_size=4),
    st.lists(an_arrival, min_size=1, max_size=2),
    st.sampled_from(["full", "window"]),
    st.frozensets(st.integers(0, 12), max_size=4),
    st.frozensets(st.sampled_from([OWID, EMBER]), max_size=1),
)
@example(*FULL_OF_CHANGES)
def test_builds_extended_and_made_anew_are_the_same(shared, arrivals, later, statement, refused, restated):
    """Night after night, then with documents of the past, checks that fail and another parser; each night's
    answer is today's as of then."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(shared, Path(folder) / "data")
        for arrival in arrivals:
            house.add(*arrival)
        known = house.vintages(statement)
        moments = sorted({one.known_from for found in known.values() for one in found})
        nights: list[str] = []
        for moment in moments:
            by_then = {name: [v for v in found if v.known_from <= moment] for name, found in known.items()}
            nights.append(house.build(by_then, nights[-1] if nights else None))
        whole = house.build(known)
        assert publish.content_digest(house.path(nights[-1])) == publish.content_digest(house.path(whole))
        for moment, night in zip(moments, nights, strict=True):
            assert views(house.path(night)) == views(house.path(whole), moment)
        for arrival in later:
            house.add(*arrival)
        changed = house.vintages(statement, restated, refused)
        extended = house.build(changed, nights[-1])
        assert publish.content_digest(house.path(extended)) == publish.content_digest(
            house.path(house.build(changed))
        )


def test_statements_that_do_not_fit_at_once_come_to_the_same(shared, monkeypatch, tmp_path):
    """Told in batches of one or two documents, and indicator by indicator, full and on top of the night
    before."""
    house = House(shared, tmp_path / "data")
    arrivals, later, statement, *_ = FULL_OF_CHANGES
    for arrival in arrivals:
        house.add(*arrival)
    at_once = publish.content_digest(house.path(house.build(house.vintages(statement))))
    with monkeypatch.context() as small:
        small.setattr(history, "BATCH", 4)
        small.setattr(indicators, "AT_ONCE", 1)
        batched = house.build(house.vintages(statement))
        assert publish.content_digest(house.path(batched)) == at_once
        for arrival in later:
            house.add(*arrival)
        extended = house.build(house.vintages(statement), batched)
    assert publish.content_digest(house.path(extended)) == publish.content_digest(
        house.path(house.build(house.vintages(statement)))
    )


def test_a_base_that_someone_changed_is_not_begun_from(tmp_path):
    house = House(tmp_path, tmp_path / "data")
    house.add(OWID, "", 1, {1: 1.0}, "good")
    first = house.build(house.vintages("full"))
    assert incremental.plan(house.layout, house.vintages("full"), first).claims is None, "nothing is new"
    assert incremental.plan(house.layout, house.vintages("full"), first, ["other code"]).claims == BEGINNING
    with duckdb.connect(str(house.path(first))) as con:
        con.execute("CREATE TABLE mine (n INTEGER)")
    assert incremental.plan(house.layout, house.vintages("full"), first).previous is None


OLD = [
    (OWID, "", 3, {1: 1.0, 2: 2.0}, "good"),
    (EMBER, "", 2, {1: 2.0}, "good"),
    (OWID, "", 1, {1: 2.0, 0: 1.0}, "good"),
    (OWID, "", 2, {}, "unreadable"),
]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(OLD), st.integers(1, len(OLD) - 1))
def test_order_of_arrival_does_not_matter(shared, order, built_after):
    """Old documents in any order, some of them built in before the others arrive: one content, but for when
    we received them."""

    def content(arrivals: list[tuple], early: int) -> dict[str, str]:
        with tempfile.TemporaryDirectory() as folder:
            house, last = House(shared, Path(folder) / "data"), None
            for number, arrival in enumerate(arrivals, 1):
                house.add(*arrival)
                if number in (early, len(arrivals)):
                    last = house.build(house.vintages("full"), last)
            digests = publish.content_digest(house.path(last))
            return {name: digest for name, digest in digests.items() if name != "ledger.document"}

    assert content(order, built_after) == content(OLD, 0)


def test_verdicts_are_remembered_and_follow_their_inputs(tmp_path, staging):
    """A second reading opens no staged file; a document of the past is judged with all that come after it."""
    source, layout = SOURCES[OWID], staging.layout
    for day, value in ((1, 1000.0), (9, 1010.0)):
        path = tmp_path / f"{day}.csv"
        path.write_bytes(document(OWID, "", {1: value, 2: value}, "good"))
        vintage.backfill(layout, source, path, START + dt.timedelta(days=day))
    first = read(layout, source)
    assert len(layout.memo.get(f"verdicts/{OWID}")) == 2
    shutil.rmtree(layout.memo.folder / "documents")
    assert read(layout, source) == first
    assert not (layout.memo.folder / "documents").exists(), "nothing was checked again"
    shutil.rmtree(layout.stage)
    path.write_bytes(document(OWID, "", {1: 1005.0, 2: 1005.0}, "good"))
    vintage.backfill(layout, source, path, START + dt.timedelta(days=5))
    late = read(layout, source)
    assert [one.known_from.day for one in late] == [2, 6, 10]
    assert late[2].checks != first[1].checks, "the document before it is another one"
    rows = judged(layout, source)[1]
    shutil.rmtree(layout.memo.folder)
    assert judged(layout, source) == (late, rows), "what is remembered is what would be found"
