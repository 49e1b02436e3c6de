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
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from extractors.contract import Difference, LayoutChanged, UnreadableRecord
from extractors.formats import differences
from extractors.formats.json_fields import Fields
from extractors.formats.packed import ZIP_ERRORS

UNPACKED = 1_000_000_000  # bytes; the dump of 129,000 organisations has about 300 million
LARGEST = 4_000_000  # characters of one organisation; real ones have a few thousand
_CHUNK = 1 << 20
_ID = re.compile(r"https://ror\.org/0[a-z0-9]{8}")
_STATUSES = ("active", "inactive", "withdrawn")
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()
SCHEMA_2 = Fields(
    {"id": str, "names": list, "status": str, "types": list, "locations": list},
    {"links": list | None, "domains": list | None, "relationships": list | None, "admin": dict | None},
    ("established", "external_ids"),
)
SCHEMA_1 = Fields(
    {"id": str, "name": str, "status": str, "types": list, "country": dict | None},
    {
        **dict.fromkeys(("labels", "aliases", "acronyms", "addresses", "links"), list | None),
        "relationships": list | None,
    },
    ("email_address", "ip_addresses", "established", "wikipedia_url", "external_ids"),
)


class OddOrganisation(UnreadableRecord):
    """An organisation that lacks what is used, with all its ``differences`` from the schema."""

    def __init__(self, message: str, found: list[Difference]) -> None:
        super().__init__(message)
        self.differences = found


def records(path: Path, name: str = "", limit: int = UNPACKED) -> Iterator[dict[str, Any]]:
    """One record per organisation of a dump (zip), a JSON array, or a file with an organisation a line (also
    gzipped).

    The file's first bytes say which it is. Raises ``LayoutChanged``, with ``name`` (default: the file's) and
    the place, for a damaged or cut off file and more than ``limit`` bytes unpacked; ``UnreadableRecord`` as
    ``record_of`` does.
    """
    for organisation in organisations(path, name or path.name, limit):
        yield record_of(organisation)


def record_of(organisation: object) -> dict[str, Any]:
    """An organisation as a plain record, whichever schema it is written in.

    Keys: ``ror`` (the full id), ``name`` (as ROR displays it), ``names`` (list of value, types, lang),
    ``status``, ``kinds``, ``countries`` (ISO alpha-2, distinct, in the order given; none or several are
    kept), ``places`` (list of city, subdivision, country), ``domains`` (lower case, without 'www.', also
    those of the websites), ``relations`` (list of type, ror) and ``modified`` (ISO day, None in schema 1).

    Raises ``UnreadableRecord`` for one that lacks what is used; its ``differences`` say what.
    """
    schema = schema_of(organisation if isinstance(organisation, dict) else ())
    if wrong := schema.harmful(organisation, "organisation"):
        raise OddOrganisation(differences.described(wrong), wrong)
    found: dict[str, Any] = schema.values(organisation)
    try:
        return _schema_1(found) if schema is SCHEMA_1 else _schema_2(found)
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableRecord(f"{found['id']}: a part of it is not laid out as known ({error})") from error


def schema_of(names: Collection[str]) -> Fields:
    """The schema that has more of the fields."""
    return max((SCHEMA_2, SCHEMA_1), key=lambda schema: len({*schema.used, *schema.optional} & set(names)))


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


def _schema_2(found: dict[str, Any]) -> dict[str, Any]:
    names = [
        {"value": str(one["value"]), "types": [str(kind) for kind in one["types"]], "lang": one.get("lang")}
        for one in found["names"]
    ]
    links = [str(link["value"]) for link in found["links"] or () if link["type"] == "website"]
    return _record(
        ror=found["id"],
        names=names,
        status=found["status"],
        kinds=found["types"],
        places=[_place(one["geonames_details"]) for one in found["locations"]],
        domains=[*(found["domains"] or ()), *filter(None, map(_host, links))],
        relations=[{"type": one["type"], "ror": one["id"]} for one in found["relationships"] or ()],
        modified=((found["admin"] or {}).get("last_modified") or {}).get("date"),
    )


def _schema_1(found: dict[str, Any]) -> dict[str, Any]:
    names = [{"value": found["name"], "types": ["ror_display", "label"], "lang": None}]
    names += [
        {"value": label["label"], "types": ["label"], "lang": label.get("iso639")}
        for label in found["labels"] or ()
    ]
    names += [{"value": alias, "types": ["alias"], "lang": None} for alias in found["aliases"] or ()]
    names += [{"value": acronym, "types": ["acronym"], "lang": None} for acronym in found["acronyms"] or ()]
    country = (found["country"] or {}).get("country_code")
    places = [
        {"city": one["city"], "subdivision": _subdivision(one), "country": country}
        for one in found["addresses"] or ()
    ]
    return _record(
        ror=found["id"],
        names=names,
        status=found["status"],
        kinds=[str(kind).lower() for kind in found["types"]],
        places=places or [{"city": None, "subdivision": None, "country": country}],
        domains=list(filter(None, map(_host, found["links"] or ()))),
        relations=[
            {"type": str(one["type"]).lower(), "ror": one["id"]} for one in found["relationships"] or ()
        ],
        modified=None,
    )


def _record(
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
        raise UnreadableRecord(f"{ror!r} is no ROR id")
    if status not in _STATUSES:
        raise UnreadableRecord(f"{ror}: status {status!r} is unknown; known are {', '.join(_STATUSES)}")
    displayed = [one["value"] for one in names if "ror_display" in one["types"]]
    if len(displayed) != 1:
        raise UnreadableRecord(f"{ror}: {len(displayed)} names are marked as the one to display")
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
