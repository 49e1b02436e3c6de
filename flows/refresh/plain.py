"""Text from outside as it may be shown: in a terminal, a log, a message."""

from __future__ import annotations

import unicodedata


def plain(text: str, kept: str = "\n\t") -> str:
    """The text with what would steer a terminal, or turn the direction of writing, written as an escape:
    control and format characters, and what has no meaning. Spaces of any width stay, and what is ``kept``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(sign if _shown(sign) or sign in kept else _escape(sign) for sign in text)


def _shown(sign: str) -> bool:
    return sign.isprintable() or unicodedata.category(sign) == "Zs"


def _escape(sign: str) -> str:
    """As JSON writes it, so that a line of JSON stays one."""
    units = sign.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
