"""Append-only ledgers: one JSON object a line, written once, never changed.

One that grows large is in parts: ``<name>.ndjson`` is added to, and sealed ones before it are called
``<name>-<number>-<bytes>-<SHA-256>.ndjson.gz``. ``gzip -dc`` reads one without gapwatch; DuckDB reads it as
it is.

``fetch``: every attempt to reach a source. ``document``: each time a source said something else
than before. ``release``: what was published. ``delivery``: what was sent to whom.
``refresh``: when a refresh began, and how it ended.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import lzma
import os
import re
import tempfile
import threading
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from warehouse.store import files

_APPENDING = threading.Lock()
SEALED = 2**24  # bytes of a part: the attempts of about a year
Entry = dict[str, Any]


class Place(NamedTuple):
    """A place in a ledger: after ``parts`` sealed ones and ``lines`` of the next one. ``mark`` names what
    stands before it there."""

    parts: int = 0
    lines: int = 0
    mark: str = ""


START = Place()


def timestamp(moment: dt.datetime) -> str:
    """UTC, microseconds, no zone: the form every ledger and database column uses."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be recorded")
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def moment(text: str) -> dt.datetime:
    """The inverse of ``timestamp``."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def append(folder: Path, name: str, entry: Entry) -> None:
    """Add one line and flush it to disk; a line torn by a crash before it is closed first."""
    folder.mkdir(parents=True, exist_ok=True)
    line = json.dumps(entry, ensure_ascii=False, sort_keys=True).encode() + b"\n"
    path = folder / f"{name}.ndjson"
    with _APPENDING, files.naming(path), path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                line = b"\n" + line
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def read(folder: Path, name: str) -> list[Entry]:
    """All entries in order; treat them as read-only. A line that a crash tore is skipped: what it was about
    was not finished."""
    return _read(*((path, *files.signature(path)) for path in _parts(folder, name) if path.exists()))


def check(folder: Path, name: str, fields: Collection[str]) -> None:
    """Raises ``OSError`` naming file and line where a line that is whole is no object, or lacks one of the
    ``fields``, which are texts. What a crash tore is the beginning of an object, or nothing but zeros."""
    path = folder / f"{name}.ndjson"
    for number, line in enumerate(_content(path).splitlines(), 1):
        well = line.startswith(b"{") or not line.strip(b"\0 ")
        if well and fields and isinstance(entry := _entry(line), dict):
            well = all(isinstance(entry.get(field), str) for field in fields)
        if not well:
            raise OSError(
                f"{path}, line {number}: no entry of this ledger: {line[:60].decode(errors='replace')!r};"
                " restore the file from a backup, or remove the line if somebody added it"
            )


def parsed(text: bytes) -> list[Entry]:
    """The entries of lines; torn ones are left out."""
    return [entry for entry in map(_entry, text.splitlines()) if isinstance(entry, dict)]


def place(folder: Path, name: str, parts: int | None = None, lines: int | None = None) -> Place:
    """The end of a ledger; or the place after so many parts and lines, as far as it has so many."""
    *sealed, last = _parts(folder, name)
    before = sealed[:parts]
    known = _content([*sealed, last][len(before)]).split(b"\n")[:-1][:lines]
    mark = b"\n".join([*(path.name.partition(".")[0].encode() for path in before), *known])
    return Place(len(before), len(known), files.sha256(mark))


@contextmanager
def after(folder: Path, name: str, place: Place) -> Iterator[Path]:
    """A file with the lines after a place, for the time of the context. Raises ``OSError`` where a part is
    missing or damaged."""
    first, *others = _parts(folder, name)[place.parts :]
    with tempfile.NamedTemporaryFile(prefix="gapwatch-", suffix=".ndjson") as file:
        with files.naming(Path(file.name)):
            file.write(_content(first).split(b"\n", place.lines)[-1])
            file.writelines(map(_content, others))
            file.flush()
        yield Path(file.name)


def seal(folder: Path, name: str, least: int = SEALED) -> None:
    """Begin a new part of a ledger where the one that is added to has ``least`` bytes, and pack those before.
    Nobody may append meanwhile."""
    *sealed, path = _parts(folder, name)
    content = _content(path)
    if len(content) >= least and content.endswith(b"\n"):  # else the next line closes one that a crash tore
        what = f"{len(sealed) + 1:04}-{len(content)}-{files.sha256(content)}"
        path.rename(folder / f"{name}-{what}.ndjson")
    for plain in _parts(folder, name)[:-1]:
        if plain.suffix == ".ndjson":
            packed = plain.with_name(f"{plain.name}.gz")
            files.write(packed, gzip.compress(_content(plain), mtime=0))
            _content(packed)
            plain.unlink()


def _parts(folder: Path, name: str) -> list[Path]:
    """The sealed parts in order, then the one that lines are added to. Raises ``OSError`` where one is
    missing."""
    form = rf"{name}-(\d+)-\d+-[0-9a-f]{{64}}\.ndjson(\.gz|\.xz)?"
    found = {
        int(match[1]): path
        for path in sorted(folder.glob(f"{name}-*"), reverse=True)  # of two the plain one
        if (match := re.fullmatch(form, path.name))
    }
    if lost := set(range(1, max(found, default=0))) - found.keys():
        raise OSError(
            f"{folder}: of the ledger {name!r} the part {name}-{min(lost):04} is missing:"
            " restore it from a backup"
        )
    return [*(found[number] for number in sorted(found)), folder / f"{name}.ndjson"]


def _content(path: Path) -> bytes:
    """What a part says. Raises ``OSError`` where that of a sealed one is not what its name says."""
    _, sealed, sha256 = path.name.partition(".")[0].rpartition("-")
    if not sealed and not path.exists():
        return b""
    unpack = {".gz": gzip.decompress, ".xz": lzma.decompress}.get(path.suffix, bytes)  # xz: of before
    try:
        content = unpack(path.read_bytes())
    except (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error):
        content = b""
    if sealed and files.sha256(content) != sha256:
        raise OSError(f"{path} is damaged: its content is not that of its name; restore it from a backup")
    return content


@lru_cache(maxsize=16)
def _read(*parts: tuple[Any, ...]) -> list[Entry]:
    """The entries of parts, each with its size and when it was written."""
    return parsed(b"".join(_content(path) for path, *_ in parts))


@cache
def _entry(line: bytes) -> object:
    """What a line says, None for a torn one. Lines never change, so that a process parses each once, however
    often a run asks."""
    try:
        return json.loads(line)
    except ValueError:
        return None
