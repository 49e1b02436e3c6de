"""The ROR registry: every organisation of a dump."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from extractors.contract import Ask, Document, Frames, LayoutChanged, Records
from extractors.evidence import locate as evidence
from extractors.ror import records

LISTS = ("names", "kinds", "countries", "places", "domains", "relations")


def follow(document: Document) -> list[Ask]:
    """The newest release. It has no name of its own as a part: a newer one takes the place of the one
    before."""
    found = [release for release in records.releases(document) if release.url]
    if not found:
        raise LayoutChanged(f"{document.name}: none of the releases has a zip")
    return [Ask("", str(max(found, key=lambda release: release.order).url))]


def _row(number: int, record: dict[str, Any]) -> dict[str, str | None]:
    texts = {name: json.dumps(record[name], ensure_ascii=False, separators=(",", ":")) for name in LISTS}
    return {**record, **texts, "_locator": f"organisation {number}", "_ignored": None}


def parse(document: Document) -> Frames:
    """A zip with one JSON of all organisations, of schema 2 or 1 (``ror/records.py``). A record without a
    country, or with several, is kept so.
    Source: https://zenodo.org/communities/ror-data"""
    return {
        "institution": Records(
            [
                _row(number, record)
                for number, record in enumerate(records.records(document.path, document.name), 1)
            ]
        )
    }


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
