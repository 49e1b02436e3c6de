"""What can be found out again, kept so that it need not be. What cannot be read, or is not what was kept, is
absent.

Each name has one file, and the end of its own name is the hash of its content: a file that is cut off or
changed does not match.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.store import files

MARK = "~"  # between a name and the hash; no name holds it
LENGTH = 16  # characters of a hash: against damage, not against forgery


@dataclass(frozen=True)
class Memo:
    """Values and files by name, in one folder. A name may hold '/': one folder of thousands of files is
    slow."""

    folder: Path

    def get(self, name: str) -> Any:
        """The value kept under a name; None where there is none."""
        path = self.file(name)
        try:
            return None if path is None else json.loads(path.read_bytes())
        except ValueError:
            return None

    def put(self, name: str, value: Any) -> None:
        """Keep a value that JSON can hold, in place of the one before; where it cannot be written, or would
        belong to another user than what is there, it is found out again."""
        content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        if files.owner(self.folder) == os.geteuid():
            with contextlib.suppress(OSError):
                self.make(name, lambda part: part.write_bytes(content))

    def file(self, name: str) -> Path | None:
        """The file kept under a name; None where there is none that is whole."""
        for path in self._files(name):
            if path.name.endswith(MARK + digest(path)):
                return path
            path.unlink(missing_ok=True)
        return None

    def make(self, name: str, write: Callable[[Path], object]) -> Path:
        """Keep what ``write`` writes to the path it is given, in place of the file before; where that is
        now."""
        place = self.folder / name
        with files.part_of(place) as part:
            write(part)
            kept = place.with_name(f"{place.name}{MARK}{digest(part)}")
            files.settle(part, kept)
        for path in self._files(name):
            if path != kept:
                path.unlink(missing_ok=True)
        return kept

    def keep_newest(self, folder: str, count: int) -> None:
        """Remove all but the newest files of a folder."""
        kept = sorted((self.folder / folder).glob("*"), key=lambda path: path.stat().st_mtime)
        for path in kept[:-count]:
            path.unlink(missing_ok=True)

    def _files(self, name: str) -> list[Path]:
        place = self.folder / name
        return sorted(place.parent.glob(f"{place.name}{MARK}*"))


def digest(path: Path) -> str:
    """The beginning of the SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:LENGTH]
