"""Wrong settings are told at the start, by name and with an example: nothing is asked and nothing written."""

from __future__ import annotations

import pytest
from loopback import Publisher
from running import Gapwatch

from warehouse.acquire import settings

WRONG = [
    ("GAPWATCH_MIRROR", "mirror.example.org", "https://mirror.example.org"),
    ("GAPWATCH_MIRROR", "ftp://mirror.example.org", "https://mirror.example.org"),
    ("GAPWATCH_MIRROR", "https:///path", "https://mirror.example.org"),
    ("GAPWATCH_MIRROR", "http://127.0.0.1:99999", "https://mirror.example.org"),
    ("GAPWATCH_CONTACT", "you@example.org\nX-Other: 1", "you@example.org"),
    ("GAPWATCH_CONTACT", "王@example.org", "you@example.org"),
    *(("GAPWATCH_TIMEOUT", text, "60") for text in ("nan", "0", "-1", "inf", "1e300", "soon", "")),
    ("GAPWATCH_ALERT_URLS", "mailtos//user:pass-word-4711@example.org", "mailtos://user:"),
    ("GAPWATCH_ALERT_URLS", "json://example.org nosuch://pass-word-4711@example.org", "mailtos://user:"),
    ("EIA_API_KEY", "pass-word-4711 ", "0123456789abcdef"),
    ("EIA_API_KEY", "pass-word-4711\n", "0123456789abcdef"),
    ("GAPWATCH_SALT", "", "what `openssl rand -hex 32"),
    ("GAPWATCH_SALT", "pass-word-4711", "what `openssl rand -hex 32"),
]


@pytest.mark.parametrize(
    ("name", "text", "example"), WRONG, ids=[f"{name} {text!r}" for name, text, _ in WRONG]
)
def test_a_wrong_setting_is_told_before_anything_happens(tmp_path, name, text, example):
    publisher = Publisher()
    run = Gapwatch(tmp_path, publisher.address)
    done = run("refresh", "--direct", **{name: text})
    publisher.close()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"gapwatch: {name} must be ")
    assert f"; for example {example}" in done.stderr
    assert "pass-word-4711" not in done.stderr
    assert publisher.asked == []
    assert not run.data.exists()
    assert list(run.home.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [("refresh",), ("serve",), ("rebuild",), ("backfill", "epoch_eci_scores", __file__)],
    ids=" ".join,
)
def test_every_command_that_asks_or_writes_looks_first(tmp_path, command):
    run = Gapwatch(tmp_path)
    done = run(*command, GAPWATCH_MIRROR="mirror.example.org")
    assert done.returncode == 2
    assert done.stderr.startswith("gapwatch: GAPWATCH_MIRROR must be ")
    assert not run.data.exists()


@pytest.mark.parametrize("below", ["", "/data"])
@pytest.mark.parametrize("command", [("refresh", "--direct"), ("status",), ("show",)], ids=" ".join)
def test_a_data_directory_that_is_a_file_is_told(tmp_path, command, below):
    file = tmp_path / "file"
    file.write_text("mine")
    run = Gapwatch(tmp_path)
    done = run(*command, GAPWATCH_DATA_DIR=f"{file}{below}")
    assert done.returncode == 2
    assert done.stderr == (
        f"gapwatch: --data-dir or GAPWATCH_DATA_DIR must be a folder, and {file} is a file;"
        " for example /var/lib/gapwatch\n"
    )
    assert file.read_text() == "mine"


def test_right_settings_are_taken_as_they_are(monkeypatch):
    right = {
        "GAPWATCH_MIRROR": "http://127.0.0.1:8080/all",
        "GAPWATCH_CONTACT": "Zoë <zoe@example.org>",
        "GAPWATCH_ALERT_URLS": "json://127.0.0.1:1/a mailto://u:p@example.org",
        "EIA_API_KEY": "a/b+c=",
        "GAPWATCH_TIMEOUT": "0.5",
    }
    for name, text in right.items():
        monkeypatch.setenv(name, text)
    settings.check(["EIA_API_KEY"])
    assert settings.mirror() == right["GAPWATCH_MIRROR"]
    assert settings.alert_urls() == right["GAPWATCH_ALERT_URLS"].split()
    assert (settings.contact(), settings.timeout()) == (right["GAPWATCH_CONTACT"], 0.5)
    for name in right:  # an empty line of a settings file
        monkeypatch.setenv(name, "60" if name == "GAPWATCH_TIMEOUT" else "")
    settings.check(["EIA_API_KEY"])
    assert settings.mirror() is None
