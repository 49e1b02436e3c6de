"""What tests of parsers share: reading a recorded file, and counting what a document leaves out."""

from __future__ import annotations

import pytest


def ignored(staged) -> int:
    return sum(count for reasons in staged.ignored.values() for count in reasons.values())


def recorded(recordings, name: str) -> bytes:
    path = recordings / name
    if not path.exists():
        pytest.skip(f"the recording {name} is not in the folder")
    return path.read_bytes()
