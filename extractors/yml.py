"""YAML, read by the parser that is written in C where it is there: it is ten times faster, and a command reads a hundred files."""

from __future__ import annotations

from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(text: str) -> Any:
    """What a YAML text says. Raises ``yaml.YAMLError`` where it is none."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506  # both loaders are the safe ones
