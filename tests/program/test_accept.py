"""``gapwatch accept``: a person lets one refused document past the checks that refuse it."""

from __future__ import annotations

import pytest
from conftest import good
from running import Gapwatch

SOURCE = "epoch_gpu_clusters"
WHY = "the publisher dropped what is planned"


@pytest.fixture
def refused(tmp_path) -> tuple[Gapwatch, str]:
    """A data directory whose second document fails a check, and its hash."""
    run = Gapwatch(tmp_path)
    header, *rows = good(SOURCE).splitlines(keepends=True)
    for day, kept in (("2025-11-01", rows), ("2025-12-01", rows[: len(rows) // 2])):
        (tmp_path / f"{day}.csv").write_bytes(header + b"".join(kept))
        done = run("backfill", SOURCE, str(tmp_path / f"{day}.csv"), "--published-at", day)
    assert done.returncode == 1, done.stdout
    assert run("rebuild").returncode == 0
    [(document, status)] = run.query(
        "SELECT document, status FROM document WHERE source = ? ORDER BY known_from DESC LIMIT 1", SOURCE
    )
    assert status == "failed"
    return run, document


def test_a_document_is_let_past_what_it_fails(refused):
    run, document = refused
    done = run("accept", document[:10], "--because", WHY)
    assert (done.returncode, done.stderr) == (0, "")
    rebuilt = run("rebuild")
    assert rebuilt.returncode == 0, rebuilt.stdout
    [(status, reason)] = run.query("SELECT status, reason FROM document WHERE document = ?", document)
    assert status == "accepted"
    assert WHY in reason
    checks = run.query(
        "SELECT name, message FROM check_result WHERE document = ? AND status = 'accepted'", document
    )
    assert checks
    assert all(name in done.stdout and WHY in message for name, message in checks)
    known = run.query("SELECT count(*) FROM compute_cluster WHERE source = ?", SOURCE)
    assert known != [(0,)]
    assert "not refused by: every check" in run("accept", document, "--because", WHY).stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{document}", "--because", " "], "--because must say why"),
        (["{document}", "--because", WHY, "--check", "each key once"], "not refused by: each key once"),
        (["abc", "--because", WHY], "by at least 6 characters"),
        (["abcdef0", "--because", WHY], "none in the ledger"),
    ],
)
def test_what_cannot_be_accepted_is_said(refused, arguments, says):
    run, document = refused
    done = run("accept", *(argument.format(document=document) for argument in arguments))
    assert done.returncode == 2
    assert says in done.stderr
    assert run("rebuild").returncode == 0
    assert run.query("SELECT status FROM document WHERE document = ?", document) == [("failed",)]


def test_a_document_that_cannot_be_read_is_not_accepted(tmp_path):
    run = Gapwatch(tmp_path)
    (tmp_path / "2025-11-01.csv").write_bytes(good(SOURCE).replace(b"H100 equivalents", b"H100e", 1))
    done = run("backfill", SOURCE, str(tmp_path / "2025-11-01.csv"), "--published-at", "2025-11-01")
    document = run.ledger("document")[0]["sha256"]
    done = run("accept", document[:8], "--because", WHY)
    assert done.returncode == 2
    assert "mend its parser" in done.stderr
    assert "H100 equivalents" in done.stderr
