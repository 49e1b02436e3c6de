"""The gate: each new vintage is checked against its dataset's suite before it may change anything.

Whether a vintage is accepted depends on its own bytes, the accepted vintage before it, and the
suites: nothing else. A rebuild from the archive comes to the same verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from expectations import document_checks, suites
from expectations.suites import Result
from extractors.contract import Source
from warehouse import asks, code_identity, ledger
from warehouse import vintage as vintage_of
from warehouse.code_identity import fingerprint
from warehouse.layout import Layout
from warehouse.stage import Staged, stage
from warehouse.vintage import Vintage


def read(layout: Layout, source: Source) -> list[Vintage]:
    """Every statement of a source, oldest first, staged and judged.

    What was found out stands in one file per source, each line named by all that it follows from: the ledger up to there, parser,
    suites and gate. A night opens that file and looks at what is new; a late document is judged with all that come after it.
    """
    known, lines = _kept(layout, source), dict[str, list[Any]]()
    judged: list[Vintage] = []
    accepted: dict[str, Vintage] = {}
    key = vintage_of.key_of(layout, source)
    for name, entry in _named(layout, source, key):
        document = vintage_of.document_of(layout, source, entry)
        found = _of_line(layout, source, entry, key, known.get(name))
        if found is None:
            said = vintage_of.of_entry(source, entry, stage(layout, source, document), key)
            found = verdict(layout, source, said, accepted.get(asks.part_of(entry)))
            told = asdict(found.staged)
            lines[name] = [str(Path(told.pop("folder")).relative_to(layout.stage)), told, found.status, found.reason, found.checks]
        else:
            lines[name] = known[name]
        judged.append(found)
        if found.status == "accepted":
            accepted[found.part] = found
    if lines.keys() != known.keys():
        layout.memo.put(f"verdicts/{source.id}", lines)
    return judged


def remembered(layout: Layout, source: Source) -> list[Vintage]:
    """The statements of a source, oldest first, up to the first that no earlier run judged as today's code would. Nothing is read or checked."""
    known, key, found = _kept(layout, source), vintage_of.key_of(layout, source), list[Vintage]()
    for name, entry in _named(layout, source, key):
        one = _of_line(layout, source, entry, key, known.get(name))
        if one is None:
            break
        found.append(one)
    return found


def _kept(layout: Layout, source: Source) -> dict[str, list[Any]]:
    """Name -> folder, what was staged, status, reason and checks of each statement that was judged."""
    kept: dict[str, list[Any]] = layout.memo.get(f"verdicts/{source.id}") or {}
    return kept


def _named(layout: Layout, source: Source, key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every line of the document ledger about a source, with the name of all that its verdict follows from."""
    name = fingerprint([key, _rules(source, source.datasets)])[:16]
    for entry in vintage_of.entries(layout, source):
        name = fingerprint([name, entry])[:16]
        yield name, entry


def _of_line(layout: Layout, source: Source, entry: dict[str, Any], key: str, line: list[Any] | None) -> Vintage | None:
    """A remembered verdict; None where there is none, or what was staged is there no more."""
    if line is None:
        return None
    folder, staged, status, reason, checks = line
    if not (layout.stage / folder / "stage.json").exists():
        return None
    said = vintage_of.of_entry(source, entry, Staged(folder=str(layout.stage / folder), **staged), key)
    return replace(said, status=status, reason=reason, checks=tuple(checks))


def verdict(layout: Layout, source: Source, vintage: Vintage, previous: Vintage | None) -> Vintage:
    """The vintage as its checks leave it; ``previous`` is the accepted one of its part before it."""
    if vintage.status != "accepted":
        return vintage
    checked = {name: _checked(layout, source, vintage, previous, name) for name in _stated(source, vintage)}
    vintage = replace(vintage, checks=tuple(name for name, _ in checked.values()))
    blocking = [result for _, found in checked.values() for result in found if result.blocks]
    if not blocking:
        return vintage
    kind = "data" if any(result.status == "fail" for result in blocking) else "a check that could not run"
    named = f"{source.id} document {vintage.document[:12]}{f' ({vintage.part})' if vintage.part else ''}: {kind}: "
    return vintage.refused("failed", named + "; ".join(result.message for result in blocking[:3]))


def rows(layout: Layout, sources: Mapping[str, Source], vintages: Mapping[str, Sequence[Vintage]], wanted: Iterable[Vintage]) -> list[dict[str, Any]]:
    """The rows of ``check_result`` about the ``wanted`` ones of all judged vintages."""
    found: list[dict[str, Any]] = []
    about = {vintage.identity for vintage in wanted}
    for name in sorted({identity[0] for identity in about}):
        accepted: dict[str, Vintage] = {}
        for vintage in vintages[name]:
            if vintage.identity in about and vintage.status != "drift":
                for dataset in _stated(sources[name], vintage):
                    _, results = _checked(layout, sources[name], vintage, accepted.get(vintage.part), dataset)
                    where = {"target": dataset, "source": name, "document": vintage.document, "known_from": ledger.timestamp(vintage.known_from)}
                    found += [where | row for row in suites.as_rows(results)]
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
    return [code, [suite.hash if suite else "" for suite in found], cadence, source.datasets, source.statement, source.once]


def named(source: Source, vintage: Vintage, previous: Vintage | None, dataset: str) -> str:
    """The name under which the results for one dataset of a vintage are remembered: it follows from all that decides them."""
    before = previous and (previous.document, previous.stage_key, previous.part)
    about = (vintage.document, vintage.stage_key, vintage.part, ledger.timestamp(vintage.known_from), vintage.full)
    return f"documents/{vintage.document[:2]}/{fingerprint([_rules(source, [dataset]), dataset, before, about])[:32]}"


def _checked(layout: Layout, source: Source, vintage: Vintage, previous: Vintage | None, dataset: str) -> tuple[str, list[Result]]:
    """Results for one dataset of a vintage, found out once, and the name under which they are remembered."""
    name = named(source, vintage, previous, dataset)
    known = layout.memo.get(name)
    if known is None:
        vintage_of.assure(layout, source, [one for one in (previous, vintage) if one])
        known = suites.as_rows(document_checks.run(layout.memo, source, vintage, previous, dataset))
        layout.memo.put(name, known)
    return name, [Result(**row) for row in known]
