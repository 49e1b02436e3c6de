"""Where things lie below the data directory."""

from __future__ import annotations

import os
import pwd
import shlex
from pathlib import Path

import platformdirs

from warehouse.store.memo import Memo


class Layout:
    """Paths below one data directory. ``archive``, ``ledger`` and ``salt`` are the state; the rest can be
    rebuilt."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.published = root / "gapwatch.duckdb"
        self.archive = root / "archive"
        self.ledger = root / "ledger"
        self.method = self.ledger / "method"
        self.salt = root / "salt"
        self.stage = root / "stage"
        self.memo = Memo(self.stage / "memo")
        self.build = root / "build"
        self.releases = root / "releases"
        self.prefect = root / "prefect"
        self.lock = root / "refresh.lock"


def check_owner(layout: Layout) -> None:
    """Raises ``PermissionError`` for another user than the one to whom the data directory belongs: what root
    writes there, that user could neither read nor replace."""
    if not layout.root.exists() or (owner := layout.root.stat().st_uid) == os.geteuid():
        return
    mine, its = user_name(os.geteuid()), user_name(owner)
    command = shlex.join(["sudo", "-u", its, "gapwatch", "--data-dir", str(layout.root)])
    raise PermissionError(
        f"{layout.root} belongs to {its}, and this is {mine}, whose files {its} may not read: run it as"
        f" {command} …"
    )


def user_name(user: int) -> str:
    """What a user is called, or its number where it has no name."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"#{user}"


def default_root() -> Path:
    """``GAPWATCH_DATA_DIR``, else the platform's directory for user data."""
    given = os.environ.get("GAPWATCH_DATA_DIR")
    return Path(given or platformdirs.user_data_dir("gapwatch", appauthor=False))
