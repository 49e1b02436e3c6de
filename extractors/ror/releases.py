"""Releases of the ROR registry, in an answer of Zenodo's search."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from extractors.contract import Document, LayoutChanged, Unreadable, UnreadableRecord
from extractors.formats import json_fields
from extractors.formats.json_fields import Fields

_ANSWER = Fields({"hits": dict})
_HITS = Fields({"hits": list}, unused=("total",))
_HIT = Fields(
    {"metadata": dict},
    {"files": list | None, "created": str | None},
    (
        *("conceptdoi", "conceptrecid", "doi", "doi_url", "id", "links", "modified", "owners", "recid"),
        *("revision", "state", "stats", "status", "submitted", "swh", "title", "updated"),
    ),
)


@dataclass(frozen=True)
class Release:
    """A release of the registry at Zenodo; ``url`` is that of its zip, None for a record that is no dump."""

    version: str | None
    published_on: str | None
    url: str | None
    bytes: str | None
    place: str

    @property
    def order(self) -> tuple[str, tuple[int, ...]]:
        """Sorts releases by the day of publication, then by version: v2.10 is newer than v2.9."""
        return self.published_on or "", tuple(map(int, re.findall(r"\d+", self.version or "")))


def releases(document: Document) -> tuple[list[Release], list[tuple[str, Unreadable]]]:
    """The releases in an answer, and the records that are not understood, each with the day it came out."""
    answer = _ANSWER.one(document, json_fields.read(document, dict), "$")
    listed = _HITS.one(document, answer["hits"], "$.hits")["hits"]
    hits, odd = _HIT.each(document, listed, "$.hits.hits")
    found: list[Release] = []
    aside = [("", one) for one in odd]
    for place, hit in hits:
        try:
            found.append(_release(hit, place))
        except UnreadableRecord as why:
            day = hit["metadata"].get("publication_date") or (hit["created"] or "")[:10]
            aside.append((str(day), Unreadable(place, str(why))))
    return found, aside


def newest(document: Document) -> Release:
    """The newest release that has a zip.

    Raises ``LayoutChanged`` when there is none, and when a record that is not understood may be newer: the
    next best is not the newest.
    """
    found, aside = releases(document)
    dumps = [release for release in found if release.url]
    if not dumps:
        raise LayoutChanged(f"{document.name}: none of the releases has a zip with the registry")
    best = max(dumps, key=lambda release: release.order)
    for day, one in aside:
        if not day or day >= (best.published_on or ""):
            raise LayoutChanged(
                f"{document.name}, {one.place}: the newest release may be one that is not understood"
                f" ({one.reason}); {best.version} is not taken in its place: look at the record on Zenodo"
            )
    return best


def _release(hit: dict[str, Any], place: str) -> Release:
    """Raises ``UnreadableRecord`` for one without a version or a day, or with zips of which none can be
    chosen."""
    about = hit["metadata"]
    version, day = about.get("version"), about.get("publication_date")
    files = [file for file in hit["files"] or () if isinstance(file, dict)]
    zips = [file for file in files if re.search(r"ror-data.*\.zip$", str(file.get("key")))]
    if not zips:
        return Release(version, day, None, None, place)
    if not isinstance(version, str) or not isinstance(day, str):
        raise UnreadableRecord(f"a dump without a version or a day: {version!r}, {day!r}")
    own = [
        file for file in zips if str(file["key"]).startswith(f"{version}-")
    ]  # older ones may lie beside it
    chosen = zips if len(zips) == 1 else own
    links = chosen[0].get("links") if len(chosen) == 1 else None
    if not isinstance(links, dict) or not isinstance(links.get("self"), str):
        names = ", ".join(sorted(str(file["key"]) for file in zips)[:6])
        raise UnreadableRecord(f"{version}: cannot tell which of its zips is the dump ({names})")
    return Release(version, day, links["self"], str(chosen[0].get("size")), place)
