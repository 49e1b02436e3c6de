"""Places that a string names: countries, and states and provinces that say which country is meant."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from pathlib import Path

import pycountry

from warehouse.institutions.text import key, word_set

# Names in use that ISO 3166 does not list, as ``text.key`` writes them.
NAMES = Path(__file__).parent / "country_name.csv"
# Countries whose names mean something else as well: a state, a person, a thing. They count only as a part of
# their own beside another sign.
_DOUBTFUL = word_set("""
    georgia jersey jordan chad mali niger guinea togo cuba dominica palau samoa curacao guam america us
""")
# Short names that are no other word.
_SHORT = word_set("usa uae prc uk hk")
# Words before a place that make another place of it.
_BEFORE = word_set("new south north east west guinea equatorial republic democratic peoples bank")
# Countries whose states and provinces are told, less those that name something elsewhere as well.
_STATES_OF = word_set("US CA CN IN AU")
_ELSEWHERE = """georgia,victoria,washington,northern territory,delaware,punjab,goa,central,hong kong sar,
macao sar,taiwan sheng,american samoa,guam,puerto rico,hong kong,macau,taiwan,columbia"""
_NOT_STATES = frozenset(map(str.strip, _ELSEWHERE.split(",")))
_AMERICAN = word_set("MA PA NJ NY TX CT")  # codes of states that are meant where a country could be
_TAIL = (" sheng", " shi", " zizhiqu", " huizu", " uygur", " zhuangzu", " mongol")


@cache
def countries() -> dict[str, str]:
    """Name of a country -> alpha-2 code: those of ISO 3166-1, their usual forms, and others in use."""
    found: dict[str, str] = {}
    for country in pycountry.countries:
        for field in ("name", "official_name", "common_name"):
            name = getattr(country, field, "")
            short = key(name.partition(",")[0])
            if name and short not in ("korea", "congo", "virgin islands", "saint martin"):
                found[short] = country.alpha_2
                found[key(name)] = country.alpha_2
    with NAMES.open(encoding="utf-8", newline="") as file:
        return found | {row["name"]: row["country"] for row in csv.DictReader(file)}


def codes() -> Collection[str]:
    """All alpha-2 codes of ISO 3166-1."""
    return alpha3().keys()


@cache
def alpha3() -> dict[str, str]:
    """alpha-2 -> alpha-3 code."""
    return {country.alpha_2: country.alpha_3 for country in pycountry.countries}


@cache
def states() -> dict[str, str]:
    """Name of a state or province -> country, where it is a state or province of that one alone."""
    found: dict[str, str] = {}
    for part in pycountry.subdivisions:
        name = key(part.name)
        for tail in _TAIL:
            name = name.removesuffix(tail)
        if part.country_code in _STATES_OF and name not in _NOT_STATES and len(name) > 3:
            found[name] = part.country_code
    return {name: country for name, country in found.items() if name not in countries()}


@cache
def _postal() -> dict[str, str]:
    """Code of a state -> country, as in 'Cambridge, MA'. A code that is a country's as well says nothing by
    itself."""
    found = {
        part.code.partition("-")[2]: part.country_code
        for part in pycountry.subdivisions
        if part.country_code in ("CA", "US")
    }
    return {code: found[code] for code in found.keys() - codes()} | dict.fromkeys(_AMERICAN, "US")


def of_component(text: str) -> str | None:
    """The country that a whole part of a string names: a country, a state, or a state's code with or without
    its post code."""
    words = key(text).split()
    while words and words[-1].isdecimal():
        words.pop()
    name = " ".join(words)
    if name in _DOUBTFUL - {"us", "america"}:
        return None
    if country := countries().get(name) or states().get(name):
        return country
    code = text.strip(" .").split(" ")[0]
    if len(words) == 1 and code.isupper() and len(code) == 2:
        return _postal().get(code)
    return None


def in_words(words: Sequence[str]) -> list[str]:
    """The countries and states that words name, longest first and none within another; doubtful ones are left
    out."""
    found: list[str] = []
    at = 0
    while at < len(words):
        for length in range(min(5, len(words) - at), 0, -1):
            name = " ".join(words[at : at + length])
            told = name not in _DOUBTFUL and (length > 1 or len(name) > 3 or name in _SHORT)
            country = told and (countries().get(name) or states().get(name))
            if country and not (at and words[at - 1] in _BEFORE):
                found.append(country)
                at += length - 1
                break
        at += 1
    return found


def agreed(found: Iterable[str]) -> str | None:
    """The one country that several mentions agree on. Hong Kong, Macao and Taiwan beside China are
    themselves."""
    named = set(found)
    if "CN" in named and len(named) > 1:
        named.discard("CN")
        if not named <= {"HK", "MO", "TW"}:
            return None
    return named.pop() if len(named) == 1 else None
