"""The ROR registry: every organisation of a dump."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from extractors.contract import Ask, Document, Frames, LayoutChanged, Records, Row
from extractors.evidence import locate as evidence
from extractors.ror import records, releases

LISTS = ("names", "kinds", "countries", "places", "domains", "relations")


def follow(document: Document) -> list[Ask]:
    """The newest release. It has no name of its own as a part: a newer one takes the place of the one
    before."""
    return [Ask("", str(releases.newest(document).url))]


def _row(place: str, organisation: Any) -> Row:
    record = records.record_of(organisation)
    texts = {name: json.dumps(record[name], ensure_ascii=False, separators=(",", ":")) for name in LISTS}
    return {**record, **texts, "_locator": place, "_ignored": None}


def parse(document: Document) -> Frames:
    """A zip with one JSON of all organisations, of schema 2 or 1 (``ror/records.py``). A record without a
    country, or with several, is kept so.
    Source: https://zenodo.org/communities/ror-data"""
    seen: set[str] = set()

    def numbered() -> Iterator[tuple[str, Any]]:
        for number, organisation in enumerate(records.organisations(document.path, document.name), 1):
            if isinstance(organisation, dict):
                seen.update(organisation)
            yield f"organisation {number}", organisation

    found = Records.of(numbered(), _row)
    records.schema_of(seen).settle(document, seen, len(found.rows), found.unreadable, "organisations[*]")
    return {"institution": found}


def locate(document: Document, locators: Iterable[str]) -> evidence.Located:
    """The codes of the organisation's countries, beside its id and names. Of the dump no more than one
    organisation at a time is held."""
    wanted = {
        int(place[1]): locator
        for locator in locators
        if (place := re.fullmatch(r"organisation (\d+)", locator))
    }
    found: evidence.Located = {
        locator: evidence.Nowhere(f"{document.name}: there is no {locator}") for locator in locators
    }
    try:
        for number, organisation in enumerate(records.organisations(document.path, document.name), 1):
            if number in wanted:
                found[wanted.pop(number)] = _countries(organisation)
            if not wanted:
                break
    except (LayoutChanged, LookupError, TypeError) as error:
        found |= {
            locator: evidence.Nowhere(f"{document.name} cannot be read: {error}")
            for locator in wanted.values()
        }
    return found


def _countries(organisation: dict[str, Any]) -> evidence.Evidence:
    places = (
        [place["geonames_details"] for place in organisation["locations"]]
        if "locations" in organisation
        else [organisation["country"] or {}]
    )
    codes = list(dict.fromkeys(code for place in places if (code := place.get("country_code"))))
    names = organisation.get("name") or ", ".join(name["value"] for name in organisation["names"])
    states = {"ror": organisation["id"], "countries": json.dumps(codes, separators=(",", ":"))}
    return evidence.Evidence(
        ", ".join(codes), f"{organisation['id']}: {names}", None, "codes of countries as printed", states
    )
