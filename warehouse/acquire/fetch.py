"""Fetch documents: conditional, bounded, polite; every attempt is recorded, every body archived first."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import requests
import stamina
import stamina.instrumentation

from extractors.contract import Ask
from extractors.definition import Source
from warehouse.acquire import attempt_summary, documents_due, settings
from warehouse.acquire.attempt_summary import Attempts, Row
from warehouse.acquire.http import Refused, RobotsUnavailable, Web, reason
from warehouse.acquire.masking import Masking
from warehouse.store import archive, journal
from warehouse.store.paths import Layout

Outcome = Literal["new", "unchanged", "not_due", "blocked", "unreachable", "rejected", "skipped", "error"]
Clock = Callable[[], dt.datetime]
ATTEMPTS = 3
CHUNK = 1 << 16
BOM = b"\xef\xbb\xbf"
_VALIDATORS = {"etag": "ETag", "last_modified": "Last-Modified"}

stamina.instrumentation.set_on_retry_hooks([])  # the ledger records each attempt; nothing more to say


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Fetched:
    """How asking a source for one document ended. ``document`` is the SHA-256 of a new one; ``mended`` says
    what damage of the archive the answer has mended."""

    source: str
    outcome: Outcome
    message: str = ""
    document: str | None = None
    mended: str = ""


class _Ended(NamedTuple):
    """How one attempt ended. ``again``: whether another may end otherwise; or how many seconds to wait for
    it, as the host asked."""

    outcome: Outcome
    message: str = ""
    again: bool | float = False
    document: str | None = None
    mended: str = ""


class _Again(Exception):
    """An attempt failed in a way that can pass: how, and how long to wait (see ``_Ended``)."""


@dataclass(frozen=True)
class Fetcher:
    """Fetches sources into one data directory. ``progress(source, bytes, total)`` is told as bodies
    arrive."""

    layout: Layout
    web: Web
    clock: Clock = utc_now
    origin: str = "fetched"
    progress: Callable[[str, int, int | None], None] = lambda source, received, total: None

    def fetch(self, source: Source, ask: Ask, known: Attempts | None = None) -> Fetched:
        """Ask a source for one document; never raises for what the network or the publisher does.

        ``known``: the attempts before this run; they are read where they are not given.
        """
        known = known or attempt_summary.of(self.layout)
        answered, received = (
            rows.get(source.id, {}).get(ask.part) for rows in (known.answered, known.received)
        )
        key = settings.key(source.key_env) if source.key_env else ""
        if source.key_env and not key:
            return Fetched(source.id, "skipped", f"{source.id}: no API key: set {source.key_env}")
        if source.every and answered and self.clock() < answered["at"] + source.every:
            when = f"asked on {answered['at']:%Y-%m-%d}, again after {source.every.days} days"
            return Fetched(source.id, "not_due", f"{source.id}: {when}")
        tries = stamina.retry_context(
            on=_backoff, attempts=ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=20, wait_jitter=0.5
        )
        try:
            for attempt in tries:
                with attempt:
                    return self._attempt(source, ask, key, attempt.num, received)
        except _Again as last:
            fetched: Fetched = last.args[0]
            return fetched
        raise AssertionError("the loop above returns or raises")

    def review(self, source: Source) -> Fetched:
        """Take in the reviewed table of a source: each day's rows are a document, known from that day on."""
        news = 0
        for day, content in documents_due.reviewed(source).items():
            known = dt.datetime.fromisoformat(f"{day}T00:00:00+00:00")
            if known > self.clock():
                continue
            stored = archive.store(self.layout.archive, [content], source.limit).whole()
            record = {"source": source.id, "part": day, "sha256": stored.sha256, "bytes": stored.bytes}
            record |= {"known_from": journal.timestamp(known)}
            if not any(record.items() <= e.items() for e in journal.read(self.layout.ledger, "document")):
                received = {"received_at": journal.timestamp(self.clock())}
                record |= received | {"origin": "reviewed", "precision": "day"}
                journal.append(self.layout.ledger, "document", record)
                news += 1
        return Fetched(source.id, "new" if news else "unchanged")

    def _attempt(self, source: Source, ask: Ask, key: str, number: int, received: Row | None) -> Fetched:
        self.progress(source.id, 0, None)
        started = time.monotonic()
        last = newest_document(self.layout, source.id, ask.part)
        row: Row = {"source": source.id, "part": ask.part, "url": ask.url, "attempt": number}
        try:
            ended = self._ask(source, ask, key, row, last, received)
        except Refused as error:
            ended = _Ended("blocked", str(error))
        except requests.Timeout:
            ended = _Ended("unreachable", f"no answer within {self.web.read_seconds:g} s", again=True)
        except (requests.ConnectionError, RobotsUnavailable) as error:
            ended = _Ended("unreachable", reason(error), again=True)
        except (requests.RequestException, ValueError) as error:  # an address that is none, of a redirect
            ended = _Ended("rejected", reason(error))
        message = f"{source.id}: {ask.url}: {ended.message}" if ended.message else ""
        masking = Masking(key)
        message, row = masking.text(message), row | masking.headers(row)
        row |= {"at": journal.timestamp(self.clock()), "seconds": round(time.monotonic() - started, 3)}
        journal.append(self.layout.ledger, "fetch", row | {"outcome": ended.outcome, "message": message})
        if ended.document:
            self._record(ask, row, last)
        mended = f"{source.id}: {ended.mended}" if ended.mended else ""
        fetched = Fetched(source.id, ended.outcome, message, ended.document, mended)
        if ended.again is not False:
            raise _Again(fetched, ended.again)
        return fetched

    def _ask(
        self, source: Source, ask: Ask, key: str, row: Row, last: Row | None, received: Row | None
    ) -> _Ended:
        self.web.check_robots(ask.url)
        with self.web.get(
            ask.url,
            params={source.key_parameter: key} if key and source.key_parameter else None,
            headers=self._conditions(last, received),
        ) as answer:
            status, told = answer.status_code, answer.headers
            row |= {"status": status} | {name: told.get(header) for name, header in _VALIDATORS.items()}
            if status == 304:
                return _Ended("unchanged")
            media = told.get("Content-Type", "").split(";")[0].strip().lower()
            body = archive.store(self.layout.archive, self._chunks(source, answer), source.limit)
            row |= {"media": media, "bytes": body.bytes, "sha256": body.sha256}
            calendar = source.calendar
            if status in (403, 404) and calendar and calendar.awaited(ask.part, self.clock().date()):
                return _Ended("not_due", f"answered {status}: {ask.part} is not out yet")
            if status != 200:
                return _refusal(source, answer, body)
            if isinstance(body.error, archive.TooLarge):
                return _Ended("rejected", f"{body.error}; raise it in source.yml if that is right")
            if body.error:
                cut = f"cut off after {body.bytes:,} bytes: {reason(body.error)}"
                return _Ended("rejected", cut, again=True)
            if complaint := _unlike(source, media, body):
                return _Ended("rejected", complaint)
            if key and Masking(key).repeated(body.path.read_bytes()):
                return _Ended("rejected", "the answer repeats our API key: not taken as a document")
            if last and last["sha256"] == body.sha256:
                return _Ended("unchanged", mended=body.mended)
            return _Ended("new", document=body.sha256, mended=body.mended)

    def _conditions(self, last: Row | None, received: Row | None) -> dict[str, str]:
        """Validators of the newest document, as the publisher gave them with the document that was
        ``received`` last, if that is it. Without them a document comes that the archive has lost or holds
        damaged."""
        if not (last and received and received["document"] == last["sha256"]):
            return {}
        if not archive.is_whole(archive.path_of(self.layout.archive, last["sha256"]), last["sha256"]):
            return {}
        names = {"If-None-Match": received["etag"], "If-Modified-Since": received["last_modified"]}
        return {name: value for name, value in names.items() if value}

    def _chunks(self, source: Source, answer: requests.Response) -> Iterator[bytes]:
        total = int(answer.headers.get("Content-Length") or 0) or None
        deadline, received = time.monotonic() + self.web.body_seconds, 0
        # read1 gives what has arrived: a whole chunk would wait for the rest, past the deadline, and lose it
        # when the transfer is cut.
        while chunk := answer.raw.read1(CHUNK, decode_content=True):
            received += len(chunk)
            self.progress(source.id, received, total)
            yield chunk
            if time.monotonic() > deadline:
                raise TimeoutError(f"the body took longer than {self.web.body_seconds:g} s")

    def _record(self, ask: Ask, row: Row, last: Row | None) -> None:
        # What replaces a document that came out at a known moment came out later: when, only our clock can
        # say.
        known = ask.published if ask.published and not last else self.clock()
        if last:  # the machine's clock may have gone back
            known = max(known, journal.moment(last["known_from"]) + dt.timedelta(microseconds=1))
        kept = ("source", "part", "url", "sha256", "bytes", "media", "etag", "last_modified")
        record = {name: row.get(name) for name in kept} | {"origin": self.origin, "precision": "second"}
        record |= {"known_from": journal.timestamp(known), "received_at": row["at"]}
        journal.append(self.layout.ledger, "document", record)


def newest_document(layout: Layout, source: str, part: str) -> Row | None:
    """The ledger entry of the newest document of a part that was fetched (backfills are older by nature)."""
    entries = [
        entry
        for entry in journal.read(layout.ledger, "document")
        if (entry["source"], documents_due.part_of(entry)) == (source, part)
        and entry["precision"] != "day"
        and "file" not in entry
    ]
    return max(entries, key=lambda entry: str(entry["known_from"]), default=None)


def _backoff(error: Exception) -> bool | float:
    return isinstance(error, _Again) and error.args[1]


def _refusal(source: Source, answer: requests.Response, body: archive.Stored) -> _Ended:
    status, wait = answer.status_code, answer.headers.get("Retry-After", "")
    again = min(float(wait), 30.0) if wait.isascii() and wait.isdigit() else True
    # An object store answers 403 for an object that is not there to who may not list it.
    if status == 403 and b"<Code>AccessDenied</Code>" in _head(body):
        gone = "answered 403 AccessDenied: there is no such file. Has the address moved?"
        return _Ended("rejected", f"{gone} See {source.homepage}")
    said = f"answered {status} {answer.reason}{_page_title(body)}"
    if status in (401, 403, 407, 451):
        return _Ended("blocked", f"{said}; check the contact address, the key and the publisher's terms")
    if status == 429:
        return _Ended("blocked", f"{said}: too many requests", again)
    if status >= 500 or status == 408:
        return _Ended("unreachable", said, again)
    return _Ended("rejected", f"{said}; has the address moved? See {source.homepage}")


def _head(body: archive.Stored) -> bytes:
    with body.path.open("rb") as file:
        return file.read(CHUNK)


def _page_title(body: archive.Stored) -> str:
    """What a web page sent instead of data says of itself, for the message."""
    head = _head(body)
    if b"<" not in head[:200]:
        return ""
    from bs4 import BeautifulSoup  # only a refusal needs it

    soup = BeautifulSoup(head, "html.parser")
    found = soup.title or soup.h1
    text = " ".join(found.get_text().split())[:80] if found else ""
    return f" (a web page, titled {text!r})" if text else " (a web page)"


def _unlike(source: Source, media: str, body: archive.Stored) -> str | None:
    """Why a 200 is not this source's document, or None."""
    head = _head(body)[:1024].removeprefix(BOM).lstrip()
    if not head:
        return "answered 200 with an empty body"
    if media and media not in source.media:
        return f"answered 200 as {media}{_page_title(body)}, expected {' or '.join(source.media)}"
    if source.begins and not head.startswith(source.begins):
        return (
            f"answered 200 with something else{_page_title(body)}: it begins {head[:40]!r}, expected"
            f" {b' or '.join(source.begins)!r}"
        )
    return None
