"""Of documents that name people a trace shows affiliations and nothing else, and what is cut is what the
parser took."""

from __future__ import annotations

import hashlib
import json
import re
import tracemalloc
from pathlib import Path

import pytest
from conftest import SOURCES
from test_papers import ACCEPTED, LISTS, MAIL, NAMES, PERSONAL, RECORDED, VIRTUAL, event, listed, page, site
from test_ror import organisation, packed

from extractors.contract import Document, LayoutChanged
from extractors.evidence import text_of
from extractors.evidence.locate import Evidence, Nowhere
from flows.refresh import demo_publishers

SCHEDULE = "neurips_schedule"
SECRET = ("Jane", "jane", "Private", "private", "Zo", "ngstr")


def compared(path: Path, source: str, year: str) -> dict[str, Evidence | Nowhere]:
    """What is cut at the place of every row, after it was compared with what the parser took from there."""
    document = Document(source, hashlib.sha256(path.read_bytes()).hexdigest(), path, year, b"a secret")
    rows = [row for row in SOURCES[source].parser()(document)["author_slot"].rows if not row["_ignored"]]
    found = text_of.finder(SOURCES[source])(document, [str(row["_locator"]) for row in rows])
    for row in rows:
        text = found[str(row["_locator"])]
        if isinstance(text, Evidence):
            assert {name: row[name] for name in text.states or ()} == text.states, row
            assert text.around == ""
        else:
            assert row["affiliation"] is row["domain"] is None, row
            assert "no affiliation is printed for this author" in str(text)
    return found


@pytest.mark.parametrize(
    ("source", "file", "year"),
    [case[:3] for case in RECORDED if case[0] != LISTS or case[2] in ("2018", "2021")],
)
def test_recorded_affiliations(recordings, source, file, year):
    """Of each author position of the files as they were published."""
    assert len(compared(recordings / "talent" / file, source, year)) > 1000


@pytest.mark.parametrize(
    ("source", "body", "texts"),
    [
        (VIRTUAL, site(event("T", (NAMES[0], MAIL), (NAMES[1], f"(MIT), {MAIL}"), (NAMES[0], " - "), (NAMES[1], None), ("", " ETH\n Z&uuml;rich"))),  # noqa: E501
         ["cs.mit.edu", "(MIT), cs.mit.edu", None, None, " ETH\n Z&uuml;rich"]),
        (VIRTUAL, site(event("T", (NAMES[0], MAIL.replace("@", "&amp;#64;")), (NAMES[1], "None"))), ["cs.mit.edu", None]),  # noqa: E501
        (SCHEDULE, json.dumps([{"title": "T", "authors": [{"name": NAMES[0], "affiliation": f"(MIT (CSAIL), {MAIL})"},  # noqa: E501
         {"name": NAMES[1], "affiliation": "(None)"}, {"name": NAMES[1], "affiliation": None}]}]).encode(), ["MIT (CSAIL), cs.mit.edu", None, None]),  # noqa: E501
        (LISTS, listed(author=";".join(NAMES), aff=f"{MAIL};AT&amp;T", aff_domain=f";{MAIL}"), ["cs.mit.edu", "AT&T"]),  # noqa: E501
        (LISTS, listed(author=", ".join(NAMES), aff=";ETH", aff_domain=f"{MAIL};@ethz.ch"), ["cs.mit.edu", "ETH"]),  # noqa: E501
        (LISTS, listed(author=";".join(NAMES), aff="ETH", aff_domain=f"{MAIL};;"), [None, None]),
        (ACCEPTED, page(f"T|{NAMES[0]} (IBM (T.J. Watson)) &middot; {NAMES[1]} (née Private) ({MAIL}) &middot; {NAMES[0]} &middot; A (F) G)"),  # noqa: E501
         ["IBM (T.J. Watson)", "cs.mit.edu", None, "F) G"]),
    ],
)  # fmt: skip
def test_the_affiliation_alone(tmp_path, source, body, texts):
    """Neither names nor the part of an address before the sign, however they are written."""
    path = tmp_path / "document"
    blank = [
        one
        for one in (json.dumps([{"title": "U", "status": "Poster", "author": "A. One", "aff": "MIT"}]),)
        if source == LISTS
    ]
    # so that the list has an affiliation at all
    path.write_bytes(body[:-1] + b", " + blank[0][1:].encode() if blank else body)
    found = compared(path, source, "2020")
    assert [getattr(one, "text", None) for one in found.values()][: len(texts)] == texts
    assert not [word for word in SECRET if word in "".join(f"{one!r} {one}" for one in found.values())]


@pytest.mark.parametrize("source", PERSONAL)
def test_no_other_place_is_shown(tmp_path, source):
    """Whatever place is asked for: a whole paper, the name itself, a line, and places of other documents."""
    entry = demo_publishers.documents(SOURCES[source])[-1]
    path = tmp_path / "document"
    path.write_bytes(entry["content"])
    roots = ("$", "$[0]", "$.results", "$.results[0]")
    places = [
        *roots,
        *(
            f"{root}{end}"
            for root in roots
            for end in (
                ".authors",
                ".authors[0].fullname",
                ".authors[0].name",
                ".author",
                ".author, author 99",
            )
        ),
    ]
    places += [
        "$.authors",
        "$.authors[0].family_name",
        "record 1",
        "record 2",
        "table 1, row 1, cell 1",
        "paper 1",
        "paper 1, author 99",
        "fact 1",
    ]
    found = text_of.finder(SOURCES[source])(Document(source, "0" * 64, path), places)
    assert found.keys() == set(places)
    assert all(isinstance(one, Nowhere) for one in found.values())
    assert not re.search("Author|Writer", str([str(one) for one in found.values()]))


def test_no_default_for_people():
    """A source whose documents name people has a cut of its own, or nothing of it is shown."""
    with pytest.raises(LayoutChanged, match="name people"):
        text_of.finder(SOURCES["ember_generation_yearly"].model_copy(update={"personal": True}))


def test_an_organisation_of_a_large_registry(tmp_path):
    """The dump is not held in memory; countries of either schema, none and several."""
    geo = (("Beijing", "Beijing", "CN"), ("Paris", "", "FR"), ("Xi'an", "", "CN"))
    many = [organisation(number, "é" * 400) for number in range(8000)]
    body = json.dumps([*many, organisation(8000, places=geo), organisation(8001, places=())])
    path = tmp_path / "document"
    path.write_bytes(packed(v2_json=body))
    places = [f"organisation {number}" for number in (8001, 8002, 8003, 0)]
    tracemalloc.start()
    try:
        found = text_of.finder(SOURCES["ror_registry"])(Document("ror_registry", "0" * 64, path), places)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    several, none, *gone = found.values()
    assert (several.text, several.states["countries"]) == ("CN, FR", '["CN","FR"]')
    assert several.around == "https://ror.org/000008000: 清华大学 Tsinghua, THU"
    assert (none.text, none.states["countries"]) == ("", "[]")
    assert [isinstance(one, Nowhere) for one in gone] == [True, True]
    assert peak < len(body) / 2
