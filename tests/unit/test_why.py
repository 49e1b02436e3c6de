"""Why a value moved: made-up vintages of three sources, against the indicator written down a second time."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
from conftest import SOURCES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.sql import literal
from flows.commands import why
from flows.commands.options import Wrong
from warehouse.compare import value_log
from warehouse.compare.decomposition import Value
from warehouse.compare.snapshot import Known, Snapshot
from warehouse.staging import stage
from warehouse.store import archive
from warehouse.store.paths import Layout

RANK = ("ember_generation_yearly", "owid_electricity_generation", "owid_electricity_mix")
OLD = "0123456789abcdef"  # the stage key of a parser that there is no more
Rows = dict[tuple[str, int], float]  # country and year -> TWh


class Lab:
    """Made-up documents, and the snapshots that rest on them."""

    def __init__(self, folder: Path):
        self.layout = Layout(folder)
        self.method = json.loads(value_log.kept(self.layout, value_log.method(self.layout, {}, keep=True)))

    def document(self, source: str, day: str, readings: dict[str, Rows]) -> Known:
        """A document that each parser (by its stage key) reads as it says."""
        body = (
            f"{source} {day} {sorted((key, sorted(rows.items())) for key, rows in readings.items())}".encode()
        )
        sha256 = archive.store(self.layout.archive, [body], 10**6).sha256
        for key, rows in readings.items():
            folder = self.layout.stage / sha256[:2] / f"{sha256}-{key}"
            folder.mkdir(parents=True, exist_ok=True)
            listed = ", ".join(
                f"('{source}', '{country}', DATE '{year}-01-01', 'year', 'total', {twh!r}::DOUBLE, {number},"
                " ', column twh')"
                for number, ((country, year), twh) in enumerate(rows.items(), 1)
            )
            told = {
                "drift": None,
                "rows": {"electricity_generation": len(rows)},
                "quarantined": 0,
                "ignored": {},
                "newest_period": None,
            }
            (folder / "stage.json").write_text(json.dumps(told), "utf-8")
            with duckdb.connect() as con:
                columns = "source, country, period, frequency, series, twh, record, place"
                con.execute(
                    f"COPY (FROM (VALUES {listed}) AS v ({columns})) TO"
                    f" {literal(folder / 'electricity_generation.parquet')} (FORMAT parquet)"
                )
        return Known(source, "", sha256, dt.datetime.fromisoformat(f"{day}T00:00:00+00:00"))

    def snapshot(
        self, label: str, documents: Iterable[Known], parser: str | None = None, sql: str | None = None
    ) -> Snapshot:
        """A release that rests on documents. ``sql`` replaces how the gap is computed."""
        method = dict(self.method)
        if sql:
            text = value_log.kept(self.layout, method["indicators"]["energy_generation"]).decode()
            text = text.replace("chn / nullif(usa, 0) AS gap", f"{sql} AS gap")
            method["indicators"] = method["indicators"] | {"energy_generation": self.keep(text.encode())}
        known = tuple(documents)
        return Snapshot(
            label, known, {name: parser or stage.stage_key(SOURCES[name]) for name in RANK}, method
        )

    def keep(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        (self.layout.method / name).write_bytes(content)
        return name

    def split(self, before: Snapshot, after: Snapshot, *said: dict, period: str = "2010") -> why.Split:
        asked = why.Asked("energy_generation", period=period)
        found = why.split(self.layout, asked, (before, after), said)
        assert len(found.changes) + len(found.unchanged) == 1
        if not found.changes:
            pytest.fail("nothing changed")
        [split] = found.changes
        assert split.before + sum(part.effect for part in split.parts) == split.after
        self.notes = found.notes
        return split


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return Lab(tmp_path_factory.mktemp("lab"))


def ratios(stated: dict[str, Rows], factor: float = 1.0) -> dict:
    """What energy_generation says: of each side the first source that states it."""
    values = {}
    for year in {year for rows in stated.values() for _, year in rows}:
        usa, chn = (
            next((stated[s][side, year] for s in RANK if (side, year) in stated.get(s, {})), None)
            for side in ("USA", "CHN")
        )
        if usa is not None and chn is not None:
            leader = "USA" if usa > chn else "CHN" if chn > usa else "tie"
            values["", "", dt.date(year, 1, 1)] = Value(
                factor * chn / usa if factor != 1 else chn / usa, leader, ()
            )
    return values


def effects(split: why.Split) -> dict[tuple[str, ...], float]:
    return {part.components: float(part.effect) for part in split.parts if part.effect}


TODAY = {name: stage.stage_key(SOURCES[name]) for name in RANK}
EMBER, CHART, MIX = RANK
THEN = {("USA", 2010): 4000.0, ("CHN", 2010): 3000.0}


def test_another_formula_is_method(lab):
    known = [lab.document(MIX, "2021-01-01", {TODAY[MIX]: THEN})]
    split = lab.split(
        lab.snapshot("a", known, sql="2 * chn / usa"),
        lab.snapshot("b", known),
        ratios({MIX: THEN}, 2.0),
        ratios({MIX: THEN}),
    )
    assert effects(split) == {("sql",): -0.75}


def test_another_parser_is_method_and_one_that_is_gone_is_told(lab):
    wrong = {key: twh / 2 if key[0] == "CHN" else twh for key, twh in THEN.items()}
    known = [lab.document(MIX, "2021-01-02", {TODAY[MIX]: THEN, OLD: wrong})]
    said = ratios({MIX: wrong}), ratios({MIX: THEN})
    split = lab.split(lab.snapshot("a", known, parser=OLD), lab.snapshot("b", known), *said)
    assert effects(split) == {("parser",): 0.375}
    [row] = split.parts[0].rows
    assert (row.before, row.after) == ({"twh": 1500.0}, {"twh": 3000.0})
    split = lab.split(lab.snapshot("a", known, parser="fedcba9876543210"), lab.snapshot("b", known), *said)
    assert effects(split) == {("code",): 0.375}
    assert lab.notes == [f"{MIX}: its parser of then is not kept; today's reads its documents"]


def test_emptying_the_stage_keeps_what_parsers_of_earlier_read(tmp_path):
    lab = Lab(tmp_path)
    known = lab.document(MIX, "2021-01-03", {TODAY[MIX]: THEN, OLD: THEN})
    lab.document(MIX, "2021-01-04", {TODAY[MIX]: THEN})
    half_made = lab.layout.stage / known.document[:2] / f"{known.document}-{OLD[::-1]}"
    for path in (
        lab.layout.stage / "attempts.json",
        lab.layout.stage / "bases" / "one.json",
        half_made / "quarantine.parquet",
    ):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    stage.clear(lab.layout, {TODAY[MIX]})
    assert [str(path.relative_to(lab.layout.stage)) for path in lab.layout.stage.glob("*/*")] == [
        f"{known.document[:2]}/{known.document}-{OLD}"
    ]
    assert [path.name for path in lab.layout.stage.iterdir()] == [known.document[:2]]


def test_another_mapping_is_reference(lab):
    known = [lab.document(MIX, "2021-01-03", {TODAY[MIX]: THEN})]
    # a stand-in for a formula that rests on a reviewed table
    formula = "chn / usa * (SELECT count(*) FROM reference.series_break)"
    after = lab.snapshot("b", known, sql=formula)
    lines = value_log.kept(lab.layout, after.method["reference"]["series_break"]).splitlines(keepends=True)
    fewer = lab.keep(b"".join(lines[:-1]))
    before = replace(
        after, method=after.method | {"reference": after.method["reference"] | {"series_break": fewer}}
    )
    count = len(lines) - 1
    split = lab.split(before, after, ratios({MIX: THEN}, count - 1), ratios({MIX: THEN}, count))
    assert effects(split) == {("reference",): pytest.approx(0.75)}


def test_a_source_that_leaves_as_another_comes(lab):
    """In the order stated the new source comes first; in the reverse order nobody states the value between,
    which is said."""
    old, new = {("USA", 2010): 4000.0, ("CHN", 2010): 3000.0}, {("USA", 2010): 4000.0, ("CHN", 2010): 5000.0}
    kept = {("USA", 2011): 1.0}
    mix = [
        lab.document(MIX, "2021-01-04", {TODAY[MIX]: old}),
        lab.document(MIX, "2022-01-04", {TODAY[MIX]: kept}),
    ]
    ember = lab.document(EMBER, "2022-01-04", {TODAY[EMBER]: new})
    split = lab.split(
        lab.snapshot("a", mix[:1]),
        lab.snapshot("b", [*mix, ember]),
        ratios({MIX: old}),
        ratios({MIX: kept, EMBER: new}),
    )
    assert effects(split) == {("source",): 0.5}
    assert {part.components: part.in_reverse_order for part in split.parts} == {
        ("source",): None,
        ("withdrawn",): None,
        ("new",): Fraction(0),
    }
    with pytest.raises(Wrong, match="has no value for 2012-01-01 in both"):
        lab.split(
            lab.snapshot("a", mix[:1]),
            lab.snapshot("b", [*mix, ember]),
            ratios({MIX: old}),
            ratios({EMBER: new}),
            period="2012",
        )


numbers = st.floats(min_value=0.1, max_value=1e5, allow_nan=False)
documents = st.dictionaries(
    st.sampled_from([(side, year) for side in ("USA", "CHN") for year in (2010, 2011)]), numbers, min_size=1
)
whole = st.fixed_dictionaries({("USA", 2010): numbers, ("CHN", 2010): numbers})


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    first=whole,
    second=whole,
    misread=whole,
    others=st.dictionaries(st.sampled_from([EMBER, CHART]), st.tuples(documents, documents)),
    formula=st.booleans(),
)
def test_the_parts_sum_to_the_last_bit(lab, first, second, misread, others, formula):
    """Parser, formula and any documents change at once: both ends are what the indicator comes to, and
    nothing is left over."""
    then = [lab.document(MIX, "2021-02-01", {TODAY[MIX]: first, OLD: misread})]
    now = [*then, lab.document(MIX, "2022-02-01", {TODAY[MIX]: second, OLD: misread})]
    for source, (early, late) in others.items():
        then.append(lab.document(source, "2021-03-01", {TODAY[source]: early, OLD: early}))
        now += [then[-1], lab.document(source, "2022-03-01", {TODAY[source]: late, OLD: late})]
    before = lab.snapshot("a", then, parser=OLD, sql="2 * chn / usa" if formula else None)
    after = lab.snapshot("b", now)
    said = (
        ratios(
            {MIX: misread} | {name: early for name, (early, _) in others.items()}, 2.0 if formula else 1.0
        ),
        ratios({MIX: second} | {name: late for name, (_, late) in others.items()}),
    )
    found = why.split(lab.layout, why.Asked("energy_generation", period="2010"), (before, after), said)
    for split in found.changes:
        assert split.before + sum(part.effect for part in split.parts) == split.after
        assert ("code",) not in {part.components for part in split.parts}
    assert found.changes or said[0]["", "", dt.date(2010, 1, 1)] == said[1]["", "", dt.date(2010, 1, 1)]
