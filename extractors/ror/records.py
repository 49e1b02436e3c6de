"""The registry of research organisations (ROR): one plain record per organisation, from any form in which it
is given out.

A dump is a zip with one JSON array; the project's own files hold one organisation a line. Organisations are
read one at a time, so that the memory needed does not grow with the registry. Schema 2 and schema 1 give the
same record.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from extractors.contract import Document, LayoutChanged
from extractors.formats.tabular import ZIP_ERRORS, finished, take

UNPACKED = 1_000_000_000  # bytes; the dump of 129,000 organisations has about 300 million
LARGEST = 4_000_000  # characters of one organisation; real ones have a few thousand
_CHUNK = 1 << 20
_ID = re.compile(r"https://ror\.org/0[a-z0-9]{8}")
_STATUSES = ("active", "inactive", "withdrawn")
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()
# What is known and not needed, of schema 2 and of schema 1.
_IGNORED_2 = ("established", "external_ids")
_IGNORED_1 = ("email_address", "ip_addresses", "established", "wikipedia_url", "external_ids")


def records(path: Path, name: str = "", limit: int = UNPACKED) -> Iterator[dict[str, Any]]:
    """One record per organisation of a dump (zip), a JSON array, or a file with an organisation a line (also
    gzipped).

    The file's first bytes say which it is. Keys: ``ror`` (the full id), ``name`` (as ROR displays it),
    ``names`` (list of value, types, lang), ``status``, ``kinds``, ``countries`` (ISO alpha-2, distinct, in
    the order given; none or several are kept), ``places`` (list of city, subdivision, country), ``domains``
    (lower case, without 'www.', also those of the websites), ``relations`` (list of type, ror) and
    ``modified`` (ISO day, None in schema 1).

    Raises ``LayoutChanged``, with ``name`` (default: the file's) and the place, for a damaged or cut off
    file, more than ``limit`` bytes unpacked, or an organisation that is not laid out as known.
    """
    called = name or path.name
    for number, organisation in enumerate(organisations(path, called, limit), 1):
        where = f"{called}, organisation {number}"
        if not isinstance(organisation, dict):
            raise LayoutChanged(f"{where}: is no object but {str(organisation)[:40]!r}")
        try:
            record = (
                _schema_2(organisation, where) if "names" in organisation else _schema_1(organisation, where)
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise LayoutChanged(
                f"{where} ({organisation.get('id')}): not laid out as known: {type(error).__name__}: {error}"
            ) from error
        yield record


def organisations(path: Path, name: str, limit: int = UNPACKED) -> Iterator[Any]:
    """The organisations of such a file as they are printed, one at a time. Raises ``LayoutChanged`` as
    ``records`` does."""
    with _opened(path, name) as stream:
        yield from _organisations(stream, name, limit)


@contextmanager
def _opened(path: Path, name: str) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        head = file.read(4)
    try:
        if head.startswith(b"PK"):
            with zipfile.ZipFile(path) as archive, archive.open(_member(archive, name)) as member:
                yield member
        elif head.startswith(b"\x1f\x8b"):
            with gzip.open(path) as unpacked:
                yield unpacked  # type: ignore[misc]  # a GzipFile reads like any other file
        else:
            with path.open("rb") as plain:
                yield plain
    except ZIP_ERRORS as error:
        raise LayoutChanged(f"{name}: damaged or cut off: {error}") from error


def _member(archive: zipfile.ZipFile, name: str) -> str:
    """The JSON of schema 2 where both schemas lie side by side (releases 1.45 to 1.74), else the only JSON;
    the CSVs say less."""
    found = [info.filename for info in archive.infolist() if info.filename.endswith(".json")]
    newer = [member for member in found if member.endswith("_schema_v2.json")]
    chosen = newer or found
    if len(chosen) != 1:
        raise LayoutChanged(
            f"{name}: expected one JSON of organisations in the zip, found {len(chosen)}"
            f" ({', '.join(sorted(found)[:8])})"
        )
    return chosen[0]


def _organisations(stream: IO[bytes], name: str, limit: int) -> Iterator[Any]:
    """The elements of a JSON array, or of lines of JSON, decoded one after another."""
    text, position, array, seen = "", 0, False, 0
    for number, piece in enumerate(_pieces(stream, name, limit)):
        text, position = text[position:] + piece, 0
        if number == 0:
            start = re.match(r"\s*\[", text)
            array, position = bool(start), start.end() if start else 0
        while True:
            # matches also nothing
            position = _BETWEEN.match(text, position).end()  # type: ignore[union-attr]
            try:
                organisation, position = _DECODER.raw_decode(text, position)
            except ValueError:
                break  # the end, or the rest of it is in the next piece
            seen += 1
            yield organisation
        if len(text) - position > LARGEST:
            raise LayoutChanged(
                f"{name}, after organisation {seen}: no JSON, or an organisation of more than {LARGEST}"
                " characters"
            )
    rest = text[position:].strip()
    if rest != ("]" if array else "") or not seen:
        raise LayoutChanged(
            f"{name}, after organisation {seen}: {'cut off' if seen else 'no organisations'} (goes on with"
            f" {rest[:60]!r})"
        )


def _pieces(stream: IO[bytes], name: str, limit: int) -> Iterator[str]:
    """The text of a stream, split where a character ends."""
    decoder, size = codecs.getincrementaldecoder("utf-8-sig")(), 0
    try:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise LayoutChanged(f"{name}: over {limit} bytes unpacked; refused")
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise LayoutChanged(f"{name}: not UTF-8 (near byte {size}): {error.reason}") from error


def _schema_2(organisation: dict[str, Any], where: str) -> dict[str, Any]:
    left = dict(organisation)
    names = [
        {"value": str(one["value"]), "types": [str(kind) for kind in one["types"]], "lang": one["lang"]}
        for one in take(left, "names", where)
    ]
    places = [_place(one["geonames_details"]) for one in take(left, "locations", where)]
    links = [str(link["value"]) for link in take(left, "links", where) if link["type"] == "website"]
    record = _record(
        where,
        ror=take(left, "id", where),
        names=names,
        status=take(left, "status", where),
        kinds=take(left, "types", where),
        places=places,
        domains=[*take(left, "domains", where), *filter(None, map(_host, links))],
        relations=[{"type": one["type"], "ror": one["id"]} for one in take(left, "relationships", where)],
        modified=take(left, "admin", where)["last_modified"]["date"],
    )
    for field in _IGNORED_2:
        left.pop(field, None)
    finished(left, where)
    return record


def _schema_1(organisation: dict[str, Any], where: str) -> dict[str, Any]:
    left = dict(organisation)
    names = [{"value": take(left, "name", where), "types": ["ror_display", "label"], "lang": None}]
    names += [
        {"value": label["label"], "types": ["label"], "lang": label.get("iso639")}
        for label in take(left, "labels", where)
    ]
    names += [{"value": alias, "types": ["alias"], "lang": None} for alias in take(left, "aliases", where)]
    names += [
        {"value": acronym, "types": ["acronym"], "lang": None} for acronym in take(left, "acronyms", where)
    ]
    country = (take(left, "country", where) or {}).get("country_code")
    addresses = take(left, "addresses", where)
    places = [
        {"city": one["city"], "subdivision": _subdivision(one), "country": country} for one in addresses
    ]
    record = _record(
        where,
        ror=take(left, "id", where),
        names=names,
        status=take(left, "status", where),
        kinds=[str(kind).lower() for kind in take(left, "types", where)],
        places=places or [{"city": None, "subdivision": None, "country": country}],
        domains=list(filter(None, map(_host, take(left, "links", where)))),
        relations=[
            {"type": str(one["type"]).lower(), "ror": one["id"]} for one in take(left, "relationships", where)
        ],
        modified=None,
    )
    for field in _IGNORED_1:
        left.pop(field, None)
    finished(left, where)
    return record


def _record(
    where: str,
    *,
    ror: str,
    names: list[dict[str, Any]],
    status: str,
    kinds: list[str],
    places: list[dict[str, Any]],
    domains: Iterable[str],
    relations: list[dict[str, Any]],
    modified: str | None,
) -> dict[str, Any]:
    if not _ID.fullmatch(ror):
        raise LayoutChanged(f"{where}: {ror!r} is no ROR id")
    if status not in _STATUSES:
        raise LayoutChanged(
            f"{where} ({ror}): status {status!r} is unknown; known are {', '.join(_STATUSES)}"
        )
    displayed = [one["value"] for one in names if "ror_display" in one["types"]]
    if len(displayed) != 1:
        raise LayoutChanged(f"{where} ({ror}): {len(displayed)} names are marked as the one to display")
    return {
        "ror": ror,
        "name": displayed[0],
        "names": names,
        "status": status,
        "kinds": kinds,
        "countries": list(dict.fromkeys(place["country"] for place in places if place["country"])),
        "places": places,
        "domains": list(dict.fromkeys(domain.lower().removeprefix("www.") for domain in domains)),
        "relations": relations,
        "modified": modified,
    }


def _place(details: dict[str, Any]) -> dict[str, Any]:
    return {
        "city": details["name"],
        "subdivision": details.get("country_subdivision_name"),
        "country": details["country_code"],
    }


def _subdivision(address: dict[str, Any]) -> str | None:
    """The state or province: schema 1 has it in words only beside the city's GeoNames entry."""
    city = address.get("geonames_city") or {}
    return address.get("state") or (city.get("geonames_admin1") or {}).get("name")


def _host(url: str) -> str | None:
    """The host of a web address; None where there is none in it."""
    try:
        return urlsplit(url if "//" in url else f"//{url}").hostname
    except ValueError:
        return None


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


def releases(document: Document) -> list[Release]:
    """The releases in an answer of Zenodo's search."""
    try:
        hits = json.loads(document.content.decode("utf-8-sig"))["hits"]["hits"]
        return [_release(hit, f"$.hits.hits[{number}]") for number, hit in enumerate(hits)]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise LayoutChanged(
            f"{document.name}: no list of releases (hits.hits[] with metadata and files):"
            f" {type(error).__name__}: {error}"
        ) from error


def _release(hit: dict[str, Any], place: str) -> Release:
    about, files = hit["metadata"], hit.get("files") or []
    zips = [file for file in files if str(file["key"]).endswith(".zip") and "ror-data" in str(file["key"])]
    if len(zips) != 1:
        return Release(about.get("version"), about.get("publication_date"), None, None, place)
    return Release(
        about["version"], about["publication_date"], zips[0]["links"]["self"], str(zips[0]["size"]), place
    )
