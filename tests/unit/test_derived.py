"""Derived tables: a file is all that one needs, and what it reads is what it declares."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse.build import derived, indicators
from warehouse.datasets import schema

RATE = """/* warehouse/build/derived/yearly_rate.sql
inputs: exchange_rate */
-- The mean of a year; reads as of the variable as_of.
CREATE VIEW main.yearly_rate AS
    WITH dated AS (SELECT *, year(day) AS named FROM main.exchange_rate)
    SELECT currency, named, avg(rate) AS rate FROM dated GROUP BY ALL;
COMMENT ON VIEW main.yearly_rate IS 'mean rates; of a year';
"""


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.sql").write_text(text, "utf-8")
    return tmp_path


def view(name: str, inputs: str, select: str) -> str:
    return f"/* warehouse/derived/{name}.sql\ninputs: [{inputs}] */\nCREATE VIEW main.{name} AS\n{select};\n"


@pytest.mark.duckdb2
def test_a_file_is_a_derived_table(tmp_path):
    """It is created after what it reads, whatever the two are called."""
    files = folder(
        tmp_path,
        yearly_rate=RATE,
        a_rate=view("a_rate", "yearly_rate", "SELECT max(rate) AS rate FROM yearly_rate"),
    )
    found = derived.load(files)
    assert [(one.name, one.inputs, one.filler) for one in found.values()] == [
        ("yearly_rate", ("exchange_rate",), None),
        ("a_rate", ("yearly_rate",), None),
    ]
    with duckdb.connect() as con:
        con.execute((schema.DATASETS / "exchange_rate.sql").read_text("utf-8"))
        for one in found.values():
            con.execute(one.sql)
        assert con.execute(
            "SELECT comment FROM duckdb_views() WHERE view_name = 'yearly_rate'"
        ).fetchall() == [("mean rates; of a year",)]
        assert con.execute("FROM a_rate").fetchall() == [(None,)]


@pytest.mark.duckdb2
@pytest.mark.parametrize(
    ("files", "told"),
    [
        (
            {"a": view("a", "exchange_rates", "FROM main.exchange_rate")},
            r"a\.sql: inputs: 'exchange_rates' is no dataset",
        ),
        ({"a": view("a", "organisation", "SELECT 1")}, r"a\.sql: inputs: 'organisation' is no dataset"),
        (
            {"a": view("a", "filing", "FROM filing JOIN main.exchange_rate ON true")},
            r"a\.sql: inputs: it reads exchange_rate, which is not",
        ),
        (
            {
                "a": view(
                    "a", "filing", "FROM filing WHERE form IN (SELECT form FROM history.filing_document)"
                )
            },
            r"a\.sql: .* reads filing_document,",
        ),
        (
            {"a": view("a", "filing", "WITH x AS (FROM reference.organisation) FROM x, filing")},
            r"a\.sql: .* reads reference\.organisation,",
        ),
        (
            {"a": view("a", "filing", "FROM filing, derived.indicator_value")},
            r"a\.sql: .* reads derived\.indicator_value,",
        ),
        (
            {"a": view("a", "filing", "FROM filing"), "b": view("b", "filing", "FROM main.a")},
            r"b\.sql: inputs: it reads a, which is not",
        ),
        (
            {"a": view("a", "c", "FROM c"), "b": view("b", "a", "FROM a"), "c": view("c", "b", "FROM b")},
            r"[abc]\.sql: inputs: a circle, ",
        ),
        ({"a": view("a", "filing", "PIVOT filing ON form")}, r"a\.sql: .*PIVOT"),
        ({"a": view("a", "filing", "FROM filing WHERE")}, r"a\.sql: .*syntax error"),
        ({"a": "/* a.sql\ninput: filing */ SELECT 1"}, r"a\.sql: input is no field, did you mean 'inputs'\?"),
        ({"a": view("b", "filing", "FROM filing")}, r"a\.sql: its first line does not name the file"),
    ],
)
def test_what_is_wrong_names_file_and_field(tmp_path, files, told):
    with pytest.raises(ValueError, match=f"^{told}"):
        derived.load(folder(tmp_path, **files))


def test_what_an_indicator_rests_on_follows_from_its_sql():
    """Also through others, and through macros; not from a column or a sub-query that is called like one."""
    assert derived.rests("FROM main.talent_share") == [
        "affiliation",
        "talent_slot",
        "talent_weight",
        "talent_share",
    ]
    assert derived.rests("SELECT event, 'talent_slot' FROM policy_event AS talent_weight") == []
    assert derived.rests("CREATE MACRO of(x) AS (SELECT any_value(title) FROM event WHERE event = x)") == [
        "event"
    ]
    assert derived.rests("CREATE MACRO of(x) AS x + (SELECT count(*) FROM event)", "SELECT 1") == ["event"]
    assert derived.rests("CREATE MACRO all_of() AS TABLE FROM event; CREATE MACRO of(x) AS x + 1") == [
        "event"
    ]
    resting = {
        name: derived.rests(one.sql, indicators.macros()) for name, one in indicators.all_indicators().items()
    }
    assert {name for name, tables in resting.items() if tables} == {"talent_work"}


def test_only_what_rests_on_another_basis_is_decided_anew(monkeypatch):
    """Of the code, SQL and reviewed tables that decide a derived table, other indicators know nothing."""
    known = derived.decides({})
    assert set(known) == set(derived.all_tables())
    before = indicators.basis({})
    monkeypatch.setitem(
        derived.all_tables(),
        "talent_slot",
        derived.all_tables()["talent_slot"].model_copy(update={"sql": "SELECT 1"}),
    )
    after = indicators.basis({})
    assert {name for name in before if before[name] != after[name]} == {"talent_work"}
    assert {name for name in known if known[name] != derived.decides({})[name]} == {"talent_slot"}
