"""Append-only ledgers: one JSON object a line, written once, never changed.

One that grows large is in parts: ``<name>.ndjson`` is added to, and sealed ones before it are called
``<name>-<number>-<bytes>-<SHA-256>.ndjson``, with ``.xz`` when they are packed. Bytes are counted over all of them.

``fetch``: every attempt to reach a source. ``document``: each time a source said something else
than before. ``release``: what was published. ``delivery``: what was sent to whom.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse import packing

_APPENDING = threading.Lock()
_READING = threading.Lock()
SEALED = 2**24  # bytes of a part: the attempts of about a year
_PARSED: dict[Path, tuple[int, list[dict[str, Any]]]] = {}  # ledger -> bytes parsed so far, and what they say


@dataclass(frozen=True)
class _Part:
    """A part of a ledger: where it lies unless it is packed, its bytes, and of a sealed one their SHA-256."""

    path: Path
    size: int
    sha256: str = ""


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
    with _APPENDING, _open_part(folder, name).open("ab+") as file:
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
    path = _open_part(folder, name)
    with _READING:
        offset, entries = _PARSED.get(path, (0, []))
        if size(folder, name) < offset:
            offset, entries = 0, []  # another file took its place, as when a backup is restored
        new = list(lines(folder, name, offset))
        end = new[-1][0] if new else offset
        entries = entries + [entry for _, entry in new]
        _PARSED[path] = (end, entries)
        return entries + parsed(b"".join(_bytes(folder, name, end)))


def size(folder: Path, name: str) -> int:
    """Bytes of a ledger."""
    return sum(part.size for part in _parts(folder, name))


def lines(folder: Path, name: str, offset: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """The entries of the whole lines from a byte on, one by one, each with the byte at which its line ends."""
    rest = b""
    for chunk in _bytes(folder, name, offset):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            offset += len(line) + 1
            for entry in parsed(line):
                yield offset, entry


def extent(folder: Path, name: str, size: int | None = None) -> tuple[int, str]:
    """Bytes of the whole lines of a ledger, or of its first ``size`` bytes, and a hash: equal for two ledgers that begin alike.

    It is a hash of the hashes of the sealed parts and of that of the rest: they need not be read.
    """
    hashes, begin = [], 0
    for part in _parts(folder, name):
        if not part.sha256 or (size is not None and begin + part.size > size):
            break
        hashes.append(part.sha256)
        begin += part.size
    rest = b""
    for chunk in _bytes(folder, name, begin):
        rest += chunk
        if size is not None and begin + len(rest) >= size:
            break
    rest = rest[: rest.rfind(b"\n") + 1] if size is None else rest[: size - begin]
    if rest:
        hashes.append(hashlib.sha256(rest).hexdigest())
    return begin + len(rest), hashlib.sha256("".join(hashes).encode()).hexdigest()


def seal(folder: Path, name: str, least: int = SEALED) -> None:
    """Begin a new part of a ledger where the one that is added to has ``least`` bytes. Nobody may append meanwhile."""
    path = _open_part(folder, name)
    if not path.exists() or path.stat().st_size < least:
        return
    content = path.read_bytes()
    if content.endswith(b"\n"):  # else the next line closes one that a crash tore
        path.rename(folder / f"{name}-{len(_sealed(folder, name)) + 1:04}-{len(content)}-{hashlib.sha256(content).hexdigest()}.ndjson")


def sealed(folder: Path, name: str) -> list[tuple[Path, str]]:
    """The sealed parts that are not packed yet, each with its hash."""
    return [(part.path, part.sha256) for part in _sealed(folder, name) if part.path.exists()]


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


def _open_part(folder: Path, name: str) -> Path:
    """The part that lines are added to."""
    return folder / f"{name}.ndjson"


def _sealed(folder: Path, name: str) -> list[_Part]:
    """In order. Raises ``OSError`` where one is missing."""
    form = re.compile(rf"({name}-(\d+)-(\d+)-([0-9a-f]{{64}})\.ndjson)({re.escape(packing.SUFFIX)})?")
    matched = filter(None, (form.fullmatch(path.name) for path in folder.glob(f"{name}-*")))
    found = {int(match[2]): _Part(folder / match[1], int(match[3]), match[4]) for match in matched}
    if lost := set(range(1, max(found, default=0))) - found.keys():
        raise OSError(f"{folder}: of the ledger {name!r} the part {name}-{min(lost):04} is missing: restore it from a backup")
    return [part for _, part in sorted(found.items())]


def _parts(folder: Path, name: str) -> list[_Part]:
    path = _open_part(folder, name)
    return [*_sealed(folder, name), *([_Part(path, path.stat().st_size)] if path.exists() else [])]


def _bytes(folder: Path, name: str, offset: int) -> Iterator[bytes]:
    """A ledger from a byte on, in chunks."""
    for part in _parts(folder, name):
        if offset < part.size:
            for chunk in packing.content(packing.lies_at(part.path)):
                if len(chunk) > offset:
                    yield chunk[offset:]
                offset = max(0, offset - len(chunk))
        else:
            offset -= part.size
