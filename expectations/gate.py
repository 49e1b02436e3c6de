"""The gate: each new vintage is checked against its dataset's suite before it may change anything.

Whether a vintage is accepted depends on its own bytes, the accepted vintage before it, the suites, and what a
person decided about it: nothing else. A rebuild from archive and ledgers comes to the same verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from expectations import acceptance, document_checks, suites
from expectations.suites import Result
from extractors.definition import Source
from warehouse.staging import vintage as vintage_of
from warehouse.staging.vintage import Vintage
from warehouse.store import code_identity, journal
from warehouse.store.code_identity import fingerprint
from warehouse.store.paths import Layout


def judge(
    layout: Layout, source: Source, vintages: Sequence[Vintage], *, only_kept: bool = False
) -> list[Vintage]:
    """The statements of a source as their checks leave them; ``vintages`` are oldest first.

    What was found out is remembered for each source, each line named by all that it follows from: rules, and
    the statements up to there. A night checks what is new; a late document is judged with all that come after
    it. ``only_kept``: up to the first that no earlier run judged as today's code would; nothing is checked.
    """
    known: dict[str, list[Any]] = layout.memo.get(f"verdicts/{source.id}") or {}
    lines: dict[str, list[Any]] = {}
    judged: list[Vintage] = []
    accepted: dict[str, Vintage] = {}
    decided = acceptance.of(layout)
    code = code_identity.of("expectations.gate", definitions=False).digest
    name = fingerprint([code, _rules(source, source.datasets)])
    for vintage in vintages:
        if vintage.status == "replaced":
            judged.append(vintage)
            continue
        by_hand = decided.get(vintage.document, {})
        told = [name, vintage.identity, vintage.stage_key, vintage.full, *([by_hand] if by_hand else [])]
        name = fingerprint(told)[:16]
        if line := known.get(name):
            status, reason, checks = line
            found = replace(vintage, status=status, reason=reason, checks=tuple(checks))
        elif only_kept:
            return judged
        else:
            found = verdict(layout, source, vintage, accepted.get(vintage.part), by_hand)
        lines[name] = [found.status, found.reason, found.checks]
        judged.append(found)
        if found.status == "accepted":
            accepted[found.part] = found
    if lines.keys() != known.keys():
        layout.memo.put(f"verdicts/{source.id}", lines)
    return judged


def verdict(
    layout: Layout,
    source: Source,
    vintage: Vintage,
    previous: Vintage | None,
    by_hand: Mapping[str, str] = MappingProxyType({}),
) -> Vintage:
    """The vintage as its checks leave it; ``previous`` is the accepted one of its part before it.

    ``by_hand``: checks that a person let it past -> why.
    """
    if vintage.status != "accepted":
        return vintage
    checked = {name: _checked(layout, source, vintage, previous, name) for name in _stated(source, vintage)}
    vintage = replace(vintage, checks=tuple(name for name, _ in checked.values()))
    results = acceptance.applied((one for _, found in checked.values() for one in found), by_hand)
    blocking = [result for result in results if result.blocks]
    if not blocking:
        past = [result.message for result in results if result.status == "accepted"]
        return replace(vintage, reason="; ".join(past))
    kind = "data" if any(result.status == "fail" for result in blocking) else "a check that could not run"
    named = (
        f"{source.id} document"
        f" {vintage.document[:12]}{f' ({vintage.part})' if vintage.part else ''}: {kind}: "
    )
    return vintage.refused("failed", named + "; ".join(result.message for result in blocking[:3]))


def rows(
    layout: Layout,
    sources: Mapping[str, Source],
    vintages: Mapping[str, Sequence[Vintage]],
    wanted: Iterable[Vintage],
) -> list[dict[str, Any]]:
    """The rows of ``check_result`` about the ``wanted`` ones of all judged vintages."""
    found: list[dict[str, Any]] = []
    about = {vintage.identity for vintage in wanted}
    decided = acceptance.of(layout)
    for name in sorted({identity[0] for identity in about}):
        accepted: dict[str, Vintage] = {}
        for vintage in vintages[name]:
            if vintage.identity in about and vintage.status != "drift":
                for dataset in _stated(sources[name], vintage):
                    _, results = _checked(layout, sources[name], vintage, accepted.get(vintage.part), dataset)
                    where = {
                        "target": dataset,
                        "source": name,
                        "document": vintage.document,
                        "known_from": journal.timestamp(vintage.known_from),
                    }
                    marked = acceptance.applied(results, decided.get(vintage.document, {}))
                    found += [where | row for row in suites.as_rows(marked)]
            if vintage.status == "accepted":
                accepted[vintage.part] = vintage
    return found


def _stated(source: Source, vintage: Vintage) -> list[str]:
    return [name for name in source.datasets if name in vintage.staged.rows]


def _rules(source: Source, datasets: Iterable[str]) -> list[object]:
    """What decides a verdict besides the documents."""
    found = [suites.load("datasets", dataset) for dataset in datasets]
    cadence = source.cadence and str(source.cadence.newest_period)
    code = code_identity.of("expectations.document_checks", definitions=False).digest
    return [
        code,
        [suite.hash if suite else "" for suite in found],
        cadence,
        source.datasets,
        source.statement,
        source.unreadable,
        source.once,
    ]


def named(source: Source, vintage: Vintage, previous: Vintage | None, dataset: str) -> str:
    """The name under which the results for one dataset of a vintage are remembered: it follows from all that
    decides them."""
    before = previous and (previous.document, previous.stage_key, previous.part)
    about = (
        vintage.document,
        vintage.stage_key,
        vintage.part,
        journal.timestamp(vintage.known_from),
        vintage.full,
    )
    return (
        f"documents/{vintage.document[:2]}/"
        f"{fingerprint([_rules(source, [dataset]), dataset, before, about])[:32]}"
    )


def _checked(
    layout: Layout, source: Source, vintage: Vintage, previous: Vintage | None, dataset: str
) -> tuple[str, list[Result]]:
    """Results for one dataset of a vintage, found out once, and the name under which they are remembered."""
    name = named(source, vintage, previous, dataset)
    known = layout.memo.get(name)
    if known is None:
        vintage_of.assure(layout, source, [one for one in (previous, vintage) if one])
        known = suites.as_rows(document_checks.run(layout.memo, source, vintage, previous, dataset))
        layout.memo.put(name, known)
    return name, [Result(**row) for row in known]
