"""Places in a JSON text: the steps of a path such as ``$.a[3]["b c"]``, and from which character to which its
value stands."""

from __future__ import annotations

import json
import re
from collections.abc import Set as AbstractSet

Steps = tuple[str | int, ...]
_STEP = re.compile(r'\.(?P<name>[^.\[\]]+)|\[(?P<number>\d+)\]|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]')
_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str)


def steps(locator: str) -> Steps | None:
    """The steps of a path, or None where it is not written as one."""
    found: list[str | int] = []
    at = 1
    while at < len(locator):
        step = _STEP.match(locator, at)
        if step is None:
            return None
        found.append(
            int(step["number"])
            if step["number"]
            else json.loads(step["quoted"])
            if step["quoted"]
            else step["name"]
        )
        at = step.end()
    return tuple(found)


def spans(text: str, wanted: AbstractSet[Steps]) -> dict[Steps, tuple[int, int]]:
    """Where the wanted values, and all that hold them, begin and end in a JSON text; those that are not there
    are left out.

    Raises ``ValueError`` or ``IndexError`` for a text that is no JSON as far as it was read.
    """
    return _Spans(text, wanted).spans


class _Spans:
    """One pass over the text: what is not on the way to a wanted value is skipped whole."""

    def __init__(self, text: str, wanted: AbstractSet[Steps]) -> None:
        self.spans: dict[Steps, tuple[int, int]] = {}
        self._text, self._way = text, {path[:depth] for path in wanted for depth in range(len(path))}
        self._wanted = wanted | self._way
        self._value(self._skip(0), ())

    def _skip(self, at: int) -> int:
        blank = _BLANK.match(self._text, at)
        return blank.end() if blank else at

    def _value(self, at: int, path: Steps) -> int:
        inside = path in self._way and self._text[at : at + 1] in ("{", "[")
        end = self._children(at, path) if inside else _DECODER.raw_decode(self._text, at)[1]
        if path in self._wanted:
            self.spans[path] = at, end  # of a name that stands twice the last one holds, as in any reader
        return end

    def _children(self, at: int, path: Steps) -> int:
        named, number = self._text[at] == "{", 0
        at = self._skip(at + 1)
        while self._text[at] not in "}]":
            step: str | int = number
            if named:
                step, at = _DECODER.raw_decode(self._text, at)
                at = self._skip(self._skip(at) + 1)  # the colon
            at = self._skip(self._value(at, (*path, step)))
            number += 1
            if self._text[at] == ",":
                at = self._skip(at + 1)
        return at + 1
