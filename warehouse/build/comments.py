"""Comments: everything in the published file has words, from ``COMMENT ON`` in the SQL that defines it."""

from __future__ import annotations

from collections import defaultdict

import duckdb

from extractors.sql import literal
from warehouse.datasets import schema

# What a column of this name means wherever nothing else is said.
_COMMON = {
    "known_from": "from when on this was what the sources said, UTC",
    "known_to": "until when; null: still",
    "document": "SHA-256 of the document",
    "locator": (
        "place in the document, such as a record and column, a JSON path or a cell;"
        " gapwatch trace shows what stands there"
    ),
    "record": "number of the record in the document, from 1; null where it has none",
    "place": "what follows the record number in the locator",
}
_HERE = "database_name = current_database() AND NOT internal"
# Schema, table or view, column (empty: the table itself), kind and comment of all there is.
_NAMED = f"""SELECT schema_name, table_name, '', 'TABLE', comment FROM duckdb_tables() WHERE {_HERE}
    UNION ALL SELECT schema_name, view_name, '', 'VIEW', comment FROM duckdb_views() WHERE {_HERE}
    UNION ALL SELECT schema_name, table_name, column_name, 'COLUMN', comment FROM duckdb_columns()
    WHERE {_HERE} ORDER BY ALL"""
# Schema and name of every view, and of each table or view that its SELECT names with its schema.
_READ = f"""SELECT DISTINCT schema_name, view_name, node.value->>'schema_name', node.value->>'table_name'
    FROM duckdb_views(), json_tree(json_serialize_sql(substr(sql, position(' AS ' IN sql) + 4))) AS node
    WHERE {_HERE} AND (node.value->>'type') = 'BASE_TABLE' AND (node.value->>'schema_name') <> ''"""


def write(con: duckdb.DuckDBPyConnection) -> None:
    """Comment on everything in the default catalogue that has no words of its own yet.

    A view and its columns take the words of the tables and views that it reads, where these agree; then
    ``_COMMON`` holds.
    Raises ``ValueError`` naming all that is left without words.
    """
    named = con.execute(_NAMED).fetchall()
    own: dict[tuple[str, str, str], str | None] = {
        (*key, column): comment for *key, column, _, comment in named
    }
    for dataset in schema.all_datasets().values():
        own["main", dataset.name, ""] = dataset.comment
        own["history", dataset.name, ""] = f"All versions of {dataset.comment}"
        own |= {("history", dataset.name, column.name): column.comment for column in dataset.columns}
    reads = defaultdict(list)
    for *view, schema_name, name in con.execute(_READ).fetchall():
        reads[tuple(view)].append((schema_name, name))

    def found(schema_name: str, name: str, column: str) -> str | None:
        if text := own[schema_name, name, column]:
            return text
        texts = {found(*read, column) for read in reads[schema_name, name] if (*read, column) in own} or {
            _COMMON.get(column)
        }
        return texts.pop() if len(texts) == 1 else None

    words = {key: found(*key) for key in own}
    if bare := [".".join(filter(None, key)) for key, text in words.items() if not text]:
        raise ValueError(
            f"no comment on {', '.join(bare)}: say beside the definition, by COMMENT ON, what it is"
        )
    con.execute("BEGIN")  # one by one, two thousand statements take seconds
    for *key, kind, comment in named:
        if (text := words[tuple(key)]) != comment:
            target = ".".join(f'"{part}"' for part in key if part)
            con.execute(f"COMMENT ON {kind} {target} IS {literal(text)}")
    con.execute("COMMIT")
