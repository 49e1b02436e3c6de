"""The ROR registry: one record per organisation from every form of a dump, and what is refused."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from itertools import islice

import pytest
from conftest import SOURCES, good, good_document, judged
from recordings import recorded

from extractors.contract import Document, LayoutChanged
from extractors.ror import records
from flows.refresh import demo_publishers
from warehouse.staging import vintage

REGISTRY, RELEASES = "ror_registry", "ror_releases"


def organisation(
    number: int = 1,
    name: str = "清华大学 Tsinghua",
    places: tuple = (("Beijing", "Beijing", "CN"),),
    **changes,
) -> dict:
    """An organisation in schema 2."""
    geo = [
        {
            "geonames_id": 1,
            "geonames_details": {"name": c, "country_subdivision_name": s, "country_code": k, "lat": 1},
        }
        for c, s, k in places
    ]
    return {
        "id": f"https://ror.org/0{number:08}",
        "names": [
            {"value": name, "types": ["ror_display", "label"], "lang": "en"},
            {"value": "THU", "types": ["acronym"], "lang": None},
        ],
        "status": "active",
        "types": ["education"],
        "locations": geo,
        "domains": ["tsinghua.edu.cn"],
        "links": [
            {"type": "website", "value": "https://WWW.Thu.cn/en"},
            {"type": "wikipedia", "value": "http://en.wikipedia.org/x"},
        ],
        "relationships": [{"type": "parent", "label": "x", "id": "https://ror.org/000000009"}],
        "admin": {
            "created": {"date": "2018-11-14"},
            "last_modified": {"date": "2026-01-02", "schema_version": "2.1"},
        },
        "established": 1911,
        "external_ids": [],
    } | changes


def older(number: int = 1, name: str = "清华大学 Tsinghua") -> dict:
    """The same organisation in schema 1."""
    city = {"city": "Beijing", "geonames_admin1": {"name": "Beijing"}}
    return {
        "id": f"https://ror.org/0{number:08}",
        "name": name,
        "labels": [],
        "aliases": [],
        "acronyms": ["THU"],
        "status": "active",
        "types": ["Education"],
        "country": {"country_code": "CN", "country_name": "China"},
        "addresses": [{"city": "Beijing", "state": None, "geonames_city": city}],
        "links": ["https://tsinghua.edu.cn", "thu.cn"],
        "relationships": [{"type": "Parent", "label": "x", "id": "https://ror.org/000000009"}],
        **dict.fromkeys(("email_address", "ip_addresses", "established", "wikipedia_url", "external_ids")),
    }


def packed(**members: object) -> bytes:
    """A zip; a member that is no text is written as JSON. Names have _ for a full stop before json and
    csv."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(
                name.replace("_json", ".json").replace("_csv", ".csv"),
                content if isinstance(content, (str, bytes)) else json.dumps(content),
            )
    return body.getvalue()


def read(tmp_path, body: bytes, **options) -> list[dict]:
    path = tmp_path / "dump"
    path.write_bytes(body)
    return list(records.records(path, "the dump", **options))


def test_every_form_gives_the_same_records(tmp_path):
    many = [organisation(n) for n in range(1, 4)]
    array, lines = json.dumps(many, indent=2, ensure_ascii=False), "\n".join(map(json.dumps, many))
    expected = read(tmp_path, array.encode())
    assert [record["ror"][-1] for record in expected] == ["1", "2", "3"]
    assert expected[0] == {
        "ror": "https://ror.org/000000001",
        "name": "清华大学 Tsinghua",
        "names": organisation()["names"],
        "status": "active",
        "kinds": ["education"],
        "countries": ["CN"],
        "places": [{"city": "Beijing", "subdivision": "Beijing", "country": "CN"}],
        "domains": ["tsinghua.edu.cn", "thu.cn"],
        "relations": [{"type": "parent", "ror": "https://ror.org/000000009"}],
        "modified": "2026-01-02",
    }
    forms = [
        b"\xef\xbb\xbf" + array.encode(),
        lines.encode(),
        gzip.compress(lines.encode()),
        packed(v2_json=array, v2_csv="id\n"),
    ]
    forms += [
        packed(
            **{"v1.50-ror-data_json": [older(n) for n in range(1, 4)], "v1.50-ror-data_schema_v2_json": array}
        )
    ]
    for form in forms:
        assert read(tmp_path, form) == expected
    aged = [
        record | {"modified": "2026-01-02"}
        for record in read(tmp_path, packed(v1_json=[older(n) for n in range(1, 4)]))
    ]
    for record in (*aged, *expected):
        # schema 1 does not say in which language a name is
        record["names"] = [name | {"lang": None} for name in record["names"]]
    assert aged == expected


def test_characters_across_pieces(tmp_path):
    """The file is read in pieces of a megabyte; names of three bytes a character do not end where a piece
    ends."""
    names = [f"{'清' * (5000 + n)}" for n in range(300)]
    body = json.dumps([organisation(n, name) for n, name in enumerate(names)], ensure_ascii=False).encode()
    assert len(body) > 4_000_000
    assert [record["name"] for record in read(tmp_path, body)] == names


def test_organisations_come_one_at_a_time(tmp_path):
    """What is cut off is refused at its end, after the organisations before it were read."""
    body = json.dumps([organisation(n) for n in range(5000)]).encode()
    path = tmp_path / "dump"
    path.write_bytes(body[: len(body) * 3 // 5])
    found = records.records(path)
    assert len(list(islice(found, 2000))) == 2000
    with pytest.raises(LayoutChanged, match=r"after organisation 30\d\d: cut off"):
        list(found)


def test_none_and_several_countries(staging):
    """Kept as they are."""
    places = (("San Francisco", "California", "US"), ("Toronto", None, "CA"), ("New York", None, "US"))
    body = packed(
        v2_json=[
            organisation(1, places=()),
            organisation(2, places=places),
            organisation(3, places=(("Nowhere", None, None),)),
        ]
    )
    staged = staging(REGISTRY, body)
    assert staging.rows(
        staged, "SELECT countries, json_array_length(places), locator FROM rows ORDER BY ror"
    ) == [
        ("[]", 0, "organisation 1"),
        ('["US","CA"]', 3, "organisation 2"),
        ("[]", 1, "organisation 3"),
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (good(REGISTRY)[:-200], "damaged or cut off"),
        (good(REGISTRY)[:900] + b"\0" * 40 + good(REGISTRY)[940:], "damaged or cut off"),
        (packed(README_csv="x"), "expected one JSON of organisations in the zip, found 0"),
        (packed(a_json=[], b_json=[]), "found 2"),
        (packed(v2_json="[]"), "no organisations"),
        (packed(v2_json="[" + json.dumps(organisation())), "after organisation 1: cut off"),
        (packed(v2_json=json.dumps([organisation()]) + "}"), "after organisation 1"),
        (packed(v2_json=b'[{"id": "\xff"}]'), "not UTF-8"),
        (packed(v2_json=[1]), "missing: 'id', 'names', 'status', 'types', 'locations'"),
        (
            packed(v2_json=[{name: value for name, value in organisation().items() if name != "names"}]),
            "missing: 'names'",
        ),
        (
            packed(v2_json='[{"id": "' + "x" * (records.LARGEST + (1 << 20)) + '"}]'),
            "an organisation of more than",
        ),
    ],
)
def test_refused(staging, body, says):
    assert says in staging(REGISTRY, body).drift


@pytest.mark.parametrize(
    ("odd", "says"),
    [
        (1, "of another kind: 'the object' (a whole number where an object is known)"),
        (organisation(2, status="merged"), "status 'merged' is unknown"),
        (organisation(2, id="https://grid.ac/1"), "is no ROR id"),
        (organisation(2, names=[{"value": "x", "types": ["label"], "lang": None}]), "0 names are marked"),
        (organisation(2, locations=[{}]), "a part of it is not laid out as known"),
    ],
)
def test_one_organisation_that_cannot_be_read_is_one(staging, odd, says):
    staged = staging(REGISTRY, packed(v2_json=[organisation(1), odd]))
    [(locator, reason)] = staging.rows(staged, "SELECT locator, reason FROM quarantine")
    assert locator == "organisation 2"
    assert says in reason
    assert staged.rows == {"institution": 1}


def test_a_further_field_is_noted(staging):
    staged = staging(REGISTRY, packed(v2_json=[organisation(colour="red")]))
    assert ("organisations[*]", "added", "colour", "") in {tuple(one) for one in staged.differences}


def test_bombs_are_refused(tmp_path):
    """A zip of twenty kilobytes that is twenty megabytes unpacked, against a limit of ten; blanks take no
    memory before that."""
    for body in (packed(v2_json=" " * 20_000_000), gzip.compress(b" " * 20_000_000)):
        assert len(body) < 30_000
        with pytest.raises(LayoutChanged, match="over 10000000 bytes unpacked"):
            read(tmp_path, body, limit=10_000_000)


@pytest.mark.parametrize(
    ("form", "count", "several", "statuses"),
    [
        ("v2", 35990, 16, {"active": 35075, "inactive": 725, "withdrawn": 190}),
        ("v1", 15380, 0, {"active": 13671, "inactive": 525, "withdrawn": 1184}),
    ],
)
def test_recorded_organisations(recordings, tmp_path, form, count, several, statuses):
    body = recorded(recordings, f"talent/reference/ror_subset_{form}_from_ror-records.jsonl.gz")
    found = read(tmp_path, body)
    assert len(found) == len({record["ror"] for record in found}) == count
    assert sum(len(record["countries"]) > 1 for record in found) == several
    assert {status: sum(record["status"] == status for record in found) for status in statuses} == statuses
    assert not [record for record in found if not record["countries"]]
    assert not [
        domain
        for record in found
        for domain in record["domains"]
        if domain != domain.lower() or "/" in domain or domain.startswith("www.")
    ]


def zenodo(*found: tuple[str, str, str]) -> bytes:
    """Zenodo's answer; of each record version, day and name of its file."""
    hits = [
        {
            "metadata": {"version": v, "publication_date": day},
            "files": [{"key": key, "size": 30_000_000, "links": {"self": address(key)}}],
        }
        for v, day, key in found
    ]
    return json.dumps({"hits": {"hits": hits, "total": len(hits)}}).encode()


def address(key: str) -> str:
    return f"https://zenodo.org/api/records/1/files/{key}/content"


def test_the_newest_release_is_asked_for(staging, tmp_path):
    body = zenodo(
        ("v2.9", "2026-07-01", "v2.9-ror-data.zip"), ("v2.10", "2026-07-01", "v2.10-ror-data.zip"), ("v2.1", "2026-06-30", "v2.1-ror-data.zip"),  # noqa: E501
        ("v1", "2026-08-01", "report.pdf"),
    )  # fmt: skip
    path = tmp_path / "releases"
    path.write_bytes(body)
    follow = SOURCES[REGISTRY].follower()
    assert [(ask.part, ask.url) for ask in follow(Document(RELEASES, "0" * 64, path))] == [
        ("", address("v2.10-ror-data.zip"))
    ]
    staged = staging(RELEASES, body)
    assert staged.rows == {"registry_release": 3}
    assert staged.ignored == {"registry_release": {"no zip with the registry": 1}}
    path.write_bytes(zenodo())
    with pytest.raises(LayoutChanged, match="none of the releases has a zip"):
        follow(Document(RELEASES, "0" * 64, path))
    assert "'hits' (a list where an object is known)" in staging(RELEASES, b'{"hits": []}').drift


def follows(tmp_path, hits: list[dict]):
    path = tmp_path / "releases"
    path.write_bytes(json.dumps({"hits": {"hits": hits}}).encode())
    return SOURCES[REGISTRY].follower()(Document(RELEASES, "0" * 64, path))


def test_several_zips_are_told_apart_and_none_is_guessed(tmp_path):
    """v1.4 and v1.5 have five and six; an older release was taken without a word."""
    hits = json.loads(
        zenodo(("v2.1", "2026-06-30", "v2.1-ror-data.zip"), ("v2.2", "2026-07-30", "v2.2-ror-data.zip"))
    )
    old, new = hits["hits"]["hits"]
    other = json.loads(json.dumps(new["files"][0]).replace("v2.2", "v2.1"))
    [ask] = follows(tmp_path, [old, new | {"files": [*new["files"], other]}])
    assert ask.url == address("v2.2-ror-data.zip")
    for odd in (
        new | {"files": [other, other]},
        new | {"metadata": {"publication_date": "2026-07-30"}},
        new | {"metadata": {"version": "v2.2"}},
    ):
        with pytest.raises(LayoutChanged, match="the newest release may be one that is not understood"):
            follows(tmp_path, [old, odd])
    [ask] = follows(tmp_path, [new, old | {"metadata": {"publication_date": "2026-06-30"}}])
    assert ask.url == address("v2.2-ror-data.zip"), "an older one without a version refuses none"


def test_a_newer_dump_takes_the_place_of_the_older(asked, make):
    for entry in demo_publishers.documents(SOURCES[REGISTRY]):
        seen = asked(REGISTRY, entry["content"], url=entry["url"])
        assert seen.outcome == "new", seen.message
    known, _ = judged(make().layout, SOURCES[REGISTRY])
    assert len(known) == 2
    assert vintage.known_at(known, known[-1].known_from) == [known[-1]]


def test_codes_that_are_none(asked):
    """.uk is no country; and thousands on Anguilla are a guess from .ai, not a registry."""
    url = good_document(REGISTRY)["url"]
    homes = [
        organisation(n, places=(("X", None, code),)) for n, code in enumerate(["US", "CN", "HK", "GB"] * 50)
    ]
    assert asked(REGISTRY, packed(v2_json=homes), url=url).outcome == "new"
    seen = asked(
        REGISTRY, packed(v2_json=[*homes, organisation(900, places=(("London", None, "UK"),))]), url=url
    )
    assert "codes of ISO 3166" in seen.message
    islanders = [organisation(900 + n, places=(("X", None, "AI"),)) for n in range(26)]
    assert "Anguilla" in asked(REGISTRY, packed(v2_json=[*homes, *islanders]), url=url).message
    assert "not smaller than 99 %" in asked(REGISTRY, packed(v2_json=homes[:190]), url=url).message
