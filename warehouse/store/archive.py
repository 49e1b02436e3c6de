"""The content-addressed archive: every body received, stored once under its SHA-256, packed when it has lain
there for a while."""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from extractors.contract import Document
from warehouse.store import compression, files

PLAIN = dt.timedelta(days=30)  # for so long a body lies there as it came, for people to look at


@dataclass(frozen=True)
class Stored:
    """A body in the archive. ``error`` is what ended the transfer early, if anything did; ``mended``, the
    damaged file whose place it took."""

    sha256: str
    bytes: int
    path: Path
    error: Exception | None = None
    mended: str = ""

    def whole(self) -> Stored:
        """The body; raises what ended its transfer early."""
        if self.error:
            raise self.error
        return self


def path_of(archive: Path, sha256: str) -> Path:
    """Where a document lies; a parser is given what ``as_received`` makes of it."""
    return compression.lies_at(archive / sha256[:2] / sha256)


@contextmanager
def as_received(document: Document) -> Iterator[Document]:
    """The document with the bytes as received in its ``path``, for the time of the context.

    Raises ``OSError`` when they are not those that were received: nothing may be derived from them.
    """
    with tempfile.TemporaryDirectory(prefix="gapwatch-") as folder:
        path = document.path
        try:
            if compression.is_packed(path):
                path = Path(folder) / document.sha256
                with files.naming(path), path.open("wb") as file:
                    found = compression.copied(document.path, file.write)
            else:
                found = compression.copied(path)
            if found != document.sha256:
                raise compression.Damaged(f"{document.path} holds {found[:12]}")
        except compression.Damaged as error:
            raise OSError(
                f"{document.name}: the archive is damaged ({error}): restore it from a backup"
            ) from error
        yield replace(document, path=path)


def is_whole(path: Path, sha256: str) -> bool:
    """Whether a file of the archive, packed or not, is there and holds the body of that hash."""
    try:
        return compression.copied(path) == sha256
    except (FileNotFoundError, compression.Damaged):
        return False


def store(archive: Path, chunks: Iterable[bytes], limit: int) -> Stored:
    """Write a body as it arrives and file it under its hash.

    At most ``limit`` bytes are kept. What had arrived when the transfer failed is kept as well;
    the failure is returned with it, so that nothing received is lost and nothing partial looks whole.
    A body that is there already is read: where it is damaged, the new one takes its place.
    """
    digest, size, mended = hashlib.sha256(), 0, ""
    failure: Exception | None = None
    with files.part_of(archive / "incoming") as part:
        with part.open("wb") as file:
            arriving = iter(chunks)
            while not failure:
                try:
                    chunk = next(arriving, b"")
                # whatever cut the transfer, the bytes are kept and the caller decides
                except Exception as error:  # noqa: BLE001
                    failure = error
                    break
                if not chunk:
                    break
                kept = chunk[: limit - size]
                file.write(kept)  # where this fails it is no fault of the transfer
                digest.update(kept)
                size += len(kept)
                if len(kept) < len(chunk):
                    failure = TooLarge(f"the body is larger than {limit:,} bytes, this source's limit")
        sha256 = digest.hexdigest()
        target = archive / sha256[:2] / sha256
        target.parent.mkdir(exist_ok=True)
        packed = compression.beside(target)
        damaged = [path for path in (target, packed) if path.exists() and not is_whole(path, sha256)]
        if damaged or not target.exists():
            part.chmod(0o444)
            files.settle(part, target)
            # it came again: these bytes are known to be good
            packed.unlink(missing_ok=True)
        if damaged:
            mended = f"{damaged[0]} was damaged: the same bytes came again and took its place"
    return Stored(sha256, size, target, failure, mended)


def aged(archive: Path, at: dt.datetime) -> list[tuple[Path, str]]:
    """The bodies to be packed at a moment, each with its hash, oldest first; they count from the day on which
    they were written."""
    before = (at - PLAIN).timestamp()
    found = [(path.stat().st_mtime, path) for path in archive.glob("??/*") if "." not in path.name]
    return [(path, path.name) for written, path in sorted(found) if written < before]


class TooLarge(Exception):
    """A body passed its size bound."""
