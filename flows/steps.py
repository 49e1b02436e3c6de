"""The steps of a refresh, in order, without Prefect: what each does, and the report they add up to.

``refresh`` is handed a way to run steps: ``flows.refresh`` runs them as Prefect tasks, ``Direct``
calls them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from filelock import FileLock, Timeout

from expectations import gate
from extractors.definition import Source
from flows import asking, log, notify
from flows.report import Line, Report
from warehouse import archive, attempts, build, code_identity, freshness, ledger, packing, publish, vintage
from warehouse.fetch import Clock, Fetcher, utc_now
from warehouse.layout import Layout
from warehouse.vintage import Vintage

if TYPE_CHECKING:
    from flows.release import Release

T = TypeVar("T")
R = TypeVar("R")
# An address that does not answer is worth a person once nothing was heard of it for so long.
UNREACHABLE_GRACE = dt.timedelta(days=3)
NEEDS_A_PERSON = ("blocked", "rejected", "drift", "failed", "error")


class Busy(RuntimeError):
    """Another refresh is at work on this data directory."""


class Runner(Protocol):
    """Runs the steps: over all items of a list, or once. A step that raises for one item yields the exception."""

    def each(self, name: str, step: Callable[[T], R], items: Iterable[T], label: Callable[[T], str]) -> list[R | Exception]: ...

    def once(self, name: str, step: Callable[[], R]) -> R: ...


class Direct:
    """Runs steps in this process, those over a list in threads."""

    def each(self, name: str, step: Callable[[T], R], items: Iterable[T], label: Callable[[T], str]) -> list[R | Exception]:  # noqa: ARG002  # names matter to Prefect
        def attempt(item: T) -> R | Exception:
            try:
                return step(item)
            except Exception as error:  # noqa: BLE001  # one source's failure is a value: it must not stop the others
                return error

        with ThreadPoolExecutor(8 if name == "fetch" else 2, thread_name_prefix=name) as pool:
            return list(pool.map(attempt, items))

    def once(self, name: str, step: Callable[[], R]) -> R:  # noqa: ARG002
        return step()


@contextmanager
def alone(layout: Layout) -> Iterator[None]:
    """Hold the data directory's lock, after cleaning up what a killed run left. Raises ``Busy``."""
    layout.root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(layout.lock)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Busy(f"another refresh is at work on {layout.root}; wait for it to end") from None
    try:
        publish.sweep(layout)
        yield
    finally:
        lock.release()


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
    served: frozenset[str] | None = None  # the only addresses to ask, of a publisher that plays them all; None: every address
    always: bool = False  # build all anew, even when the live release was built from the same

    def run(self, runner: Runner) -> Report:
        """The eight steps: fetch, stage, check, build, compare, publish, tell, compress. The caller holds ``alone``."""
        answers = asking.ask(self.fetcher, self.every, self.chosen, runner, self.served) if self.ask else {}
        asking.review(self.fetcher, self.every)
        report = Report(lines=[asking.line(name, results) for name, results in answers.items()], dry_run=self.dry_run)
        staged = self._each(runner, report, "stage", lambda source: vintage.of_source(self.layout, source))
        vintages = self._each(runner, report, "check", lambda source: gate.judge(self.layout, source, staged[source.id]))
        if report.held:
            return report
        asked = attempts.of(self.layout)
        state = self._state(vintages, asked.last)
        for line in report.lines:
            _complete(line, vintages[line.source], state, asked.answered.get(line.source, {}))
        if release := self._release(state, report):
            runner.once("build", release.build)
            runner.once("compare", release.compare)
            runner.once("publish", release.publish)
        for line in report.lines:
            log.event("source", **asdict(line))
        log.event("release", release=report.release, moved=report.moved, alerts=report.alerts, held=report.held)
        if not self.dry_run:
            report.undelivered = runner.once("tell", lambda: notify.deliver(self.layout))
            report.unpacked = self._compress(runner, state.at)
        return report

    def _each(self, runner: Runner, report: Report, name: str, step: Callable[[Source], R]) -> dict[str, R]:
        """A step over all sources; a failure, which is the machine's, holds the release back."""
        if report.held:
            return {}
        sources = list(self.every.values())
        found = runner.each(name, step, sources, lambda source: source.id)
        failed = [result for result in found if isinstance(result, Exception)]
        report.held = [str(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}" for error in failed]
        return {source.id: result for source, result in zip(sources, found, strict=True) if not isinstance(result, Exception)}

    def _compress(self, runner: Runner, at: dt.datetime) -> list[str]:
        """Compress documents that have lain there for a while and what the fetch ledger said long ago; on most nights there is none.

        Returns what went wrong: the release stands.
        """
        wrong: list[str] = []
        try:
            if old := archive.aged(self.layout.archive, at):
                wrong = runner.once("compress", lambda: packing.turn(old))
            ledger.seal(self.layout.ledger, attempts.NAME)
        except OSError as error:
            wrong = [*wrong, str(error)]
        return wrong

    def _state(self, vintages: Mapping[str, list[Vintage]], asked: attempts.Rows) -> build.State:
        at = self.clock()
        states = {name: freshness.of_source(source, vintages[name], asked.get(name, {}), at) for name, source in self.every.items()}
        return build.State(self.every, vintages, states, at)

    def _release(self, state: build.State, report: Report) -> Release | None:
        """The release to make; None where the live one was built from the same, or nothing was accepted yet."""
        signature = state.signature(code_identity.of("flows.release").digest)
        last = publish.last_release(self.layout)
        if last and last["signature"] == signature and self.layout.published.exists() and not self.always:
            return None
        if not any(known.status == "accepted" for vintages in state.vintages.values() for known in vintages):
            report.empty = True
            return None
        from flows.release import Release

        return Release(self.layout, state, report, last, signature, self.always)


def _complete(line: Line, vintages: list[Vintage], state: build.State, answered: Mapping[str, attempts.Row]) -> None:
    """Add to a line what became of the source's newest document. ``answered``: part -> the last attempt that had an answer."""
    refused = vintage.refused_parts(vintages)
    if refused and line.outcome in ("new", "unchanged", "not_due"):
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        since = " (unchanged since)" if line.outcome != "new" else ""
        line.message = f"{refused[-1].reason}{more}. The last good vintage stays live{since}"
        line.outcome = refused[-1].status
    known = state.states[line.source]
    line.state, line.state_reason = known.state, known.reason
    line.needs_a_person |= line.outcome in NEEDS_A_PERSON
    if line.outcome == "unreachable":
        heard = max((row["at"] for row in answered.values()), default=None)
        line.needs_a_person |= heard is None or state.at - heard > UNREACHABLE_GRACE
