"""Manners: who we are, what robots.txt allows, how fast we ask, and only over TLS."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from itertools import pairwise

import pytest
import requests
from conftest import SOURCES, good_answer, only
from loopback import Answer

from extractors import definition
from warehouse.acquire.fetch import Fetcher
from warehouse.acquire.http import Refused, Web, paces
from warehouse.store import journal
from warehouse.store.paths import Layout

OWID, ECI, ZIP = "owid_electricity_generation", "epoch_eci_scores", "epoch_benchmark_data"
YEARLY, MONTHLY = "ember_generation_yearly", "ember_generation_monthly"


def test_who_asks(make, publisher):
    """Every request, robots.txt too, says who we are and whom to write to."""
    make().fetch(SOURCES[OWID], only(OWID))
    assert [request.path for request in publisher.asked] == [
        "/ourworldindata.org/robots.txt",
        "/ourworldindata.org/grapher/electricity-generation.csv",
    ]
    assert {request.headers["User-Agent"] for request in publisher.asked} == {
        f"gapwatch/{version('gapwatch')} (+tests@example.org)"
    }


def test_contact_and_mirror_from_the_environment(after_good_night, publisher):
    after_good_night.refresh("--source", OWID, GAPWATCH_CONTACT="somebody@example.net")
    assert publisher.asked
    assert all("(+somebody@example.net)" in request.headers["User-Agent"] for request in publisher.asked)


def test_robots_is_read_once_a_day(make, publisher):
    for _ in range(2):
        make().fetch(SOURCES[OWID], only(OWID))
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
    fetched = make().fetch(SOURCES[OWID], only(OWID))
    assert fetched.outcome == ("new" if allowed else "blocked")
    assert bool(publisher.asked_for(SOURCES[OWID].url)) is allowed


def test_pace(make, publisher):
    """Requests to one host come at least the pace apart, also when several sources ask at once."""
    fetcher = make()
    fetcher.web.mirror_pace = None
    with ThreadPoolExecutor(4) as pool:
        outcomes = [
            fetched.outcome
            for fetched in pool.map(
                lambda name: fetcher.fetch(SOURCES[name], only(name)), (YEARLY, MONTHLY, ECI, ZIP)
            )
        ]
    assert outcomes == ["new"] * 4
    for host in ("files.ember-energy.org", "epoch.ai"):
        moments = sorted(request.at for request in publisher.asked if request.path.startswith(f"/{host}/"))
        assert len(moments) == 3
        assert all(later - earlier > paces()[host] - 0.1 for earlier, later in pairwise(moments)), moments


def test_hosts_do_not_wait_for_each_other(make, publisher):
    """A host that does not answer delays no other."""
    publisher.serve(SOURCES[OWID].url, Answer(hang=True))
    fetcher = make()
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(fetcher.fetch, SOURCES[OWID], only(OWID))
        started = time.monotonic()
        assert pool.submit(fetcher.fetch, SOURCES[ECI], only(ECI)).result().outcome == "new"
        assert time.monotonic() - started < 2
        publisher.close()
        assert slow.result().outcome == "unreachable"


def test_retry_after_is_kept(make, publisher):
    """The publisher's own word on when to come back is kept."""
    publisher.serve(SOURCES[OWID].url, Answer(status=429, headers={"Retry-After": "2"}), good_answer(OWID))
    assert make().fetch(SOURCES[OWID], only(OWID)).outcome == "new"
    first, second = publisher.asked_for(SOURCES[OWID].url)
    assert second.at - first.at >= 2


def test_plain_http_is_refused_without_a_mirror(tmp_path, publisher):
    """Without a mirror nothing is asked over a connection without TLS, wherever a redirect points."""
    web = Web(tmp_path, contact="tests", mirror=None, read_seconds=2)
    with pytest.raises(Refused, match="without TLS"):
        web.get(f"{publisher.address}/file.csv")
    assert publisher.asked == []


def test_mirror_that_is_not_there(tmp_path):
    """Nothing listens: unreachable after three attempts, in a bounded time."""
    layout = Layout(tmp_path)
    started = time.monotonic()
    fetched = Fetcher(layout, Web(layout.memo, mirror="http://127.0.0.1:9", read_seconds=1)).fetch(
        SOURCES[OWID], only(OWID)
    )
    assert fetched.outcome == "unreachable"
    assert len(journal.read(layout.ledger, "fetch")) == 3
    assert time.monotonic() - started < 15


def test_refused_is_no_connection_error():
    """A refusal is final: it must not be taken for a failure that can pass."""
    assert not issubclass(Refused, requests.ConnectionError)


def test_every_source_is_asked_over_tls():
    assert all(
        url.startswith("https://")
        for source in definition.all_sources().values()
        for url in re.findall(r"\w+://\S+", source.address or "")
    )
