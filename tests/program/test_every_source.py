"""Every source meets the same bad answers over HTTP, after a good one: each ends in a clear outcome and takes
nothing back.

What a whole refresh makes of bad answers is in test_bad_input.py; each source's own traps are in the tests of
its family.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import pytest
from conftest import SOURCES, good_document

HTML = b"<!DOCTYPE html><html><head><title>Page not found</title></head><body><p>Sorry.</p></body></html>"
DENIED = b"<html><head><title>Access denied</title></head><body>Who are you?</body></html>"
REFUSED = ("rejected", "drift", "failed")


@dataclass(frozen=True)
class Fault:
    name: str
    outcomes: tuple[str, ...]
    body: bytes | None = None  # None: made from the good document
    says: tuple[str, ...] = ()
    answer: dict = field(default_factory=dict)

    def of(self, good: bytes) -> bytes:
        return self.body if self.body is not None else good[: len(good) * 3 // 5]


FAULTS = (
    Fault("404", ("rejected",), HTML, ("404", "Page not found"), {"status": 404, "media": "text/html"}),
    Fault("403", ("blocked",), DENIED, ("403", "Access denied"), {"status": 403, "media": "text/html"}),
    Fault("403 of an object store", ("rejected",), b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", ("no such file",),  # noqa: E501
          {"status": 403, "media": "application/xml"}),
    Fault("web page with status 200", REFUSED, HTML),
    Fault("web page as text/html", REFUSED, HTML, (), {"media": "text/html"}),
    Fault("empty body", ("rejected",), b"", ("empty",)),
    Fault("blank body", ("rejected",), b" \r\n\t \n", ("empty",)),
    Fault("bytes of nothing known", REFUSED, bytes(range(256)) * 8),
    Fault("cut in the middle", REFUSED),
)  # fmt: skip


@pytest.mark.parametrize("source", [name for name, source in SOURCES.items() if not source.reviewed])
def test_bad_answers(asked, make, subtests, source):
    entry = good_document(source)
    where = {"part": entry["part"], "url": entry["url"]}
    first = asked(source, entry["content"], **where)
    assert first.outcome == "new", first.message
    refused_last = False
    for fault in FAULTS:
        with subtests.test(fault.name):
            bad = fault.of(entry["content"])
            seen = asked(source, bad, **where, **fault.answer)
            refused_last |= seen.outcome in ("drift", "failed")
            assert seen.outcome in fault.outcomes, (seen.outcome, seen.message)
            assert source in seen.message
            assert all(text in seen.message for text in fault.says), seen.message
            if entry["part"]:
                assert entry["part"] in seen.message or (entry["url"] or entry["part"]) in seen.message, (
                    seen.message
                )
            digest = hashlib.sha256(bad).hexdigest()
            assert (make().layout.archive / digest[:2] / digest).read_bytes() == bad
    healed = asked(source, entry["content"], **where)
    assert healed.outcome == ("new" if refused_last else "unchanged"), healed.message
    assert healed.vintage.staged.rows == first.vintage.staged.rows
