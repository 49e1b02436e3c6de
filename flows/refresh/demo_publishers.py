"""The bundled sample: small hand-written documents, served over HTTP on loopback on three simulated
nights."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import tempfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb

from extractors import yml
from extractors.definition import Source
from extractors.sql import literal
from warehouse.staging import vintage
from warehouse.store import journal
from warehouse.store.paths import Layout

NIGHTS = tuple(
    dt.datetime.fromisoformat(f"{day}T03:00:00+00:00") for day in ("2026-05-07", "2026-08-12", "2026-09-23")
)
Document = dict[str, Any]
MARK = "hand-written sample"


class Mixed(ValueError):
    """Sample documents and real ones must not meet in one data directory."""


def documents(source: Source) -> list[Document]:
    """The source's sample documents: ``content`` (bytes), ``part``, ``url`` (None: an old document), and
    ``night`` or ``published_at``."""
    folder = source.folder / "sample"
    about = yml.read((folder / "sample.yml").read_text("utf-8"))
    if about["note"] != MARK:
        raise ValueError(f"{source.id}: sample.yml must say '{MARK}'")
    return [
        {"part": "", "url": _address(source, entry)} | entry | {"content": _content(folder, entry)}
        for entry in about["documents"]
    ]


def _address(source: Source, entry: Document) -> str | None:
    """Where the publisher has it; a document whose address is found in another source's says so itself, as
    ``url``."""
    part = entry.get("part", "")
    if source.calendar and "night" in entry:
        return source.calendar.url.format(year=part[:4], month=part[5:])
    return source.url or source.urls.get(part)


def _content(folder: Path, entry: Document) -> bytes:
    if "file" in entry:
        return (folder / str(entry["file"])).read_bytes()
    if "parquet" in entry:
        return _parquet(folder / str(entry["parquet"]))
    packed, root = io.BytesIO(), folder / str(entry["zip"])
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(root.rglob("*")):
            if path.is_file():  # ZipInfo has a fixed date, so that the same files give the same bytes
                archive.writestr(zipfile.ZipInfo(str(path.relative_to(root))), path.read_bytes())
    return packed.getvalue()


def _parquet(rows: Path) -> bytes:
    """A CSV written by hand, as Parquet: behind a column's name stands its type ('rating:DOUBLE'), else it is
    text; a blank is null."""
    with duckdb.connect() as con, tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "rows.parquet"
        con.execute("SET threads = 1")  # so that the same rows give the same bytes
        con.execute(
            f"CREATE TABLE printed AS FROM read_csv({literal(rows)}, header=true, all_varchar=true,"
            " nullstr='')"
        )
        (columns,) = con.execute(
            """SELECT string_agg(format('"{}"::{} AS "{}"', column_name,
                coalesce(nullif(split_part(column_name, ':', 2), ''), 'VARCHAR'),
                split_part(column_name, ':', 1)),
                ', ') FROM (DESCRIBE printed)"""
        ).fetchone() or ("",)
        con.execute(f"COPY (SELECT {columns} FROM printed) TO {literal(written)} (FORMAT parquet)")
        return written.read_bytes()


def pending_nights(layout: Layout) -> list[dt.datetime]:
    """Nights that this data directory has not published; the last one again when it has published them
    all."""
    seen = max((entry["released_at"] for entry in journal.read(layout.ledger, "release")), default="")
    return [night for night in NIGHTS if journal.timestamp(night) > seen] or [NIGHTS[-1]]


def check_unmixed(layout: Layout, *, sample: bool) -> None:
    """Raise ``Mixed`` when the data directory holds documents of the other kind."""
    origins = {entry["origin"] for entry in journal.read(layout.ledger, "document")} - {"reviewed"}
    if (origins - {"sample"}) if sample else ("sample" in origins):
        held = "real documents" if sample else "the sample"
        raise Mixed(f"{layout.root} holds {held}: choose another --data-dir, the two are never mixed")


def backfill(layout: Layout, sources: Mapping[str, Source]) -> None:
    """Add the sample's old documents with their own publication dates."""
    for source in sources.values():
        for entry in documents(source):
            if "published_at" in entry:
                published = dt.datetime.combine(entry["published_at"], dt.time(), dt.UTC)
                with tempfile.NamedTemporaryFile() as file:
                    path = Path(file.name)
                    path.write_bytes(entry["content"])
                    vintage.backfill(layout, source, path, published, part=entry["part"], origin="sample")


def served_on(sources: Mapping[str, Source], night: dt.datetime) -> dict[str, list[Document]]:
    """Source -> the newest document of each of its addresses on that night; sources that nothing is served of
    are left out."""
    number = NIGHTS.index(night) + 1
    found: dict[str, list[Document]] = {}
    for name, source in sources.items():
        told = [entry for entry in documents(source) if entry["url"] and entry.get("night", 99) <= number]
        newest = {entry["url"]: entry for entry in sorted(told, key=lambda entry: int(entry["night"]))}
        if newest or source.reviewed:
            found[name] = list(newest.values())
    return found


@contextmanager
def publishers(sources: Mapping[str, Source], night: dt.datetime) -> Iterator[str]:
    """A mirror on loopback that answers as the publishers would on that night; yields its address."""
    served: dict[str, tuple[bytes, str]] = {}
    for name, entries in served_on(sources, night).items():
        if key := sources[name].key_env:
            os.environ.setdefault(key, "no-key-is-needed-here")
        for entry in entries:
            address = urlsplit(entry["url"])
            media = entry.get("media", sources[name].media[0])
            served[f"/{address.netloc}{address.path}"] = entry["content"], media

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            content, media = served.get(self.path.split("?")[0], (None, "text/plain"))
            tag = f'"{hashlib.sha256(content or b"").hexdigest()[:16]}"'
            status = 404 if content is None else 304 if self.headers.get("If-None-Match") == tag else 200
            body = content if status == 200 and content else b""
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", tag)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
