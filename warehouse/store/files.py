"""The one way to write a file: beside its place, synced, renamed. A crash leaves the old file or the new one,
never a part."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# of what is kept for years: half of what the default takes
PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 9"


# what a person can do where the machine fails, by the system's names for it
_ADVICE = {
    errno.ENOSPC: "make room on that disk, and run it again",
    errno.EDQUOT: "make room within the quota, and run it again",
    errno.EFBIG: "raise the limit of the size of a file, and run it again",
    errno.EACCES: "run it as the user who may write there",
    errno.EPERM: "run it as the user who may write there",
    errno.EROFS: "the disk can only be read: mount it to be written to, and run it again",
    errno.EIO: "look at the disk",
}


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let a failure of the machine say at which file: that of a write names none by itself."""
    try:
        yield
    except OSError as error:
        if error.errno in _ADVICE and error.filename is None:
            error.filename = str(path)
        raise


def told(error: Exception) -> str:
    """A failure in words for a person: where, what, and what to do if the machine failed."""
    text = str(error)
    if isinstance(error, OSError) and error.errno and error.filename:
        text = f"{error.filename}: {error.strerror}"
    advice = [todo for number, todo in _ADVICE.items() if os.strerror(number) in text]
    return "; ".join([text.strip().splitlines()[0] if advice else text, *advice[:1]])


@contextmanager
def part_of(path: Path) -> Iterator[Path]:
    """A path beside ``path`` to write to; what is left there at the end of the block is removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with naming(path):
            yield part
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to. At the end of the block it takes the place of ``path``; where the block raises,
    ``path`` stays as it was."""
    with part_of(path) as part:
        yield part
        settle(part, path)


def settle(part: Path, path: Path) -> None:
    """Put a finished file in its place, durably."""
    sync(part)
    os.replace(part, path)
    sync(path.parent)


def write(path: Path, content: bytes) -> None:
    """Make ``content`` the whole of a file, durably."""
    with replacing(path) as part:
        part.write_bytes(content)


def sweep(folder: Path) -> None:
    """Remove what killed runs were writing; what another process is writing stays."""
    for part in folder.rglob(".*"):
        if not _written(part):
            part.unlink(missing_ok=True)


def _written(part: Path) -> bool:
    """Whether another process that is alive writes to a part."""
    process = part.name.rpartition(".")[2].partition("-")[0]
    if not process.isdigit() or int(process) == os.getpid():
        return False
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # it is somebody else's
    return True


def owner(path: Path) -> int:
    """The id of the user to whom a path, or the nearest folder above it that is there, belongs."""
    while not path.exists():
        path = path.parent
    return path.stat().st_uid


def signature(path: Path) -> list[int]:
    """Changes when anyone writes to the file; a link to it and a swap do not change it."""
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def sync(path: Path) -> None:
    """Make what a file holds durable or, of a folder, the names in it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
