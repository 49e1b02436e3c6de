"""A real HTTP server on loopback that plays every publisher, well or badly, and remembers what it was
asked."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Answer:
    """One answer. ``etag='auto'`` derives the validator from the body, as most servers do."""

    body: bytes = b""
    status: int = 200
    media: str = "text/csv"
    reason: str | None = None  # default: the usual words for the status
    etag: str | None = "auto"
    last_modified: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None  # send so many bytes, having announced them all, and close
    drip: float | None = None  # seconds to wait before each of fifty parts of the body
    hang: bool = False  # take the request and never answer
    slam: bool = False  # close without answering

    @property
    def validator(self) -> str | None:
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"' if self.etag == "auto" else self.etag

    def all_headers(self, length: int) -> dict[str, str]:
        headers = {"Content-Type": self.media, "Content-Length": str(length)}
        headers |= {"ETag": self.validator} if self.status == 200 and self.validator else {}
        headers |= {"Last-Modified": self.last_modified} if self.last_modified else {}
        return headers | self.headers


@dataclass(frozen=True)
class Asked:
    """One request received. ``path`` is ``/<host>/<path>``, without the query."""

    path: str
    query: dict[str, list[str]]
    target: str
    headers: dict[str, str]
    at: float


class Publisher:
    """Answers ``/<host>/<path>`` with what was set for it, else 404. A list of answers is given in turn, the
    last again and again."""

    def __init__(self):
        self._answers: dict[str, list[Answer]] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.block_on_close = False
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self):
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def serve(self, url: str, *answers: Answer):
        """Answer requests for a publisher's ``url`` (its query does not matter) so from now on."""
        with self._lock:
            self._answers[self.path(url)] = list(answers)

    def robots(self, host: str, *answers: Answer):
        self.serve(f"https://{host}/robots.txt", *answers)

    @staticmethod
    def path(url: str) -> str:
        parts = urlsplit(url)
        return f"/{parts.netloc}{parts.path}"

    def asked_for(self, url: str) -> list[Asked]:
        return [request for request in self.asked if request.path == self.path(url)]

    def _next(self, path: str) -> Answer:
        with self._lock:
            answers = self._answers.get(path, [Answer(status=404, media="text/plain")])
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def _silent(self, answer: Answer) -> bool:
        """Whether no answer is given; waits with it for as long as the publisher is there."""
        if answer.hang:
            self._closing.wait()
        return answer.hang or answer.slam

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                parts = urlsplit(self.path)
                publisher.asked.append(
                    Asked(parts.path, parse_qs(parts.query), self.path, dict(self.headers), time.monotonic())
                )
                answer = publisher._next(parts.path)
                if publisher._silent(answer):
                    self.close_connection = True
                    return
                known = answer.status == 200 and _is_known(self.headers, answer)
                self.send_response(304 if known else answer.status, None if known else answer.reason)
                for name, value in answer.all_headers(len(b"" if known else answer.body)).items():
                    self.send_header(name, value)
                self.end_headers()
                if not known:
                    self._send(answer)

            def _send(self, answer: Answer):
                body = answer.body[: answer.cut]
                step = max(1, len(body) // 50) if answer.drip else len(body) or 1
                try:
                    for start in range(0, len(body), step):
                        if answer.drip and publisher._closing.wait(answer.drip):
                            break
                        self.wfile.write(body[start : start + step])
                except OSError:
                    self.close_connection = True
                self.close_connection |= answer.cut is not None

            def log_message(self, *_):
                pass

        return Handler


def _is_known(headers, answer: Answer) -> bool:
    if answer.validator and "If-None-Match" in headers:
        return headers["If-None-Match"] == answer.validator
    return bool(answer.last_modified) and headers.get("If-Modified-Since") == answer.last_modified
