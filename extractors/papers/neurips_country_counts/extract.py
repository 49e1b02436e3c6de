"""Authors, papers and places of authors by country at NeurIPS, as a third party resolved them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from extractors.contract import Document, Frames, LayoutChanged, Records, Row
from extractors.evidence import locate as evidence
from extractors.formats import json_fields
from extractors.formats.json_fields import Fields
from extractors.papers.author_slots import CONFERENCE

PART = re.compile(r"(\d{4})(?:-(accepted|places))?")
ALL = "all"
# What names people, and what follows from the counts, is not used.
YEAR = Fields(
    {"conference": str, "year": str, "globalStats": dict},
    unused=(
        *("track", "focus_country", "focus_country_code", "generated_at", "focusCountrySummary"),
        *("focusCountry", "institutions", "config", "dashboard"),
    ),
)
# its total of papers is the sum of the counts, in which a paper of several countries counts several times
YEAR_STATISTICS = Fields({"countries": list, "totalAuthors": str}, unused=("totalPapers", "totalCountries"))
ACCEPTED = Fields(
    {"conferenceInfo": dict, "globalStats": dict}, unused=("focusCountry", "configuration", "credits")
)
# its total of authors counts each once, the countries' counts do not: it is no total of theirs
INFO = Fields(
    {"name": str, "year": str, "totalAcceptedPapers": str}, unused=("track", "totalAcceptedAuthors")
)
ACCEPTED_STATISTICS = Fields({"countries": list})
COUNTRY = Fields(
    {"affiliation_country": str, "paper_count": str, "author_count": str}, unused=("spotlights", "orals")
)
PLACE = Fields({"affiliation_country": str}, unused=("author_id", "full_name", "openreview_id"))
_UNITS = {"authors": "author_count", "papers": "paper_count"}
_COUNT = re.compile(r"\$\.globalStats\.(?:countries\[\d+\]\.(?:author|paper)_count|totalAuthors)")
_PAPERS = "$.conferenceInfo.totalAcceptedPapers"
_COUNTED = re.compile(r'\$\[\*\]\.affiliation_country = ("(?:[^"\\]|\\.)*")')


def parse(document: Document) -> Frames:
    """JSON in three layouts, named by the part: 'YYYY' is the counts of a year by country, 'YYYY-accepted'
    those of the list of accepted papers, 'YYYY-places' that list's authors one by one, which are counted.
    Unit: whole numbers. The documents name people; no name and no id of an author is taken.
    Source: https://github.com/Lossfunk/indiaml-tracker"""
    if not document.salt:
        raise LayoutChanged(f"{document.name}: it names people, and no secret was given")
    part = PART.fullmatch(document.part)
    if not part:
        raise LayoutChanged(
            f"{document.name}: which counts these are does not stand in it: add it with gapwatch backfill"
            " neurips_country_counts FILE --part YYYY, YYYY-accepted or YYYY-places"
        )
    read = {None: _year, "accepted": _accepted, "places": _places}[part[2]]
    return {"country_count": read(document, part[1])}


def _year(document: Document, year: str) -> Records:
    top = YEAR.one(document, json_fields.read(document, dict), "$")
    _belongs(document, "$", top["conference"], top["year"], year)
    statistics = YEAR_STATISTICS.one(document, top["globalStats"], "$.globalStats")
    fixed = _fixed(year, "with Hong Kong")
    total = _row(fixed, "authors", ALL, statistics["totalAuthors"], "$.globalStats.totalAuthors")
    return _countries(document, fixed, statistics["countries"], total)


def _accepted(document: Document, year: str) -> Records:
    top = ACCEPTED.one(document, json_fields.read(document, dict), "$")
    info = INFO.one(document, top["conferenceInfo"], "$.conferenceInfo")
    _belongs(document, "$.conferenceInfo", info["name"], info["year"], year)
    statistics = ACCEPTED_STATISTICS.one(document, top["globalStats"], "$.globalStats")
    fixed = _fixed(year, "mainland")
    total = _row(fixed, "papers", ALL, info["totalAcceptedPapers"], _PAPERS)
    return _countries(document, fixed, statistics["countries"], total)


def _places(document: Document, year: str) -> Records:
    found, unreadable = PLACE.each(document, json_fields.read(document, list), "$")
    counts = Counter(place["affiliation_country"] for _, place in found)
    rows = [
        _row(
            _fixed(year, "mainland"),
            "places",
            country,
            str(count),
            f"$[*].affiliation_country = {json.dumps(country)}",
        )
        for country, count in counts.items()
    ]
    return Records(rows, unreadable)


def _belongs(document: Document, place: str, conference: str, stated: str, year: str) -> None:
    if (conference, stated) != (CONFERENCE, year):
        raise LayoutChanged(
            f"{document.name}, {place}: it is of another conference or year than {CONFERENCE} {year}"
        )


def _countries(document: Document, fixed: Row, countries: list[Any], total: Row) -> Records:
    """Both counts of each country. Two names of countries that the publisher knows no code for stand as one
    code twice: their counts are added."""
    found, unreadable = COUNTRY.each(document, countries, "$.globalStats.countries")
    rows = [total]
    for country in dict.fromkeys(entry["affiliation_country"] for _, entry in found):
        mine = [(place, entry) for place, entry in found if entry["affiliation_country"] == country]
        for unit, field in _UNITS.items():
            printed = [entry[field] for _, entry in mine]
            whole = all(re.fullmatch(r"\d+", count) for count in printed)
            count = str(sum(map(int, printed))) if whole else " + ".join(printed)
            where = " + ".join(f"{place}.{field}" for place, _ in mine)
            rows.append(_row(fixed, unit, country, count, where))
    return Records(rows, unreadable)


def _fixed(year: str, china: str) -> Row:
    return {"conference": CONFERENCE, "edition": f"{year}-01-01", "china": china}


def _row(fixed: Row, unit: str, country: str, count: str, place: str) -> Row:
    return fixed | {"unit": unit, "country": country, "counted": count, "_locator": place, "_ignored": None}


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """Counts alone, and how many places print a country: nothing that stands around them."""
    wanted = {locator: locator.split(" + ") for locator in locators}
    counts = {
        part for parts in wanted.values() for part in parts if _COUNT.fullmatch(part) or part == _PAPERS
    }
    single = evidence.locate(document, counts)
    printed: Counter[str] | None = None
    found: evidence.Located = {}
    for locator, parts in wanted.items():
        if counts.issuperset(parts):
            found[locator] = _added(document, locator, [single[part] for part in parts])
        elif counted := _COUNTED.fullmatch(locator):
            printed = _printed(document) if printed is None else printed
            found[locator] = _counted(document, locator, json.loads(counted[1]), printed)
        else:
            found[locator] = evidence.Nowhere(f"{document.name}: {locator!r} is no place of a known form")
    return found


def _added(
    document: Document, locator: str, found: list[evidence.Evidence | evidence.Nowhere]
) -> evidence.Evidence | evidence.Nowhere:
    read = [one for one in found if isinstance(one, evidence.Evidence)]
    numbers = [one.number for one in read if one.number is not None]
    if len(numbers) < len(found):
        return evidence.Nowhere(f"{document.name}: there is no number at {locator}")
    reading = "as printed" if len(read) == 1 else "added"
    return evidence.Evidence(" + ".join(one.text for one in read), "", sum(numbers, Decimal(0)), reading)


def _printed(document: Document) -> Counter[str]:
    """How often each country is printed."""
    try:
        entries = json.loads(document.content.decode("utf-8-sig"))
    except ValueError:
        entries = []
    every = (entry.get("affiliation_country") for entry in entries if isinstance(entry, dict))
    return Counter(country for country in every if isinstance(country, str))


def _counted(
    document: Document, locator: str, country: str, printed: Counter[str]
) -> evidence.Evidence | evidence.Nowhere:
    if not printed[country]:
        return evidence.Nowhere(f"{document.name}: there is no {locator}")
    reading = f"counted: {printed[country]} of {printed.total()} places print it"
    return evidence.Evidence(country, "", Decimal(printed[country]), reading)
