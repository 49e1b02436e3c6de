"""The secret of this installation: with it the names of people become keys that nobody else can make or undo.

It is never published and never logged. With another secret the same name gets another key, so it belongs into
every backup.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from warehouse.store.paths import Layout

VARIABLE = "GAPWATCH_SALT"
LEAST = 16  # characters; names can be guessed, so that a short secret could be found by trying


def of(layout: Layout) -> bytes:
    """``GAPWATCH_SALT``, else the file ``salt`` of the data directory, made at random on first use.

    Raises ``ValueError`` when it is too short to be a secret.
    """
    given = os.environ.get(VARIABLE, "").encode()
    found = given or _kept(layout.salt)
    if len(found) < LEAST:
        raise ValueError(
            f"{VARIABLE if given else layout.salt} is no secret: it needs at least {LEAST} characters."
            " Restore it if it was cut off"
        )
    return found


def _kept(path: Path) -> bytes:
    if not path.exists():
        _make(path)
    return path.read_bytes().strip()


def _make(path: Path) -> None:
    """Write a new secret, whole or not at all, and never over one that another process has just made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=".salt-")  # readable by its owner alone
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(32).encode())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
    finally:
        os.unlink(made)
