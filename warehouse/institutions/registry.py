"""The registry of institutions (ROR) as an index: name -> organisations, domain -> organisation, city ->
country."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from extractors.ror import records
from warehouse.institutions.places import countries
from warehouse.institutions.text import GENERIC, generic, key, word_set

# Names are believed in this order: what the institution is called, what it is also called, what it is
# abbreviated to.
DISPLAY, ALIAS, ACRONYM = 3, 2, 1
_RANKS = {"ror_display": DISPLAY, "label": DISPLAY, "alias": ALIAS, "acronym": ACRONYM}
SHORTEST_ACRONYM = 4  # three letters are the name of dozens
# a city says its country when so many organisations are there, nearly all in one country
_CITY_SEEN, _CITY_SHARE = 3, 0.9
_HOSTS = word_set("""
    sites.google.com facebook.com linkedin.com twitter.com github.io wordpress.com en.wikipedia.org
    wixsite.com blogspot.com
""")

# Staged lists are JSON texts.
_STAGED = """SELECT json_object('ror', ror, 'name', name, 'status', status, 'names', names::JSON,
        'kinds', kinds::JSON, 'countries', countries::JSON, 'places', places::JSON, 'domains', domains::JSON,
        'relations', relations::JSON)
    FROM read_parquet(?) ORDER BY ror"""
Record = Mapping[str, Any]


@dataclass
class Organisation:
    """One organisation: its country (alpha-2), None where the record gives none or several, and that of its
    topmost parent."""

    ror: str
    name: str
    country: str | None
    headquarters: str | None
    kinds: Sequence[str]


@dataclass
class Registry:
    """Organisations, and what leads to them, by number. ``names``: key -> the one or more that the name is
    likeliest to mean; ``acronyms``: those keys that are but abbreviations; ``cities``: city -> the country
    nearly all of its organisations are in; ``towns``: 'city XX' of the United States.
    """

    organisations: list[Organisation] = field(default_factory=list)
    names: dict[str, int | list[int]] = field(default_factory=dict)
    acronyms: set[str] = field(default_factory=set)
    domains: dict[str, int] = field(default_factory=dict)
    cities: dict[str, str] = field(default_factory=dict)
    towns: set[str] = field(default_factory=set)

    def called(self, name: str) -> list[Organisation]:
        """The organisations that a key may mean; none where it is unknown."""
        found = self.names.get(name, [])
        return [self.organisations[one] for one in ([found] if isinstance(found, int) else found)]


def build(records: Iterable[Record]) -> Registry:
    """The index of records as ``extractors.ror.records.records`` gives them. Withdrawn ones are left out; of
    a name that an active and an inactive organisation share, the active one is meant. Records are read once
    and not kept: there are many.
    """
    registry = Registry()
    # key -> active, rank, number
    meant: defaultdict[str, list[tuple[bool, int, int]]] = defaultdict(list)
    lines: dict[str, tuple[list[str], list[str]]] = {}  # id -> countries, parents
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)  # city -> country -> organisations
    for record in records:
        if record["status"] == "withdrawn":
            continue
        number = len(registry.organisations)
        located, kinds = ([*map(sys.intern, record[name])] for name in ("countries", "kinds"))
        country = located[0] if len(located) == 1 else None
        registry.organisations.append(Organisation(record["ror"], record["name"], country, None, kinds))
        parents = [related["ror"] for related in record["relations"] if related["type"] == "parent"]
        lines[record["ror"]] = located, parents
        for name, rank in _names(record, branch=bool(parents)).items():
            meant[name].append((record["status"] == "active", rank, number))
        for domain in record["domains"]:
            if domain not in _HOSTS:
                registry.domains.setdefault(domain, number)
        for place in record["places"]:
            _note(place, seen, registry.towns)
    for one in registry.organisations:
        one.headquarters = _headquarters(one, lines)
    for name, found in meant.items():
        *best, _ = max(found)
        numbers = list(dict.fromkeys(number for *rank, number in found if rank == best))
        registry.names[name] = numbers[0] if len(numbers) == 1 else numbers
        if best[1] == ACRONYM:
            registry.acronyms.add(name)
    registry.cities = {
        city: country
        for city, counted in seen.items()
        if city not in GENERIC and (country := _agreed(counted))
    }
    return registry


def _note(place: Record, seen: Mapping[str, Counter[str]], towns: set[str]) -> None:
    city, country = key(place["city"] or ""), place["country"]
    if city and country:
        seen[city][country] += 1
        if country == "US" and place.get("subdivision"):
            towns.add(f"{city} {place['subdivision']}")


def _agreed(counted: Counter[str]) -> str | None:
    """The country that a city says."""
    [(country, most)] = counted.most_common(1)
    return country if most >= max(_CITY_SEEN, _CITY_SHARE * counted.total()) else None


def _headquarters(one: Organisation, lines: Mapping[str, tuple[list[str], list[str]]]) -> str | None:
    """The country of the topmost parents, where they agree on one; else its own."""
    seen, level = {one.ror}, {one.ror}
    while above := {parent for below in level for parent in lines[below][1] if parent in lines} - seen:
        seen |= above
        level = above
    tops = {country for top in level for country in lines[top][0]}
    return tops.pop() if len(tops) == 1 else one.country


def _names(record: Record, *, branch: bool) -> dict[str, int]:
    """The keys under which an organisation is found, with their ranks; those that say nothing are left
    out."""
    found: dict[str, int] = {}
    for name in record["names"]:
        rank = max((_RANKS.get(kind, 0) for kind in name["types"]), default=0)
        forms = [(name["value"], rank)]
        bare, _, inner = name["value"].partition(" (")
        if not branch and key(inner) in countries():
            # 'Google (United States)': the bare name means the company where it is led from, not its branch
            # in another country.
            forms.append((bare, ALIAS))
        for text, ranked in forms:
            short = key(text)
            if ranked and _says_something(short, ranked):
                found[short] = max(found.get(short, 0), ranked)
    return found


def _says_something(short: str, rank: int) -> bool:
    words = short.split()
    if not words or short in countries():
        return False
    if rank == ACRONYM:
        return len(short) >= SHORTEST_ACRONYM and not short.isdecimal() and short not in GENERIC
    return not generic(words) and (len(short) > 3 or not short.isascii())


def read(paths: Sequence[Path]) -> Registry:
    """The index of staged ``institution.parquet``, or of registry files of the publisher."""
    return build(
        record
        for path in paths
        for record in (_staged(path) if path.suffix == ".parquet" else records.records(path))
    )


def pack(registry: Registry) -> dict[str, Any]:
    """The index as JSON can hold it."""
    sets = {"acronyms": sorted(registry.acronyms), "towns": sorted(registry.towns)}
    return (
        vars(registry) | sets | {"organisations": [[*vars(one).values()] for one in registry.organisations]}
    )


def unpack(packed: dict[str, Any]) -> Registry:
    """The inverse of ``pack``."""
    sets = {name: set(packed[name]) for name in ("acronyms", "towns")}
    return Registry(
        **packed | sets | {"organisations": [Organisation(*row) for row in packed["organisations"]]}
    )


def _staged(path: Path) -> Iterable[Record]:
    with duckdb.connect() as con:
        found = con.execute(_STAGED, [str(path)])
        while rows := found.fetchmany(5000):
            yield from (json.loads(record) for (record,) in rows)
