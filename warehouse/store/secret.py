"""The secret of this installation: with it the names of people become keys that nobody else can make or undo.

It is never published and never logged. With another secret the same name gets another key, so it belongs into
every backup.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from warehouse.store import files
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
    """The secret in a file; where there is none, a new one is written, whole or not at all, and never over
    one that another process has just made."""
    if not path.exists():
        with files.part_of(path) as part:
            part.touch(0o600)  # readable by its owner alone
            part.write_bytes(secrets.token_hex(32).encode())
            files.sync(part)
            with contextlib.suppress(FileExistsError):
                os.link(part, path)
    return path.read_bytes().strip()
