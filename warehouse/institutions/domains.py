"""Web and e-mail domains: which a string holds, whose they are, and which country their ending is of."""

from __future__ import annotations

import re
from collections.abc import Mapping

from warehouse.institutions.places import codes
from warehouse.institutions.text import word_set

_DOMAIN = re.compile(r"(?:[\w.+-]+@)?((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,})(?![\w@])")
# Endings of countries that anybody may have, and do: they say nothing of a country.
_SOLD = word_set("""
    ac ag ai am as bz cc cd cf co cx dj fm ga gd gg gl gs gy hm im io je la lc ly md me mn ms mu nu pw re sc
    sh so st sx tc td tf tk tl tm to tv vc vg vu ws
""")
_NO_COUNTRY = ("eu", "su")
_ACADEMIC = word_set("ac edu gov")  # below a country's ending not sold to anybody
_CODES = {"uk": "GB"}
# Endings that only institutions of the United States get.
_AMERICAN = ("edu", "gov", "mil")


def named(text: str) -> list[str]:
    """The domains in a string of small letters, in its order; of an e-mail address what follows the sign."""
    return [] if "." not in text else [found.removeprefix("www.") for found in _DOMAIN.findall(text)]


def known(domain: str, registered: Mapping[str, int]) -> int | None:
    """The organisation that the domain, or the one it lies below, is registered for."""
    labels = domain.split(".")
    for at in range(len(labels) - 1):
        number = registered.get(".".join(labels[at:]))
        if number is not None:
            return number
    return None


def country(domain: str) -> str | None:
    """The country (alpha-2) that the domain's ending belongs to; None for endings that say nothing, such as
    .com, .ai and .io."""
    ending = domain.rpartition(".")[2]
    if ending in _AMERICAN:
        return "US"
    if ending in _NO_COUNTRY or (ending in _SOLD and not _ACADEMIC.intersection(domain.split(".")[:-1])):
        return None
    code = _CODES.get(ending, ending.upper())
    return code if code in codes() else None
