"""Places that a string names: countries, and states and provinces that say which country is meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import pycountry

from warehouse.institutions.text import key

# Names in use that ISO 3166 does not list. Keys of ``text.key``.
_NAMES = {
    **dict.fromkeys(
        ("usa", "u s a", "us", "u s", "united states", "united states of america", "america"), "US"
    ),
    **dict.fromkeys(
        (
            "uk",
            "u k",
            "united kingdom",
            "great britain",
            "england",
            "scotland",
            "wales",
            "northern ireland",
            "britain",
        ),
        "GB",
    ),
    **dict.fromkeys(
        (
            "china",
            "p r china",
            "pr china",
            "prc",
            "p r c",
            "mainland china",
            "peoples republic of china",
            "中国",
            "中國",
        ),
        "CN",
    ),
    **dict.fromkeys(("hong kong", "hongkong", "hong kong sar", "hk", "hksar", "香港"), "HK"),
    **dict.fromkeys(("macau", "macao"), "MO"),
    **dict.fromkeys(
        ("taiwan", "taiwan roc", "taiwan r o c", "republic of china", "chinese taipei", "r o c"), "TW"
    ),
    **dict.fromkeys(("korea", "south korea", "republic of korea", "s korea", "rep of korea"), "KR"),
    **dict.fromkeys(("russia", "russian federation"), "RU"),
    **dict.fromkeys(("iran", "islamic republic of iran"), "IR"),
    **dict.fromkeys(("vietnam", "viet nam"), "VN"),
    **dict.fromkeys(("czech republic", "czechia"), "CZ"),
    **dict.fromkeys(("uae", "u a e", "united arab emirates", "abu dhabi", "dubai"), "AE"),
    **dict.fromkeys(("netherlands", "holland", "nederland"), "NL"),
    **dict.fromkeys(("turkey", "turkiye"), "TR"),
    **dict.fromkeys(("saudi arabia", "ksa", "kingdom of saudi arabia"), "SA"),
    **dict.fromkeys(("deutschland",), "DE"),
    **dict.fromkeys(("schweiz", "suisse", "switzerland"), "CH"),
    **dict.fromkeys(("italia",), "IT"),
    **dict.fromkeys(("espana",), "ES"),
    **dict.fromkeys(("brasil",), "BR"),
    **dict.fromkeys(("nippon", "日本"), "JP"),
    **dict.fromkeys(("osterreich",), "AT"),
    **dict.fromkeys(("macedonia", "north macedonia"), "MK"),
    **dict.fromkeys(("palestine",), "PS"),
    **dict.fromkeys(("scotland uk", "england uk"), "GB"),
}
# Countries whose names mean something else as well: a state, a person, a thing. They count only as a part of
# their own beside another sign.
_DOUBTFUL = {
    "georgia",
    "jersey",
    "jordan",
    "chad",
    "mali",
    "niger",
    "guinea",
    "togo",
    "cuba",
    "dominica",
    "palau",
    "samoa",
    "curacao",
    "guam",
    "america",
    "us",
}
# Short names that are no other word.
_SHORT = {"usa", "uae", "prc", "uk", "hk"}
# Words before a place that make another place of it.
_BEFORE = {
    "new",
    "south",
    "north",
    "east",
    "west",
    "guinea",
    "equatorial",
    "republic",
    "democratic",
    "peoples",
    "bank",
}
# Countries whose states and provinces are told, less those that name something elsewhere as well.
_STATES_OF = ("US", "CA", "CN", "IN", "AU")
_NOT_STATES = {
    *("georgia", "victoria", "washington", "northern territory", "delaware", "punjab", "goa", "central"),
    *(
        "hong kong sar",
        "macao sar",
        "taiwan sheng",
        "american samoa",
        "guam",
        "puerto rico",
        "hong kong",
        "macau",
        "taiwan",
        "columbia",
    ),
}
_TAIL = (" sheng", " shi", " zizhiqu", " huizu", " uygur", " zhuangzu", " mongol")


@cache
def countries() -> dict[str, str]:
    """Name of a country -> alpha-2 code: those of ISO 3166-1, their usual forms, and others in use."""
    found: dict[str, str] = {}
    for country in pycountry.countries:
        for name in (
            country.name,
            getattr(country, "official_name", ""),
            getattr(country, "common_name", ""),
        ):
            short = key(name.partition(",")[0])
            if name and short not in ("korea", "congo", "virgin islands", "saint martin"):
                found[short] = country.alpha_2
                found[key(name)] = country.alpha_2
    return found | _NAMES


@cache
def codes() -> frozenset[str]:
    """All alpha-2 codes of ISO 3166-1."""
    return frozenset(country.alpha_2 for country in pycountry.countries)


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
    american = {part.code.partition("-")[2] for part in pycountry.subdivisions if part.country_code == "US"}
    canadian = {part.code.partition("-")[2] for part in pycountry.subdivisions if part.country_code == "CA"}
    found = dict.fromkeys(american, "US") | dict.fromkeys(canadian, "CA")
    return {code: country for code, country in found.items() if code not in codes()} | {
        "MA": "US",
        "PA": "US",
        "NJ": "US",
        "NY": "US",
        "TX": "US",
        "CT": "US",
    }


def of_component(text: str) -> str | None:
    """The country that a whole part of a string names: a country, a state, or a state's code with or without
    its post code."""
    name = key(text)
    words = name.split()
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
            country = (
                None
                if name in _DOUBTFUL or (length == 1 and len(name) < 4 and name not in _SHORT)
                else countries().get(name) or states().get(name)
            )
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
