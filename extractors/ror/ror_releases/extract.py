"""Releases of the ROR registry at Zenodo."""

from __future__ import annotations

from extractors.contract import Document, Frames, Records
from extractors.ror import records


def parse(document: Document) -> Frames:
    """JSON of Zenodo's search: one record a release. A record of the community that is no dump is ignored by
    name.
    Source: https://zenodo.org/api/communities/ror-data/records"""
    rows: list[dict[str, str | None]] = [
        {
            "version": release.version,
            "published_on": release.published_on,
            "url": release.url,
            "bytes": release.bytes,
            "_locator": release.place,
            "_ignored": None if release.url else "no zip with the registry",
        }
        for release in records.releases(document)
    ]
    return {"registry_release": Records(rows)}
