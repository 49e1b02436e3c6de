"""The steps of a refresh, in order, without Prefect: what each does, and the report they add up to.

``refresh`` is handed a way to run steps: ``flows.scheduling.flow`` runs them as Prefect tasks, ``Direct``
calls them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import duckdb
from filelock import FileLock, Timeout

from expectations import gate
from extractors.definition import Source
from flows.refresh import fetch_sources, heartbeat, log, notify
from flows.refresh.report import Line, Report
from flows.refresh.runner import R, Runner
from warehouse.acquire import attempt_summary
from warehouse.acquire.fetch import Clock, Fetcher, utc_now
from warehouse.build import build
from warehouse.compare import live
from warehouse.publish import ledgers, publish
from warehouse.staging import source_state, vintage
from warehouse.staging.vintage import Vintage
from warehouse.store import archive, code_identity, compression, files, journal, secret
from warehouse.store.paths import Layout, check_owner

if TYPE_CHECKING:
    from flows.refresh.make_release import Release

# An address that does not answer is worth a person once nothing was heard of it for so long.
UNREACHABLE_GRACE = dt.timedelta(days=3)
STEP = dt.timedelta(microseconds=1)  # between two releases, where the clock was set back
NEEDS_A_PERSON = ("blocked", "rejected", "drift", "failed", "error")


class Busy(RuntimeError):
    """Another refresh is at work on this data directory."""


@contextmanager
def alone(layout: Layout, *, accept_loss: bool = False) -> Iterator[None]:
    """Hold the data directory's lock, after cleaning up what a killed run left.

    Raises ``Busy``, and as ``ledgers.check`` does, unless what is lost is accepted.
    """
    check_owner(layout)
    layout.root.mkdir(parents=True, exist_ok=True)
    try:
        lock = FileLock(layout.lock).acquire(timeout=0)
    except Timeout:
        raise Busy(f"another refresh is at work on {layout.root}; wait for it to end") from None
    with lock:
        try:
            ledgers.check(layout)
        except ledgers.Lost:
            if not accept_loss:
                raise
            secret.renew(layout)
        publish.sweep(layout)
        yield


@dataclass
class Refresh:
    """One refresh of ``sources`` in one data directory, at the moments ``clock`` tells."""

    layout: Layout
    every: Mapping[str, Source]
    fetcher: Fetcher
    chosen: tuple[str, ...] = ()
    clock: Clock = utc_now
    dry_run: bool = False
    ask: bool = True  # whether sources are fetched at all
    # the only addresses to ask, of a publisher that plays them all; None: every address
    served: frozenset[str] | None = None
    always: bool = False  # build all anew, even when the live release was built from the same

    def run(self, runner: Runner) -> Report:
        """The eight steps: fetch, stage, check, build, compare, publish, tell, compress. The caller holds
        ``alone``."""
        if self.dry_run:
            return self._run(runner)
        whole = self.ask and (not self.chosen or self.served is not None)
        with heartbeat.recorded(self.layout, whole=whole) as ended:
            report = self._run(runner)
            ended(report)
        return report

    def _run(self, runner: Runner) -> Report:
        report = Report(dry_run=self.dry_run)
        if self.ask:
            answers = fetch_sources.ask(self.fetcher, self.every, self.chosen, runner, self.served)
            report.lines = [fetch_sources.line(name, results) for name, results in answers.items()]
            report.noted = fetch_sources.mended(answers)
        fetch_sources.review(self.fetcher, self.every)
        staged = self._each(runner, report, "stage", lambda source: vintage.of_source(self.layout, source))
        vintages = self._each(
            runner, report, "check", lambda source: gate.judge(self.layout, source, staged[source.id])
        )
        if report.held:
            return report
        asked = attempt_summary.of(self.layout)
        at = self.clock()
        states = {
            name: source_state.of_source(source, vintages[name], asked.last.get(name, {}), at)
            for name, source in self.every.items()
        }
        state = build.State(self.every, vintages, states, at)
        for line in report.lines:
            _complete(line, vintages[line.source], state, asked.answered.get(line.source, {}))
        if release := self._release(state, report):
            runner.once("build", release.build)
            runner.once("compare", release.compare)
            runner.once("publish", release.publish)
        for line in report.lines:
            log.event("source", **asdict(line))
        log.event(
            "release", release=report.release, moved=report.moved, alerts=report.alerts, held=report.held
        )
        if not self.dry_run:
            report.undelivered = runner.once("tell", lambda: notify.deliver(self.layout))
            report.unpacked = self._compress(runner, at)
        return report

    def _each(self, runner: Runner, report: Report, name: str, step: Callable[[Source], R]) -> dict[str, R]:
        """A step over all sources; a failure, which is the machine's, holds the release back."""
        if report.held:
            return {}
        sources = list(self.every.values())
        found = runner.each(name, step, sources, lambda source: source.id)
        pairs = [*zip(sources, found, strict=True)]
        report.held = [_failure(source, error) for source, error in pairs if isinstance(error, Exception)]
        return {source.id: result for source, result in pairs if not isinstance(result, Exception)}

    def _compress(self, runner: Runner, at: dt.datetime) -> list[str]:
        """Compress documents that have lain there for a while and what the fetch ledger said long ago; on
        most nights there is none.

        Returns what went wrong: the release stands.
        """
        wrong: list[str] = []
        try:
            if old := archive.aged(self.layout.archive, at):
                wrong = runner.once("compress", lambda: compression.turn(old))
            journal.seal(self.layout.ledger, attempt_summary.NAME)
        except OSError as error:
            wrong = [*wrong, files.told(error)]
        return wrong

    def _release(self, state: build.State, report: Report) -> Release | None:
        """The release to make; None where the live one was built from the same, or nothing was accepted
        yet."""
        signature = state.signature(code_identity.of("flows.refresh.make_release").digest)
        last = publish.last_release(self.layout)
        damage = live.damage(self.layout, last["release"]) if last else ""
        if last and last["signature"] == signature and not damage and not self.always:
            return None
        if damage:
            report.noted.append(f"{damage}: it is made again from archive and ledgers")
        if not any(known.status == "accepted" for vintages in state.vintages.values() for known in vintages):
            report.empty = True
            return None
        if last and state.at <= (before := journal.moment(last["released_at"])):
            report.noted.append(
                f"the clock says {state.at:%Y-%m-%d %H:%M} UTC, and release {last['release']} is of"
                f" {before:%Y-%m-%d %H:%M}: what is released now counts as released after it. Set the clock"
            )
            state = replace(state, at=before + STEP)
        from flows.refresh.make_release import Release

        return Release(self.layout, state, report, last, signature, self.always)


def _failure(source: Source, error: Exception) -> str:
    """A failure of the machine, for a person: whatever was at work is done anew by the next run."""
    about = "".join(f"{note}: " for note in getattr(error, "__notes__", ()))
    if not (about or str(error).startswith(source.id)):
        about = f"{source.id}: "
    if isinstance(error, (MemoryError, duckdb.OutOfMemoryException)):
        return f"{about}not enough memory; stop what else needs it or raise the limit, and run it again"
    if isinstance(error, (OSError, duckdb.IOException)):
        return f"{about}{files.told(error)}"
    return f"{about}{type(error).__name__}: {error}"


def _complete(
    line: Line, vintages: list[Vintage], state: build.State, answered: Mapping[str, attempt_summary.Row]
) -> None:
    """Add to a line what became of the source's newest document. ``answered``: part -> the last attempt that
    had an answer."""
    refused = vintage.refused_parts(vintages)
    if refused and line.outcome in ("new", "unchanged", "not_due"):
        more = source_state.more(refused)
        since = " (unchanged since)" if line.outcome != "new" else ""
        line.message = f"{refused[-1].reason}{more}. The last good vintage stays live{since}"
        line.outcome = refused[-1].status
    known = state.states[line.source]
    line.state, line.state_reason = known.state, known.reason
    line.needs_a_person |= line.outcome in NEEDS_A_PERSON
    if line.outcome == "unreachable":
        heard = max((row["at"] for row in answered.values()), default=None)
        line.needs_a_person |= heard is None or state.at - heard > UNREACHABLE_GRACE
