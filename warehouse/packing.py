"""Packing: what is kept for ever and seldom read, as xz. Publishers send whole files in which little is new: it saves nine tenths.

A file is packed in two turns, so that neither a crash nor a reader in between misses it: in one the packed file appears beside it,
in the next, a night later, the file itself goes, if what is packed is what it was. ``xz -dc FILE`` reads it without gapwatch.
"""

from __future__ import annotations

import hashlib
import lzma
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

SUFFIX = ".xz"
PRESET = 2  # the next ones take three times as long for a tenth less
UNPACKED = 10**9  # bytes; no source's limit is above it
UNPACKER = 1 << 27  # bytes of memory; what `xz -9` packed needs half of it
AT_ONCE = 256 * 2**20  # bytes that one turn packs, in about half a minute; the others follow in the next ones
CHUNK = 1 << 20
PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 9"  # of what is staged for years: half of what the default takes


class Damaged(Exception):
    """A packed file cannot be unpacked."""


def is_packed(path: Path) -> bool:
    return path.suffix == SUFFIX


def lies_at(path: Path) -> Path:
    """The packed file of ``path`` where there is one, else ``path``."""
    packed = _packed(path)
    return packed if packed.exists() else path


def unpacked(path: Path) -> Iterator[bytes]:
    """The content of a packed file in chunks. Raises ``Damaged``, also for more than ``UNPACKED`` bytes."""
    reader, total = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=UNPACKER), 0
    with path.open("rb") as file:
        while not reader.eof:
            given = file.read(CHUNK) if reader.needs_input else b""
            if reader.needs_input and not given:
                raise Damaged("is cut off")
            try:
                chunk = reader.decompress(given, CHUNK)
            except lzma.LZMAError as error:
                raise Damaged(f"cannot be unpacked: {error}") from error
            total += len(chunk)
            if total > UNPACKED:
                raise Damaged(f"has more than {UNPACKED:,} bytes unpacked")
            yield chunk


def turn(files: Iterable[tuple[Path, str]], at_once: int = AT_ONCE) -> None:
    """One turn of packing files, each given with the SHA-256 of its content; those packed in an earlier turn go."""
    for path, sha256 in files:
        packed = _packed(path)
        if not packed.exists():
            if at_once > 0:
                at_once -= path.stat().st_size
                _pack(path, packed)
        elif _holds(packed, sha256):
            path.unlink()
        else:
            packed.unlink()


def _pack(path: Path, packed: Path) -> None:
    part = packed.with_name(f"{packed.name}.part")
    part.unlink(missing_ok=True)
    writer = lzma.LZMACompressor(preset=PRESET)
    with path.open("rb") as file, part.open("wb") as out:
        while chunk := file.read(CHUNK):
            out.write(writer.compress(chunk))
        out.write(writer.flush())
        os.fchmod(out.fileno(), path.stat().st_mode & 0o777)
        out.flush()
        os.fsync(out.fileno())
    part.replace(packed)


def _holds(packed: Path, sha256: str) -> bool:
    digest = hashlib.sha256()
    try:
        for chunk in unpacked(packed):
            digest.update(chunk)
    except Damaged:
        return False
    return digest.hexdigest() == sha256


def _packed(path: Path) -> Path:
    return path.with_name(path.name + SUFFIX)
