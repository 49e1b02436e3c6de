"""Ask the publishers: every source for each of its documents, followers after what they follow; one line a
source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import count
from urllib.parse import urlsplit

from expectations import gate
from extractors.contract import Ask
from extractors.definition import Source
from flows.refresh.report import Line
from flows.refresh.runner import Runner
from warehouse.acquire import attempt_summary, documents_due
from warehouse.acquire.fetch import Fetched, Fetcher
from warehouse.staging import vintage
from warehouse.store import files
from warehouse.store.paths import Layout

# Of several documents the outcome that matters most is the source's.
_GRAVITY = ("error", "rejected", "blocked", "unreachable", "new", "unchanged", "not_due", "skipped")
_TOLD = 3  # messages that a line repeats
Results = dict[str, list[Fetched | Exception]]


def ask(
    fetcher: Fetcher,
    every: Mapping[str, Source],
    chosen: tuple[str, ...],
    runner: Runner,
    served: frozenset[str] | None = None,
) -> Results:
    """Fetch what the chosen sources (all where none is named) have to say; source -> how each question ended.

    ``served`` are the only addresses to ask; None for every one.
    """
    results: Results = {}
    known = attempt_summary.of(fetcher.layout)
    for level in documents_due.levels(every):
        wanted: list[tuple[Source, Ask]] = []
        for source in level:
            if chosen and source.id not in chosen:
                continue
            try:
                refused = _refused(fetcher.layout, every.get(source.follows or ""))
                found, wrong = documents_due.of_source(fetcher.layout, source, fetcher.clock(), refused)
                found = [one for one in found if served is None or one.url in served]
                results[source.id] = [Fetched(source.id, "error", why) for why in wrong]
                if not found and not wrong:
                    results[source.id] = [_without_asking(fetcher, source)]
                wanted += [(source, one) for one in found]
            # one source's failure is a value: it must not stop the others
            except Exception as error:  # noqa: BLE001
                results[source.id] = [error]
        wanted = _interleaved(wanted)
        answered = runner.each(
            "fetch",
            lambda item: fetcher.fetch(*item, known),
            wanted,
            lambda item: f"{item[0].id} {item[1].part}".strip(),
        )
        for (source, _), result in zip(wanted, answered, strict=True):
            results[source.id].append(result)
    return {name: results[name] for name in every if name in results}


def _refused(layout: Layout, followed: Source | None) -> set[str]:
    """Documents of a followed source that an earlier run refused; later ones are not judged yet."""
    if followed is None:
        return set()
    staged = vintage.of_source(layout, followed, only_kept=True)
    judged = gate.judge(layout, followed, staged, only_kept=True)
    return {one.document for one in judged if one.status != "accepted"}


def review(fetcher: Fetcher, every: Mapping[str, Source]) -> None:
    """Take in the reviewed tables: they are part of the code, so that a build from the archive alone needs
    them too."""
    for source in every.values():
        if source.reviewed:
            fetcher.review(source)


def line(source: str, results: list[Fetched | Exception]) -> Line:
    """How a source fared, over all of its documents."""
    told = [
        ("error", f"{source}: {type(result).__name__}: {files.told(result)}")
        if isinstance(result, Exception)
        else (result.outcome, result.message)
        for result in results
    ]
    outcome = min((outcome for outcome, _ in told), key=_GRAVITY.index)
    messages = [message for kind, message in told if kind == outcome and message]
    more = [f"and {len(messages) - _TOLD} more"] if len(messages) > _TOLD else []
    return Line(source, outcome, "; ".join(messages[:_TOLD] + more), needs_a_person=outcome == "error")


def mended(results: Results) -> list[str]:
    """What damage of the archive the answers have mended."""
    every = (result for answers in results.values() for result in answers)
    return [result.mended for result in every if isinstance(result, Fetched) and result.mended]


def _without_asking(fetcher: Fetcher, source: Source) -> Fetched:
    if source.reviewed:
        return fetcher.review(source)
    if source.fetched:
        return Fetched(source.id, "unchanged")
    return Fetched(source.id, "skipped", f"{source.id}: takes old documents only: gapwatch backfill")


def _interleaved(wanted: list[tuple[Source, Ask]]) -> list[tuple[Source, Ask]]:
    """By turns of the hosts: the workers would else all wait for one host's pace while the others are
    idle."""
    turns: defaultdict[str, count[int]] = defaultdict(count)
    return sorted(wanted, key=lambda item: next(turns[urlsplit(item[1].url).netloc]))
