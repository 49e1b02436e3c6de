"""Append-only ledgers: one JSON object a line, written once, never changed.

``fetch``: every attempt to reach a source. ``document``: each time a source said something else
than before. ``release``: what was published. ``delivery``: what was sent to whom.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_APPENDING = threading.Lock()
_READING = threading.Lock()
_PARSED: dict[Path, tuple[int, list[dict[str, Any]]]] = {}  # ledger -> bytes parsed so far, and what they say


def timestamp(moment: dt.datetime) -> str:
    """UTC, microseconds, no zone: the form every ledger and database column uses."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be recorded")
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def moment(text: str) -> dt.datetime:
    """The inverse of ``timestamp``."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def append(folder: Path, name: str, entry: dict[str, Any]) -> None:
    """Add one line and flush it to disk; a line torn by a crash before it is closed first."""
    folder.mkdir(parents=True, exist_ok=True)
    line = json.dumps(entry, ensure_ascii=False, sort_keys=True).encode() + b"\n"
    with _APPENDING, (folder / f"{name}.ndjson").open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                line = b"\n" + line
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def read(folder: Path, name: str) -> list[dict[str, Any]]:
    """All entries in order; treat them as read-only. A line that a crash tore is skipped: what it was about was not finished.

    Lines never change, so that a process parses each once, however often a run asks.
    """
    path = folder / f"{name}.ndjson"
    if not path.exists():
        return []
    with _READING:
        offset, entries = _PARSED.get(path, (0, []))
        if size(folder, name) < offset:
            offset, entries = 0, []  # another file took its place, as when a backup is restored
        new = list(lines(folder, name, offset))
        end = new[-1][0] if new else offset
        entries = entries + [entry for _, entry in new]
        _PARSED[path] = (end, entries)
        with path.open("rb") as file:
            file.seek(end)
            return entries + parsed(file.read())


def size(folder: Path, name: str) -> int:
    """Bytes of a ledger."""
    path = folder / f"{name}.ndjson"
    return path.stat().st_size if path.exists() else 0


def lines(folder: Path, name: str, offset: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """The entries of the whole lines from a byte on, one by one, each with the byte at which its line ends."""
    if size(folder, name) <= offset:
        return
    with (folder / f"{name}.ndjson").open("rb") as file:
        file.seek(offset)
        for line in file:
            offset += len(line)
            if line.endswith(b"\n"):
                for entry in parsed(line):
                    yield offset, entry


def extent(folder: Path, name: str, size: int | None = None) -> tuple[int, str]:
    """Bytes and SHA-256 of the whole lines of a ledger, or of its first ``size`` bytes: equal for two files that begin alike."""
    path = folder / f"{name}.ndjson"
    if not path.exists():
        return 0, hashlib.sha256().hexdigest()
    with path.open("rb") as file:
        content = file.read(-1 if size is None else size)
    whole = content if size is not None else content[: content.rfind(b"\n") + 1]
    return len(whole), hashlib.sha256(whole).hexdigest()


def holds(folder: Path, name: str, fields: dict[str, Any]) -> bool:
    """Whether an entry has all these fields."""
    return any(all(entry.get(field) == value for field, value in fields.items()) for entry in read(folder, name))


def parsed(text: bytes) -> list[dict[str, Any]]:
    """The entries of whole lines; torn ones are left out."""
    entries = []
    for line in text.splitlines():
        try:
            entries.append(json.loads(line))
        except ValueError:
            continue
    return entries
