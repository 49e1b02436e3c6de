"""The registry of institutions (ROR) as an index: name -> organisations, domain -> organisation, city ->
country."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from extractors.ror import records
from warehouse.institutions.places import countries
from warehouse.institutions.text import GENERIC, generic, key

# Names are believed in this order: what the institution is called, what it is also called, what it is
# abbreviated to.
DISPLAY, ALIAS, ACRONYM = 3, 2, 1
_RANKS = {"ror_display": DISPLAY, "label": DISPLAY, "alias": ALIAS, "acronym": ACRONYM}
SHORTEST_ACRONYM = 4  # three letters are the name of dozens
# a city says its country when so many organisations are there, nearly all in one country
_CITY_SEEN, _CITY_SHARE = 3, 0.9
_HOSTS = """sites.google.com facebook.com linkedin.com twitter.com github.io wordpress.com en.wikipedia.org
    wixsite.com blogspot.com""".split()  # noqa: SIM905

# Staged lists are JSON texts.
_STAGED = """SELECT json_object('ror', ror, 'name', name, 'status', status, 'names', names::JSON,
        'kinds', kinds::JSON, 'countries', countries::JSON, 'places', places::JSON, 'domains', domains::JSON,
        'relations', relations::JSON)
    FROM read_parquet(?) ORDER BY ror"""


@dataclass(frozen=True)
class Organisation:
    """One organisation: its country (alpha-2), None where the record gives none or several, and that of its
    topmost parent."""

    ror: str
    name: str
    country: str | None
    headquarters: str | None
    kinds: tuple[str, ...]


@dataclass
class Registry:
    """Organisations, and what leads to them, by number. ``names``: key -> the one or more that the name is
    likeliest to mean; ``acronyms``: those keys that are but abbreviations; ``cities``: city -> the country
    nearly all of its organisations are in; ``towns``: 'city XX' of the United States.
    """

    organisations: list[Organisation] = field(default_factory=list)
    names: dict[str, int | tuple[int, ...]] = field(default_factory=dict)
    acronyms: set[str] = field(default_factory=set)
    domains: dict[str, int] = field(default_factory=dict)
    cities: dict[str, str] = field(default_factory=dict)
    towns: set[str] = field(default_factory=set)

    def called(self, name: str) -> tuple[Organisation, ...]:
        """The organisations that a key may mean; none where it is unknown."""
        found = self.names.get(name, ())
        return tuple(self.organisations[one] for one in ((found,) if isinstance(found, int) else found))


def build(records: Iterable[Mapping[str, Any]]) -> Registry:
    """The index of records as ``extractors.ror.records.records`` gives them. Withdrawn ones are left out; of
    a name that an active and an inactive organisation share, the active one is meant. Records are read once
    and not kept: there are many.
    """
    reading = _Reading()
    for record in records:
        if record["status"] != "withdrawn":
            reading.add(record)
    return reading.finish()


class _Reading:
    """What is kept of the records while they are read."""

    def __init__(self) -> None:
        self.registry = Registry()
        # key -> active, rank, number
        self.meant: defaultdict[str, list[tuple[bool, int, int]]] = defaultdict(list)
        self.lines: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}  # id -> countries, parents
        self.seen: defaultdict[str, Counter[str]] = defaultdict(Counter)  # city -> country -> organisations

    def add(self, record: Mapping[str, Any]) -> None:
        number, located = len(self.registry.organisations), tuple(map(sys.intern, record["countries"]))
        country = located[0] if len(located) == 1 else None
        self.registry.organisations.append(
            Organisation(
                record["ror"], record["name"], country, None, tuple(map(sys.intern, record["kinds"]))
            )
        )
        self.lines[record["ror"]] = (
            located,
            tuple(related["ror"] for related in record["relations"] if related["type"] == "parent"),
        )
        for name, rank in _names(record).items():
            self.meant[name].append((record["status"] == "active", rank, number))
        for domain in record["domains"]:
            if domain not in _HOSTS:
                self.registry.domains.setdefault(domain, number)
        for place in record["places"]:
            if place["city"] and place["country"]:
                self.seen[key(place["city"])][place["country"]] += 1
                if place["country"] == "US" and place.get("subdivision"):
                    self.registry.towns.add(f"{key(place['city'])} {place['subdivision']}")

    def finish(self) -> Registry:
        registry = self.registry
        registry.organisations = [
            replace(one, headquarters=_headquarters(one.ror, self.lines)) for one in registry.organisations
        ]
        for name, found in self.meant.items():
            best = max(found)[:2]
            numbers = tuple(dict.fromkeys(number for active, rank, number in found if (active, rank) == best))
            registry.names[name] = numbers[0] if len(numbers) == 1 else numbers
            if best[1] == ACRONYM:
                registry.acronyms.add(name)
        for city, counted in self.seen.items():
            country, most = counted.most_common(1)[0]
            if most >= _CITY_SEEN and most >= _CITY_SHARE * counted.total() and city not in GENERIC:
                registry.cities[city] = country
        return registry


def _headquarters(ror: str, lines: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]) -> str | None:
    """The country of the topmost parents, where they agree on one; else its own. ``lines``: id -> countries
    and parents."""
    seen, level = {ror}, [ror]
    while above := {parent for one in level for parent in lines[one][1] if parent in lines} - seen:
        seen |= above
        level = sorted(above)
    tops = {country for one in level for country in lines[one][0]}
    own = lines[ror][0]
    return tops.pop() if len(tops) == 1 else own[0] if len(own) == 1 else None


def _names(record: Mapping[str, Any]) -> dict[str, int]:
    """The keys under which an organisation is found, with their ranks; those that say nothing are left
    out."""
    found: dict[str, int] = {}
    for name in record["names"]:
        rank = max((_RANKS.get(kind, 0) for kind in name["types"]), default=0)
        forms = [(name["value"], rank)]
        bare, bracket, inner = name["value"].partition(" (")
        if (
            bracket
            and key(inner) in countries()
            and not any(related["type"] == "parent" for related in record["relations"])
        ):
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
    rows = [tuple(vars(one).values()) for one in registry.organisations]
    sets = {"acronyms": sorted(registry.acronyms), "towns": sorted(registry.towns)}
    return vars(registry) | sets | {"organisations": rows}


def unpack(packed: dict[str, Any]) -> Registry:
    """The inverse of ``pack``."""
    rows = [
        Organisation(ror, name, country, headquarters, tuple(kinds))
        for ror, name, country, headquarters, kinds in packed["organisations"]
    ]
    names = {
        name: found if isinstance(found, int) else tuple(found) for name, found in packed["names"].items()
    }
    sets = {name: set(packed[name]) for name in ("acronyms", "towns")}
    return Registry(**packed | sets | {"organisations": rows, "names": names})


def _staged(path: Path) -> Iterable[Mapping[str, Any]]:
    with duckdb.connect() as con:
        found = con.execute(_STAGED, [str(path)])
        while rows := found.fetchmany(5000):
            yield from (json.loads(record) for (record,) in rows)
