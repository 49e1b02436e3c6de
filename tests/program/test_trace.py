"""Every number leads back to its text in the archived bytes, and a place or a byte that is wrong is
noticed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
import tracemalloc
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import SOURCES
from running import Gapwatch
from tracing import every_input

from extractors.contract import Document
from extractors.evidence import text_of
from extractors.evidence.locate import Evidence, Nowhere, locate
from flows.commands import trace, trace_output
from flows.commands.options import Wrong
from warehouse.datasets import schema
from warehouse.store.paths import Layout

PACKED = (b"PK", b"PAR1")
FORMS = (
    r"record \d+, column ",
    r"member .+, record \d+, column ",
    r"sheet \d+, row \d+, column ",
    r"\$\.",
    r"table \d+, row \d+, cell ",
    r"fact \d+",
)


@pytest.fixture(scope="module")
def inputs(sample_nights) -> list[trace.Input]:
    return every_input(sample_nights)


def document(folder: Path, content: bytes, source: str = "any") -> Document:
    path = folder / "document"
    path.write_bytes(content)
    return Document(source, hashlib.sha256(content).hexdigest(), path)


def differ(one: trace.Input, other: trace.Input) -> bool:
    return one.found.states != other.found.states if one.found.states else one.value != other.value


def gives(row: dict, text: Evidence) -> bool:
    """Whether the text gives in words what the row says; also where it gives none."""
    return all(row[name] == told for name, told in (text.states or {}).items())


# ── Over all values ──────────────────────────────────────────────────────────────────────────────


def test_every_value_of_the_sample_leads_back(sample_nights, inputs):
    assert [
        (given, given.reading)
        for given in inputs
        if given.verdict != ("counted" if given.dataset == "author_slot" else "stated")
    ] == []
    known = {name for (name,) in sample_nights.query("SELECT DISTINCT indicator FROM indicator_value")}
    assert known == {name for (name,) in sample_nights.query("SELECT DISTINCT indicator FROM lineage")}
    for form in FORMS:
        assert any(re.match(form, given.locator) for given in inputs), f"no input has a place like {form}"
    for given in inputs:
        content = (sample_nights.data / "archive" / given.document[:2] / given.document).read_bytes()
        assert content.startswith(PACKED) or given.found.text.encode() in content


def test_every_row_of_every_dataset_has_its_text(sample_nights):
    """Also of sources that no indicator rests on. What is a number is one of the row's numbers, in its unit
    or as printed; what is in words is what the row says, and the words of the next row are not. An author
    without an affiliation has none."""
    noticed: Counter[str] = Counter()
    with sample_nights.published() as con:
        for dataset in schema.all_datasets():
            found = con.execute(f"FROM history.{dataset}")
            names = [column[0] for column in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
            texts = trace.texts(
                Layout(sample_nights.data), ((row["source"], row["document"], row["locator"]) for row in rows)
            )
            assert rows, dataset
            for row, after in zip(rows, [*rows[1:], {}], strict=True):
                text = texts[row["source"], row["document"], row["locator"]]
                if row.get("affiliation", "") is None and row["domain"] is None:
                    assert "no affiliation is printed" in str(text), row
                    continue
                assert isinstance(text, Evidence), (dataset, row, text)
                values = {float(value) for value in row.values() if isinstance(value, int | float)} | {
                    row.get("printed")
                }
                assert gives(row, text), (dataset, row, text)
                if text.states and after and not gives(after, text):
                    noticed[dataset] += 1
                assert text.number is None or float(text.number) in values or text.text in values, (
                    dataset,
                    row,
                    text,
                )
    assert noticed.keys() == {"accepted_paper", "author_slot", "institution"}
    assert min(noticed.values()) > 5


def test_another_place_of_the_same_document_is_noticed(inputs):
    """Each input with the text of the next one of its document: nothing but an equal number passes."""
    noticed: Counter[str] = Counter()
    for given, other in pairwise(inputs):
        if given.document == other.document and differ(given, other):
            moved = replace(given, found=other.found)
            assert moved.verdict == "wrong"
            assert (
                other.found.text.strip() if other.found.states else str(other.found.number)
            ) in moved.reading
            noticed[given.dataset] += 1
    assert noticed.total() > 200
    assert noticed["author_slot"] > 20


# ── Places ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("indicator", "locator"),
    [
        ("energy_generation", "record 99, column Generation (TWh)"),
        ("energy_generation", "record 0, column Generation (TWh)"),
        ("energy_generation", "record 1, column Generation"),
        ("energy_generation", "line 3"),
        ("energy_generation", "$.a[0]"),
        ("energy_generation", "fact 1"),
        ("energy_generation", "table 1, row 1, cell 1"),
        ("energy_generation", "sheet 1, row 1, column a"),
        ("energy_generation", "member a.csv, record 1, column a"),
        ("compute_top500", "sheet 65, row 9999, column Rmax [TFlop/s]"),
        ("compute_top500", "sheet 99, row 2, column Rmax [TFlop/s]"),
    ],
)
def test_a_place_that_is_not_there(sample_nights, indicator, locator):
    [(source, sha256)] = sample_nights.query(
        "SELECT source, document FROM lineage WHERE indicator = ? AND series = ''"
        " ORDER BY period DESC, value DESC LIMIT 1",
        indicator,
    )
    [found] = trace.texts(Layout(sample_nights.data), [(source, sha256, locator)]).values()
    assert isinstance(found, Nowhere)
    assert str(found).startswith(f"{source} document {sha256[:12]}")


def test_places_in_json(tmp_path):
    body = b"""{"a": [1.50, {"b c": "x\\u0041", "b": {"deep": [-2e3]}}], "a.b": null, "twice": 1, "twice": 2, "\xc3\xa9": "\xc3\xa9"}"""  # noqa: E501
    places = {
        "$.a[0]": "1.50",
        '$.a[1]["b c"]': "xA",
        "$.a[1].b.deep[0]": "-2e3",
        "$.a[1].b": '{"deep": [-2e3]}',
        '$["a.b"]': "null",
        "$.twice": "2",
        "$.é": "é",
        "$": body.decode(),
    }
    found = locate(document(tmp_path, body), [*places, "$.a[2]", "$.a[0].b", "$.a["])
    assert {place: found[place].text for place in places} == places
    assert found["$.a[1].b.deep[0]"].number == -2000
    assert found["$.a[1].b.deep[0]"].around == "-2e3"
    assert found['$.a[1]["b c"]'].around.startswith('{"b c"')
    assert all(isinstance(found[place], Nowhere) for place in ("$.a[2]", "$.a[0].b", "$.a["))
    assert all(isinstance(one, Nowhere) for one in locate(document(tmp_path, body[:20]), places).values())


def test_places_in_csv(tmp_path):
    body = '\ufeffname,"a, b"\r\n"two\nlines",1\r\n\r\n"says ""so""",2.50\r\n'.encode()
    found = locate(
        document(tmp_path, body),
        ["record 1, column name", "record 2, column a, b", "record 2, column name", "record 2"],
    )
    assert [one.text for one in found.values()] == ["two\nlines", "2.50", 'says "so"', '"says ""so""",2.50']
    assert found["record 2, column a, b"].around == '"says ""so""",2.50'


def test_a_continental_number(tmp_path):
    place = "record 2, column Rmax [TFlop/s]"
    found = text_of.finder(SOURCES["top500_lists"])(
        document(tmp_path, b"Rank;Rmax [TFlop/s]\n1;1 742 000,00\n2;1 353 000,50\n"), [place]
    )[place]
    assert (found.text, float(found.number)) == ("1 353 000,50", 1353000.5)
    assert "comma" in found.reading


def test_a_large_csv_is_not_held_in_memory(tmp_path):
    body = b"name,value\n" + b"some name of a place,123.5\n" * 100_000
    one = document(tmp_path, body + b"last,7\n")
    tracemalloc.start()
    try:
        [found] = locate(one, ["record 100001, column value"]).values()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.text == "7"
    assert peak < len(body) / 4


# ── The command ──────────────────────────────────────────────────────────────────────────────────


def test_as_of_and_the_view(sample_nights):
    """The answer of the end of 2020, in the command and in SQL; the view has each input of each value
    once."""
    then = dt.datetime(2020, 12, 31)  # as the command line gives it: UTC without saying so  # noqa: DTZ001
    found = trace.trace(Layout(sample_nights.data), "energy_generation", "2010", None, then, None)
    assert found.about["leader"] == "USA"
    assert [(given.side, given.found.text) for given in found.inputs] == [
        ("USA", "4394.25"),
        ("CHN", "4207.16"),
    ]
    [document] = found.documents
    assert (document["source"], document["published_at"]) == ("owid_electricity_mix", dt.datetime(2020, 9, 9))  # noqa: DTZ001
    assert document["fetched_at"] > document["published_at"]
    with sample_nights.published() as con:
        for moment in ("2020-12-31", "2026-06-01", "2030-01-01"):
            con.execute(f"SET VARIABLE as_of = TIMESTAMP '{moment}'")
            counted = con.execute(
                "SELECT sum(len(inputs)), (SELECT count(*) FROM lineage) FROM indicator_value"
            ).fetchone()
            assert counted[0] == counted[1] > 0
            late = con.execute(
                "SELECT count(*) FROM lineage WHERE known_from > getvariable('as_of') OR url IS NULL"
                " AND licence IS NULL"
            ).fetchone()
            assert late == (0,)
        assert con.execute(
            "SELECT count(*) FROM duckdb_columns() WHERE table_name = 'lineage' AND comment IS NULL"
        ).fetchone() == (0,)


def test_sums_and_the_largest_first(sample_nights):
    found = trace.trace(Layout(sample_nights.data), "energy_generation_trailing", None, None, None, 3)
    assert (len(found.inputs), found.total) == (3, 24)
    assert found.about["chn_is"] == "the sum of the 12 inputs of this side"
    values = [given.value for given in found.inputs]
    assert values == sorted(values, reverse=True)
    assert [(row["side"], row["inputs"]) for row in found.summary] == [("CHN", 12), ("USA", 12)]
    share = trace.trace(Layout(sample_nights.data), "compute_top500", None, "systems", None, 1).about[
        "usa_is"
    ]
    assert share.startswith("the number of inputs of this side")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("energy_generation", "1905", None), "the nearest is 2000-01-01"),
        (("energy_generation_monthly", "2026-07-02", None), "the nearest is 2026-07-01"),
        (("energy_generation", "last year", None), "2025-03-01"),
        (("energy_generation", "2025-13", None), "is no period"),
        (("arena_gap", None, "blue"), "raw, site, style_control"),
        (("gap", None, None), "energy_generation"),
    ],
)
def test_what_is_not_there_is_told(sample_nights, asked, told):
    with pytest.raises(Wrong, match=told):
        trace.trace(Layout(sample_nights.data), *asked, None, 5)


def test_damaged_and_missing_documents(sample_nights, tmp_path):
    """Told for what they are, by document; the other inputs are still shown."""
    run = Gapwatch(tmp_path)
    shutil.copytree(
        sample_nights.data, run.data, ignore=shutil.ignore_patterns("stage", "releases", "build", "prefect")
    )
    query = (
        "SELECT DISTINCT document FROM lineage WHERE indicator = 'revenue_run_rate'"
        " AND period = '2025-10-01' AND source = ?"
    )
    [(rates,)], [(filing,)] = run.query(query, "ecb_exchange_rates"), run.query(query, "alibaba_results")
    damaged, missing = (run.data / "archive" / sha256[:2] / sha256 for sha256 in (filing, rates))
    body = damaged.read_bytes()
    damaged.chmod(0o644)
    damaged.write_bytes(body.replace(b"43,284", b"43,285"))
    assert damaged.read_bytes() != body
    missing.unlink()
    done = run("trace", "revenue_run_rate", "2025-10", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    found = {
        given["source"]: (given["verdict"], given["reading"], given["text"])
        for given in json.loads(done.stdout)["inputs"]
    }
    assert found["published_figures"][0] == "stated"
    for source, words in (
        ("alibaba_results", "the archive is damaged"),
        ("ecb_exchange_rates", "is not in the archive"),
    ):
        assert (found[source][0], found[source][2]) == ("missing", None)
        assert words in found[source][1]


def test_json_is_as_its_page_says(sample_nights):
    """Names that programs rest on: one that is added, gone or changed must be told in
    docs/reference/json.md."""
    page = Path(__file__).parents[2] / "docs/reference/json.md"
    told = page.read_text("utf-8").split("## gapwatch trace")[1].split("## gapwatch why")[0]
    done = sample_nights("trace", "energy_generation", "2025", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    names = [*found, *(name for part in ("summary", "inputs", "documents") for name in found[part][0])]
    assert set(names) == set(re.findall(r"`(\w+)`", told)) - {
        "stated",
        "counted",
        "wrong",
        "missing",
        "indicator_value",
        "lineage",
    }
    assert done.stdout.isascii()


def test_scraped_text_steers_nothing(sample_nights, capsys):
    """Neither markup nor control characters nor marks of direction nor names of signs."""
    found = trace.trace(Layout(sample_nights.data), "energy_generation", None, None, None, 1)
    evil = "[red]1[/red] \x1b]0;title\x07 \x9b2J \u202e :car: \r\nmore"
    given = replace(found.inputs[0], locator=evil, found=Evidence(evil, evil, None), row={"notes": evil})
    trace_output.show(replace(found, inputs=[given]))
    told = capsys.readouterr().out
    assert (
        told.count("[red]1[/red] \\u001b]0;title\\u0007 \\u009b2J \\u202e :car: \\u000d\\u000amore") == 4 - 1
    )
    assert not set(told) & set("\x1b\x07\x9b\u202e\r")
    assert "wrong: the text gives None" in told
