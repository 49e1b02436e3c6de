"""The bundled sample: small hand-written documents, served over HTTP on loopback on three simulated nights."""

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

import yaml

from extractors.contract import Source
from warehouse import ledger, vintage
from warehouse.layout import Layout

NIGHTS = (
    dt.datetime(2026, 5, 7, 3, 0, tzinfo=dt.UTC),
    dt.datetime(2026, 8, 12, 3, 0, tzinfo=dt.UTC),
    dt.datetime(2026, 9, 23, 3, 0, tzinfo=dt.UTC),
)
MARK = "hand-written sample"


class Mixed(RuntimeError):
    """Sample documents and real ones must not meet in one data directory."""


def documents(source: Source) -> list[dict[str, Any]]:
    """The source's sample documents: ``content`` (bytes), and ``night`` or ``published_at``."""
    folder = source.folder / "sample"
    about = yaml.safe_load((folder / "sample.yml").read_text("utf-8"))
    if about["note"] != MARK:
        raise ValueError(f"{source.id}: sample.yml must say '{MARK}'")
    return [entry | {"content": _content(folder, entry)} for entry in about["documents"]]


def _content(folder: Path, entry: Mapping[str, Any]) -> bytes:
    if "file" in entry:
        return (folder / str(entry["file"])).read_bytes()
    packed, root = io.BytesIO(), folder / str(entry["zip"])
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(root.rglob("*")):
            if path.is_file():  # a fixed date, so that the same files give the same bytes
                archive.writestr(zipfile.ZipInfo(str(path.relative_to(root)), (1980, 1, 1, 0, 0, 0)), path.read_bytes())
    return packed.getvalue()


def pending_nights(layout: Layout) -> list[dt.datetime]:
    """Nights that this data directory has not published; the last one again when it has published them all."""
    seen = max((entry["released_at"] for entry in ledger.read(layout.ledger, "release")), default="")
    return [night for night in NIGHTS if ledger.timestamp(night) > seen] or [NIGHTS[-1]]


def check_unmixed(layout: Layout, *, sample: bool) -> None:
    """Raise ``Mixed`` when the data directory holds documents of the other kind."""
    kinds = {entry["origin"] == "sample" for entry in ledger.read(layout.ledger, "document")}
    if (not sample) in kinds:
        held = "real documents" if sample else "the sample"
        raise Mixed(f"{layout.root} holds {held}: choose another --data-dir, the two are never mixed")


def backfill(layout: Layout, sources: Mapping[str, Source]) -> None:
    """Add the sample's old documents with their own publication dates."""
    for source in sources.values():
        for entry in documents(source):
            if "published_at" in entry:
                published = dt.datetime.combine(entry["published_at"], dt.time(), dt.UTC)
                with tempfile.NamedTemporaryFile() as file:
                    file.write(entry["content"])
                    file.flush()
                    vintage.backfill(layout, source, Path(file.name), published, origin="sample")


def open_on(sources: Mapping[str, Source], night: dt.datetime) -> list[str]:
    """The sources that the sample serves on that night."""
    number = NIGHTS.index(night) + 1
    return [name for name, source in sources.items() if any(entry.get("night", 99) <= number for entry in documents(source))]


@contextmanager
def publishers(sources: Mapping[str, Source], night: dt.datetime) -> Iterator[str]:
    """A mirror on loopback that answers as the publishers would on that night; yields its address."""
    number = NIGHTS.index(night) + 1
    served: dict[str, tuple[bytes, str]] = {}
    for source in sources.values():
        if source.key_env:
            os.environ.setdefault(source.key_env, "no-key-is-needed-here")
        past = [entry for entry in documents(source) if entry.get("night", 99) <= number]
        if source.url and past:
            address = urlsplit(source.url)
            newest = max(past, key=lambda entry: int(entry["night"]))
            served[f"/{address.netloc}{address.path}"] = (newest["content"], source.media[0])

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

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
