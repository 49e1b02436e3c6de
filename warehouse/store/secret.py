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

    Raises ``ValueError`` when it is too short to be a secret, ``OSError`` when it is gone though something
    was released.
    """
    given = os.environ.get(VARIABLE, "").encode()
    if not given and not layout.salt.exists() and (layout.ledger / "release.ndjson").exists():
        raise OSError(gone(layout))
    found = given or _kept(layout.salt)
    if len(found) < LEAST:
        raise ValueError(
            f"{VARIABLE if given else layout.salt} is no secret: it needs at least {LEAST} characters."
            " Restore it if it was cut off"
        )
    return found


def gone(layout: Layout) -> str:
    """What to tell of a secret that is not there any more, and what to do."""
    return (
        f"{layout.salt} is gone and {VARIABLE} is not set: with a new secret every person would get another"
        f" key. Restore the file from a backup, or set {VARIABLE} to what it was"
    )


def mark(layout: Layout) -> str:
    """A name of the secret, by which a release remembers it; empty where there is none."""
    there = os.environ.get(VARIABLE) or layout.salt.exists()
    return files.sha256(b"gapwatch secret " + of(layout))[:16] if there else ""


def renew(layout: Layout) -> None:
    """Make a new secret where there is none, though something was released."""
    if not os.environ.get(VARIABLE):
        _kept(layout.salt)


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
