"""An API key stands in no ledger, log, report or alert, however a server writes it when it repeats it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MASK = "***"
LEAST = 8  # characters at its beginning by which a key is known that something cut off


class Masking:
    """Knows one key: plain, in an address, in JSON and in HTML, in letters of either size, whole or cut off.
    Without a key it masks nothing."""

    def __init__(self, key: str) -> None:
        signs = [_spelt(sign) for sign in key]
        known, rest = signs[:LEAST], signs[LEAST:]
        self._key = re.compile("".join(signs), re.IGNORECASE) if key else None
        # The longest beginning: each further character only after the one before.
        begun = "".join(known) + "".join(f"(?:{sign}" for sign in rest) + ")?" * len(rest)
        self._begun = re.compile(begun, re.IGNORECASE) if key else None

    def text(self, text: str) -> str:
        return self._begun.sub(MASK, text) if self._begun else text

    def headers(self, row: Mapping[str, Any]) -> dict[str, str | None]:
        """What a row of an attempt has from headers. A validator with the key in it could not be sent again:
        there is none."""
        told = {name: row[name] for name in ("etag", "last_modified", "media") if row.get(name)}
        masked = {name: self.text(value) for name, value in told.items()}
        return {
            name: text if text == told[name] or name == "media" else None for name, text in masked.items()
        }

    def repeated(self, body: bytes) -> bool:
        """Whether the key, whole, is in a body."""
        return bool(self._key and self._key.search(body.decode("latin-1")))


def _spelt(sign: str) -> str:
    """A pattern for one character: as it is, with % once or twice over, in JSON, in HTML."""
    number = ord(sign)
    ways = (re.escape(sign), rf"\\{re.escape(sign)}", f"%(?:25)*{number:02x}", rf"\\u{number:04x}")
    entity = f"&#(?:{number}|x0*{number:x});"
    named = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}.get(sign)
    return f"(?:{'|'.join([*ways, entity, *filter(None, [named])])})"
