"""The ledger of releases: what each said is found again, and what decided it is kept."""

from __future__ import annotations

import hashlib
import json

import duckdb

SAID = "SELECT indicator, series, period, usa, chn, gap, low, high, leader, unit FROM {view} ORDER BY ALL"
STATISTICS = 'SELECT indicator, series, statistic, "value", low, high, unit FROM {view} ORDER BY ALL'


def test_what_every_release_said_is_found_again(sample_nights):
    """The kept file of each release tells what it said; the newest file tells the same for that moment."""
    released = sample_nights.query("SELECT release, released_at FROM release ORDER BY released_at")
    assert len(released) == 3
    answers = []
    for release, moment in released:
        with sample_nights.published() as con, duckdb.connect() as then:
            then.execute(f"ATTACH '{sample_nights.data / 'releases' / f'{release}.duckdb'}' AS kept (READ_ONLY)")
            then.execute("USE kept")
            con.execute(f"SET VARIABLE as_released = TIMESTAMP '{moment}'")
            for query, views in ((SAID, ("released_value", "indicator_value")), (STATISTICS, ("released_headline", "indicator_headline"))):
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
    assert [head for _, head in heads] == [hashlib.sha256(b"".join(lines[:count])).hexdigest() for count, _ in heads]
    store = sample_nights.data / "ledger/method"
    kept = {path.name: path.read_bytes() for path in store.iterdir()}
    assert {name: hashlib.sha256(content).hexdigest() for name, content in kept.items()} == {name: name for name in kept}
    for entry in sample_nights.ledger("release"):
        listed = json.loads(kept[entry["method"]])
        assert {name for kind in ("indicators", "macros", "reference") for name in listed[kind].values()} <= set(kept)
        refused = {tuple(line[:3]) for line in listed["refused"]}
        known = {(row["source"], row["part"], row["sha256"]) for row in map(json.loads, lines[: entry["lines"]])}
        assert refused <= known
        assert {source for source, _, _ in known - refused} <= set(listed["parsers"])
