"""The ledger of releases: what each said is found again, and what decided it is kept."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace

import duckdb
import pytest
from conftest import SOURCES, good, good_answer
from running import SALT, Gapwatch

from flows.commands import diff, show_released
from flows.commands.options import Wrong
from warehouse.build import build, indicators
from warehouse.compare import snapshot, value_log
from warehouse.compare.decomposition import Decomposition
from warehouse.store import journal
from warehouse.store.paths import Layout

SAID = "SELECT indicator, series, period, usa, chn, gap, low, high, leader, unit FROM {view} ORDER BY ALL"
STATISTICS = 'SELECT indicator, series, statistic, "value", low, high, unit FROM {view} ORDER BY ALL'


def test_what_every_release_said_is_found_again(sample_nights):
    """The kept file of each release tells what it said; the newest file tells the same for that moment."""
    released = sample_nights.query("SELECT release, released_at FROM release ORDER BY released_at")
    assert len(released) == 3
    answers = []
    for release, moment in released:
        with sample_nights.published() as con, duckdb.connect() as then:
            then.execute(
                f"ATTACH '{sample_nights.data / 'releases' / f'{release}.duckdb'}' AS kept (READ_ONLY)"
            )
            then.execute("USE kept")
            con.execute(f"SET VARIABLE as_released = TIMESTAMP '{moment}'")
            for query, views in (
                (SAID, ("released_value", "indicator_value")),
                (STATISTICS, ("released_headline", "indicator_headline")),
            ):
                told = con.execute(query.format(view=views[0])).fetchall()
                assert told == then.execute(query.format(view=views[1])).fetchall()
                answers.append(told)
    assert len({str(answer) for answer in answers}) > 4, "the nights say the same: nothing was tested"
    with sample_nights.published() as con:
        con.execute(f"SET VARIABLE as_released = TIMESTAMP '{released[0][1]}' - INTERVAL 1 SECOND")
        assert con.execute("SELECT count(*) FROM released_value").fetchone() == (0,)


def test_a_release_names_the_documents_it_knew_and_what_decided_its_values(sample_nights):
    lines = (sample_nights.data / "ledger/document.ndjson").read_bytes().splitlines(keepends=True)
    heads = [(entry["lines"], entry["archive"]) for entry in sample_nights.ledger("release")][:3]
    assert [lines for lines, _ in heads] == sorted({lines for lines, _ in heads})
    assert [head for _, head in heads] == [
        hashlib.sha256(b"".join(lines[:count])).hexdigest() for count, _ in heads
    ]
    store = sample_nights.data / "ledger/method"
    kept = {path.name: path.read_bytes() for path in store.iterdir()}
    assert {name: hashlib.sha256(content).hexdigest() for name, content in kept.items()} == {
        name: name for name in kept
    }
    for entry in sample_nights.ledger("release"):
        listed = json.loads(kept[entry["method"]])
        assert {
            name for kind in ("indicators", "macros", "reference") for name in listed[kind].values()
        } <= set(kept)
        refused = {tuple(line[:3]) for line in listed["refused"]}
        known = {
            (row["source"], row["part"], row["sha256"]) for row in map(json.loads, lines[: entry["lines"]])
        }
        assert refused <= known
        assert {source for source, _, _ in known - refused} <= set(listed["parsers"])


def state(run: Gapwatch) -> dict[str, bytes]:
    """What a release adds to, by file."""
    ledgers = [
        run.data / "ledger/release.ndjson",
        *(run.data / "ledger/released").iterdir(),
        *(run.data / "ledger/method").iterdir(),
    ]
    return {str(path): path.read_bytes() for path in [*ledgers, run.data / "gapwatch.duckdb"]}


def test_a_dry_run_shows_the_diff_that_publishing_then_makes(after_good_night, publisher):
    run, source = after_good_night, "ember_generation_yearly"
    before = state(run)
    publisher.serve(SOURCES[source].url, good_answer(source, good(source).replace(b"10505.74", b"10515.74")))
    dry = run.refresh("--source", source, "--dry-run")
    assert state(run) == before
    assert run.refresh("--source", source).returncode == 0
    shown = run("diff").stdout
    rows = shown.partition("\n")[2]
    assert rows in dry.stdout, dry.stdout
    assert re.search(rf"electricity_generation .* {source} ", rows)
    assert "energy_generation " in rows
    first, last = (entry["release"] for entry in run.ledger("release"))
    assert run("diff", first[:6], last).stdout == shown
    assert re.findall(r"^│ ([0-9a-f]{12}) │", run("releases").stdout, re.MULTILINE) == [last, first]


def test_releases_of_before_there_were_records(sample_nights, tmp_path):
    """The first of three releases is made one of before: the others are as readable as they were."""
    layout = Layout(tmp_path)
    shutil.copytree(sample_nights.data / "ledger", layout.ledger)
    entries = journal.read(layout.ledger, "release")[:3]
    value_log.file(layout, entries[0]["release"]).unlink()
    old = {name: value for name, value in entries[0].items() if name not in ("lines", "archive", "method")}
    (layout.ledger / "release.ndjson").write_text(
        "".join(json.dumps(entry) + "\n" for entry in (old, *entries[1:])), "utf-8"
    )
    with duckdb.connect() as con:
        for name in ("ledger", "derived", "reference"):
            con.execute(f"CREATE SCHEMA {name}")
        con.execute(build.surface().replace("{inputs}", indicators.INPUTS))
        value_log.released_values(con, layout, journal.read(layout.ledger, "release"), None)
        assert {
            release for (release,) in con.execute("SELECT DISTINCT release FROM ledger.said").fetchall()
        } == {e["release"] for e in entries[1:]}
    diff.listed(layout)
    with pytest.raises(ValueError, match=f"release {old['release']} was published before"):
        diff.between(layout, old["release"], None)


def test_known_and_said_are_drawn(sample_nights, tmp_path):
    target = tmp_path / "both.svg"
    done = sample_nights(
        "show",
        "energy_generation",
        "--as-of",
        "2026-09-24",
        "--as-released",
        "2026-08-20",
        "--plot",
        str(target),
    )
    assert done.returncode == 0, done.stderr
    drawn = [
        line.get("points") for line in ET.parse(target).getroot().iter("{http://www.w3.org/2000/svg}polyline")
    ]
    assert len(drawn) == 2
    assert drawn[0] != drawn[1], "2025 was revised since"
    assert "2.342" in sample_nights("show", "energy_generation", "--as-released", "2026-08-20").stdout
    assert (
        sample_nights(
            "show", "energy_generation", "--as-of", "2026-08-20", "--as-released", "2026-08-20"
        ).returncode
        == 2
    )
    with pytest.raises(Wrong, match=r"only \.svg"):
        show_released.plot(Layout(sample_nights.data), "energy_generation", None, None, tmp_path / "both.png")


@pytest.mark.parametrize("recorded", ["now", "by an earlier version", "not kept"])
def test_rows_that_code_found_are_those_of_then(sample_nights, recorded, monkeypatch):
    """Under whichever name a release has their basis. Where they are not kept, those of the published file
    stand in, and it is said."""
    monkeypatch.setenv("GAPWATCH_SALT", SALT)  # the one that the demo was made with
    layout = Layout(sample_nights.data)
    one = snapshot.of_release(layout, journal.read(layout.ledger, "release")[-1])
    [(name, basis)] = one.method["derived"].items()
    other = {name: value for name, value in one.method.items() if name != "derived"}
    methods = {
        "now": one.method,
        "by an earlier version": other | {"mapping": basis},
        "not kept": other | {"derived": {name: "0" * 64}},
    }
    decomposition = Decomposition(layout, "talent_work", replace(one, method=methods[recorded]), one)
    try:
        assert decomposition.components == []
        stands_in = (
            f"{one.label}: the rows of {name} as they were then are not kept;"
            " those of the published file stand in"
        )
        assert [note for note in decomposition.notes if "affiliation" in note] == (
            [stands_in] if recorded == "not kept" else []
        )
        assert len(decomposition.con.execute("FROM kept_a.affiliation").fetchall()) > 10
        assert decomposition.values(())
    finally:
        decomposition.close()
