"""Fetching: conditional, polite, honest about who asks; nothing secret is written down."""

from __future__ import annotations

import gzip
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
import requests
from conftest import API_KEY, FETCHED, SOURCES, good, good_answer
from loopback import Answer

from extractors import contract
from warehouse import archive, ledger
from warehouse.fetch import Fetcher
from warehouse.layout import Layout
from warehouse.web import Refused, Web

OWID, ECI, EIA = "owid_electricity_generation", "epoch_eci_scores", "eia_us_generation"
YEARLY, MONTHLY, ZIP = "ember_generation_yearly", "ember_generation_monthly", "epoch_benchmark_data"


@pytest.fixture
def make(tmp_path, publisher, monkeypatch):
    """Makes fetchers on one data directory, each as in a run of its own."""
    monkeypatch.setenv("EIA_API_KEY", API_KEY)
    layout = Layout(tmp_path / "data")
    return lambda: Fetcher(layout, Web(layout.root / "robots", contact="tests@example.org", mirror=publisher.address, read_seconds=2))


def documents(fetcher: Fetcher) -> list[dict]:
    return ledger.read(fetcher.layout.ledger, "document")


def test_new_document_is_recorded_and_archived(make, publisher):
    fetcher = make()
    fetched = fetcher.fetch(SOURCES[OWID])
    assert (fetched.outcome, fetched.message) == ("new", "")
    [entry] = documents(fetcher)
    assert entry["sha256"] == fetched.document
    assert (entry["source"], entry["precision"], entry["origin"], entry["bytes"]) == (OWID, "second", "fetched", len(good(OWID)))
    assert archive.path_of(fetcher.layout.archive, fetched.document).read_bytes() == good(OWID)


@pytest.mark.parametrize(
    ("etag", "last_modified", "sent"),
    [
        ('"abc"', None, {"If-None-Match": '"abc"'}),
        (None, "Tue, 22 Sep 2026 10:00:00 GMT", {"If-Modified-Since": "Tue, 22 Sep 2026 10:00:00 GMT"}),
        ('W/"abc"', "Tue, 22 Sep 2026 10:00:00 GMT", {"If-None-Match": 'W/"abc"', "If-Modified-Since": "Tue, 22 Sep 2026 10:00:00 GMT"}),
        (None, None, {}),
    ],
    ids=["etag", "date", "both", "neither"],
)
def test_conditional_request(make, publisher, etag, last_modified, sent):
    """The second request carries what the publisher gave with the first; 304 means unchanged and no new document."""
    publisher.serve(SOURCES[OWID].url, good_answer(OWID, etag=etag, last_modified=last_modified))
    assert make().fetch(SOURCES[OWID]).outcome == "new"
    assert make().fetch(SOURCES[OWID]).outcome == "unchanged"
    first, second = publisher.asked_for(SOURCES[OWID].url)
    names = ("If-None-Match", "If-Modified-Since")
    assert not [name for name in names if name in first.headers]
    assert {name: second.headers[name] for name in names if name in second.headers} == sent
    rows = ledger.read(make().layout.ledger, "fetch")
    assert [row["status"] for row in rows] == [200, 304 if sent else 200]
    assert len(documents(make())) == 1


def test_304_is_not_trusted_without_the_document(make, publisher):
    """When the archive lost the document, it is asked for in full."""
    fetched = make().fetch(SOURCES[OWID])
    archive.path_of(make().layout.archive, fetched.document).unlink()
    assert make().fetch(SOURCES[OWID]).outcome == "unchanged"
    assert archive.path_of(make().layout.archive, fetched.document).read_bytes() == good(OWID)


def test_same_bytes_under_another_etag(make, publisher):
    """A validator that changes while the bytes do not is no new statement, and is the one sent from then on."""
    for etag in ('"one"', '"two"', '"two"'):
        publisher.serve(SOURCES[OWID].url, good_answer(OWID, etag=etag))
        make().fetch(SOURCES[OWID])
    assert [row["outcome"] for row in ledger.read(make().layout.ledger, "fetch")] == ["new", "unchanged", "unchanged"]
    assert [request.headers.get("If-None-Match") for request in publisher.asked_for(SOURCES[OWID].url)] == [None, '"one"', '"two"']
    assert len(documents(make())) == 1


def test_return_to_an_earlier_state(make, publisher):
    """A, B, A are three statements: what was said first is said again."""
    other = good(OWID).replace(b"10583.36", b"10505.74")
    for body in (good(OWID), other, good(OWID)):
        publisher.serve(SOURCES[OWID].url, good_answer(OWID, body))
        assert make().fetch(SOURCES[OWID]).outcome == "new"
    entries = documents(make())
    assert entries[0]["sha256"] == entries[2]["sha256"] != entries[1]["sha256"]
    assert len({entry["known_from"] for entry in entries}) == 3


def test_history_of_a_return_to_an_earlier_state(after_good_night, publisher):
    """In the published file the value of A, then B, then A again has three versions without a gap."""
    run = after_good_night
    for body in (good(OWID).replace(b"CHN,2025,10583.36", b"CHN,2025,10505.74"), good(OWID)):
        publisher.serve(SOURCES[OWID].url, good_answer(OWID, body))
        assert run.refresh("--source", OWID).returncode == 0
    versions = run.query(
        """SELECT twh, known_from, known_to FROM history.electricity_generation
        WHERE source = ? AND country = 'CHN' AND year(period) = 2025 ORDER BY known_from""",
        OWID,
    )
    assert [twh for twh, _, _ in versions] == [10583.36, 10505.74, 10583.36]
    assert [until for _, _, until in versions] == [versions[1][1], versions[2][1], None]


def test_who_asks(make, publisher):
    """Every request, robots.txt too, says who we are and whom to write to."""
    make().fetch(SOURCES[OWID])
    assert [request.path for request in publisher.asked] == ["/ourworldindata.org/robots.txt", "/ourworldindata.org/grapher/electricity-generation.csv"]
    assert {request.headers["User-Agent"] for request in publisher.asked} == {f"gapwatch/{version('gapwatch')} (+tests@example.org)"}


def test_contact_and_mirror_from_the_environment(gapwatch, publisher):
    gapwatch.refresh("--source", OWID, "--dry-run", GAPWATCH_CONTACT="somebody@example.net")
    assert publisher.asked
    assert all("(+somebody@example.net)" in request.headers["User-Agent"] for request in publisher.asked)


@pytest.mark.parametrize("source", [OWID, EIA])
def test_query_survives_the_mirror(make, publisher, source):
    """The mirror is asked for /<host>/<path>?<query>, with the query as in source.yml."""
    make().fetch(SOURCES[source])
    [request] = publisher.asked_for(SOURCES[source].url)
    wanted = dict(pair.split("=", 1) for pair in urlsplit(SOURCES[source].url).query.split("&"))
    assert {name: values[0] for name, values in request.query.items() if name != "api_key"} == wanted


def test_redirect_stays_on_the_mirror(make, publisher):
    """Where a publisher sends us to another host, the mirror is asked for that host."""
    publisher.serve(SOURCES[OWID].url, Answer(status=302, headers={"Location": "https://cdn.example.org/file.csv?part=1"}))
    publisher.serve("https://cdn.example.org/file.csv", good_answer(OWID))
    assert make().fetch(SOURCES[OWID]).outcome == "new"
    assert publisher.asked[-1].target == "/cdn.example.org/file.csv?part=1"


def test_robots_is_read_once_a_day(make, publisher):
    for _ in range(2):
        make().fetch(SOURCES[OWID])
    assert len(publisher.asked_for("https://ourworldindata.org/robots.txt")) == 1


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        (b"User-agent: *\nDisallow: /\n", False),
        (b"User-agent: gapwatch\nDisallow: /grapher/\n\nUser-agent: *\nAllow: /\n", False),
        (b"User-agent: *\nDisallow: /\n\nUser-agent: gapwatch\nAllow: /\n", True),
        (b"<html>not robots</html>", True),
        (b"", True),
    ],
)
def test_robots(make, publisher, text, allowed):
    publisher.robots("ourworldindata.org", Answer(text, media="text/plain"))
    fetched = make().fetch(SOURCES[OWID])
    assert fetched.outcome == ("new" if allowed else "blocked")
    assert bool(publisher.asked_for(SOURCES[OWID].url)) is allowed


def test_key_is_a_query_parameter_and_nothing_else(gapwatch, publisher):
    """The key is sent to the publisher, and stands in no file and no output, not even when the publisher echoes it."""
    echo = f'{{"error": "key {API_KEY} is over its limit"}}'.encode()
    page = f"<html><head><title>no access for {API_KEY}</title></head></html>".encode()
    answers = [Answer(page, 403, "text/html", headers={"X-Echo": API_KEY}), good_answer(EIA)]
    outputs = []
    for answer in answers:
        publisher.serve(SOURCES[EIA].url, answer)
        done = gapwatch.refresh("--source", EIA)
        outputs.append(done.stdout + done.stderr)
    assert [request.query["api_key"] for request in publisher.asked_for(SOURCES[EIA].url)] == [[API_KEY]] * 2
    assert all(API_KEY not in str(request.headers) for request in publisher.asked)
    assert all(API_KEY not in output for output in outputs)
    assert "***" in outputs[0]
    archived = gapwatch.data / "archive"
    leaks = [path for path in gapwatch.data.rglob("*") if path.is_file() and archived not in path.parents and API_KEY.encode() in path.read_bytes()]
    assert leaks == []
    publisher.serve(SOURCES[EIA].url, good_answer(EIA, echo))
    done = gapwatch.refresh("--source", EIA)
    assert "drift" in done.stdout
    assert API_KEY not in done.stdout + done.stderr
    leaks = [path for path in gapwatch.data.rglob("*") if path.is_file() and archived not in path.parents and API_KEY.encode() in path.read_bytes()]
    assert leaks == []


def test_key_is_not_in_a_failed_connection(make, publisher):
    """Errors of the connection name the address; the key in it is left out."""
    publisher.serve(SOURCES[EIA].url, Answer(slam=True))
    fetched = make().fetch(SOURCES[EIA])
    assert fetched.outcome == "unreachable"
    assert API_KEY not in fetched.message + (make().layout.ledger / "fetch.ndjson").read_text()


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key(gapwatch, publisher, key):
    """A source that needs a key is skipped without one and says which variable to set; that is no failure."""
    done = gapwatch.refresh("--source", EIA, "--dry-run", EIA_API_KEY=key)
    assert done.returncode == 0
    assert "EIA_API_KEY" in done.stdout
    assert f"skipped {EIA}" in done.stdout
    assert not publisher.asked


def test_pace(make, publisher):
    """Requests to one host come at least the pace apart, also when several sources ask at once."""
    fetcher = make()
    with ThreadPoolExecutor(4) as pool:
        outcomes = [fetched.outcome for fetched in pool.map(fetcher.fetch, (SOURCES[name] for name in (YEARLY, MONTHLY, ECI, ZIP)))]
    assert outcomes == ["new"] * 4
    for host in ("files.ember-energy.org", "epoch.ai"):
        moments = sorted(request.at for request in publisher.asked if request.path.startswith(f"/{host}/"))
        assert len(moments) == 3
        pace = min(source.pace for source in FETCHED.values() if host in source.url)
        assert all(later - earlier > pace - 0.1 for earlier, later in pairwise(moments)), moments


def test_hosts_do_not_wait_for_each_other(make, publisher):
    """A host that does not answer delays no other."""
    publisher.serve(SOURCES[OWID].url, Answer(hang=True))
    fetcher = make()
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(fetcher.fetch, SOURCES[OWID])
        started = time.monotonic()
        assert pool.submit(fetcher.fetch, SOURCES[ECI]).result().outcome == "new"
        assert time.monotonic() - started < 2
        publisher.close()
        assert slow.result().outcome == "unreachable"


def test_retry_after_is_kept(make, publisher):
    """The publisher's own word on when to come back is kept."""
    publisher.serve(SOURCES[OWID].url, Answer(status=429, headers={"Retry-After": "2"}), good_answer(OWID))
    assert make().fetch(SOURCES[OWID]).outcome == "new"
    first, second = publisher.asked_for(SOURCES[OWID].url)
    assert second.at - first.at >= 2


def test_gzip(make, publisher):
    """A body compressed for transfer is archived as what it is."""
    packed = good_answer(OWID, gzip.compress(good(OWID)), headers={"Content-Encoding": "gzip"})
    publisher.serve(SOURCES[OWID].url, packed)
    fetched = make().fetch(SOURCES[OWID])
    assert fetched.outcome == "new", fetched.message
    assert archive.path_of(make().layout.archive, fetched.document).read_bytes() == good(OWID)
    assert "gzip" in publisher.asked[-1].headers["Accept-Encoding"]


def test_gzip_bomb_stops_at_the_limit(make, publisher):
    """The limit counts what comes out, not what comes in."""
    publisher.serve(SOURCES[ECI].url, good_answer(ECI, gzip.compress(good(ECI) + b"\n" * 50_000_000), headers={"Content-Encoding": "gzip"}))
    fetched = make().fetch(SOURCES[ECI])
    assert fetched.outcome == "rejected"
    assert "larger than" in fetched.message


def test_gzip_that_is_damaged(make, publisher):
    packed = gzip.compress(good(OWID))
    publisher.serve(SOURCES[OWID].url, good_answer(OWID, packed[:200] + b"\0" * 50 + packed[250:], headers={"Content-Encoding": "gzip"}))
    fetched = make().fetch(SOURCES[OWID])
    assert fetched.outcome == "rejected"
    assert OWID in fetched.message


def test_plain_http_is_refused_without_a_mirror(tmp_path, publisher):
    """Without a mirror nothing is asked over a connection without TLS, wherever a redirect points."""
    web = Web(tmp_path, contact="tests", mirror=None, read_seconds=2)
    with pytest.raises(Refused, match="without TLS"):
        web.get(f"{publisher.address}/file.csv", pace=0)
    assert publisher.asked == []


def test_mirror_that_is_not_there(tmp_path):
    """Nothing listens: unreachable after three attempts, in a bounded time."""
    layout = Layout(tmp_path)
    started = time.monotonic()
    fetched = Fetcher(layout, Web(layout.root / "robots", mirror="http://127.0.0.1:9", read_seconds=1)).fetch(SOURCES[OWID])
    assert fetched.outcome == "unreachable"
    assert len(ledger.read(layout.ledger, "fetch")) == 3
    assert time.monotonic() - started < 15


def test_refused_is_no_connection_error():
    """A refusal is final: it must not be taken for a failure that can pass."""
    assert not issubclass(Refused, requests.ConnectionError)


def test_every_source_is_asked_over_tls():
    assert all(source.url.startswith("https://") for source in contract.all_sources().values() if source.url)
