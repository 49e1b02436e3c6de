"""Where things lie below the data directory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from warehouse.store.memo import Memo


@dataclass(frozen=True)
class Layout:
    """Paths below one data directory. ``archive``, ``ledger`` and ``salt`` are the state; the rest can be
    rebuilt."""

    root: Path

    @property
    def published(self) -> Path:
        return self.root / "gapwatch.duckdb"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger"

    @property
    def method(self) -> Path:
        return self.ledger / "method"

    @property
    def salt(self) -> Path:
        return self.root / "salt"

    @property
    def stage(self) -> Path:
        return self.root / "stage"

    @property
    def memo(self) -> Memo:
        return Memo(self.stage / "memo")

    @property
    def build(self) -> Path:
        return self.root / "build"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def prefect(self) -> Path:
        return self.root / "prefect"

    @property
    def lock(self) -> Path:
        return self.root / "refresh.lock"


def default_root() -> Path:
    """``GAPWATCH_DATA_DIR``, else the platform's directory for user data."""
    given = os.environ.get("GAPWATCH_DATA_DIR")
    return Path(given or platformdirs.user_data_dir("gapwatch", appauthor=False))
