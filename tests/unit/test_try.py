"""``gapwatch try``: what one file comes to, without a data directory."""

from __future__ import annotations

import json

import pytest
from conftest import SOURCES, good, good_document
from releasing import published_once

from flows.commands import cli, try_document

OWID = "owid_electricity_generation"
PEOPLE = "neurips_accepted"


@pytest.fixture
def told(tmp_path, capsys, monkeypatch):
    """Runs ``gapwatch try`` in an empty folder: its exit code, and what it prints and says of errors."""
    monkeypatch.setenv("GAPWATCH_DATA_DIR", str(tmp_path / "data"))

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["try", *arguments])
        return (ended.value.code, *capsys.readouterr())

    yield run
    assert not (tmp_path / "data").exists(), "nothing is kept"


@pytest.fixture
def file(tmp_path):
    def write(content: bytes) -> str:
        (tmp_path / "document").write_bytes(content)
        return str(tmp_path / "document")

    return write


def table(*rows: str) -> bytes:
    return "\n".join(("entity,code,year,total_generation__twh", *rows, "")).encode()


def test_a_good_file_is_accepted(told, file):
    code, out, errors = told(OWID, file(good(OWID)))
    assert (code, errors) == (0, "")
    assert "Accepted." in out
    assert "First rows of electricity_generation" in out


def test_what_is_told_is_told_as_json(told, file):
    code, out, _ = told(OWID, file(good(OWID)), "--json")
    found = json.loads(out)
    assert set(found) == set(try_document.Tried.__dataclass_fields__)
    assert (code, found["source"], found["accepted"], found["refused"]) == (0, OWID, True, [])
    assert found["rows"]["electricity_generation"] > 0
    assert {check["status"] for check in found["checks"]} <= {"pass", "skipped"}
    assert set(found["checks"][0]) == {"target", "name", "severity", "status", "observed", "message"}
    assert 0 < len(found["first"]["electricity_generation"]) <= try_document.FIRST


def test_another_layout_is_refused_by_place(told, file):
    code, out, errors = told(OWID, file(b"entity,code,year,generation\nChina,CHN,2001,1\n"))
    assert code == 1
    assert "Refused:" in out
    assert "total_generation__twh" in errors


def test_every_failed_check_is_told(told, file):
    """More than the three that a refresh names."""
    path = file(table("China,CHN,2001,-5", "China,CHN,2190,1e9", "Atlantis,ATL,2001,many"))
    code, out, _ = told(OWID, path, "--json")
    found = json.loads(out)
    failed = [
        check["message"]
        for check in found["checks"]
        if check["severity"] == "error" and check["status"] in ("fail", "broken")
    ]
    assert code == 1
    assert not found["accepted"]
    assert found["refused"] == failed
    _, _, errors = told(OWID, path)
    assert [line for line in errors.splitlines() if line] == failed


def test_rows_that_cannot_be_read_are_told_with_their_places(told, file):
    path = file(table("China,CHN,2001,many", *("United States,USA,2001,few" for _ in range(6))))
    _, out, _ = told(OWID, path)
    assert "quarantined record 1, " in out
    assert "many is not a number" in out
    assert "and 2 more: --json lists them" in out
    _, out, _ = told(OWID, path, "--json")
    rows = json.loads(out)["quarantined"]
    assert len(rows) == 7
    assert {row["dataset"] for row in rows} == {"electricity_generation"}


@pytest.mark.parametrize("arguments", [(), (OWID,), (OWID, "FILE", "--indicator", "FILE")])
def test_wrong_usage_says_how(told, file, arguments):
    path = file(good(OWID))
    code, _, errors = told(*(path if one == "FILE" else one for one in arguments))
    assert code == 2
    assert "try takes a source and a file, or --indicator with a draft" in errors


def test_an_unknown_source_is_named(told, file):
    code, _, errors = told("owid_electricity", file(good(OWID)))
    assert code != 0
    assert "owid_electricity" in errors


def test_a_source_of_people_shows_no_names(told, file):
    assert SOURCES[PEOPLE].personal
    given = good_document(PEOPLE)
    part = ("--part", given["part"]) if given["part"] else ()
    shown, both = set(), ""
    for form in ((), ("--json",)):
        code, out, errors = told(PEOPLE, file(given["content"]), *part, *form)
        both += out + errors
        shown.add(code)
    assert shown == {0}
    assert b". Author (" in given["content"]
    assert "Author" not in both


DRAFT = """/* warehouse/indicators/draft.sql
title: A draft
question: Which one?
unit: TWh
formula: a less b
method: as it stands
bounds: none
alert: {}
sources: [owid_electricity_generation] */
SELECT DATE '2024-01-01' AS period, 2 AS usa, 5 AS chn, chn - usa AS gap, NULL AS low, NULL AS high,
    NULL::VARCHAR AS statistic, 1 AS coverage,
    [{side: 'CHN', dataset: 'd', source: 's', document: 'x', locator: 'record 1', 'value': 5}] AS inputs
"""


def test_a_draft_of_an_indicator_gives_its_values(tmp_path, capsys):
    (tmp_path / "draft.sql").write_text(DRAFT, "utf-8")
    (tmp_path / "data").mkdir()
    data = published_once(tmp_path / "data").root
    arguments = ["try", "--indicator", str(tmp_path / "draft.sql"), "--data-dir", str(data)]
    with pytest.raises(SystemExit) as ended:
        cli.main([*arguments, "--json"])
    assert (ended.value.code or 0) == 0
    [value] = json.loads(capsys.readouterr().out)
    told = {name: value[name] for name in ("indicator", "usa", "chn", "gap", "leader", "unit", "inputs")}
    assert told == {
        "indicator": "draft", "usa": 2, "chn": 5, "gap": 3, "leader": "CHN", "unit": "TWh", "inputs": 1
    }  # fmt: skip
    (tmp_path / "draft.sql").write_text(DRAFT.replace("question", "qestion"), "utf-8")
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "qestion is no field, did you mean 'question'?" in capsys.readouterr().err
