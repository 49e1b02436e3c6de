"""The ROR registry: every organisation of a dump."""

from __future__ import annotations

import json
from typing import Any

from extractors import ror
from extractors.contract import Ask, Document, Drift, Frames, Records

LISTS = ("names", "kinds", "countries", "places", "domains", "relations")


def follow(document: Document) -> list[Ask]:
    """The newest release. It has no name of its own as a part: a newer one takes the place of the one before."""
    found = [release for release in ror.releases(document) if release.url]
    if not found:
        raise Drift(f"{document.name}: none of the releases has a zip")
    return [Ask("", str(max(found, key=lambda release: release.order).url))]


def _row(number: int, record: dict[str, Any]) -> dict[str, str | None]:
    texts = {name: json.dumps(record[name], ensure_ascii=False, separators=(",", ":")) for name in LISTS}
    return {**record, **texts, "_locator": f"organisation {number}", "_ignored": None}


def parse(document: Document) -> Frames:
    """A zip with one JSON of all organisations, of schema 2 or 1 (extractors/ror.py). A record without a country, or with several, is kept so.
    Source: https://zenodo.org/communities/ror-data"""
    return {"institution": Records([_row(number, record) for number, record in enumerate(ror.records(document.path, document.name), 1)])}
