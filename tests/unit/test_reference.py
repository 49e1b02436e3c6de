"""Reviewed tables: read strictly, loaded as they are, and what they do not know is listed."""

from __future__ import annotations

import csv
import datetime as dt
import re
from contextlib import contextmanager
from types import SimpleNamespace

import duckdb
import pytest
from conftest import SOURCES

from flows.commands import suggest
from warehouse.build import indicators
from warehouse.datasets import schema
from warehouse.reference import tables as reference

ORGANISATION = "organisation,country,headquarters,valid_from,valid_to,note,reviewed_on"
ALIAS = "alias,organisation"
INSTITUTION = "institution,location,headquarters,kind,ror,note,reviewed_on"
INSTITUTION_ALIAS = "alias,institution"
BREAK = "indicator,series,period,side,kind,detail,url"
LINES = {
    "organisation": [
        ORGANISATION,
        "Huawei,CHN,Shenzhen,,,,2026-11-24",
        "Hong Kong lab,HKG,Hong Kong,,,,2026-11-24",
        "Mover,CHN,,,2025-07-01,led from China until then,2026-11-24",
        "Mover,SGP,,2025-07-01,,moved,2026-11-24",
        'Other,,,,,"a sum over owners that are not named",2026-11-24',
        "Late,USA,,2024-01-01,,founded then,2026-11-24",
    ],
    "organisation_alias": [
        ALIAS,
        *(f"{name},{name}" for name in ("Huawei", "Hong Kong lab", "Mover", "Other", "Late")),
        "华为,Huawei",
    ],
    "institution": [
        INSTITUTION,
        "Google,US,US,company,https://ror.org/00njsd438,,2026-11-25",
        "Google DeepMind,GB,US,laboratory,,,2026-11-25",
        "NTU,,,education,,Nanyang (SG) or National Taiwan University (TW),2026-11-25",
    ],
    "institution_alias": [INSTITUTION_ALIAS, "Google Inc.,Google", "DeepMind,Google DeepMind"],
    "series_break": [
        BREAK,
        "chip_supply,,2025-01-01,CHN,method,old estimate → new estimate,https://example.org/a",
    ],
}
WORKS = "chip_stock"


@pytest.fixture
def folder(tmp_path):
    """Writes a folder of tables, with some lines changed: ``folder(organisation=[...])``."""

    def write(**changed: list[str]):
        for name, lines in (LINES | changed).items():
            (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
        return tmp_path

    return write


@pytest.fixture
def con():
    """A database with the tables that a build begins with, all of them empty."""
    with duckdb.connect() as con:
        for name in ("history", "derived", "ledger", "reference"):
            con.execute(f"CREATE SCHEMA {name}")
        con.execute(
            (reference.FOLDER.parent / "build/tables.sql")
            .read_text("utf-8")
            .replace("{inputs}", indicators.INPUTS)
        )
        yield con


def test_shipped_tables_are_valid(con):
    reference.load(con)
    con.execute((reference.FOLDER.parent / "macros" / "country_of.sql").read_text("utf-8"))
    wrong = con.execute(
        """SELECT o.organisation, country_of(o.organisation, coalesce(o.valid_from, o.valid_to - 1,
        DATE '2026-01-01')) AS found, o.country
        FROM reference.organisation AS o WHERE found IS DISTINCT FROM o.country"""
    ).fetchall()
    assert wrong == []


def test_shipped_breaks_name_indicators():
    named = {row["indicator"] for row in reference.read()["series_break"]}
    assert named <= set(indicators.all_indicators())


def test_countries_are_those_of_the_area_tables():
    """Every code that a source's table of areas uses is known, but for Kosovo's, which ISO has not
    assigned."""
    tables = [path for source in SOURCES.values() for path in source.folder.glob("areas.csv")]
    assert tables
    used = {
        row["country"]
        for path in tables
        for row in csv.DictReader(path.open(encoding="utf-8"))
        if row["country"]
    }
    assert used - reference.COUNTRIES == {"XKX"}
    assert len(reference.COUNTRIES) == 249
    assert {"HKG", "MAC", "TWN", "CHN", "USA"} <= reference.COUNTRIES


def changed(name: str, line: str, at: int | None = None) -> dict[str, list[str]]:
    lines = list(LINES[name])
    if at is None:
        lines.append(line)
    else:
        lines[at] = line
    return {name: lines}


WRONG = {
    "an unknown column": (
        changed("organisation", f"{ORGANISATION},colour", 0),
        "organisation.csv, line 1: unknown columns ['colour']",
    ),
    "a missing column": (
        changed("organisation_alias", "alias", 0),
        "organisation_alias.csv, line 1: unknown columns [], missing ['organisation']",
    ),
    "columns in another order": (
        changed("organisation_alias", "organisation,alias", 0),
        "line 1: columns are repeated or in another order",
    ),
    "no header": (
        {"series_break": [""]},
        "series_break.csv, line 1: unknown columns [], missing ['indicator'",
    ),
    "a cell too many": (
        changed("organisation_alias", "a,Huawei,b"),
        "organisation_alias.csv, line 8: 3 cells where the header has 2",
    ),
    "an open quote": (
        changed("organisation_alias", '"a,Huawei'),
        "organisation_alias.csv, line 8: cannot be read as CSV",
    ),
    "a space at the end": (
        changed("organisation", "Baidu ,CHN,,,,,2026-11-24"),
        "organisation.csv, line 8: organisation begins or ends with a space",
    ),
    "no name": (
        changed("organisation", ",CHN,,,,,2026-11-24"),
        "organisation.csv, line 8: organisation is empty",
    ),
    "never reviewed": (
        changed("organisation", "Baidu,CHN,,,,,"),
        "organisation.csv, line 8: reviewed_on is empty",
    ),
    "alpha-2": (
        changed("organisation", "Baidu,CN,,,,,2026-11-24"),
        "organisation.csv, line 8: country 'CN' is not an ISO 3166-1",
    ),
    "not in ISO 3166": (
        changed("organisation", "Baidu,XKX,,,,,2026-11-24"),
        "organisation.csv, line 8: country 'XKX' is not an ISO 3166-1",
    ),
    "no country, no reason": (
        changed("organisation", "Baidu,,,,,,2026-11-24"),
        "organisation.csv, line 8: country is empty and no note says why",
    ),
    "another date format": (
        changed("organisation", "Baidu,CHN,,20240101,,,2026-11-24"),
        "organisation.csv, line 8: valid_from is '20240101', expected",
    ),
    "no such day": (
        changed("organisation", "Baidu,CHN,,,,,2026-02-30"),
        "organisation.csv, line 8: reviewed_on is '2026-02-30', expected a date",
    ),
    "ends before it begins": (
        changed("organisation", "Baidu,CHN,,2025-01-01,2024-01-01,,2026-11-24"),
        "line 8: valid_to 2024-01-01 is not after",
    ),
    "overlapping validity": (
        changed("organisation", "Mover,USA,,2025-06-30,2025-12-31,,2026-11-24"),
        "'Mover' overlaps in time with organisation.csv, line",
    ),
    "the same line twice": (
        changed("organisation", "Huawei,CHN,Shenzhen,,,,2026-11-24"),
        "line 8: 'Huawei' overlaps in time with organisation.csv, line 2",
    ),
    "an alias of nobody": (
        changed("organisation_alias", "Baidu Inc.,Baidu"),
        "line 8: alias 'Baidu Inc.' of 'Baidu', which is not in organisation.csv",
    ),
    "an alias of two": (
        changed("organisation_alias", "华为,Mover"),
        "line 8: alias '华为' means 'Huawei' already in organisation_alias.csv, line 7",
    ),
    "an alias twice": (
        changed("organisation_alias", "华为,Huawei"),
        "line 8: alias '华为' is there twice, see organisation_alias.csv, line 7",
    ),
    "not its own alias": (
        changed("organisation", "Baidu,CHN,,,,,2026-11-24"),
        "organisation.csv, line 8: 'Baidu' is not its own alias",
    ),
    "another's alias": (
        changed("organisation_alias", "Late,Huawei", 5),
        "line 6: alias 'Late' means 'Huawei', but is an organisation itself",
    ),
    "a break of neither side": (
        changed("series_break", "a,,2025-01-01,HKG,method,b → c,"),
        "series_break.csv, line 3: side is 'HKG', expected USA, CHN or nothing",
    ),
    "a break at no day": (
        changed("series_break", "a,,2025,USA,method,b → c,"),
        "series_break.csv, line 3: period is '2025', expected a date",
    ),
    "a break without words": (
        changed("series_break", "a,,2025-01-01,USA,method,,"),
        "series_break.csv, line 3: detail is empty",
    ),
    "a break's page without TLS": (
        changed("series_break", "a,,2025-01-01,USA,method,b,http://example.org"),
        "series_break.csv, line 3: url 'http://example.org' does not",
    ),
    "a break twice": (
        changed("series_break", LINES["series_break"][1]),
        "series_break.csv, line 3: the same break as series_break.csv, line 2",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_tables_are_refused_by_line(folder, what):
    lines, told = WRONG[what]
    with pytest.raises(ValueError, match=re.escape(told)):
        reference.read(folder(**lines))


def test_bytes_that_are_no_text_are_refused_by_line(folder):
    path = folder() / "organisation_alias.csv"
    path.write_bytes(path.read_bytes() + "Société,Huawei\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"organisation_alias\.csv, line 8: not UTF-8"):
        reference.read(path.parent)


@pytest.mark.duckdb2
def test_tables_are_loaded_as_they_are(con, folder):
    reference.load(con, folder(**changed("organisation_alias", '"Huawei, Inc. ",Huawei')))
    assert con.execute("SELECT count(*) FROM reference.organisation").fetchone() == (6,)
    found = con.execute(
        "SELECT alias FROM reference.organisation_alias WHERE organisation = 'Huawei' ORDER BY 1"
    ).fetchall()
    assert found == [("Huawei",), ("Huawei, Inc. ",), ("华为",)]
    day = dt.date(2025, 1, 1)
    assert con.execute("FROM reference.series_break").fetchall() == [
        ("chip_supply", "", day, "CHN", "method", "old estimate → new estimate", "https://example.org/a")
    ]


def test_tables_have_the_columns_of_the_files(con):
    found = con.execute(
        """SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns()
        WHERE schema_name = 'reference' AND database_name = current_database() GROUP BY 1"""
    ).fetchall()
    assert {name: tuple(columns) for name, columns in found} == reference.COLUMNS


@pytest.mark.duckdb2
@pytest.mark.parametrize(
    ("name", "day", "country"),
    [
        ("Huawei", "2025-01-01", "CHN"),
        ("华为", "2025-01-01", "CHN"),
        ("huawei", "2025-01-01", None),
        ("Hong Kong lab", "2025-01-01", "HKG"),
        ("Mover", "2025-06-30", "CHN"),
        ("Mover", "2025-07-01", "SGP"),
        ("Late", "2023-12-31", None),
        ("Late", None, None),
        ("Huawei", None, "CHN"),
        ("Other", "2025-01-01", None),
        ("Nobody", "2025-01-01", None),
        (None, "2025-01-01", None),
    ],
)
def test_country_of_a_name_on_a_day(con, folder, name, day, country):
    reference.load(con, folder())
    con.execute((reference.FOLDER.parent / "macros" / "country_of.sql").read_text("utf-8"))
    assert con.execute(
        "SELECT country_of(name, day) FROM (SELECT ?::VARCHAR AS name, ?::DATE AS day)", [name, day]
    ).fetchone() == (country,)


def test_each_table_has_a_hash_of_its_own():
    """That one follows its content is tested with the identity of the code."""
    alone = {reference.content_hash(name) for name in reference.COLUMNS}
    assert len({*alone, reference.content_hash()}) == 1 + len(reference.COLUMNS)


@pytest.fixture
def stock(con, folder, tmp_path):
    """A dataset with organisations beside one without, the reviewed tables, and the view over them."""
    path = tmp_path / f"{WORKS}.sql"
    path.write_text(
        f"""CREATE TABLE {WORKS} (source VARCHAR, organisation VARCHAR, period_end DATE, PRIMARY KEY (source,
organisation, period_end));
COMMENT ON TABLE {WORKS} IS 'chips';
COMMENT ON COLUMN {WORKS}.source IS 'source';
COMMENT ON COLUMN {WORKS}.organisation IS 'owner';
COMMENT ON COLUMN {WORKS}.period_end IS 'day';
""",
        "utf-8",
    )
    datasets = {
        WORKS: schema.read(duckdb.connect(), path),
        "electricity_generation": schema.all_datasets()["electricity_generation"],
    }
    reference.load(con, folder())
    con.execute(path.read_text("utf-8"))
    con.execute((schema.DATASETS / "electricity_generation.sql").read_text("utf-8"))
    con.execute(
        f"""INSERT INTO {WORKS} SELECT 'epoch', name, day
        FROM (VALUES ('Huawei', DATE '2025-03-31'), ('华为', '2025-03-31'), ('Other', '2025-03-31'),
        ('HUAWEI Technologies', '2024-12-31'), ('HUAWEI Technologies', '2025-03-31'), ('Qwxyz', '2025-03-31'),
        ('Late', '2023-12-31'),
        ('Late', '2024-03-31'), ('Huawei, Mover', '2025-03-31'), ('', '2025-03-31')) AS stated (name, day)"""
    )
    con.execute(reference.unmapped(datasets))
    return con


@pytest.mark.duckdb2
def test_names_without_a_country_are_listed(stock):
    """Only whole names count: a list of two known ones is a name of its own. 'Other' was reviewed and has
    none."""
    found = stock.execute(
        'SELECT organisation, reason, dataset, source, "rows", newest_period FROM unmapped_organisation'
        " ORDER BY ALL"
    ).fetchall()
    last = dt.date(2025, 3, 31)
    assert found == [
        ("HUAWEI Technologies", "no alias", WORKS, "epoch", 2, last),
        ("Huawei, Mover", "no alias", WORKS, "epoch", 1, last),
        ("Late", "not valid then", WORKS, "epoch", 1, dt.date(2023, 12, 31)),
        ("Qwxyz", "no alias", WORKS, "epoch", 1, last),
    ]


@pytest.mark.parametrize("names", [[], list(schema.all_datasets())], ids=["no dataset", "all datasets"])
def test_the_view_is_made_of_any_datasets(con, folder, names):
    reference.load(con, folder())
    for name in names:
        con.execute((schema.DATASETS / f"{name}.sql").read_text("utf-8"))
    con.execute(reference.unmapped({name: schema.all_datasets()[name] for name in names}))
    assert con.execute("FROM unmapped_organisation").fetchall() == []
    assert suggest.status_line(con) == ""


def test_suggestions_are_near_and_decide_nothing(stock):
    found = {one.name: one for one in suggest.suggestions(stock, at_least=50, limit=2)}
    assert next(iter(found)) == "HUAWEI Technologies", "the most frequent first"
    assert found["HUAWEI Technologies"].near[0] == suggest.Near("Huawei", "Huawei", 100)
    assert found["Qwxyz"].near == ()
    assert found["Late"].near[0].likeness == 100
    stock.execute((reference.FOLDER.parent / "macros" / "country_of.sql").read_text("utf-8"))
    assert stock.execute("SELECT country_of('HUAWEI Technologies', DATE '2025-01-01')").fetchone() == (None,)


@pytest.fixture
def published(stock, monkeypatch):
    """The command sees the tables of ``stock`` as the published file."""

    @contextmanager
    def opened(_path):
        yield stock

    monkeypatch.setattr(suggest.publish, "open_published", opened)
    return SimpleNamespace(published=None)


def test_suggested_lines_can_be_pasted(published, folder, capsys):
    suggest.suggest(published, as_csv=True, at_least=50, limit=3)
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert sorted(lines) == ['"Huawei, Mover",Huawei', "HUAWEI Technologies,Huawei"]
    reference.read(folder(organisation_alias=LINES["organisation_alias"] + lines))
    assert "nothing known is like Qwxyz (1 rows of chip_stock)" in shown.err
    assert "no country was valid then: Late" in shown.err


def test_suggestions_are_shown_as_a_table(published, capsys, monkeypatch):
    monkeypatch.setattr(suggest.terminal.console, "width", 200)
    suggest.suggest(published, as_csv=False, at_least=50, limit=3)
    shown = capsys.readouterr().out
    assert "HUAWEI Technologies" in shown
    assert "4 names. Likeness decides nothing" in shown


def test_status_names_the_most_frequent(stock):
    line = suggest.status_line(stock, first=2)
    assert line == (
        "Names that give no country: 4: HUAWEI Technologies (2), Huawei, Mover (1) and 2 more."
        " See gapwatch suggest."
    )
