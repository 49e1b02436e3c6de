"""Known names: a whole string that is one, or the best one within a string."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from warehouse.institutions import places
from warehouse.institutions.registry import Organisation, Registry
from warehouse.institutions.text import GENERIC, generic, key, word_set

# Of these kinds the name says nothing about the place when a city stands beside it.
MANY_PLACES = ("company", "laboratory")


_LONGEST_SPAN = 12
# A name that goes on after the span is another name: 'Beijing University' in 'Beijing University of
# Technology'.
_GOES_ON = word_set("of for de du di do")
# A word before the span that makes another name of it: 'Washington University' in 'Eastern Washington
# University'.
_BEGAN = word_set("""
    north south east west northern southern eastern western northeast northwest southeast southwest
    northeastern northwestern southeastern southwestern central new old british technical federal state
    national catholic free open polytechnic american international upper lower saint st san santa los las el
    la george port mount
""")

# Beside one of these a company's name is part of another name: Toyota Technological Institute.
_OTHERS = word_set("university institute college school hospital universite universitat institut")

_ABBREVIATED = {
    "univ": "university",
    "uni": "university",
    "inst": "institute",
    "natl": "national",
    "dept": "department",
    "tech": "technology",
}


@dataclass(frozen=True)
class Match:
    """An institution with the ``text`` that named it: where the named unit is, where its ultimate owner has
    its headquarters (alpha-2), and its record. ``kind``: of a reviewed one, else empty.

    ``ambiguous``: the name alone does not say which is meant; ``location`` is None until a place tells.
    """

    location: str | None
    headquarters: str | None
    institution: str | None = None
    ror: str | None = None
    text: str = ""
    kind: str = ""
    ambiguous: bool = False


class Names:
    """Names of the reviewed tables, and after them those of the registry."""

    def __init__(self, reviewed: Mapping[str, Match], registry: Registry) -> None:
        self._reviewed, self._registry = reviewed, registry

    def whole(self, name: str, place: str | None = None) -> Match | None:
        """What a key means, as printed or with its abbreviations spelt out; where organisations of several
        countries have the name, ``place`` decides.
        """
        return self._exactly(name, place) or self._exactly(_spelt_out(name), place)

    def _exactly(self, name: str, place: str | None) -> Match | None:
        if one := self._reviewed.get(name):
            return replace(one, text=name)
        if found := self._registry.called(name):
            return _of(found, name, place)
        return None

    def spelt_out(self) -> Iterator[str]:
        """All known names but abbreviations of the registry."""
        yield from self._reviewed
        for name in self._registry.names:
            if name not in self._registry.acronyms and name not in self._reviewed:
                yield name

    def within(self, parts: Sequence[str], place: str | None) -> Match | None:
        """The best known name within the parts of a string: whole parts, several parts together, else words
        of one part.

        Of the parts the first counts. A part that is itself a place is no institution.
        """
        keys = [key(part) for part in parts]
        unclear: Match | None = None
        for length in range(min(4, len(parts)), 1, -1):
            for at in range(len(parts) - length + 1):
                if match := self.whole(" ".join(keys[at : at + length]), place):
                    if match.location:
                        return match
                    unclear = unclear or match
        for name, part in zip(keys, parts, strict=True):
            if places.of_component(part) or name in self._registry.cities:
                continue
            match = None if self._weak(name, part) else self.whole(name, place)
            unclear = unclear or match
            if match is None or not match.location:
                match = self._in_words(part, place)
            if match and match.location:
                return match
        return unclear

    def _weak(self, name: str, printed: str) -> bool:
        """Whether a part is but an abbreviation of the registry, which beside other words may be anything."""
        return (
            name in self._registry.acronyms
            and name not in self._reviewed
            and not (printed.isupper() and len(name) >= 5)
        )

    def _in_words(self, part: str, place: str | None) -> Match | None:
        printed = part.replace("/", " ").replace("-", " ").replace("&", " and ").split()
        words = key(part).split()
        cased = printed if len(printed) == len(words) else words
        for length in range(min(_LONGEST_SPAN, len(words) - 1), 0, -1):
            for at in range(len(words) - length + 1):
                span = words[at : at + length]
                if generic(span) or not self._stands_alone(words, at, at + length):
                    continue
                if length == 1 and not (self._single(span[0], cased[at]) and _OTHERS.isdisjoint(words)):
                    continue
                name = " ".join(span)
                if name not in self._reviewed and (
                    name in self._registry.acronyms or name in self._registry.cities
                ):
                    continue
                if (match := self.whole(name, place)) and match.location:
                    return self._there(match, words)
        return None

    def _stands_alone(self, words: Sequence[str], start: int, end: int) -> bool:
        return _GOES_ON.isdisjoint(words[end : end + 1]) and not (start and words[start - 1] in _BEGAN)

    def _single(self, word: str, printed: str) -> bool:
        """One word within others is believed when people reviewed it; one of three letters must be printed
        large."""
        return word in self._reviewed and word not in GENERIC and (len(word) > 3 or printed.isupper())

    def _there(self, match: Match, words: Sequence[str]) -> Match:
        """A company's laboratory is in the city that stands beside its name ('Google Brain Toronto')."""
        if match.kind not in MANY_PLACES:
            return match
        around = [word for word in words if word not in match.text.split()]
        named = {self._registry.cities[word] for word in around if word in self._registry.cities}
        country = places.agreed(named)
        return replace(match, location=country) if country else match


def _of(found: list[Organisation], name: str, place: str | None) -> Match:
    """Organisations of one name as one match: those of the named place, else all if they agree on the
    country."""
    there = [one for one in found if place and one.country == place]
    chosen = there or found
    located = {one.country for one in chosen}
    led = {one.headquarters for one in chosen}
    best = min(chosen, key=lambda one: ("education" not in one.kinds, one.ror))
    one_country = len(located) == 1
    return Match(
        best.country if one_country else None,
        best.headquarters if len(led) == 1 else best.country if one_country else None,
        best.name if one_country else None,
        best.ror if one_country and len(chosen) == 1 else None,
        name,
        ambiguous=len({one.country for one in found}) > 1,
    )


def _spelt_out(name: str) -> str:
    """'Univ of Oxford' and 'U Oxford' as 'University of Oxford' and 'University Oxford'."""
    words = name.split()
    longer = [_ABBREVIATED.get(word, word) for word in words]
    if len(words) > 1 and words[0] == "u":
        longer[0] = "university"
    return " ".join(longer)
