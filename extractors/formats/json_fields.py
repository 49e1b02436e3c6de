"""JSON as parsers use it: objects of which some fields are used, by name and kind, and all others may be
anything."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import NoneType, UnionType
from typing import Any

from extractors.contract import (
    ALWAYS_SPARED,
    MOST_SHARE,
    Difference,
    Document,
    LayoutChanged,
    Unreadable,
)
from extractors.formats import differences

_KINDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", dict: "an object"}
_KINDS |= {list: "a list", NoneType: "null"}


def read(document: Document, kind: type[Any], *, as_printed: bool = True) -> Any:
    """The document as JSON of a kind at the top; numbers stay as printed where wanted.

    Raises ``LayoutChanged`` for what is no JSON in UTF-8, as a document that was cut off, for a name that
    stands twice in an object, and for another kind. No text of the document is in a message.
    """
    numbers: Any = {"parse_float": str, "parse_int": str, "parse_constant": str} if as_printed else {}
    try:
        found = json.loads(document.content.decode("utf-8-sig"), object_pairs_hook=_once, **numbers)
    except LayoutChanged as odd:
        raise LayoutChanged(f"{document.name}: {odd}") from None
    except RecursionError:
        raise LayoutChanged(
            f"{document.name}: JSON of which no end is seen: too many objects in one another"
        ) from None
    except ValueError as error:
        raise LayoutChanged(f"{document.name}: not JSON in UTF-8, or cut off: {error}") from error
    if not isinstance(found, kind):
        raise LayoutChanged(f"{document.name}, $: is {kind_of(found)} where {_KINDS[kind]} is known")
    return found


def kind_of(value: object) -> str:
    """The kind of a value in words."""
    return _KINDS.get(type(value), type(value).__name__)


@dataclass(frozen=True)
class Fields:
    """What a parser uses of one kind of object.

    ``used``: field -> its kind, as ``isinstance`` takes it; ``optional`` are used where they are there;
    ``unused`` are known and not needed. Where further fields ``vary`` from document to document, they are not
    noted.
    """

    used: Mapping[str, type | UnionType]
    optional: Mapping[str, type | UnionType] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    vary: bool = False

    def one(self, document: Document, value: object, place: str) -> dict[str, Any]:
        """The used fields of an object that must be there; optional ones that are not are None.

        Raises ``LayoutChanged`` that lists all differences.
        """
        found = self._differences(value, place)
        self._refuse(document, place, found)
        document.note(found)
        return self.values(value)

    def each(
        self, document: Document, values: Iterable[object], place: str
    ) -> tuple[list[tuple[str, dict[str, Any]]], list[Unreadable]]:
        """The used fields of every object of a list with its place, and the objects that lack one.

        Raises ``LayoutChanged`` that lists all differences when many objects lack one, or all.
        """
        good, aside = [], []
        listed, every = f"{place}[*]", list(values)
        harm: Counter[Difference] = Counter()
        seen: dict[str, None] = {}
        for number, value in enumerate(every):
            wrong = self.harmful(value, listed)
            if isinstance(value, dict):
                seen |= dict.fromkeys(map(str, value))
            if wrong:
                harm.update(wrong)
                aside.append(
                    Unreadable(f"{place}[{number}]", differences.described(wrong), _raw(document, value))
                )
            else:
                good.append((f"{place}[{number}]", self.values(value)))
        self.settle(document, seen, len(good), aside, listed, harm)
        return good, aside

    def settle(
        self,
        document: Document,
        seen: Iterable[str],
        good: int,
        aside: list[Unreadable],
        place: str,
        harm: Iterable[Difference] = (),
    ) -> None:
        """Judge a list of objects as a whole, in which the fields ``seen`` are: note what differs without
        harm.

        Raises ``LayoutChanged`` that lists all differences when many objects are set aside, or all.
        """
        found = differences.compare(place, self.used, self.optional, self.unused, list(seen))
        noted = [one for one in found if one.change == "gone" or (one.change == "added" and not self.vary)]
        if aside and (not good or len(aside) > max(MOST_SHARE * (good + len(aside)), ALWAYS_SPARED)):
            harmful = list(harm) or differences.harmful(found)
            self._refuse(document, place, [*harmful, *noted])
        if good:
            document.note(noted)

    def harmful(self, value: object, place: str) -> list[Difference]:
        """What an object lacks that is used, or has of another kind."""
        return differences.harmful(self._differences(value, place))

    def values(self, value: Any) -> dict[str, Any]:
        """The used fields of an object that has them; optional ones that are not there are None."""
        return {name: value.get(name) for name in (*self.used, *self.optional)}

    def _differences(self, value: object, place: str) -> list[Difference]:
        if not isinstance(value, dict):
            return [Difference(place, "kind", "the object", f"{kind_of(value)} where an object is known")]
        known = {**self.used, **self.optional}
        found = differences.compare(place, self.used, self.optional, self.unused, list(value))
        return found + [
            Difference(place, "kind", name, f"{kind_of(value[name])} where {_wanted(kind)} is known")
            for name, kind in known.items()
            if name in value and not isinstance(value[name], kind)
        ]

    def _refuse(self, document: Document, place: str, found: list[Difference]) -> None:
        if differences.harmful(found):
            raise LayoutChanged(
                f"{document.name}, {place}: {differences.described(found)}. If the publisher changed the"
                " document, change the fields in the source's extract.py",
                found,
            )


def _wanted(kind: type | UnionType) -> str:
    kinds = kind.__args__ if isinstance(kind, UnionType) else (kind,)
    return " or ".join(_KINDS[one] for one in kinds)


def _raw(document: Document, value: object) -> str | None:
    """What an object holds, unless it may name people."""
    return None if document.salt else json.dumps(value, ensure_ascii=False)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; a name that stands in it twice would be lost without a word."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = Counter(name for name, _ in pairs)
        raise LayoutChanged(
            f"a name stands twice in one object: {[name for name, count in names.items() if count > 1][:3]}"
        )
    return found
