"""Polite HTTP: who we are, how fast we ask, what robots.txt allows, and the in-house mirror."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit, urlunsplit

import requests
from protego import Protego
from pydantic import Field
from requests.adapters import HTTPAdapter

from extractors import yml
from warehouse.acquire import settings
from warehouse.store.memo import Memo

ROBOTS_LIMIT = 500_000  # bytes that RFC 9309 asks a crawler to read at least
ROBOTS_HOURS = 24  # how long RFC 9309 lets a crawler keep its copy
CONNECT_SECONDS = 10.0
USUAL_PACE = 1.0  # seconds between two requests to a host that hosts.yml does not name


@cache
def paces() -> dict[str, float]:
    """Host -> the least seconds between two requests. Raises ``ValueError`` as ``yml.load`` does."""
    path = Path(__file__).parent / "hosts.yml"
    return yml.load(dict[str, Annotated[float, Field(ge=0, le=60)]], path.read_text("utf-8"), path.name)


class Refused(requests.RequestException):
    """A request that must not be made: robots.txt forbids it, or it would leave TLS."""


class RobotsUnavailable(requests.RequestException):
    """robots.txt could not be read, so nothing on that host may be fetched now."""


class _Mirror(HTTPAdapter):
    """Sends every request, redirects too, to ``<mirror>/<host><path>?<query>``."""

    def __init__(self, mirror: str) -> None:
        self.mirror = urlsplit(mirror)
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        url = urlsplit(request.url or "")
        if url.netloc != self.mirror.netloc:
            path = f"{self.mirror.path.rstrip('/')}/{url.netloc}{url.path}"
            request.url = urlunsplit((self.mirror.scheme, self.mirror.netloc, path, url.query, ""))
        return super().send(request, *args, **kwargs)


class _NoPlainHttp(HTTPAdapter):
    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:
        raise Refused(f"{urlsplit(request.url or '').netloc} sent us to an address without TLS; refused")


@dataclass
class Web:
    """A session for one run. ``read_seconds`` bounds each wait for an answer, ``body_seconds`` a whole body.

    A mirror is our own and keeps the publishers' pace itself where it asks them: it is asked every
    ``mirror_pace`` seconds for what it has of one host; None keeps the publishers' pace there too.
    """

    memo: Memo
    contact: str = field(default_factory=settings.contact)
    mirror: str | None = field(default_factory=settings.mirror)
    read_seconds: float = field(default_factory=settings.timeout)

    mirror_pace: float | None = 0.05

    def __post_init__(self) -> None:
        self.session = requests.Session()
        self.session.max_redirects = 5
        self.session.headers["User-Agent"] = f"gapwatch/{version('gapwatch')} (+{self.contact})"
        if self.mirror:
            for scheme in ("https://", "http://"):
                self.session.mount(scheme, _Mirror(self.mirror))
        else:
            self.session.mount("http://", _NoPlainHttp())
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._next: dict[str, float] = {}
        self._robots: dict[str, Protego] = {}

    @property
    def body_seconds(self) -> float:
        return 10 * self.read_seconds

    def get(
        self,
        url: str,
        *,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """A streamed answer, after waiting for this host's turn."""
        host = urlsplit(url).netloc
        pace = self.mirror_pace if self.mirror else None
        if pace is None:
            pace = paces().get(host, USUAL_PACE)
        with self._locks[host]:
            time.sleep(max(0.0, self._next.get(host, 0.0) - time.monotonic()))
            self._next[host] = time.monotonic() + pace
        timeout = (min(CONNECT_SECONDS, self.read_seconds), self.read_seconds)
        return self.session.get(url, params=params, headers=headers, stream=True, timeout=timeout)

    def check_robots(self, url: str) -> None:
        """Raise ``Refused`` when the host's robots.txt forbids ``url``, ``RobotsUnavailable`` when it cannot
        be read."""
        host = urlsplit(url).netloc
        with self._locks[f"robots {host}"]:
            if host not in self._robots:
                self._robots[host] = Protego.parse(self._robots_text(host))
        if not self._robots[host].can_fetch(url, "gapwatch"):
            raise Refused(f"robots.txt of {host} forbids {urlsplit(url).path}")

    def _robots_text(self, host: str) -> str:
        name = f"robots/{host}-{hashlib.sha256(str(self.mirror).encode()).hexdigest()[:16]}"
        now = dt.datetime.now(dt.UTC)
        kept = self.memo.get(name)
        if kept and now - dt.datetime.fromisoformat(kept["at"]) < dt.timedelta(hours=ROBOTS_HOURS):
            return str(kept["text"])
        try:
            with self.get(f"https://{host}/robots.txt") as answer:
                body = next(answer.iter_content(ROBOTS_LIMIT), b"") if answer.ok else b""
        except requests.RequestException as error:
            raise RobotsUnavailable(f"robots.txt of {host} cannot be read: {reason(error)}") from error
        if answer.status_code >= 500 or answer.status_code == 429:
            raise RobotsUnavailable(
                f"robots.txt of {host} answered {answer.status_code}; asking nothing there now"
            )
        text = body.decode("utf-8", "replace")
        self.memo.put(name, {"at": now.isoformat(), "text": text})
        return text


def reason(error: BaseException) -> str:
    """The innermost cause, in one line."""
    while error.args and isinstance(error.args[0], BaseException):
        error = error.args[0]
    cause = getattr(error, "reason", None)
    text = str(cause if isinstance(cause, BaseException) else error)
    return " ".join(text.split())[:300] or type(error).__name__
