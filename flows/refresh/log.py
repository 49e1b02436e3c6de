"""Logs: nothing by default, one JSON object a line on standard error when asked for."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
from typing import Any

logger = logging.getLogger("gapwatch")
logger.addHandler(logging.NullHandler())


class _Json(logging.Formatter):
    """All beyond ASCII is escaped, so that nothing steers a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        told = {"at": at, "level": record.levelname.lower(), "event": record.getMessage()}
        return json.dumps(told | getattr(record, "fields", {}), default=str)


def structured() -> None:
    """Write every event from now on to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


def event(name: str, **fields: Any) -> None:
    logger.info(name, extra={"fields": fields})
