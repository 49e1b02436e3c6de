"""Publish: swap a finished database onto the published path, so that a crash leaves the old or the new
one."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from extractors.sql import literal
from warehouse.compare import value_log
from warehouse.staging import stage
from warehouse.store import files, journal
from warehouse.store.paths import Layout

KEPT_RELEASES = 5


def publish(layout: Layout, built: Path, entry: journal.Entry) -> None:
    """Make ``built`` (complete, checkpointed, closed) the published file and record ``entry`` in the release
    ledger.

    Order matters: the release's own record is durable before the swap, so that ``recover`` can
    finish the ledger when the process dies in between.
    """
    layout.releases.mkdir(parents=True, exist_ok=True)
    files.sync(built)
    built.chmod(0o444)
    record = _record(layout, entry["release"])
    files.write(record, json.dumps(entry, ensure_ascii=False, sort_keys=True).encode())
    kept = record.with_suffix(".duckdb")
    kept.unlink(missing_ok=True)
    os.link(built, kept)
    files.sync(layout.releases)
    _remove_log(layout)
    os.replace(built, layout.published)
    _remove_log(layout)
    files.sync(layout.root)
    recover(layout)


def recover(layout: Layout) -> None:
    """Complete what a killed run left: record the release that is live, remove what was never published."""
    known = [entry["release"] for entry in journal.read(layout.ledger, "release")]
    for record in sorted(layout.releases.glob("*.json")):
        kept, live = record.with_suffix(".duckdb"), _is_live(layout, record)
        if record.stem not in known and live:
            journal.append(layout.ledger, "release", json.loads(record.read_text("utf-8")))
            known.append(record.stem)
        if record.stem not in known or (record.stem in known[:-KEPT_RELEASES] and not live):
            kept.unlink(missing_ok=True)
            record.unlink()


def unrecorded(layout: Layout) -> list[str]:
    """The release that is live and that ``recover`` would record, if it is not in the ledger."""
    known = {entry["release"] for entry in journal.read(layout.ledger, "release")}
    records = layout.releases.glob("*.json")
    return [path.stem for path in records if path.stem not in known and _is_live(layout, path)]


def sweep(layout: Layout) -> None:
    """Remove half-made files of killed runs and complete the ledger. Call with the lock held."""
    recover(layout)
    value_log.sweep(layout)
    for path in layout.build.glob("*.duckdb*"):
        path.unlink(missing_ok=True)
    for folder in (layout.archive, layout.ledger, layout.releases, layout.memo.folder):
        files.sweep(folder)
    stage.sweep(layout)


def last_release(layout: Layout) -> journal.Entry | None:
    """The ledger entry of the last release, or None before the first one."""
    entries = journal.read(layout.ledger, "release")
    return entries[-1] if entries else None


def new_name() -> str:
    return uuid.uuid4().hex[:12]


class Unreadable(OSError):
    """A published file is damaged."""


@contextmanager
def open_published(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to a published file; the caller sees one release, whatever is published
    meanwhile. Raises ``Unreadable``."""
    opened = False
    with duckdb.connect() as con:
        try:
            con.execute(f"ATTACH {literal(path)} AS gapwatch (READ_ONLY)")
            con.execute("USE gapwatch")
            opened = True
            yield con
        except duckdb.Error as error:
            if opened and "Corrupt database" not in str(error):
                raise
            what = str(error).splitlines()[0]
            raise Unreadable(f"{path} cannot be read ({what}): gapwatch rebuild makes it again") from error


def content_digest(path: Path) -> dict[str, str]:
    """Schema-qualified table -> hash of its rows, whatever their order: equal content, equal digests."""
    with open_published(path) as con:
        tables = con.execute(
            """SELECT schema_name || '.' || table_name, format('{}."{}"', schema_name, table_name)
            FROM duckdb_tables() WHERE database_name = 'gapwatch' ORDER BY ALL"""
        ).fetchall()
        digests = {}
        for name, quoted in tables:
            [(digest,)] = con.execute(
                f"""SELECT md5(string_agg(md5(row_text), '' ORDER BY row_text))
                FROM (SELECT t::VARCHAR AS row_text FROM {quoted} AS t)"""
            ).fetchall()
            digests[name] = str(digest)
    return digests


def says_other(built: Path, published: Path) -> bool:
    """Whether two files of one release hold different content; a published file that is gone or damaged, or
    is of another release, says nothing."""
    newest = "SELECT max_by(release, released_at) FROM ledger.release"
    try:
        with open_published(published) as live, open_published(built) as new:
            if live.execute(newest).fetchone() != new.execute(newest).fetchone():
                return False
        return content_digest(published) != content_digest(built)
    except (duckdb.Error, Unreadable):
        return False


def _is_live(layout: Layout, record: Path) -> bool:
    kept = record.with_suffix(".duckdb")
    return kept.exists() and layout.published.exists() and kept.samefile(layout.published)


def _record(layout: Layout, release: str) -> Path:
    return layout.releases / f"{release}.json"


def _remove_log(layout: Layout) -> None:
    """A log left by someone who opened the published path for writing would make the next version
    unreadable."""
    Path(f"{layout.published}.wal").unlink(missing_ok=True)
