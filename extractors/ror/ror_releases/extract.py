"""Releases of the ROR registry at Zenodo."""

from __future__ import annotations

from extractors.contract import Document, Frames, Records, Row
from extractors.ror import releases


def parse(document: Document) -> Frames:
    """JSON of Zenodo's search: one record a release. A record of the community that is no dump is ignored by
    name.
    Source: https://zenodo.org/api/communities/ror-data/records"""
    found, aside = releases.releases(document)
    rows: list[Row] = [
        {
            "version": release.version,
            "published_on": release.published_on,
            "url": release.url,
            "bytes": release.bytes,
            "_locator": release.place,
            "_ignored": None if release.url else "no zip with the registry",
        }
        for release in found
    ]
    return {"registry_release": Records(rows, [one for _, one in aside])}
