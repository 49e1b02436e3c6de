"""The check that rests on the refit of the Epoch Capabilities Index, night after night."""

from __future__ import annotations

import pytest
from conftest import SOURCES, good, good_answer
from loopback import Publisher
from releasing import release_what_is_there
from running import Gapwatch

from expectations.refit import INPUTS, SCORES
from warehouse.store.paths import Layout

FOLDER = "leaderboards/epoch_eci"
CHECKED = (
    "SELECT status, severity, observed, message FROM check_result WHERE target = 'capability_lag'"
    " AND name LIKE 'published ECI is the refit%'"
)


def test_sample_is_not_refitted(good_night):
    """Its inputs are of three models: the check says that it did not run, and does not count as passed."""
    [(status, severity, observed, message)] = good_night.query(CHECKED)
    assert (status, severity) == ("skipped", "warn")
    assert observed.startswith("not run: the inputs cover 3 of 49 scored models")
    assert observed in message


def test_scores_and_inputs_of_different_weeks_are_not_compared(tmp_path, warm):
    run = Gapwatch(tmp_path, "http://127.0.0.1:9", warm)
    for source, day in ((SCORES, "2026-08-12"), (INPUTS, "2026-08-16")):
        document = run.home / f"{source}.csv"
        document.write_bytes(good(source))
        assert run("backfill", source, str(document), "--published-at", day).returncode == 0
    release_what_is_there(Layout(run.data))
    [(status, _, observed, _)] = run.query(CHECKED)
    assert (status, observed) == (
        "skipped",
        "not run: scores known from 2026-08-12 and inputs from 2026-08-16: over 3 days apart",
    )


@pytest.fixture(scope="module")
def nights(tmp_path_factory, recordings, warm):
    """The recorded scores and inputs, then one score a point higher, then inputs without the benchmark that
    fixes the scale: of each night how the run ended and the results of the check."""
    server = Publisher()
    run = Gapwatch(tmp_path_factory.mktemp("refit"), server.address, warm)
    published = (recordings / FOLDER / "eci_scores_2026-08-11.csv").read_bytes()
    inputs = (recordings / FOLDER / "eci_benchmarks_2026-08-11.csv").read_bytes()
    assert published.count(b"\nKimi K3,Kimi K3,157.01,") == 1
    altered = published.replace(b"\nKimi K3,Kimi K3,157.01,", b"\nKimi K3,Kimi K3,158.01,")
    told = {}
    for night, documents in {
        "as recorded": {SCORES: published, INPUTS: inputs},
        "one score altered": {SCORES: altered, INPUTS: inputs},
        "refit impossible": {SCORES: published, INPUTS: inputs.replace(b",Winogrande,", b",WinoGrande 2,")},
    }.items():
        for source, body in documents.items():
            server.serve(SOURCES[source].url, good_answer(source, body))
        done = run.refresh("--source", SCORES, "--source", INPUTS)
        told[night] = (
            done,
            run.query(CHECKED),
            run.query("SELECT max(eci) FROM capability_score WHERE model = 'Kimi K3'"),
        )
    yield told
    server.close()


def test_recorded_documents_pass(nights):
    done, [(status, severity, observed, _)], _ = nights["as recorded"]
    assert done.returncode == 0, done.stdout
    assert (status, severity, observed) == ("pass", "warn", "0")


def test_one_altered_score_is_found_and_still_published(nights):
    done, [(status, severity, observed, message)], score = nights["one score altered"]
    assert done.returncode == 0, done.stdout
    assert (status, severity, observed) == ("fail", "warn", "1")
    assert "within 0.5 points" in message
    assert score == [(158.01,)]


def test_refit_that_fails_is_a_broken_check(nights):
    done, [(status, severity, _, message)], score = nights["refit impossible"]
    assert done.returncode == 0, done.stdout
    assert (status, severity) == ("broken", "warn")
    assert "ValueError: the inputs lack Winogrande" in message
    assert score == [(157.01,)]
