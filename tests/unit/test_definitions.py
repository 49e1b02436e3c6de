"""Definitions: what is wrong in one is told a line a fault, by file, field and what was meant; their schemas
say the same to editors."""

from __future__ import annotations

import json
import re
from pathlib import Path

import great_expectations as gx
import jsonschema
import pytest
import yaml
from conftest import SOURCES
from schemas import FOLDER, schemas

from expectations import suites
from expectations.claims import FILE, Claim
from expectations.suites import Suite
from extractors import definition, yml
from extractors.definition import Source
from warehouse.build import indicators
from warehouse.store import headed_sql

ROOT = FOLDER.parent.parent
SOURCE = {
    "title": "T", "publisher": "P", "homepage": "https://example.org", "licence": "none", "citation": "P, T", "datasets": "exchange_rate",  # noqa: E501
    "media": ["text/csv"], "limit": "5 MB", "statement": "full",
}  # fmt: skip
INDICATOR = {
    "title": "T",
    "question": "Q?",
    "unit": "%",
    "formula": "a - b",
    "method": "m",
    "bounds": "none",
    "alert": {"leader": True},
    "sources": ["s"],
}
CHECK = {
    "name": "a is there",
    "batch": "rows",
    "expect": "ExpectColumnValuesToNotBeNull",
    "with": {"column": "a"},
}
CALENDAR = {"url": "u", "months": [13], "since": "2024-1", "wait": "1 day"}
SUITE = {"batches": {"rows": "FROM staged"}, "checks": [CHECK, CHECK]}
CLAIM = {"claim": "c", "text": "T", "said_by": "S", "said_on": "2026-01-15", "holds_when": "SELECT true"}
SUITES = [(path.parent.name, path.stem) for path in sorted(suites.HERE.glob("*/*.yml"))]


def source(text: str) -> Source:
    return yml.load(Source, text, "some/source.yml", id="some")


def indicator(text: str) -> indicators.Indicator:
    return headed_sql.parse(
        indicators.Indicator, "some", f"/* warehouse/indicators/some.sql\n{text}*/\nSELECT 1;"
    )


def suite(text: str) -> Suite:
    return yml.load(Suite, text, "datasets/some.yml", name="some", hash="")


def claims(text: str) -> list[Claim]:
    return yml.load(list[Claim], text, "claims.yml")


NAMES = {source: "some/source.yml", indicator: "some.sql", suite: "datasets/some.yml", claims: "claims.yml"}


def written(body: object) -> str:
    """As YAML; days stand there as people write them."""
    return re.sub(r"'(\d{4}-\d\d-\d\d)'", r"\1", yaml.safe_dump(body, sort_keys=False))


def faults(read, body: object) -> list[str]:
    """What is told of each fault, behind the name of the file."""
    with pytest.raises(ValueError, match=f"^{NAMES[read]}: ") as told:
        read(written(body))
    lines = [line.partition(": ") for line in str(told.value).splitlines()]
    assert {name for name, _, _ in lines} == {NAMES[read]}
    return [fault for _, _, fault in lines]


def without(body: dict, name: str) -> dict:
    return {field: value for field, value in body.items() if field != name}


@pytest.mark.parametrize(
    ("read", "body", "told"),
    [
        (source, SOURCE | {"key_enf": "K"}, "key_enf is no field, did you mean 'key_env'?"),
        (source, without(SOURCE, "title") | {"titel": "T"}, "titel is no field, did you mean 'title'?"),
        (source, SOURCE | {"cadence": {"relase": "1 day", "newest_period": "1 day"}}, "cadence.relase is no field, did you mean 'release'?"),  # noqa: E501
        (source, SOURCE | {"id": "other"}, "id is no field"),
        (source, without(SOURCE, "media"), "media is missing"),
        (source, SOURCE | {"once": "perhaps"}, "once should be a valid boolean, not 'perhaps'"),
        (source, SOURCE | {"limit": "5 apples"}, "limit should be a number and one of KB, MB, GB, like '5 MB', not '5 apples'"),  # noqa: E501
        (source, SOURCE | {"every": 3}, "every should be a number and one of day, week, month, year, like '3 weeks', not 3"),  # noqa: E501
        (source, SOURCE | {"statement": "half"}, "statement should be 'full' or 'window', not 'half'"),
        (source, SOURCE | {"datasets": []}, "datasets should not be empty, not []"),
        (source, SOURCE | {"media": ["text/csv", 5]}, "media[1] should be a valid string, not 5"),
        (source, SOURCE | {"url": "u", "follows": "s"}, "url and follows exclude one another: state one of them"),  # noqa: E501
        (source, SOURCE | {"key_env": "K"}, "key_env and key_parameter belong together: state both or none"),
        (source, [SOURCE], "should be fields with their values, not [{"),
        (indicator, INDICATOR | {"alert": {"leadr": True}}, "alert.leadr is no field, did you mean 'leader'?"),  # noqa: E501
        (indicator, INDICATOR | {"alert": {"chnage": 2}}, "alert.chnage is no field, did you mean 'change'?"),
        (indicator, INDICATOR | {"alert": {"change": "much"}}, "alert.change should be a number, in the unit of the indicator, or like '20 %',"),  # noqa: E501
        (indicator, INDICATOR | {"alert": {"change": True}}, "alert.change should be a number"),
        (indicator, without(INDICATOR, "unit") | {"unti": "%"}, "unti is no field, did you mean 'unit'?"),
        (indicator, without(INDICATOR, "alert"), "alert is missing"),
        (indicator, INDICATOR | {"hash": "0"}, "hash is no field"),
        (suite, SUITE | {"check": []}, "check is no field, did you mean 'checks'?"),
        (suite, SUITE | {"checks": [CHECK, CHECK | {"severty": "warn"}]}, "checks[1].severty is no field, did you mean 'severity'?"),  # noqa: E501
        (suite, SUITE | {"checks": [CHECK, CHECK | {"kwargs": {}}]}, "checks[1].kwargs is no field; there are: name, batch, expect, with,"),  # noqa: E501
        (suite, SUITE | {"checks": [CHECK | {"severity": "warning"}]}, "checks[0].severity should be 'error' or 'warn', not 'warning'"),  # noqa: E501
        (suite, SUITE | {"checks": [CHECK, CHECK | {"with": ["a"]}]}, "checks[1].with should be fields with their values, not ['a']"),  # noqa: E501
        (suite, SUITE | {"checks": [CHECK | {"expect": "expect_a_table"}]}, "checks[0].expect should match pattern"),  # noqa: E501
        (suite, SUITE | {"checks": [CHECK, CHECK | {"batch": "row"}]}, "checks[1].batch should be one of rows, not 'row'"),  # noqa: E501
        (suite, SUITE | {"checks": [CHECK, without(CHECK, "batch")]}, "checks[1].batch is missing"),
        (suite, SUITE | {"batches": {"rows": {"pyton": "a:b"}}}, "batches.rows.pyton is no field, did you mean 'python'?"),  # noqa: E501
        (suite, SUITE | {"batches": {"rows": {"python": "a.b"}}}, "batches.rows.python should match pattern"),
        (suite, SUITE | {"batches": {"rows": 5}}, "batches.rows should be fields with their values, not 5"),
        (claims, [CLAIM, without(CLAIM, "holds_when") | {"holds_wen": "x"}], "[1].holds_wen is no field, did you mean 'holds_when'?"),  # noqa: E501
        (claims, [CLAIM | {"said_on": "January"}], "[0].said_on should be a valid date, not 'January'"),
        (claims, [CLAIM, CLAIM, without(CLAIM, "text")], "[2].text is missing"),
        (claims, [CLAIM, "c"], "[1] should be fields with their values, not 'c'"),
    ],
)  # fmt: skip
def test_a_fault_is_one_line(read, body, told):
    [line] = faults(read, body)
    assert line.startswith(told), line


@pytest.mark.parametrize(
    ("read", "body", "told"),
    [
        (
            source,
            without(SOURCE, "licence") | {"titel": "T", "cadence": {"newest_period": "soon"}, "calendar": CALENDAR},  # noqa: E501
            ["licence is missing", "calendar.months[0] should be less than", "calendar.since should match", "cadence.release is missing",  # noqa: E501
             "cadence.newest_period should be a number", "titel is no field, did you mean 'title'?"],
        ),
        (indicator, without(INDICATOR, "bounds") | {"alert": {"leadr": True, "change": "x"}},
         ["bounds is missing", "alert.change should be", "alert.leadr is no"]),
        (suite, {"batches": {}, "checks": [CHECK | {"nam": "x"}, without(CHECK, "expect")]}, ["checks[0].nam is no", "checks[1].expect is missing"]),  # noqa: E501
        (claims, [CLAIM | {"said_on": 5}, CLAIM | {"said_bye": "x"}], ["[0].said_on should be", "[1].said_bye is no field, did you mean 'said_by'?"]),  # noqa: E501
    ],
)  # fmt: skip
def test_all_faults_are_told_at_once(read, body, told):
    found = faults(read, body)
    assert len(found) == len(told), found
    for line, part in zip(found, told, strict=True):
        assert line.startswith(part), line


@pytest.mark.parametrize("text", ["title: a: b", "title: [", "a: b\n- c"])
def test_what_is_no_yaml_names_file_and_line(text):
    with pytest.raises(ValueError, match=r"^some/source\.yml: .*line [12]"):
        source(text)


def test_a_header_names_its_file():
    with pytest.raises(ValueError, match=r"^some\.sql: its first line does not name the file$"):
        headed_sql.parse(
            indicators.Indicator,
            "some",
            f"/* warehouse/indicators/other.sql\n{written(INDICATOR)}*/ SELECT 1",
        )


def test_what_is_read():
    """A text or a list of them, spans and sizes with their units, and a rule that says what it was told."""
    one = source(written(SOURCE | {"every": "2 weeks", "limit": "1.5 MB", "begins": "a"}))
    assert (one.id, one.datasets, one.begins, one.limit, one.every.days) == (
        "some",
        ("exchange_rate",),
        (b"a",),
        1_500_000,
        14,
    )
    assert (
        str(indicator(written(INDICATOR | {"alert": {"leader": True, "change": 25}})).alert)
        == '{"change": 25, "leader": true}'
    )
    assert str(indicator(written(INDICATOR | {"alert": {"change": "20 %"}})).alert) == '{"change": "20 %"}'
    assert suite(written(SUITE)).checks[0].kwargs == {"column": "a"}
    assert [str(claim.said_on) for claim in claims(written([CLAIM]))] == ["2026-01-15"]


def test_what_was_read_stays():
    with pytest.raises(ValueError, match="frozen"):
        SOURCES["top500_lists"].title = "another"


@pytest.mark.parametrize(("kind", "name"), SUITES)
def test_checks_are_ones_that_great_expectations_has(kind, name):
    for check in suites.load(kind, name).checks:
        expectation = getattr(gx.expectations, check.expect, None)
        assert expectation, f"{kind}/{name}.yml: {check.name}: Great Expectations has no {check.expect}"
        unknown = check.kwargs.keys() - expectation.__fields__.keys()
        assert not unknown, (
            f"{kind}/{name}.yml: {check.name}: {check.expect} has no {sorted(unknown)};"
            f" it has {sorted(expectation.__fields__)}"
        )
        expectation(**check.kwargs)


# ── schemas ──────────────────────────────────────────────────────────────────────────────────────

SCHEMAS = {name: json.loads(text) for name, text in schemas().items()}


def test_schemas_are_current():
    assert {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()} == schemas(), "run make schemas"


def test_every_field_is_described():
    for name, schema in SCHEMAS.items():
        for model in (schema, *schema["$defs"].values()):
            for field, told in model.get("properties", {}).items():
                assert told.get("description"), f"{name}: {field} has no docstring"


FILES = [(path, "source.json") for path in sorted(definition.HERE.rglob("source.yml"))]
FILES += [(path, "suite.json") for path in sorted(suites.HERE.glob("*/*.yml"))]
FILES += [(FILE, "claims.json")]


@pytest.mark.parametrize(
    ("path", "schema"),
    FILES,
    ids=lambda value: str(value.relative_to(ROOT)) if isinstance(value, Path) else "",
)
def test_a_file_names_its_schema_and_follows_it(path, schema):
    text = path.read_text("utf-8")
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named, "the first line names the schema"
    assert (path.parent / named[1]).resolve() == FOLDER / schema
    jsonschema.validate(json.loads(json.dumps(yaml.safe_load(text), default=str)), SCHEMAS[schema])


@pytest.mark.parametrize("path", sorted(indicators.FOLDER.glob("*.sql")), ids=lambda path: path.stem)
def test_a_header_follows_its_schema(path):
    header = path.read_text("utf-8").removeprefix("/*").partition("*/")[0].strip().partition("\n")[2]
    jsonschema.validate(yaml.safe_load(header), SCHEMAS["indicator.json"])


@pytest.mark.parametrize(
    ("schema", "body"),
    [("source.json", SOURCE), ("indicator.json", INDICATOR), ("suite.json", SUITE), ("claims.json", [CLAIM])],
)
def test_schemas_refuse_what_the_models_refuse(schema, body):
    jsonschema.validate(body, SCHEMAS[schema])
    more = [body[0] | {"mroe": 1}] if isinstance(body, list) else body | {"mroe": 1}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(more, SCHEMAS[schema])
