"""Alerts of the bundled sample, sent by Apprise to a real mail server and a real webhook on loopback: exactly
once a release, tried again after a failure, and telling no secret."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import threading
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from running import Gapwatch

from expectations.alerts import rows, rules
from flows.refresh import notify
from warehouse.compare import changes
from warehouse.store import journal
from warehouse.store.paths import Layout

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")]
USER, PASSWORD, TOKEN = "watch-user-0815", "pass-word-4711", "token-2342"


class Mail:
    """An SMTP server that asks for a login and keeps what it is given."""

    def __init__(self, port: int = 0):
        self.received, self.logins = [], []
        # Port 0 would make the controller's own first connection go astray, so one is looked for.
        self.server = Controller(
            self,
            "127.0.0.1",
            port or free_port(),
            authenticator=self,
            auth_required=True,
            auth_require_tls=False,
        )
        self.server.start()
        self.url = (
            f"mailto://{USER}:{PASSWORD}@127.0.0.1:{self.server.port}/?smtp=127.0.0.1&"
            "from=gapwatch@example.org&to=ops@example.org&mode=insecure"
        )

    def __call__(self, _server, _session, _envelope, _mechanism, data):
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=self.logins[-1] == (USER, PASSWORD))

    async def handle_DATA(self, _server, _session, envelope):  # the name is aiosmtpd's  # noqa: N802
        self.received.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def texts(self) -> list[str]:
        return [message["Subject"] + "\n" + message.get_body().get_content() for message in self.received]

    def close(self):
        self.server.stop()


class Hook:
    """A webhook that keeps what is posted to it."""

    def __init__(self, port: int = 0, status: int = 200):
        self.received, self.headers = [], []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                hook.headers.append(dict(self.headers))
                hook.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.port = self._server.server_address[1]
        self.url = hook_url(self.port)

    def texts(self) -> list[str]:
        return [message["title"] + "\n" + message["message"] for message in self.received]

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def hook_url(port: int) -> str:
    return f"json://{USER}:{PASSWORD}@127.0.0.1:{port}/notify/{TOKEN}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def told(tmp_path_factory, warm):
    """The sample's three nights with both targets up, then the last night again: data directory, targets,
    what was printed."""
    mail, hook = Mail(), Hook()
    run = Gapwatch(tmp_path_factory.mktemp("alerts"), warm=warm)
    urls = f"{mail.url} {hook.url}"
    runs = [run.refresh("--sample", GAPWATCH_ALERT_URLS=urls) for _ in range(2)]
    assert [done.returncode for done in runs] == [0, 0], runs
    yield run, mail, hook, runs
    mail.close()
    hook.close()


@pytest.fixture
def quiet(told, tmp_path):
    """A copy of that data directory, whose release no target has been told of."""
    run = Gapwatch(tmp_path)
    shutil.copytree(told[0].data, run.data, ignore=shutil.ignore_patterns("delivery.ndjson"))
    return run


def deliveries(run: Gapwatch) -> list[dict]:
    return run.ledger("delivery") if (run.data / "ledger" / "delivery.ndjson").exists() else []


def alerting(run: Gapwatch) -> list[dict]:
    return [entry for entry in run.ledger("release") if entry["alerts"]]


def test_each_target_is_told_exactly_once_of_each_release(told):
    run, mail, hook, runs = told
    releases = alerting(run)
    # what the third night's revision moved
    assert releases[-1]["alerts"][0]["indicator"] == "energy_generation"
    for target in (mail, hook):
        assert len(target.texts()) == len(releases) == 2
        for text, release in zip(target.texts(), releases, strict=True):
            for alert in release["alerts"]:
                assert alert["message"] in " ".join(text.split())
        assert sum("energy_generation moved" in text for text in target.texts()) == 1
    assert [(row["release"], row["delivered"]) for row in deliveries(run)] == [
        (entry["release"], True) for entry in releases for _ in range(2)
    ]
    assert "Alerts" in runs[0].stdout
    assert "Alerts" not in runs[1].stdout


def test_mail_is_plain_text_to_whom_it_was_addressed(told):
    _, mail, _, _ = told
    for message in mail.received:
        assert [part.get_content_type() for part in message.walk()] == ["text/plain"]
        assert (message["To"], message["From"].addresses[0].addr_spec) == (
            "ops@example.org",
            "gapwatch@example.org",
        )
    assert set(mail.logins) == {(USER, PASSWORD)}


def test_markup_in_an_alert_is_not_interpreted(quiet, told):
    """Alerts are made of our own texts and numbers; should scraped text ever get into one, it arrives as it
    is."""
    markup = "<b>bold</b> <script>alert(1)</script> *stars* [link](https://example.org) &amp; {{ x }}"
    entries = quiet.ledger("release")
    entries[-1]["alerts"][0]["message"] = markup
    (quiet.data / "ledger" / "release.ndjson").write_text(
        "".join(json.dumps(entry) + "\n" for entry in entries), "utf-8"
    )
    mail, hook = Mail(), Hook()
    try:
        assert quiet.refresh("--sample", GAPWATCH_ALERT_URLS=f"{mail.url} {hook.url}").returncode == 0
    finally:
        mail.close()
        hook.close()
    assert mail.received[0].get_content_type() == "text/plain"
    assert markup in mail.texts()[0]
    assert hook.received[0]["message"] == markup
    assert len(told[1].received) == 2  # nothing went to the targets of the other runs


@pytest.mark.parametrize("kind", [Mail, Hook])
def test_a_dead_target_needs_a_person_and_gets_the_alert_once_it_is_back(quiet, kind):
    target = kind()  # on a port of its own, which is then dead
    port, url = (target.server.port if kind is Mail else target.port), target.url
    target.close()
    for attempt in (1, 2):
        done = quiet.refresh("--sample", GAPWATCH_ALERT_URLS=url)
        assert done.returncode == 1
        assert "Not delivered" in done.stdout
        assert (
            f"the alert of release {alerting(quiet)[-1]['release']} did not reach {url.partition(':')[0]}-"
            in done.stdout
        )
        assert [row["delivered"] for row in deliveries(quiet)] == [False] * attempt
    target = kind(port)
    try:
        assert [quiet.refresh("--sample", GAPWATCH_ALERT_URLS=url).returncode for _ in range(2)] == [0, 0]
    finally:
        target.close()
    assert len(target.received) == 1
    assert [row["delivered"] for row in deliveries(quiet)] == [False, False, True]
    assert no_secret_in(quiet, done)


def test_one_dead_target_does_not_keep_the_alert_from_the_others_and_is_not_told_twice(quiet):
    hook, refusing = Hook(), Hook(status=500)
    try:
        urls = f"{refusing.url} {hook.url}"
        assert [quiet.refresh("--sample", GAPWATCH_ALERT_URLS=urls).returncode for _ in range(2)] == [1, 1]
    finally:
        hook.close()
        refusing.close()
    assert len(hook.received) == 1
    assert len(refusing.received) == 2  # once in each run
    assert no_secret_in(quiet)


NEWEST = {
    "period": "2025-01-01",
    "usa": 4500.0,
    "chn": 10500.0,
    "gap": 2.3,
    "leader": "CHN",
    "low": None,
    "high": None,
}
BEFORE = {
    "newest": {"energy_generation": NEWEST},
    "claims": {"alibaba_cloud_22_billion": "holds"},
    "noticed": {},
}
LOST = [["cnas_ceiling", 'Its words are no longer on https://example.org/page: "890,000 chips".']]
TITLES = rules.KINDS | {kind: one.title for kind, one in rows.all_alerts().items()}
ALONE = {
    "leader": {"newest": {"energy_generation": NEWEST | {"leader": "USA"}}},
    "change": {"newest": {"energy_generation": NEWEST | {"gap": 2.5}}},
    "claim": {"claims": {"alibaba_cloud_22_billion": "fails"}},
    "words": {"noticed": {"words": LOST}},
}


@pytest.mark.parametrize("of_before", [False, True], ids=["now", "recorded by an earlier version"])
@pytest.mark.parametrize("kind", TITLES)
def test_every_kind_of_alert_is_delivered_alone(tmp_path, monkeypatch, kind, of_before):
    """What a release recorded is sent, whichever kind it is about; earlier versions recorded fewer fields."""
    now = BEFORE | ALONE[kind]
    found = [
        changes.Change("newest", name, "", "", BEFORE["newest"][name], new)
        for name, new in now["newest"].items()
    ]
    found += [
        changes.Change("verdict", name, "", "", BEFORE["claims"][name], new)
        for name, new in now["claims"].items()
    ]
    found = [change for change in found if change.before != change.after]
    sent = rules.of("0123456789ab", "2026-11-01 00:00:00", found, now["noticed"])
    assert [alert["kind"] for alert in sent] == [kind]
    if of_before:
        sent = [
            {name: value for name, value in alert.items() if value is not None and name != "about"}
            for alert in sent
        ]
    layout = Layout(tmp_path)
    journal.append(layout.ledger, "release", {"release": "0123456789ab", "alerts": sent})
    mail, hook = Mail(), Hook()
    monkeypatch.setenv("GAPWATCH_ALERT_URLS", f"{mail.url} {hook.url}")
    try:
        assert [notify.deliver(layout) for _ in range(2)] == [[], []]
    finally:
        mail.close()
        hook.close()
    about = {"claim": "alibaba_cloud_22_billion", "words": "cnas_ceiling"}.get(kind, "energy_generation")
    for target in (mail, hook):
        [text] = target.texts()
        assert text.startswith(f"gapwatch: {about} {TITLES[kind]}\n")
        assert " ".join(sent[0]["message"].split()) in " ".join(text.split())


def test_no_secret_of_a_target_is_kept_or_printed(told):
    run, _, hook, runs = told
    # it was used
    assert base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode() in hook.headers[0]["Authorization"]
    assert no_secret_in(run, *runs)


def no_secret_in(run: Gapwatch, *runs) -> bool:
    secrets = [secret.encode() for secret in (USER, PASSWORD, TOKEN)]
    told = [file.read_bytes() for file in run.data.rglob("*") if file.is_file()] + [
        (done.stdout + done.stderr).encode() for done in runs
    ]
    assert len(told) > 10
    return not any(secret in text for text in told for secret in secrets)
