"""Reviewed tables: organisations and their countries, institutions of affiliations, names that sources print
for them, breaks of series.

The CSV files in ``reference/`` are read strictly: whatever is not as it should be is a ``ValueError``
that names file and line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from extractors.sql import literal
from warehouse.datasets.schema import Dataset
from warehouse.institutions.places import alpha3, codes
from warehouse.institutions.text import key
from warehouse.store import code_identity, frames

FOLDER = Path(__file__).parent
COLUMNS = {
    name: tuple(columns.split())
    for name, columns in {
        "organisation": "organisation country headquarters valid_from valid_to note reviewed_on",
        "organisation_alias": "alias organisation",
        "institution": "institution location headquarters kind ror note reviewed_on",
        "institution_alias": "alias institution",
        "series_break": "indicator series period side kind detail url",
    }.items()
}
# decides no value, so it is not published
RENAME = {"rename": ("dataset", "column", "former", "later", "note", "reviewed_on")}
COUNTRIES = frozenset(alpha3().values())
KINDS = ("company", "education", "facility", "government", "healthcare", "laboratory", "nonprofit")
_NEVER_NULL = "series"  # a column in which an empty text is a value


def read(
    folder: Path = FOLDER, keys: Mapping[str, Sequence[str]] | None = None
) -> dict[str, list[dict[str, str]]]:
    """The rows of every table by its name, as texts by column, all of them checked. ``keys``: the key columns
    of each dataset.

    Raises ``ValueError`` with a line for each fault, which names file and line. A table without a file has no
    rows.
    """
    with duckdb.connect() as con:
        con.create_function("short", key, ["VARCHAR"], "VARCHAR")
        tables = {name: _rows(con, folder, name, columns) for name, columns in (COLUMNS | RENAME).items()}
        known = {"alpha2": sorted(codes()), "alpha3": sorted(COUNTRIES), "kinds": list(KINDS)}
        keys = keys or {}
        if not keys:
            con.execute("DELETE FROM rename")  # nobody asks for renames, which alone need them
        named = {
            "datasets": [*keys, ""],
            "keys": [f"{name}.{column}" for name, columns in keys.items() for column in columns] or [""],
        }
        faults = con.execute((FOLDER / "wrong.sql").read_text("utf-8"), known | named).fetchall()
    if faults:
        raise ValueError("\n".join(f"{name}.csv, line {line}: {message}" for name, line, message in faults))
    return tables


def _rows(
    con: duckdb.DuckDBPyConnection, folder: Path, name: str, columns: Sequence[str]
) -> list[dict[str, str]]:
    """The lines of one table, which has these columns; they are put into a relation of its name, too."""
    cells = list(_lines(folder / f"{name}.csv", columns))
    typed = ", ".join(f'"{column}" VARCHAR' for column in columns)
    con.execute(f"CREATE TABLE {name} (line BIGINT, {typed})")
    frames.insert(con, name, cells)
    return [dict(zip(columns, row, strict=True)) for _, *row in cells]


def _lines(path: Path, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Number and cells of each line. Raises ``ValueError`` naming file and line of what is no table with
    these columns."""
    content = path.read_bytes() if path.exists() else ",".join(columns).encode()
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{path.name}, line {line}: not UTF-8") from error
    try:
        header = next(reader, [])
        if header != list(columns):
            unknown = [c for c in header if c not in columns]
            missing = [c for c in columns if c not in header]
            said = "columns are repeated or in another order"
            if unknown or missing:
                said = f"unknown columns {unknown}, missing {missing}"
            raise ValueError(f"{path.name}, line 1: {said}; expected {','.join(columns)}")
        for cells in reader:
            if len(cells) != len(columns):
                said = f"{len(cells)} cells where the header has {len(columns)}"
                raise ValueError(f"{path.name}, line {reader.line_num}: {said}")
            yield (reader.line_num, *cells)
    except csv.Error as error:
        raise ValueError(f"{path.name}, line {reader.line_num}: cannot be read as CSV: {error}") from error


def load(con: duckdb.DuckDBPyConnection, folder: Path = FOLDER) -> None:
    """Fill the tables of schema ``reference`` in the connection's default catalogue. Raises as ``read``
    does."""
    tables = read(folder)
    for name in COLUMNS:
        rows = [
            {column: cell if cell or column == _NEVER_NULL else None for column, cell in row.items()}
            for row in tables[name]
        ]
        frames.insert(con, f"reference.{name}", rows)


def content_hash(*names: str) -> str:
    """A hash of the reviewed tables of these names, of all where none is given."""
    return code_identity.fingerprint(
        [code_identity.meaning(FOLDER / f"{name}.csv") for name in names or COLUMNS]
    )


def unmapped(datasets: Mapping[str, Dataset]) -> str:
    """SQL of the view ``main.unmapped_organisation``: names in the column ``organisation`` of any dataset
    that give no country.

    One row per dataset, source and name: a name without an alias, or one whose organisation is not valid in
    the periods counted. An organisation that was reviewed and has no country is not listed. The view reads
    the dataset views, so it travels in time.
    """
    selects = [
        _unmapped_in(dataset)
        for dataset in datasets.values()
        if any(column.name == "organisation" for column in dataset.columns)
    ]
    empty = """SELECT ''::VARCHAR AS dataset, ''::VARCHAR AS source, ''::VARCHAR AS organisation,
    ''::VARCHAR AS reason,
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
    valid = f"""AND (o.valid_from IS NULL OR o.valid_from <= {dated})
    AND (o.valid_to IS NULL OR o.valid_to > {dated})"""
    return f"""SELECT {literal(dataset.name)} AS dataset, stated.source, stated.organisation,
    CASE WHEN a.alias IS NULL THEN 'no alias' ELSE 'not valid then' END AS reason,
    count(*) AS "rows", max({dated or "NULL::DATE"}) AS newest_period
    FROM main.{dataset.name} AS stated
    LEFT JOIN reference.organisation_alias AS a ON a.alias = stated.organisation
    LEFT JOIN reference.organisation AS o ON o.organisation = a.organisation {valid if dated else ""}
    WHERE stated.organisation <> '' AND o.organisation IS NULL GROUP BY ALL"""
