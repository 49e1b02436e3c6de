"""Fetching: conditional, exact about what was received; nothing secret is written down."""

from __future__ import annotations

import gzip
from urllib.parse import urlsplit

import pytest
from conftest import SOURCES, good, good_answer, only
from loopback import Answer
from running import API_KEY

from warehouse.acquire.fetch import Fetcher
from warehouse.store import archive, journal

OWID, ECI, EIA = "owid_electricity_generation", "epoch_eci_scores", "eia_us_generation"


def documents(fetcher: Fetcher) -> list[dict]:
    return journal.read(fetcher.layout.ledger, "document")


def test_new_document_is_recorded_and_archived(make):
    fetcher = make()
    fetched = fetcher.fetch(SOURCES[OWID], only(OWID))
    assert (fetched.outcome, fetched.message) == ("new", "")
    [entry] = documents(fetcher)
    assert entry["sha256"] == fetched.document
    assert (entry["source"], entry["precision"], entry["origin"], entry["bytes"]) == (
        OWID,
        "second",
        "fetched",
        len(good(OWID)),
    )
    assert archive.path_of(fetcher.layout.archive, fetched.document).read_bytes() == good(OWID)


@pytest.mark.parametrize(
    ("etag", "last_modified", "sent"),
    [
        ('"abc"', None, {"If-None-Match": '"abc"'}),
        (None, "Tue, 22 Sep 2026 10:00:00 GMT", {"If-Modified-Since": "Tue, 22 Sep 2026 10:00:00 GMT"}),
        (
            'W/"abc"',
            "Tue, 22 Sep 2026 10:00:00 GMT",
            {"If-None-Match": 'W/"abc"', "If-Modified-Since": "Tue, 22 Sep 2026 10:00:00 GMT"},
        ),
        (None, None, {}),
    ],
    ids=["etag", "date", "both", "neither"],
)
def test_conditional_request(make, publisher, etag, last_modified, sent):
    """Every later request carries what the publisher gave with the document, also after a 304; that means
    unchanged and no new document."""
    publisher.serve(SOURCES[OWID].url, good_answer(OWID, etag=etag, last_modified=last_modified))
    assert make().fetch(SOURCES[OWID], only(OWID)).outcome == "new"
    for _ in range(2):
        assert make().fetch(SOURCES[OWID], only(OWID)).outcome == "unchanged"
    first, *later = publisher.asked_for(SOURCES[OWID].url)
    names = ("If-None-Match", "If-Modified-Since")
    assert not [name for name in names if name in first.headers]
    assert [{name: asked.headers[name] for name in names if name in asked.headers} for asked in later] == [
        sent,
        sent,
    ]
    rows = journal.read(make().layout.ledger, "fetch")
    assert [row["status"] for row in rows] == [200, *[304 if sent else 200] * 2]
    assert len(documents(make())) == 1


def test_304_is_not_trusted_without_the_document(make):
    """When the archive lost the document, it is asked for in full."""
    fetched = make().fetch(SOURCES[OWID], only(OWID))
    archive.path_of(make().layout.archive, fetched.document).unlink()
    assert make().fetch(SOURCES[OWID], only(OWID)).outcome == "unchanged"
    assert archive.path_of(make().layout.archive, fetched.document).read_bytes() == good(OWID)


def test_same_bytes_under_another_etag(make, publisher):
    """A validator that changes while the bytes do not is no new statement, and is the one sent from then
    on."""
    for etag in ('"one"', '"two"', '"two"'):
        publisher.serve(SOURCES[OWID].url, good_answer(OWID, etag=etag))
        make().fetch(SOURCES[OWID], only(OWID))
    assert [row["outcome"] for row in journal.read(make().layout.ledger, "fetch")] == [
        "new",
        "unchanged",
        "unchanged",
    ]
    assert [request.headers.get("If-None-Match") for request in publisher.asked_for(SOURCES[OWID].url)] == [
        None,
        '"one"',
        '"two"',
    ]
    assert len(documents(make())) == 1


def test_return_to_an_earlier_state(make, publisher):
    """A, B, A are three statements: what was said first is said again."""
    other = good(OWID).replace(b"10583.36", b"10505.74")
    for body in (good(OWID), other, good(OWID)):
        publisher.serve(SOURCES[OWID].url, good_answer(OWID, body))
        assert make().fetch(SOURCES[OWID], only(OWID)).outcome == "new"
    entries = documents(make())
    assert entries[0]["sha256"] == entries[2]["sha256"] != entries[1]["sha256"]
    assert len({entry["known_from"] for entry in entries}) == 3


@pytest.mark.parametrize("source", [OWID, EIA])
def test_query_survives_the_mirror(make, publisher, source):
    """The mirror is asked for /<host>/<path>?<query>, with the query as in source.yml."""
    make().fetch(SOURCES[source], only(source))
    [request] = publisher.asked_for(SOURCES[source].url)
    wanted = dict(pair.split("=", 1) for pair in urlsplit(SOURCES[source].url).query.split("&"))
    assert {name: values[0] for name, values in request.query.items() if name != "api_key"} == wanted


def test_redirect_stays_on_the_mirror(make, publisher):
    """Where a publisher sends us to another host, the mirror is asked for that host."""
    publisher.serve(
        SOURCES[OWID].url, Answer(status=302, headers={"Location": "https://cdn.example.org/file.csv?part=1"})
    )
    publisher.serve("https://cdn.example.org/file.csv", good_answer(OWID))
    assert make().fetch(SOURCES[OWID], only(OWID)).outcome == "new"
    assert publisher.asked[-1].target == "/cdn.example.org/file.csv?part=1"


def test_key_is_a_query_parameter_and_nothing_else(gapwatch, publisher):
    """The key is sent to the publisher, and stands in no file and no output, not even when the publisher
    echoes it."""
    page = f"<html><head><title>no access for {API_KEY}</title></head></html>".encode()
    echo = f'{{"error": "key {API_KEY} is over its limit"}}'.encode()
    answers = {
        "blocked": Answer(page, 403, "text/html", headers={"X-Echo": API_KEY}),
        "needs a person": good_answer(EIA, echo),
    }
    for number, answer in enumerate(answers.values(), 1):
        publisher.serve(SOURCES[EIA].url, answer)
        done = gapwatch.refresh("--source", EIA)
        assert done.returncode == 1
        assert [request.query["api_key"] for request in publisher.asked_for(SOURCES[EIA].url)] == [
            [API_KEY]
        ] * number
        assert API_KEY not in done.stdout + done.stderr
        files = [path for path in gapwatch.data.rglob("*") if path.is_file() and "archive" not in path.parts]
        assert [path for path in files if API_KEY.encode() in path.read_bytes()] == []
    assert all(API_KEY not in str(request.headers) for request in publisher.asked)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(slam=True),
        Answer(b"<h1>/v2/data/?api_key=a%2Bb%2Fc%3D was not found</h1>", 404, "text/html"),
        Answer(status=302, headers={"Location": "https://api.eia.gov:bad/?api_key=a%2Bb%2Fc%3D"}),
    ],
    ids=["closed", "page that shows the address", "redirect that cannot be read"],
)
def test_key_is_not_in_messages_in_either_spelling(make, publisher, monkeypatch, answer):
    """Addresses carry the key with its special characters escaped: that spelling is left out as well."""
    monkeypatch.setenv("EIA_API_KEY", "a+b/c=")
    publisher.serve(SOURCES[EIA].url, answer)
    fetched = make().fetch(SOURCES[EIA], only(EIA))
    assert publisher.asked_for(SOURCES[EIA].url)[0].query["api_key"] == ["a+b/c="]
    assert fetched.outcome in ("unreachable", "rejected")
    told = fetched.message + (make().layout.ledger / "fetch.ndjson").read_text()
    assert "a+b/c=" not in told
    assert "a%2Bb%2Fc%3D" not in told


KEY = "Abc+dEf/gHi=0815-zzz"
QUOTED = "Abc%2BdEf%2FgHi%3D0815-zzz"


@pytest.mark.parametrize(
    "answer",
    [
        good_answer(EIA, etag=f'"{KEY}"', last_modified=f"Tue, {QUOTED}"),
        good_answer(EIA, media=f"text/{KEY}"),
        Answer(b"no", 403, reason=f"No {KEY}"),
        Answer(status=302, headers={"Location": f"http://{KEY[:3]}.example.org:bad/?k={QUOTED.lower()}"}),
        Answer(status=302, headers={"Location": f"https://[{QUOTED}"}),
        Answer(status=302, headers={"Location": f"https://other.example.org/{QUOTED}?k={KEY}"}),
        Answer(f"<title>{'x' * 70} {KEY}</title>".encode(), 404, "text/html"),  # cut off
        Answer(KEY.replace("+", "%252b").encode(), 404, "text/html", reason=KEY.replace("+", "&#43;")),
        good_answer(EIA, KEY.encode() + b" is not known"),
        good_answer(
            EIA, good(EIA).replace(b"{", b'{"api_key": "%s", ' % KEY.replace("/", "\\/").encode(), 1)
        ),
        good_answer(EIA, headers={"Content-Length": KEY}),
    ],
    ids=[
        "validators",
        "type",
        "reason",
        "redirect",
        "broken redirect",
        "away",
        "cut",
        "twice",
        "text",
        "json",
        "length",
    ],
)
def test_what_is_repeated_of_the_key_is_masked(make, publisher, monkeypatch, answer):
    monkeypatch.setenv("EIA_API_KEY", KEY)
    publisher.serve(SOURCES[EIA].url, answer)
    fetched = make().fetch(SOURCES[EIA], only(EIA))
    assert publisher.asked_for(SOURCES[EIA].url)[0].query["api_key"] == [KEY]
    ledgers = "".join(path.read_text() for path in make().layout.ledger.iterdir())
    told = (fetched.message + ledgers).lower()
    for part in ("abc+def", "abc%2bdef", "abc%252bdef", "abc&#43;def", "ghi=", "0815-zzz"):
        assert part not in told
    accepted = answer.etag == f'"{KEY}"'
    assert (fetched.outcome == "new") == accepted
    if accepted:
        assert make().fetch(SOURCES[EIA], only(EIA)).outcome == "unchanged"


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key(gapwatch, publisher, key):
    """A source that needs a key is skipped without one and says which variable to set; that is no failure."""
    done = gapwatch.refresh("--source", EIA, "--dry-run", EIA_API_KEY=key)
    assert done.returncode == 0
    assert "EIA_API_KEY" in done.stdout
    assert f"skipped {EIA}" in done.stdout
    assert not publisher.asked


def test_gzip(make, publisher):
    """A body compressed for transfer is archived as what it is."""
    packed = good_answer(OWID, gzip.compress(good(OWID)), headers={"Content-Encoding": "gzip"})
    publisher.serve(SOURCES[OWID].url, packed)
    fetched = make().fetch(SOURCES[OWID], only(OWID))
    assert fetched.outcome == "new", fetched.message
    assert archive.path_of(make().layout.archive, fetched.document).read_bytes() == good(OWID)
    assert "gzip" in publisher.asked[-1].headers["Accept-Encoding"]


def test_gzip_bomb_stops_at_the_limit(make, publisher):
    """The limit counts what comes out, not what comes in."""
    publisher.serve(
        SOURCES[ECI].url,
        good_answer(ECI, gzip.compress(good(ECI) + b"\n" * 50_000_000), headers={"Content-Encoding": "gzip"}),
    )
    fetched = make().fetch(SOURCES[ECI], only(ECI))
    assert fetched.outcome == "rejected"
    assert "larger than" in fetched.message


def test_gzip_that_is_damaged(make, publisher):
    packed = gzip.compress(good(OWID))
    publisher.serve(
        SOURCES[OWID].url,
        good_answer(OWID, packed[:200] + b"\0" * 50 + packed[250:], headers={"Content-Encoding": "gzip"}),
    )
    fetched = make().fetch(SOURCES[OWID], only(OWID))
    assert fetched.outcome == "rejected"
    assert OWID in fetched.message
