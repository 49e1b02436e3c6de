"""A publisher that tries to steer the terminal of who reads gapwatch: through the reason phrase, a header, a
redirect, a page's title, a document's names."""

from __future__ import annotations

import json
import unicodedata

import pytest
from conftest import SOURCES, good, good_answer
from loopback import Answer, Publisher
from running import Gapwatch

from flows.refresh.plain import plain

YEARLY, MONTHLY, OWID = "ember_generation_yearly", "ember_generation_monthly", "owid_electricity_generation"
ECI, ZIP, CHIPS = "epoch_eci_scores", "epoch_benchmark_data", "epoch_ml_hardware"
RED, TITLE, C1, BIDI = "\x1b[31m", "\x1b]0;owned\x07", "\x9b31m", "\u202e"
EVIL = f"Evil{RED}{TITLE}{C1}{BIDI}Labs"


def steering(text: str) -> set[str]:
    """What a terminal would not show but do."""
    return {sign for sign in text if unicodedata.category(sign)[0] == "C"} - {"\n", "\t"}


@pytest.fixture(scope="module")
def met(tmp_path_factory):
    """A data directory that was refreshed from such publishers, and what the refresh printed."""
    publisher = Publisher()
    page = f"<html><head><meta charset='utf-8'><title>{EVIL}</title></head></html>".encode()
    served = {
        OWID: Answer(b"no", 403, reason=f"No{RED}{TITLE}{C1}"),
        YEARLY: good_answer(YEARLY, media=f"text/{RED}x{C1}"),
        MONTHLY: good_answer(MONTHLY, good(MONTHLY).replace(b"Electricity source", EVIL.encode(), 1)),
        ZIP: Answer(page, 404, "text/html"),
        CHIPS: Answer(status=302, headers={"Location": f"https://ev{RED}il.example.org/{C1}"}),
    }
    eci = good(ECI).decode().splitlines()
    [place] = [n for n, line in enumerate(eci) if "OpenAI" in line][-1:]
    eci[place] = eci[place].replace("OpenAI", EVIL)
    served[ECI] = good_answer(ECI, "\n".join([*eci, ""]).encode())
    for name, answer in served.items():
        publisher.serve(SOURCES[name].url, answer)
    run = Gapwatch(tmp_path_factory.mktemp("plain"), publisher.address)
    done = run("--log-json", "refresh", "--direct")
    yield run, done
    publisher.close()


def test_neither_report_nor_log_steers_anything(met):
    _, done = met
    assert (done.returncode, steering(done.stdout), steering(done.stderr)) == (1, set(), set())
    assert "answered 403 No\\u001b[31m\\u001b]0;owned\\u009b31m" in done.stdout
    assert "answered 200 as text/\\u001b[31mx\\u009b31m" in done.stdout
    assert f"titled 'Evil{plain(RED)}" in done.stdout.replace("\\x1b", "\\u001b")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    told = {event["source"]: event["message"] for event in events if event["event"] == "source"}
    assert RED in told[OWID], "a program reads what was received"


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("show",),
        ("show", "talent_origin"),
        ("diff",),
        ("releases",),
        ("suggest",),
        ("suggest", "--csv"),
        ("unresolved", "--csv"),
        ("trace", "talent_origin"),
        ("trace", "capability_lag", "--json"),
        ("trace", "capability_lag", "--all"),
        ("why", "capability_lag"),
        ("refresh", "--direct", "--dry-run", "--source", OWID),
    ],
    ids=" ".join,
)
def test_no_command_repeats_it(met, command):
    run, _ = met
    done = run(*command)
    assert (steering(done.stdout), steering(done.stderr)) == (set(), set())
    assert "Traceback" not in done.stderr
    if command[0] in ("status", "refresh"):
        assert "\\u001b[31m" in done.stdout


def test_a_file_is_told_of_and_steers_nothing(met, tmp_path):
    run, _ = met
    file = tmp_path / f"2026-01-02_{RED}{BIDI}.csv"
    file.write_bytes(good(MONTHLY).replace(b"Electricity source", EVIL.encode(), 1))
    tried = run("try", MONTHLY, str(file))
    filled = run("backfill", MONTHLY, str(file))
    wrong = run("backfill", MONTHLY, str(file), "--published-at", "2026-01-01", "--dates", str(file))
    for done in (tried, filled, wrong):
        assert done.returncode in (1, 2)
        assert done.stderr
        assert (steering(done.stdout), steering(done.stderr)) == (set(), set())
    assert "\\u001b[31m" in filled.stdout


def test_a_line_of_json_stays_one():
    odd = "a\x1b\x9b\u202e\U000e0001\ud800 b\u00a0c 王 \U0001f642"
    said = plain(json.dumps(odd, ensure_ascii=False))
    assert steering(said) == set()
    assert json.loads(said) == odd
    assert said.endswith('b\u00a0c 王 \U0001f642"')
