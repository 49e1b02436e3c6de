"""A registry of a few real institutions, for tests of the resolver: records as
``extractors.ror.records.records`` gives them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path

from extractors.ror import records as ror_records
from warehouse.institutions import registry

# name, country or countries, further names (an abbreviation after '='), city, domain, kind
LINES = [
    (
        "Stanford University",
        "US",
        "Leland Stanford Junior University",
        "Stanford",
        "stanford.edu",
        "education",
    ),
    ("Massachusetts Institute of Technology", "US", "=MIT", "Cambridge", "mit.edu", "education"),
    ("Mines Institute of Toowoomba", "AU", "=MITX", "Toowoomba", "mitx.edu.au", "education"),
    ("University of Cambridge", "GB", "Cambridge University", "Cambridge", "cam.ac.uk", "education"),
    (
        "Newcastle University",
        "GB",
        "University of Newcastle upon Tyne",
        "Newcastle upon Tyne",
        "ncl.ac.uk",
        "education",
    ),
    (
        "University of Newcastle Australia",
        "AU",
        "University of Newcastle",
        "Newcastle",
        "newcastle.edu.au",
        "education",
    ),
    ("Northwestern University", "US", "", "Evanston", "northwestern.edu", "education"),
    ("Northwestern Polytechnical University", "CN", "西北工业大学", "Xi'an", "nwpu.edu.cn", "education"),
    ("Tsinghua University", "CN", "清华大学", "Beijing", "tsinghua.edu.cn", "education"),
    ("Peking University", "CN", "北京大学|Beijing University", "Beijing", "pku.edu.cn", "education"),
    ("Beijing University of Technology", "CN", "北京工业大学", "Beijing", "bjut.edu.cn", "education"),
    (
        "Hong Kong University of Science and Technology",
        "HK",
        "香港科技大學|=HKUST",
        "Hong Kong",
        "ust.hk",
        "education",
    ),
    ("University of Hong Kong", "HK", "", "Hong Kong", "hku.hk", "education"),
    ("University of Tokyo", "JP", "東京大学", "Tokyo", "u-tokyo.ac.jp", "education"),
    ("Université de Montréal", "CA", "University of Montreal", "Montreal", "umontreal.ca", "education"),
    ("École Polytechnique Fédérale de Lausanne", "CH", "=EPFL", "Lausanne", "epfl.ch", "education"),
    ("University of New Mexico", "US", "", "Albuquerque", "unm.edu", "education"),
    ("UNSW Sydney", "AU", "University of New South Wales", "Sydney", "unsw.edu.au", "education"),
    ("Georgia Institute of Technology", "US", "", "Atlanta", "gatech.edu", "education"),
    ("University of Oxford", "GB", "", "Oxford", "ox.ac.uk", "education"),
    ("University of Warwick", "GB", "", "Coventry", "warwick.ac.uk", "education"),
    ("The Alan Turing Institute", "GB", "", "London", "turing.ac.uk", "facility"),
    ("Institute of Neuroscience", "CN", "", "Shanghai", "ion.ac.cn", "facility"),
    ("AI Institute", "NO", "ai|Department of Mathematics", "Oslo", "ai.no", "facility"),
    ("Huawei Technologies (Poland)", "PL", "", "Warsaw", "huawei.pl", "company"),
    ("Acme (United States)", "US", "", "Boston", "acme.example.com", "company"),
    ("Acme (Germany)", "DE", "", "Berlin", "acme.de", "company"),
    ("Two Country Institute of Oceanography", "FR ES", "", "Bayonne", "twocountry.org", "facility"),
    ("Nowhere Institute of Oceanography", "", "", "", "", "facility"),
    ("École Supérieure d'Informatique de Bujumbura", "BI", "", "Bujumbura", "esib.bi", "education"),
    ("University of Washington", "US", "", "Seattle", "washington.edu", "education"),
    ("Carnegie Mellon University", "US", "", "Pittsburgh", "cmu.edu", "education"),
]


def record(
    number: int,
    name: str,
    countries: str,
    more: str,
    city: str,
    domain: str,
    kind: str,
    status: str = "active",
) -> dict:
    names = [{"value": name, "types": ["ror_display", "label"], "lang": "en"}]
    names += [
        {"value": other.removeprefix("="), "types": ["acronym" if other[0] == "=" else "alias"], "lang": None}
        for other in more.split("|")
        if other
    ]
    located = countries.split()
    return {
        "ror": f"https://ror.org/0{number:08}",
        "name": name,
        "names": names,
        "status": status,
        "kinds": [kind],
        "countries": located,
        "places": [
            {"city": city, "subdivision": "MA" if name.startswith("Massachusetts") else None, "country": one}
            for one in located
            if city
        ],
        "domains": [domain] if domain else [],
        "relations": [],
    }


def records() -> list[dict]:
    return [record(number, *line) for number, line in enumerate(LINES)]


def small(*more: dict) -> registry.Registry:
    return registry.build([*records(), *more])


def schema_2(one: dict) -> dict:
    """A record as ROR gives it out."""
    where = one["places"] or [
        {"country": country, "subdivision": None, "city": None} for country in one["countries"]
    ]
    return {
        "id": one["ror"],
        "names": one["names"],
        "status": one["status"],
        "types": one["kinds"],
        "locations": [
            {
                "geonames_id": 1,
                "geonames_details": {
                    "country_code": p["country"],
                    "country_subdivision_code": p["subdivision"],
                    "name": p["city"],
                },
            }
            for p in where
        ],
        "domains": one["domains"],
        "links": [],
        "relationships": [{"type": r["type"], "id": r["ror"], "label": ""} for r in one["relations"]],
        "established": None,
        "external_ids": [],
        "admin": {
            "created": {"date": "2020-01-01", "schema_version": "1.0"},
            "last_modified": {"date": "2025-01-01", "schema_version": "2.1"},
        },
    }


def dump(found: Iterable[dict], path: Path) -> Path:
    """A dump as ROR publishes it, of records."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(f"{path.stem}.json", "w") as member,
    ):
        for number, one in enumerate(found):
            member.write((",\n" if number else "[").encode() + json.dumps(schema_2(one)).encode())
        member.write(b"]")
    return path


def recorded(recordings: Path) -> list[Path]:
    """The files of the recorded part of the registry: two in five organisations."""
    return sorted((recordings / "talent/reference").glob("ror_subset_v*.jsonl.gz"))


def recorded_dump(recordings: Path, path: Path) -> Path:
    """That part as one dump."""
    return dump((one for file in recorded(recordings) for one in ror_records.records(file)), path)
