"""A publisher adds a column: the document counts, and what is new is recorded and shown."""

from __future__ import annotations

from conftest import good
from running import Gapwatch

SOURCE = "epoch_gpu_clusters"


def test_what_is_new_is_recorded_and_shown(tmp_path):
    run = Gapwatch(tmp_path)
    body = good(SOURCE)
    added = body.replace(b"latitude,longitude", b"latitude,altitude,longitude", 1)
    header, rest = added.split(b"\n", 1)
    rows = [line.rsplit(b",", 1) for line in rest.splitlines()]
    (tmp_path / "2025-11-01.csv").write_bytes(body)
    (tmp_path / "2025-12-01.csv").write_bytes(
        header + b"\n" + b"".join(start + b",12," + end + b"\n" for start, end in rows)
    )
    (tmp_path / "2026-01-01.csv").write_bytes(body.replace(b"H100 equivalents", b"H100 equivalent", 1))
    for day in ("2025-11-01", "2025-12-01", "2026-01-01"):
        run("backfill", SOURCE, str(tmp_path / f"{day}.csv"), "--published-at", day)
    assert run("rebuild").returncode == 0
    known = run.query("SELECT document, status FROM document WHERE source = ? ORDER BY known_from", SOURCE)
    assert [status for _, status in known] == ["accepted", "accepted", "drift"]
    found = run.query(
        "SELECT document, place, change, field, note, last_good FROM layout_change ORDER BY ALL"
    )
    first, second, third = (document for document, _ in known)
    assert (second, "header", "added", "altitude", "", first) in found
    assert (third, "header", "missing", "H100 equivalents", "H100 equivalent", second) in found
    shown = run("status").stdout
    assert f"layout of {SOURCE} (document {second[:12]}): added altitude" in shown
    assert "missing: 'H100 equivalents' (now 'H100 equivalent'?)" in " ".join(shown.split())
