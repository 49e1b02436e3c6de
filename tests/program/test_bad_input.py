"""Bad answers over HTTP, after one good night. What must hold for each of them: a clear outcome and message,
the bytes kept, the published values as they were, the source marked stale, the others untouched, and the good
document heals it.

A run costs seconds, so bad answers for different sources share a night; every kind of outcome also has a
night alone. Only the sources that have bad answers are asked.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import zipfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import FEW, SOURCES, good, good_answer, serve_good
from loopback import Answer, Publisher
from running import Gapwatch, asking

YEARLY, MONTHLY, OWID = "ember_generation_yearly", "ember_generation_monthly", "owid_electricity_generation"
ECI, ZIP, EIA = "epoch_eci_scores", "epoch_benchmark_data", "eia_us_generation"
NOT_FOUND = (
    b"<!DOCTYPE html><html><head><title>Page not found | Epoch AI</title></head><body>"
    + b"<p>nothing here</p>" * 3060
    + b"</body></html>"
)
SUSPENDED = (
    b"<html><head><title>Account Suspended</title></head><body>Contact your hosting provider</body></html>"
)
MEMBER = "epoch_capabilities_index.csv"


def edited(source: str, *changes: tuple[bytes, bytes]) -> Answer:
    """The good document with the first occurrence of each text replaced."""
    body = good(source)
    for old, new in changes:
        assert old in body, (source, old)
        body = body.replace(old, new, 1)
    return good_answer(source, body)


def by_column(source: str, change: Callable[[list[str]], list[str]]) -> Answer:
    """The good document with ``change`` made to the fields of every line (the sample quotes none but in ECI's
    countries)."""
    lines = good(source).decode().splitlines()
    return good_answer(
        source, ("\n".join(",".join(change(line.split(","))) for line in lines) + "\n").encode()
    )


def in_gwh(fields: list[str]) -> list[str]:
    return fields if fields[0] == "Area" else [*fields[:6], str(float(fields[6]) * 1000), *fields[7:]]


def halved(source: str) -> Answer:
    """Cut at the end of a record, as if the file were whole."""
    lines = good(source).splitlines(keepends=True)
    return good_answer(source, b"".join(lines[: len(lines) // 2]))


def repeated(source: str) -> Answer:
    """The last China total again, with another value."""
    line = [line for line in good(source).splitlines() if b"CHN" in line and b"Total generation" in line][-1]
    fields = line.split(b",")
    return good_answer(source, good(source) + b",".join([*fields[:6], b"999.5", *fields[7:]]) + b"\n")


def zipped(members: dict[str, bytes]) -> Answer:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            # with a fixed date: the same bytes each time
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return good_answer(ZIP, packed.getvalue())


def unzipped() -> bytes:
    with zipfile.ZipFile(io.BytesIO(good(ZIP))) as archive:
        return archive.read(MEMBER)


@dataclass(frozen=True)
class Case:
    """A bad answer of one source. ``says``: what the message must hold. ``attempts``: how often it is asked
    in the run."""

    name: str
    night: str
    source: str
    answer: Callable[[], Answer] | None
    outcome: str
    says: tuple[str, ...]
    attempts: int = 1
    robots: Answer | None = None
    kept: bool = True  # whether bytes were received that must be in the archive

    def put(self, publisher: Publisher):
        url = SOURCES[self.source].url
        if self.answer:
            publisher.serve(url, self.answer())
        if self.robots:
            publisher.robots(url.split("/")[2], self.robots)


ALONE = [
    Case("blocked by 403", "alone 403", OWID, lambda: Answer(b"no", 403), "blocked", ("answered 403", "contact address")),  # noqa: E501
    Case("404 with a large web page", "alone 404", ECI, lambda: Answer(NOT_FOUND, 404, "text/html"), "rejected",  # noqa: E501
         ("404", "Page not found", "has the address moved")),
    Case("header renamed", "alone drift", YEARLY, lambda: edited(YEARLY, (b"Electricity source", b"Source")), "drift",  # noqa: E501
         ("header", "missing: 'Electricity source' (now 'Source'?)", "new: 'Source'", "extract.py")),
    Case("GWh in the TWh column", "alone unit", MONTHLY, lambda: by_column(MONTHLY, in_gwh), "failed",
         ("generation is possible in TWh", "twh")),
]  # fmt: skip
TOGETHER = [
    Case("suspended, as a web page", "answers", YEARLY, lambda: Answer(SUSPENDED, media="text/html"), "rejected", ("text/html", "Account Suspended")),  # noqa: E501
    Case("suspended, called text/csv", "answers", MONTHLY, lambda: Answer(SUSPENDED), "rejected", ("Account Suspended", "it begins", "Area,")),  # noqa: E501
    Case("cut off", "answers", OWID, lambda: good_answer(OWID, good(OWID) + b"Norway,NOR,2025,157.1\n", cut=700), "rejected",  # noqa: E501
         ("cut off after 700 bytes",), 3),
    Case("empty", "answers", ECI, lambda: good_answer(ECI, b""), "rejected", ("empty body",), kept=False),
    Case("429 with Retry-After", "answers", EIA, lambda: Answer(b"{}", 429, "application/json", headers={"Retry-After": "1"}), "blocked",  # noqa: E501
         ("429", "too many requests"), 3),
    Case("redirect loop", "answers", ZIP, lambda: Answer(status=302, headers={"Location": SOURCES[ZIP].url}), "rejected", ("redirects",), kept=False),  # noqa: E501
    Case("UTF-16", "contents", MONTHLY, lambda: good_answer(MONTHLY, good(MONTHLY).decode().encode("utf-16")), "rejected", ("it begins", "Area,")),  # noqa: E501
    Case("latin-1 in a row", "contents", YEARLY, lambda: edited(YEARLY, (b"Russia", b"Russi\xe9")), "drift", ("is not UTF-8", "encoding")),  # noqa: E501
    Case("column gone", "contents", ECI, lambda: edited(ECI, (b",eci_ci_high", b"")), "drift", ("header", "missing: 'eci_ci_high'")),  # noqa: E501
    Case("zip bomb", "contents", ZIP, lambda: zipped({MEMBER: unzipped() + b"\n" * 60_000_000}), "drift", (MEMBER, "50000000 bytes unpacked")),  # noqa: E501
    Case("unit field changed", "contents", EIA, lambda: good_answer(EIA, good(EIA).replace(b"thousand megawatthours", b"megawatthours")), "failed",  # noqa: E501
         ("$.response.data[0]", "generation-units", "'megawatthours'")),
    Case("header says GWh", "rows", YEARLY, lambda: edited(YEARLY, (b"Generation (TWh)", b"Generation (GWh)")), "drift",  # noqa: E501
         ("missing: 'Generation (TWh)'", "'Generation (GWh)'")),
    Case("a key twice, with two values", "rows", MONTHLY, lambda: repeated(MONTHLY), "failed",
         ("each key once", "CHN, 2026-08-01, month, total (2 times)")),
    Case("half of the rows gone", "rows", OWID, lambda: halved(OWID), "failed", ("90 % of the totals", "gone")),  # noqa: E501
    Case("half of the models gone", "rows", ECI, lambda: halved(ECI), "failed", ("95 % of the vintage before",)),  # noqa: E501
    Case("zip that points outside", "rows", ZIP, lambda: zipped({"../../etc/passwd": b"x", MEMBER: unzipped()}), "drift",  # noqa: E501
         ("../../etc/passwd", "outside")),
    Case("an error as JSON", "rows", EIA, lambda: good_answer(EIA, b'{"error": {"code": "API_KEY_INVALID"}}'), "drift", ("API_KEY_INVALID",)),  # noqa: E501
    Case("forbidden by robots.txt", "robots", ECI, None, "blocked", ("robots.txt of epoch.ai forbids /data/eci_scores.csv",),  # noqa: E501
         robots=Answer(b"User-agent: *\nDisallow: /data/eci_scores\n", media="text/plain"), kept=False),
    Case("never answers", "silence", YEARLY, lambda: Answer(hang=True), "unreachable", ("no answer within 2 s",), 3, kept=False),  # noqa: E501
    Case("closes without answering", "silence", ECI, lambda: Answer(slam=True), "unreachable", ("epoch.ai/data/eci_scores.csv",), 3, kept=False),  # noqa: E501
    Case("500 for the whole night", "silence", EIA, lambda: Answer(b"<h1>Sorry</h1>", 500, "text/html"), "unreachable", ("500", "Sorry"), 3),  # noqa: E501
    Case("robots.txt answers 503", "silence", OWID, None, "unreachable", ("robots.txt of ourworldindata.org answered 503",), 3,  # noqa: E501
         robots=Answer(b"down", 503), kept=False),
]  # fmt: skip
CASES = ALONE + TOGETHER
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@dataclass
class Seen:
    """What can be seen of a data directory after a run."""

    done: object
    sources: dict[str, dict]
    values: list[tuple]
    rows: dict[str, int]
    fetches: list[dict]
    documents: list[tuple]

    @classmethod
    def of(cls, run: Gapwatch, done=None) -> Seen:
        with run.published() as con:
            states = con.execute("SELECT source, state, stale, reason FROM source").fetchall()
            counted = (
                "FROM (SELECT source FROM electricity_generation UNION ALL SELECT source"
                " FROM capability_score) SELECT source, count(*) GROUP BY ALL"
            )
            return cls(
                done,
                {
                    source: {"state": state, "stale": stale, "reason": reason}
                    for source, state, stale, reason in states
                },
                con.execute("SELECT * FROM indicator_value ORDER BY indicator, period").fetchall(),
                dict(con.execute(counted).fetchall()),
                run.ledger("fetch"),
                con.execute(
                    "SELECT source, document, status, reason FROM document ORDER BY known_from"
                ).fetchall(),
            )


@dataclass
class Night:
    run: Gapwatch
    before: Seen
    bad: Seen
    healed: Seen

    def attempts(self, source: str) -> list[dict]:
        """Attempts of the bad run, as recorded."""
        return [row for row in self.bad.fetches[len(self.before.fetches) :] if row["source"] == source]

    def line(self, source: str) -> str:
        """The line of the printed table."""
        return next(line for line in self.bad.done.stdout.splitlines() if re.match(rf"│ {source} ", line))


def spend(night: str, start: Gapwatch, folder: Path) -> Night:
    publisher = Publisher()
    try:
        run = start.copy_to(folder, publisher.address)
        before = Seen.of(run)
        serve_good(publisher)
        for case in CASES:
            if case.night == night:
                case.put(publisher)
        bad = Seen.of(run, run.refresh(*asking(*FEW)))
        serve_good(publisher)
        for case in CASES:
            if case.robots:
                publisher.robots(SOURCES[case.source].url.split("/")[2], Answer(status=404))
        # as if a day had passed: robots.txt is kept for so long
        for path in (run.data / "stage/memo/robots").glob("*"):
            path.unlink()
        return Night(run, before, bad, Seen.of(run, run.refresh(*asking(*FEW))))
    finally:
        publisher.close()


@pytest.fixture(scope="module")
def nights(request, few_night, tmp_path_factory):
    """The nights that the chosen tests need, two at a time."""
    cases = [
        item.callspec.params["case"]
        for item in request.session.items
        if getattr(item, "callspec", None) and "case" in item.callspec.params
    ]
    names = list(dict.fromkeys(case.night for case in cases if isinstance(case, Case)))
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        found: dict[str, Future[Night]] = {
            name: pool.submit(spend, name, few_night, tmp_path_factory.mktemp("night")) for name in names
        }
        yield lambda case: found[case.night].result()


@every_case
def test_outcome_and_message(nights, case):
    """The table says what became of the source; one line names the source, what happened and where."""
    night = nights(case)
    assert re.search(rf"│ {case.outcome} ", night.line(case.source)), night.bad.done.stdout
    lines = night.bad.done.stdout.splitlines()
    told = "\n".join(line for line in lines if line.strip().startswith(case.outcome) and case.source in line)
    assert told, f"no line says '{case.outcome}' and names {case.source}:\n" + "\n".join(
        line for line in lines if case.says[0] in line
    )
    for text in case.says:
        assert text in told, told
    if case.outcome in ("drift", "failed"):
        status, reason = next(
            (s, r) for source, _, s, r in reversed(night.bad.documents) if source == case.source
        )
        assert status == case.outcome
        assert all(text in reason for text in case.says), reason
    else:
        assert {row["outcome"] for row in night.attempts(case.source)} == {case.outcome}
        assert all(text in night.attempts(case.source)[-1]["message"] for text in case.says)


@every_case
def test_attempts(nights, case):
    """What can pass is tried three times, what cannot is asked once."""
    assert [row["attempt"] for row in nights(case).attempts(case.source)] == list(range(1, case.attempts + 1))


@every_case
def test_received_bytes_are_kept(nights, case):
    """Whatever was received lies in the archive under its SHA-256, and the ledger says which it was."""
    night = nights(case)
    attempts = night.attempts(case.source)
    if not case.kept:
        assert all(not row.get("bytes") for row in attempts)
        return
    answer = case.answer()
    sent = answer.body[: answer.cut]
    sha256 = hashlib.sha256(sent).hexdigest()
    assert {row["sha256"] for row in attempts} == {sha256}
    assert (night.run.data / "archive" / sha256[:2] / sha256).read_bytes() == sent


@every_case
def test_published_values_stay(nights, case):
    """No indicator value changes, and no row of the source is withdrawn."""
    night = nights(case)
    assert night.bad.values == night.before.values
    assert night.bad.rows == night.before.rows


@every_case
def test_source_is_marked_stale(nights, case):
    """The published file says that the source is stale and why, and of no source that was not touched."""
    night = nights(case)
    state = night.bad.sources[case.source]
    assert state["stale"]
    assert state["state"] == ("failing" if case.outcome in ("drift", "failed") else case.outcome)
    assert all(text in state["reason"] for text in case.says), state
    touched = {other.source for other in CASES if other.night == case.night}
    for source in set(SOURCES) - touched:
        assert night.bad.sources[source] == night.before.sources[source]
        assert {row["outcome"] for row in night.attempts(source)} <= {"unchanged"}


@every_case
def test_good_document_heals(nights, case):
    """The good document, served again, brings the source back as it was, by itself."""
    night = nights(case)
    assert night.healed.done.returncode == 0, night.healed.done.stdout
    assert night.healed.sources[case.source] == night.before.sources[case.source]
    assert night.healed.rows == night.before.rows
    again = night.healed.fetches[len(night.bad.fetches) :]
    assert [row["outcome"] for row in again if row["source"] == case.source] == [
        "new" if case.outcome in ("drift", "failed") else "unchanged"
    ]
    # A statement made again is the newest of Epoch's two, so the capability series then rest on it: only
    # energy is compared.
    before, healed = (
        [row for row in seen.values if row[0].startswith("energy")] for seen in (night.before, night.healed)
    )
    assert healed == before


@pytest.mark.parametrize(
    "case", [*ALONE, next(case for case in TOGETHER if case.night == "silence")], ids=lambda case: case.name
)
def test_exit_code(nights, case):
    """1 for what needs a person; 0 when sources merely did not answer."""
    assert nights(case).bad.done.returncode == (0 if case.outcome == "unreachable" else 1)
