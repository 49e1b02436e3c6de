"""Packing: what is kept for ever and seldom read, as xz. Publishers send whole files in which little is new:
it saves nine tenths.

A file is packed in two turns, so that neither a crash nor a reader in between misses it: in one the packed
file appears beside it, in the next, a night later, the file itself goes, if what is packed is what it was.
``xz -dc FILE`` reads it without gapwatch.
"""

from __future__ import annotations

import hashlib
import lzma
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from warehouse.store import files

SUFFIX = ".xz"
PRESET = 2  # the next ones take three times as long for a tenth less
UNPACKED = 10**9  # bytes; no source's limit is above it
UNPACKER = 1 << 27  # bytes of memory; what `xz -9` packed needs half of it
AT_ONCE = 256 * 2**20  # bytes that one turn packs, in about half a minute; the others follow in the next ones
CHUNK = 1 << 20


class Damaged(OSError):
    """A packed file cannot be unpacked."""


def lies_at(path: Path) -> Path:
    """The packed file of ``path`` where there is one, else ``path``."""
    packed = beside(path)
    return packed if packed.exists() else path


def beside(path: Path) -> Path:
    """Where the packed file of ``path`` lies, or would."""
    return path.with_name(path.name + SUFFIX)


def is_packed(path: Path) -> bool:
    return path.suffix == SUFFIX


def content(path: Path) -> Iterator[bytes]:
    """What a file says, packed or not, in chunks. Raises ``Damaged`` naming it, also for more than
    ``UNPACKED`` bytes in a packed one."""
    with path.open("rb") as file:
        yield from _unpacked(path, file) if is_packed(path) else iter(lambda: file.read(CHUNK), b"")


def copied(path: Path, write: Callable[[bytes], object] = lambda chunk: None) -> str:
    """Give what a file says to ``write``, in chunks; its SHA-256. Raises as ``content`` does."""
    digest = hashlib.sha256()
    for chunk in content(path):
        digest.update(chunk)
        write(chunk)
    return digest.hexdigest()


def _unpacked(path: Path, file: BinaryIO) -> Iterator[bytes]:
    reader, total = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=UNPACKER), 0
    while not reader.eof:
        given = file.read(CHUNK) if reader.needs_input else b""
        if reader.needs_input and not given:
            raise Damaged(f"{path} is cut off")
        try:
            chunk = reader.decompress(given, CHUNK)
        except lzma.LZMAError as error:
            raise Damaged(f"{path} cannot be unpacked: {error}") from error
        total += len(chunk)
        if total > UNPACKED:
            raise Damaged(f"{path} has more than {UNPACKED:,} bytes unpacked")
        yield chunk


def turn(given: Iterable[tuple[Path, str]], at_once: int = AT_ONCE) -> list[str]:
    """One turn of packing files, each given with the SHA-256 of its content; those packed in an earlier turn
    go.

    Returns what is wrong with those that are not what they were: they stay as they are.
    """
    wrong = []
    for path, sha256 in given:
        packed = beside(path)
        if packed.exists():
            (path if _holds(packed, sha256) else packed).unlink()
        elif at_once > 0:
            at_once -= path.stat().st_size
            if not _pack(path, packed, sha256):
                wrong.append(
                    f"{path} is damaged: its content is not that of its name; restore it from a backup"
                )
    return wrong


def _pack(path: Path, packed: Path, sha256: str) -> bool:
    """Whether the file is what it was; else nothing is packed."""
    writer = lzma.LZMACompressor(preset=PRESET)
    with files.part_of(packed) as part:
        with part.open("wb") as out:
            same = copied(path, lambda chunk: out.write(writer.compress(chunk))) == sha256
            out.write(writer.flush())
        part.chmod(path.stat().st_mode & 0o777)
        if same:
            files.settle(part, packed)
    return same


def _holds(packed: Path, sha256: str) -> bool:
    try:
        return copied(packed) == sha256
    except Damaged:
        return False
