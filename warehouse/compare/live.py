"""The live release: whether its file is still what was published, and what the release knew.

The file can be damaged, changed by hand or gone. What is compared with the last release then comes from the
copy below ``releases/`` or, where that is damaged too (it is the same file on most disks), from the ledgers.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from extractors.sql import literal
from warehouse.build import incremental
from warehouse.compare import snapshot
from warehouse.compare.changes import Known
from warehouse.store import journal
from warehouse.store.paths import Layout

_STATES = "SELECT source, state FROM {} ORDER BY 1"
_ACCEPTED = "SELECT document, source, known_from FROM {} WHERE status = 'accepted'"


def damage(layout: Layout, release: str) -> str:
    """Why the published file is not the one that was published as this release; empty where it is.

    The hash of its content is compared with the one remembered when it was published. Where none is
    remembered, every row is read, which meets the check sum of every block.
    """
    return _damage(layout, release, layout.published)


def file(layout: Layout, release: str) -> Path | None:
    """A file that is what was published as this release; None where there is none."""
    for path in (layout.published, layout.releases / f"{release}.duckdb"):
        if not _damage(layout, release, path):
            return path
    return None


def known(layout: Layout, last: Mapping[str, Any], path: Path | None) -> Known:
    """What the last release knew, by its file ``path`` or, where there is none, by the ledgers."""
    if path:
        with duckdb.connect() as con:
            con.execute(f"ATTACH {literal(path)} AS live (READ_ONLY)")
            return Known(
                con.execute(_ACCEPTED.format("live.ledger.document")).fetchall(),
                dict(con.execute(_STATES.format("live.ledger.source")).fetchall()),
            )
    states = {
        change["subject"]: change["after"]
        for entry in journal.read(layout.ledger, "release")
        for change in entry.get("changes", ())
        if change["kind"] == "state"
    }
    try:
        documents = snapshot.of_release(layout, last).documents
    except (ValueError, OSError):  # of before releases recorded what they rest on
        return Known((), states)
    told = [(one.document, one.source, one.known_from.replace(tzinfo=None)) for one in documents]
    return Known(told, states)


def _damage(layout: Layout, release: str, path: Path) -> str:
    if not path.exists():
        return f"{path} is gone"
    same = incremental.is_build(layout, release, path)
    if same is None:
        return _unreadable(release, path)
    return "" if same else f"{path} is damaged: its content is not what was published"


def _unreadable(release: str, path: Path) -> str:
    """Why not every row of a file can be read, or that it is of another release; empty where all is well."""
    try:
        with duckdb.connect() as con:
            con.execute("SET enable_progress_bar = false")
            con.execute(f"ATTACH {literal(path)} AS live (READ_ONLY)")
            tables = con.execute(
                """SELECT format('live.{}."{}"', schema_name, table_name) FROM duckdb_tables()
                WHERE database_name = 'live' ORDER BY ALL"""
            ).fetchall()
            for (table,) in tables:
                con.execute(f"SELECT bit_xor(hash(t)) FROM {table} AS t").fetchall()
            newest = con.execute("SELECT max_by(release, released_at) FROM live.ledger.release").fetchone()
    except duckdb.Error as error:
        return f"{path} is damaged: {str(error).splitlines()[0]}"
    return "" if newest == (release,) else f"{path} is of another release"
