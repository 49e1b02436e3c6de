"""The resolver: from an affiliation as printed to a country, by ordered tiers, precision first.

1. ``reviewed``: the whole string is an alias in the reviewed tables;
2. ``exact``: it is a name or alias in the registry;
3. ``place``: it names a country, state or telling city;
4. ``part``: a part of it is a known name;
5. ``domain``: an e-mail or web address in it, or given beside it;
6. ``fuzzy``: it is nearly a known name, and no other is near;
7. ``unresolved``.

A later tier never overrides an earlier one, but where a place is named the unit is there, whatever the
institution's own country ('Carnegie Mellon University, Qatar'): the institution then gives the headquarters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from warehouse.institutions import domains, places
from warehouse.institutions.fuzzy import Nearly
from warehouse.institutions.matches import Match, Names
from warehouse.institutions.registry import Registry
from warehouse.institutions.text import components, generic, key, plain, several, word_set

Tier = Literal["reviewed", "exact", "place", "part", "domain", "fuzzy", "unresolved"]
# How sure the other tiers are; an exact one is.
_SCORES: dict[Tier, float] = {"place": 90, "part": 90, "domain": 85}
_MANY = 12  # institutions that one author has; what lists more is no affiliation
_READS_LIKE = word_set("""
    university universite universitat universitaet universita universidad institute institut inst college
    school lab labs laboratory laboratories research center centre academy hospital inc ai technologies group
    company corporation foundation
""")
_MAINLAND = word_set("shenzhen guangzhou dongguan zhuhai nansha futian longgang mainland")


@dataclass(frozen=True)
class Resolved:
    """What an affiliation means. Countries are ISO 3166-1 alpha-2 codes, 'HK', 'MO' and 'TW' their own; None:
    not resolved.

    ``country_location`` is where the named unit is, ``country_hq`` where the institution's owner has its
    headquarters. ``institution`` and ``ror`` are the record that matched, ``matched`` the text that did,
    ``score`` 0 to 100: how sure the tier is (of ``fuzzy``, how alike the names are).
    """

    affiliation: str
    country_location: str | None = None
    country_hq: str | None = None
    institution: str | None = None
    ror: str | None = None
    tier: Tier = "unresolved"
    score: float = 0
    matched: str | None = None


class Resolver:
    """Resolves affiliations with reviewed tables and a registry. The same string always gives the same
    answer."""

    def __init__(self, reviewed: Mapping[str, Match], registry: Registry | None = None) -> None:
        self.registry = registry or Registry()
        self.names = Names(reviewed, self.registry)

    @cached_property
    def nearly(self) -> Nearly:
        """The index of nearly right names: made when the first string needs it."""
        return Nearly(self.names)

    def resolve(self, affiliation: str, domain: str | None = None) -> Resolved:
        """The first-listed institution. ``domain``: the author's web or e-mail domain, where the source gives
        one."""
        return self.institutions(affiliation, domain)[0]

    def institutions(self, affiliation: str, domain: str | None = None) -> list[Resolved]:
        """All institutions that the string names, in its order; at least one answer, and that may be
        unresolved."""
        text = plain(affiliation)
        if whole := self._whole(text):
            return [replace(whole, affiliation=affiliation)]
        found = self._listed(text)
        if found[0].tier == "unresolved" and domain:
            found[0] = self._by_domain(domain.lower()) or found[0]
        return [replace(one, affiliation=affiliation) for one in found]

    def _whole(self, text: str) -> Resolved | None:
        """The two exact tiers."""
        match = self.names.whole(key(text))
        if match is None or match.location is None:
            return None
        return _answer(match, "reviewed" if match.kind else "exact", text)

    def _listed(self, text: str) -> list[Resolved]:
        """One answer for each institution of a list."""
        listed = several(text)
        if len(listed) > 1 and (found := self._each(listed)):
            return found
        return self._joined(text)

    def _joined(self, text: str) -> list[Resolved]:
        """The institutions that 'and' or commas join, if one of them is a known name and the others read like
        institutions."""
        for joint in (" and ", " & ", ", "):
            sides = [side for side in text.split(joint) if side.strip()]
            if not 2 <= len(sides) <= 4:
                continue
            known = [self._whole(side) for side in sides]
            named = {one.institution for one in known if one and not places.of_component(one.matched or "")}
            if len(named) == len(sides) or (
                named
                and joint != ", "
                and all(one or _reads_like_one(side) for one, side in zip(known, sides, strict=True))
            ):
                return self._each(sides) or [self._one(text)]
        return [self._one(text)]

    def _each(self, listed: list[str]) -> list[Resolved]:
        """The answers for parts that name institutions; parts that name none ('Department of Mathematics /
        MIT') are passed over.

        Empty where no part gives a country.
        """
        found = [
            (self._whole(part) or (self._joined(part)[0] if len(listed) < _MANY else self._one(part)), part)
            for part in listed[:_MANY]
        ]
        told = [one for one, part in found if one.country_location or not generic(key(part).split())]
        known = next((one for one in told if one.country_location), None)
        if known is None:
            return []
        # An institution nobody knows is most often listed beside one of its own country.
        first = known if known is told[0] else _weaker(known)
        return [first, *(one for one in told if one is not known)]

    def _one(self, text: str) -> Resolved:
        """What one institution's string means, by the tiers after the exact ones."""
        parts = components(text)
        place = _place(text, parts, self.registry)
        match = self.names.within(parts, place)
        if match and match.location and not (place and place != match.location):
            return _answer(match, "place" if place and match.ambiguous else "part", match.text)
        if place:
            named = match or Match(None, None, text=text)
            led = named.headquarters or place
            return _answer(replace(named, location=place, headquarters=led), "place", named.text)
        return (
            self._by_domain(text.lower())
            or self._by_city(parts, match)
            or self._nearly(text, parts)
            or Resolved(text)
        )

    def _by_domain(self, text: str) -> Resolved | None:
        for name in domains.named(text):
            number = domains.known(name, self.registry.domains)
            if number is not None and (one := self.registry.organisations[number]).country:
                return _answer(Match(one.country, one.headquarters, one.name, one.ror), "domain", name)
            if country := domains.country(name):
                return _answer(Match(country, country), "domain", name, less=5)
        return None

    def _by_city(self, parts: list[str], match: Match | None) -> Resolved | None:
        # A city in a name that several institutions share tells nothing of which is meant: Toyota
        # Technological Institute.
        match = match or Match(None, None)
        found = {
            city: country
            for part in parts
            for city, country in _cities(part, self.registry)
            if f" {city} " not in f" {match.text} "
        }
        country = places.agreed(found.values())
        if not country:
            return None
        there = replace(match, location=country, headquarters=match.headquarters or country)
        return _answer(there, "place", ", ".join(found), less=10)

    def _nearly(self, text: str, parts: list[str]) -> Resolved | None:
        for candidate in dict.fromkeys((text, *parts)):
            if near := self.nearly.find(key(candidate)):
                match, score = near
                return replace(_answer(match, "fuzzy", match.text), score=round(score, 1))
        return None


def _answer(match: Match, tier: Tier, text: str, less: float = 0) -> Resolved:
    score = _SCORES.get(tier, 100) - less
    return Resolved(text, match.location, match.headquarters, match.institution, match.ror, tier, score, text)


def _weaker(one: Resolved) -> Resolved:
    return replace(one, tier="part", score=min(one.score, _SCORES["part"] - 20))


def _place(text: str, parts: list[str], registry: Registry) -> str | None:
    """The country that the string itself names: by its last part that is a place, else by the words
    within."""
    words = key(text).split()
    found = places.in_words(words)
    own = [
        country
        for part in parts[1:]
        if (country := places.of_component(part) or _town(part, parts, registry))
    ]
    named = own[-1] if own else places.agreed(found)
    if "HK" in {named, *found, *own} and named in ("HK", "CN", None):
        # 'Hong Kong, China' is Hong Kong; a campus on the mainland is China, though the university's name
        # says Hong Kong.
        return "CN" if not _MAINLAND.isdisjoint(words) else "HK"
    if named == "CN" and {"TW", "MO"} & set(found):
        return next(country for country in found if country in ("TW", "MO"))
    return named


def _town(part: str, parts: list[str], registry: Registry) -> str | None:
    """'Cambridge, MA': a state's code says the United States where the town before it is known to lie in that
    state."""
    code = part.strip(" .").split(" ")[0]
    at = parts.index(part)
    if len(code) == 2 and code.isupper() and at and f"{key(parts[at - 1])} {code}" in registry.towns:
        return "US"
    return None


def _cities(part: str, registry: Registry) -> list[tuple[str, str]]:
    """The cities in a part that lie in one country, as far as the registry knows; written with a capital."""
    words: list[Any] = part.replace("-", " ").replace("/", " ").split()
    found = []
    for length in (3, 2, 1):
        for at in range(len(words) - length + 1):
            span = words[at : at + length]
            name = key(" ".join(span))
            if span[0][:1].isupper() and name in registry.cities:
                found.append((name, registry.cities[name]))
    return found


def _reads_like_one(side: str) -> bool:
    """Whether the words name an institution, known or not: they say of which kind it is, or are an
    abbreviation."""
    words = key(side).split()
    return not generic(words) and (not _READS_LIKE.isdisjoint(words) or side.strip().isupper())
