"""A refresh through Prefect: on a server it starts for itself, on one that is configured, killed in the
middle, and compared with the same steps without Prefect."""

from __future__ import annotations

import time
from collections import Counter

import psutil
import pytest
import requests
from conftest import SOURCES, good_answer
from forking import GUARD
from processes import alive, prefect_api, start, wait_until
from running import Gapwatch

from flows.refresh import demo_publishers
from warehouse.publish import publish

pytestmark = pytest.mark.slow
# These hold a random name of the release.
NAMED_BY_RELEASE = {"ledger.release", "ledger.alert", "ledger.change", "ledger.said"}
# These hold how many seconds an answer took, and when an old document was added: both are of the real clock.
TIMED = {"ledger.fetch", "ledger.document"}


@pytest.fixture(scope="module")
def through_prefect(tmp_path_factory, warm):
    """The sample's three nights, each a flow run."""
    run = Gapwatch(tmp_path_factory.mktemp("nights"), warm=warm)
    return run, run("refresh", "--sample")


def test_a_refresh_through_prefect_is_quiet_and_leaves_no_process(through_prefect):
    run, done = through_prefect
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert not any(
        word in done.stdout.lower()
        for word in ("prefect", "telemetry", "warning", "traceback", "error", "http://")
    )
    assert done.stdout.count("Published release") == len(demo_publishers.NIGHTS)
    assert alive(run) == []


def test_every_flow_run_and_task_run_is_recorded_with_its_artifacts(through_prefect):
    run, _ = through_prefect
    with prefect_api(run.data / "prefect") as api:
        runs, tasks, artifacts = api.runs(), api.read_all("task_runs"), api.read("artifacts")
    assert [(flow["name"] != "", flow["state_name"]) for flow in runs] == [(True, "Completed")] * len(
        demo_publishers.NIGHTS
    )
    fetches = Counter(f"{row['source']} {row['part']}".strip() for row in run.ledger("fetch"))
    for flow in runs:
        names = [task["name"].split("-")[0] for task in tasks if task["flow_run_id"] == flow["id"]]
        assert {"build", "tell"} <= set(names)
    assert (
        Counter(task["name"].removeprefix("fetch ") for task in tasks if task["name"].startswith("fetch "))
        == fetches
    )
    assert {task["state_name"] for task in tasks} == {"Completed"}
    assert Counter(item["key"] for item in artifacts) == {
        "refresh": len(demo_publishers.NIGHTS),
        "moved": len(demo_publishers.NIGHTS),
    }


def test_with_and_without_prefect_the_same_is_published(through_prefect, sample_nights):
    run, direct = through_prefect[0], sample_nights
    mine, other = (publish.content_digest(each.data / "gapwatch.duckdb") for each in (direct, run))
    assert len(mine) > 10
    assert {table for table in mine if mine[table] != other[table]} <= NAMED_BY_RELEASE | TIMED
    for query in (
        "SELECT released_at, code, documents, newest FROM ledger.release ORDER BY ALL",
        "SELECT released_at, indicator, kind, period, before, after, message FROM ledger.alert ORDER BY ALL",
        "SELECT * EXCLUDE (release) FROM ledger.said ORDER BY ALL",
        "SELECT * EXCLUDE (release) FROM ledger.change ORDER BY ALL",
        "SELECT * EXCLUDE (seconds) FROM ledger.fetch ORDER BY ALL",
        "SELECT * EXCLUDE (received_at) FROM ledger.document ORDER BY ALL",
    ):
        assert direct.query(query) == run.query(query)


def test_a_configured_server_is_used_with_its_password_and_no_other_is_started(gapwatch, tmp_path):
    with prefect_api(tmp_path / "elsewhere" / "prefect") as api:
        answers = [
            requests.post(f"{api.url}/deployments/filter", json={}, auth=auth, timeout=GUARD).status_code
            for auth in (None, ("gapwatch", "guessed"), api.auth)
        ]
        assert answers == [401, 401, 200]
        home = tmp_path / "elsewhere"
        files = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
        assert not [text for text in files if api.auth[1].encode() in text]
        configured = {"PREFECT_API_URL": api.url, "PREFECT_API_AUTH_STRING": api.password}
        process = start(gapwatch, "refresh", "--source", "eia_us_generation", **configured)
        seen = set()
        while process.poll() is None:
            seen |= (
                {child.pid for child in psutil.Process(process.pid).children(recursive=True)}
                if process.poll() is None
                else set()
            )
            time.sleep(0.1)  # a server takes seconds to start
        assert (process.returncode, seen) == (0, set()), process.communicate()
        assert [run["state_name"] for run in api.runs()] == ["Completed"]
    assert not list((gapwatch.data / "prefect").glob("*.db"))
    refused = gapwatch("refresh", "--source", "eia_us_generation", PREFECT_API_URL=api.url)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert f"the configured Prefect server {api.url} does not answer" in refused.stderr


def test_a_stopped_refresh_leaves_no_process_and_a_killed_one_is_marked_by_the_next(gapwatch, publisher):
    source = "ember_generation_yearly"
    home, url = gapwatch.data / "prefect", SOURCES[source].url
    publisher.serve(url, good_answer(source, drip=0.1))

    terminated = start(gapwatch, "refresh", "--source", source)
    wait_until(lambda: publisher.asked_for(url), 300, "the download has begun")
    terminated.terminate()
    said = terminated.communicate(timeout=GUARD)[0]
    assert (terminated.returncode, "Traceback" in said) == (143, False), said
    assert alive(gapwatch) == []

    killed = start(gapwatch, "refresh", "--source", source)
    wait_until(lambda: len(publisher.asked_for(url)) > 1, 300, "the second download has begun")
    assert len(alive(gapwatch)) == 2  # itself and its server
    killed.kill()
    wait_until(lambda: not alive(gapwatch), 60, "the server is gone")

    publisher.serve(url, good_answer(source))
    done = gapwatch("refresh", "--source", source)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    with prefect_api(home) as api:
        runs, tasks = api.runs(), api.read("task_runs", limit=200)
    assert [run["state_name"] for run in runs] == ["Crashed", "Crashed", "Completed"]
    assert "aborted by a termination signal" in runs[0]["state"]["message"]
    assert "found and marked later" in runs[1]["state"]["message"]
    states = {
        run["id"]: {task["state_name"] for task in tasks if task["flow_run_id"] == run["id"]} for run in runs
    }
    assert states[runs[1]["id"]] <= {"Crashed", "Completed"}
    assert states[runs[2]["id"]] == {"Completed"}
