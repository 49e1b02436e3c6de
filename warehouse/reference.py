"""Reviewed tables: organisations and their countries, institutions of affiliations, names that sources print for them, breaks of series.

The CSV files in ``reference/`` are read strictly: whatever is not as it should be is a ``ValueError``
that names file and line.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from extractors.sql import literal
from warehouse import code_identity
from warehouse.institutions.places import alpha3, codes
from warehouse.institutions.text import key
from warehouse.schema import Dataset

FOLDER = Path(__file__).parent / "reference"
COLUMNS = {
    "organisation": ("organisation", "country", "headquarters", "valid_from", "valid_to", "note", "reviewed_on"),
    "organisation_alias": ("alias", "organisation"),
    "institution": ("institution", "location", "headquarters", "kind", "ror", "note", "reviewed_on"),
    "institution_alias": ("alias", "institution"),
    "series_break": ("indicator", "series", "period", "side", "kind", "detail", "url"),
}
COUNTRIES = frozenset(alpha3().values())
KINDS = frozenset({"company", "laboratory", "education", "government", "nonprofit", "healthcare", "facility"})
_NEVER_NULL = "series"  # a column in which an empty text is a value


@dataclass(frozen=True)
class Row:
    """One line of a table: ``where`` names file and line, ``cells`` are texts by column, empty where nothing is said."""

    where: str
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def required(self, *columns: str) -> None:
        for column in columns:
            if not self.cells[column]:
                raise ValueError(f"{self.where}: {column} is empty")

    def day(self, column: str) -> dt.date | None:
        """A date, or None where the cell is empty."""
        text = self.cells[column]
        try:
            day = dt.date.fromisoformat(text) if text else None
        except ValueError:
            day = None
        if text and (day is None or day.isoformat() != text):
            raise ValueError(f"{self.where}: {column} is {text!r}, expected a date such as 2026-01-31")
        return day


def read(folder: Path = FOLDER) -> dict[str, list[Row]]:
    """The rows of every table by its name, all of them checked. Raises ``ValueError`` naming file and line."""
    tables = {name: list(rows(folder, name, columns)) for name, columns in COLUMNS.items()}
    _check_organisations(tables["organisation"])
    _check_aliases(tables["organisation_alias"], {row["organisation"]: row for row in tables["organisation"]})
    _check_institutions(tables["institution"], tables["institution_alias"])
    _check_breaks(tables["series_break"])
    return tables


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.csv"


def rows(folder: Path, name: str, columns: Sequence[str]) -> Iterator[Row]:
    """The lines of one table, which has these columns. Raises ``ValueError`` naming file and line."""
    path = _path(folder, name)
    content = path.read_bytes()
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{path.name}, line {line}: not UTF-8") from error
    try:
        header = next(reader, [])
        if header != list(columns):
            unknown, missing = [c for c in header if c not in columns], [c for c in columns if c not in header]
            said = f"unknown columns {unknown}, missing {missing}" if unknown or missing else "columns are repeated or in another order"
            raise ValueError(f"{path.name}, line 1: {said}; expected {','.join(columns)}")
        for cells in reader:
            where = f"{path.name}, line {reader.line_num}"
            if len(cells) != len(columns):
                raise ValueError(f"{where}: {len(cells)} cells where the header has {len(columns)}")
            row = Row(where, dict(zip(columns, cells, strict=True)))
            # An alias is what a source prints, spaces and all.
            if spaced := [c for c in columns if c != "alias" and row[c] != row[c].strip()]:
                raise ValueError(f"{where}: {spaced[0]} begins or ends with a space")
            yield row
    except csv.Error as error:
        raise ValueError(f"{path.name}, line {reader.line_num}: cannot be read as CSV: {error}") from error


def _check_organisations(rows: list[Row]) -> None:
    spans: defaultdict[str, list[tuple[dt.date, dt.date, Row]]] = defaultdict(list)
    for row in rows:
        row.required("organisation", "reviewed_on")
        if not row["country"] and not row["note"]:
            raise ValueError(f"{row.where}: country is empty and no note says why")
        if row["country"] and row["country"] not in COUNTRIES:
            raise ValueError(f"{row.where}: country {row['country']!r} is not an ISO 3166-1 alpha-3 code")
        row.day("reviewed_on")
        begin, end = row.day("valid_from") or dt.date.min, row.day("valid_to") or dt.date.max
        if begin >= end:
            raise ValueError(f"{row.where}: valid_to {end} is not after valid_from {begin}")
        spans[row["organisation"]].append((begin, end, row))
    for name, found in spans.items():
        ordered = sorted(found, key=lambda span: span[:2])
        for (_, end, before), (begin, _, after) in itertools.pairwise(ordered):
            if begin < end:
                raise ValueError(f"{after.where}: {name!r} overlaps in time with {before.where}")


def _check_institutions(rows: list[Row], aliases: list[Row]) -> None:
    """An institution is called by its name and by its aliases; however printed, a name means one of them."""
    seen: dict[str, Row] = {}
    for row in rows:
        row.required("institution", "kind", "reviewed_on")
        row.day("reviewed_on")
        if row["kind"] not in KINDS:
            raise ValueError(f"{row.where}: kind {row['kind']!r} is none of {', '.join(sorted(KINDS))}")
        for column in ("location", "headquarters"):
            if row[column] and row[column] not in codes():
                raise ValueError(f"{row.where}: {column} {row[column]!r} is not an ISO 3166-1 alpha-2 code")
        if not row["location"] and not row["note"]:
            raise ValueError(f"{row.where}: location is empty and no note says why")
        if bool(row["location"]) != bool(row["headquarters"]):
            raise ValueError(f"{row.where}: of location and headquarters one is empty")
        if row["ror"] and not row["ror"].startswith("https://ror.org/"):
            raise ValueError(f"{row.where}: ror {row['ror']!r} does not begin with https://ror.org/")
        _once(seen, row, "institution")
    named = {row["institution"] for row in rows}
    for row in aliases:
        row.required("alias", "institution")
        if row["institution"] not in named:
            raise ValueError(f"{row.where}: alias {row['alias']!r} of {row['institution']!r}, which is not in institution.csv")
        _once(seen, row, "alias")


def _once(seen: dict[str, Row], row: Row, column: str) -> None:
    short = key(row[column])
    if not short:
        raise ValueError(f"{row.where}: {column} {row[column]!r} has no letter or figure")
    if (known := seen.setdefault(short, row)) is not row:
        raise ValueError(f"{row.where}: {column} {row[column]!r} means {known['institution']!r} already in {known.where}")


def _check_aliases(rows: list[Row], organisations: Mapping[str, Row]) -> None:
    meant: dict[str, Row] = {}
    for row in rows:
        row.required("alias", "organisation")
        alias, organisation = row["alias"], row["organisation"]
        if organisation not in organisations:
            raise ValueError(f"{row.where}: alias {alias!r} of {organisation!r}, which is not in organisation.csv")
        if known := meant.get(alias):
            same = "is there twice, see" if known["organisation"] == organisation else f"means {known['organisation']!r} already in"
            raise ValueError(f"{row.where}: alias {alias!r} {same} {known.where}")
        meant[alias] = row
    for name, row in organisations.items():
        if name not in meant:
            raise ValueError(f"{row.where}: {name!r} is not its own alias in organisation_alias.csv")
        if meant[name]["organisation"] != name:
            raise ValueError(
                f"{meant[name].where}: alias {name!r} means {meant[name]['organisation']!r}, but is an organisation itself ({row.where})"
            )


def _check_breaks(rows: list[Row]) -> None:
    seen: dict[tuple[str, ...], Row] = {}
    for row in rows:
        row.required("indicator", "period", "kind", "detail")
        row.day("period")
        if row["side"] not in ("USA", "CHN", ""):
            raise ValueError(f"{row.where}: side is {row['side']!r}, expected USA, CHN or nothing for both")
        if row["url"] and not row["url"].startswith("https://"):
            raise ValueError(f"{row.where}: url {row['url']!r} does not begin with https://")
        known = seen.setdefault(tuple(row[column] for column in ("indicator", "series", "period", "side", "kind")), row)
        if known is not row:
            raise ValueError(f"{row.where}: the same break as {known.where}")


def load(con: duckdb.DuckDBPyConnection, folder: Path = FOLDER) -> None:
    """Fill the tables of schema ``reference`` in the connection's default catalogue. Raises as ``read`` does."""
    tables = read(folder)
    for name, found in tables.items():
        columns = ", ".join(f"""coalesce("{c}", '')""" if c == _NEVER_NULL else f'"{c}"' for c in COLUMNS[name])
        types = ", ".join(f"{literal(c)}: 'VARCHAR'" for c in COLUMNS[name])
        con.execute(
            f"""INSERT INTO reference."{name}" SELECT {columns} FROM read_csv({literal(_path(folder, name))}, header=true, auto_detect=false,
            delim=',', quote='"', escape='"', columns={{{types}}}, strict_mode=true, nullstr='')"""
        )
        (count,) = con.execute(f'SELECT count(*) FROM reference."{name}"').fetchone() or (0,)
        if count != len(found):
            raise ValueError(f"{name}.csv: {count} rows were loaded of {len(found)}")


def content_hash(*names: str, folder: Path = FOLDER) -> str:
    """A hash of the reviewed tables of these names, of all where none is given."""
    return code_identity.fingerprint([code_identity.meaning(_path(folder, name)) for name in names or COLUMNS])


def unmapped(datasets: Mapping[str, Dataset]) -> str:
    """SQL of the view ``main.unmapped_organisation``: names in the column ``organisation`` of any dataset that give no country.

    One row per dataset, source and name: a name without an alias, or one whose organisation is not valid in the periods counted.
    An organisation that was reviewed and has no country is not listed. The view reads the dataset views, so it travels in time.
    """
    selects = [_unmapped_in(dataset) for dataset in datasets.values() if any(column.name == "organisation" for column in dataset.columns)]
    empty = """SELECT ''::VARCHAR AS dataset, ''::VARCHAR AS source, ''::VARCHAR AS organisation, ''::VARCHAR AS reason,
    0::BIGINT AS "rows", NULL::DATE AS newest_period WHERE false"""
    return "CREATE VIEW main.unmapped_organisation AS\n" + "\nUNION ALL ".join(selects or [empty]) + _UNMAPPED


_UNMAPPED = """;
COMMENT ON VIEW main.unmapped_organisation IS
    'Names of organisations that give no country, as of the variable as_of';
COMMENT ON COLUMN main.unmapped_organisation.dataset IS 'dataset that holds the name';
COMMENT ON COLUMN main.unmapped_organisation.source IS 'source that states it';
COMMENT ON COLUMN main.unmapped_organisation.organisation IS 'the name as printed';
COMMENT ON COLUMN main.unmapped_organisation.reason IS
    '''no alias'', or ''not valid then'': its organisation has no line for these periods';
COMMENT ON COLUMN main.unmapped_organisation."rows" IS 'number of rows with the name';
COMMENT ON COLUMN main.unmapped_organisation.newest_period IS 'newest period of these rows';
"""


def _unmapped_in(dataset: Dataset) -> str:
    dated = next((f'stated."{column.name}"' for column in dataset.columns if column.type == "DATE"), None)
    valid = f"AND (o.valid_from IS NULL OR o.valid_from <= {dated}) AND (o.valid_to IS NULL OR o.valid_to > {dated})" if dated else ""
    return f"""SELECT {literal(dataset.name)} AS dataset, stated.source, stated.organisation,
    CASE WHEN a.alias IS NULL THEN 'no alias' ELSE 'not valid then' END AS reason,
    count(*) AS "rows", max({dated or "NULL::DATE"}) AS newest_period
    FROM main.{dataset.name} AS stated
    LEFT JOIN reference.organisation_alias AS a ON a.alias = stated.organisation
    LEFT JOIN reference.organisation AS o ON o.organisation = a.organisation {valid}
    WHERE stated.organisation <> '' AND o.organisation IS NULL GROUP BY ALL"""
