"""The content-addressed archive: every body received, stored once under its SHA-256."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Stored:
    """A body in the archive. ``error`` is what ended the transfer early, if anything did."""

    sha256: str
    bytes: int
    path: Path
    error: Exception | None = None


def path_of(archive: Path, sha256: str) -> Path:
    return archive / sha256[:2] / sha256


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def store(archive: Path, chunks: Iterable[bytes], limit: int) -> Stored:
    """Write a body as it arrives and file it under its hash.

    At most ``limit`` bytes are kept. What had arrived when the transfer failed is kept as well;
    the failure is returned with it, so that nothing received is lost and nothing partial looks whole.
    """
    archive.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    failure: Exception | None = None
    handle, name = tempfile.mkstemp(dir=archive, prefix=".incoming-")
    try:
        with os.fdopen(handle, "wb") as file:
            try:
                for chunk in chunks:
                    kept = chunk[: limit - size]
                    file.write(kept)
                    digest.update(kept)
                    size += len(kept)
                    if len(kept) < len(chunk):
                        failure = TooLarge(f"the body is larger than {limit:,} bytes, this source's limit")
                        break
            except Exception as error:  # noqa: BLE001  # whatever cut the transfer, the bytes are kept and the caller decides
                failure = error
            file.flush()
            os.fsync(file.fileno())
        target = path_of(archive, digest.hexdigest())
        target.parent.mkdir(exist_ok=True)
        if not target.exists():
            os.chmod(name, 0o444)
            os.replace(name, target)
            sync_folder(target.parent)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)
    return Stored(digest.hexdigest(), size, target, failure)


def sweep(archive: Path) -> None:
    """Remove what a killed run was still receiving."""
    for path in archive.glob(".incoming-*"):
        path.unlink(missing_ok=True)


class TooLarge(Exception):
    """A body passed its size bound."""
