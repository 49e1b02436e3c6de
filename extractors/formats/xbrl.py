"""XBRL facts of one filing: inline in its HTML, or as a plain instance.

Why not a library. On a 10-K of 2.5 MB: ixbrlparse needs 2.0 s and 78 MB, reads half a file as if it were
whole (42 of 63 revenue facts, no error), takes USD per share for USD and does not see dimensions in a
scenario. Arelle, offline, has no schema of the filing's taxonomy and so finds no value in an inline filing
and no fact in a plain one; it brings twenty packages. EdgarTools is made for reading over the network. lxml,
strict, needs 0.1 s and 40 MB and refuses a file that was cut off.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import etree

from extractors.contract import LayoutChanged

_XBRLI = "{http://www.xbrl.org/2003/instance}"
_XBRLDI = "{http://xbrl.org/2006/xbrldi}"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_INLINE = tuple(f"{{http://www.xbrl.org/{year}/inlineXBRL}}" for year in (2013, 2008))
# Taxonomies have a namespace for each year; a filing may call them by any prefix.
_STANDARD = re.compile(r"http://(?:fasb\.org|xbrl\.us|xbrl\.sec\.gov)/(us-gaap|srt|dei)/\d{4}")
_ZERO = ("fixed-zero", "zerodash", "numdash")


@dataclass(frozen=True)
class Context:
    """Whom and when a fact is about. ``dimensions``: axis -> member, both as 'us-gaap:Name' where
    standard."""

    entity: str | None
    start: str | None
    end: str | None
    dimensions: dict[str, str]


@dataclass(frozen=True)
class Fact:
    """One number. ``place`` leads back to it; ``unit`` is an ISO 4217 code, or a description of any other
    unit."""

    place: str
    concept: str
    context: Context
    unit: str
    text: str
    format: str
    scale: int
    negative: bool
    decimals: float
    nil: bool

    @property
    def printed(self) -> str:
        """The number as printed, without thousands separators, with the sign that the filing gives it.

        Raises ``ValueError`` for a text that is no number in the fact's format.
        """
        text = "".join(self.text.split())
        if self.format in _ZERO:
            text = "0"
        elif self.format in ("num-comma-decimal", "numcommadecimal"):
            text = text.replace(".", "").replace(",", ".")
        elif self.format in ("num-dot-decimal", "numdotdecimal"):
            text = text.replace(",", "")
        elif self.format:
            raise ValueError(f"{self.text} in unknown format {self.format}")
        if not re.fullmatch(r"-?\d*\.?\d+", text):
            raise ValueError(f"{self.text} in format {self.format or 'of a plain number'}")
        return f"-{text}" if self.negative else text

    @property
    def amount(self) -> Decimal:
        return Decimal(self.printed).scaleb(self.scale)


@dataclass(frozen=True)
class Instance:
    """The numbers of a filing in their order, and what it says about itself (dei concept -> text)."""

    facts: list[Fact]
    about: dict[str, str]


def _named(element: Any, name: str) -> str:
    """A qualified name in a text, with the usual prefix of a standard taxonomy whatever prefix the filing
    uses."""
    prefix, _, local = name.strip().rpartition(":")
    standard = _STANDARD.match(element.nsmap.get(prefix or None) or "")
    return f"{standard[1]}:{local}" if standard else name.strip()


def _tag(element: Any) -> str:
    qualified = etree.QName(element)
    standard = _STANDARD.match(qualified.namespace or "")
    return f"{standard[1] if standard else element.prefix}:{qualified.localname}"


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _context(element: Any) -> Context:
    members = {
        _named(member, member.get("dimension", "")): _named(member, member.text or "")
        if member.tag == f"{_XBRLDI}explicitMember"
        else _text(member)
        for member in element.iter(f"{_XBRLDI}explicitMember", f"{_XBRLDI}typedMember")
    }
    start, end = (element.findtext(f"{_XBRLI}period/{_XBRLI}{name}") for name in ("startDate", "endDate"))
    entity = element.findtext(f"{_XBRLI}entity/{_XBRLI}identifier")
    return Context(entity and entity.strip(), start and start.strip(), end and end.strip(), members)


def _unit(element: Any) -> str:
    measures = [(measure.text or "").strip() for measure in element.iter(f"{_XBRLI}measure")]
    currency = re.fullmatch(r"iso4217:([A-Z]{3})", measures[0]) if len(measures) == 1 else None
    return currency[1] if currency else "a unit of " + " per ".join(measures)


def _numbers(root: Any, tag: str | None) -> Iterator[tuple[Any, str]]:
    """Elements that hold a number, with their concept: those called ``tag``, or any with a unit in a plain
    instance."""
    for element in root.iter(tag) if tag else root.iterchildren("*"):
        if tag:
            yield element, _named(element, element.get("name", ""))
        elif element.get("unitRef"):
            yield element, _tag(element)


def _fact(
    place: str, concept: str, element: Any, contexts: dict[Any, Context], units: dict[Any, str]
) -> Fact:
    """Raises ``ValueError`` that says what of it cannot be read."""
    context, unit = contexts.get(element.get("contextRef")), units.get(element.get("unitRef"))
    if context is None or unit is None:
        raise ValueError(
            f"its context {element.get('contextRef')!r} or unit {element.get('unitRef')!r} is not in the"
            " document; cut off?"
        )
    try:
        scale = int(element.get("scale") or 0)
        decimals = float(element.get("decimals", "INF"))
    except ValueError as error:
        raise ValueError(f"scale or decimals cannot be read: {error}") from error
    sign, nil = element.get("sign"), element.get(_NIL) in ("true", "1")
    if sign not in (None, "-"):
        raise ValueError(f"sign is {sign!r}, expected '-' or none")
    form = element.get("format", "").rpartition(":")[2]
    return Fact(place, concept, context, unit, _text(element), form, scale, sign == "-", decimals, nil)


def read(name: str, content: bytes, concepts: Container[str] = ()) -> Instance:
    """Facts of the document ``name``; of a fact that cannot be read the place and the concept alone.

    Raises ``LayoutChanged`` when it is not well formed, as one cut off, or holds no XBRL, and when a fact of
    ``concepts`` refers to a context or unit that is not there, or cannot be read.
    """
    # huge_tree stays off: it lifts the parser's own limits on depth and size of a text
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise LayoutChanged(
            f"{name}: not well formed, perhaps cut off or a page for people: {error}"
        ) from error
    inline = next((space for space in _INLINE if root.find(f".//{space}header") is not None), None)
    if inline is None and root.tag != f"{_XBRLI}xbrl":
        raise LayoutChanged(
            f"{name}: holds no XBRL: neither inline in HTML nor an instance; is it the main document of a"
            " filing?"
        )
    contexts = {element.get("id"): _context(element) for element in root.iter(f"{_XBRLI}context")}
    units = {element.get("id"): _unit(element) for element in root.iter(f"{_XBRLI}unit")}
    facts = []
    for number, (element, concept) in enumerate(
        _numbers(root, f"{inline}nonFraction" if inline else None), 1
    ):
        place = f"fact {number}" + (f", id {element.get('id')}" if element.get("id") else "")
        try:
            facts.append(_fact(place, concept, element, contexts, units))
        except ValueError as error:
            if concept in concepts:
                raise LayoutChanged(f"{name}, {place}: {error}") from error
            facts.append(Fact(place, concept, Context(None, None, None, {}), "", "", "", 0, False, 0, True))
    told = root.iter(f"{inline}nonNumeric") if inline else root.iterchildren("*")
    named = (
        (_named(element, element.get("name", "")) if inline else _tag(element), element) for element in told
    )
    about = {
        concept.removeprefix("dei:"): _text(element)
        for concept, element in named
        if concept.startswith("dei:")
    }
    return Instance(facts, about)
