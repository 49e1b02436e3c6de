"""What a refresh did, source by source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from expectations.alerts.rules import number
from warehouse.compare.changes import Change
from warehouse.compare.diff import Diff


@dataclass
class Line:
    """How one source fared: ``outcome`` is that of the fetch, or drift, failed or error."""

    source: str
    outcome: str
    message: str = ""
    new: int = 0
    revised: int = 0
    withdrawn: int = 0
    quarantined: int = 0
    state: str = ""
    state_reason: str = ""
    needs_a_person: bool = False


@dataclass
class Report:
    """What a refresh did. ``release`` is None when nothing was published; ``held`` says why a build was held
    back."""

    lines: list[Line] = field(default_factory=list)
    release: str | None = None
    empty: bool = False  # no document was accepted yet: there is nothing to publish
    dry_run: bool = False
    diff: Diff | None = None  # of a dry run: what would have been published against the last release
    moved: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)  # damage that was found and mended
    undelivered: list[str] = field(default_factory=list)
    unpacked: list[str] = field(default_factory=list)  # why what is old could not be packed

    def add(self, changes: Iterable[Change]) -> None:
        """Tell what a release changes: rows source by source, and newest values that are others than
        before."""
        lines = {line.source: line for line in self.lines}
        for change in changes:
            old, new = change.before, change.after
            if change.kind == "rows" and change.key in lines:
                told = vars(lines[change.key])
                told[change.field] += change.rows
            elif change.kind == "newest" and old is None:
                self.moved.append(f"{change.subject}: {_value(new)} (first value)")
            elif change.kind == "newest" and any(old[name] != new[name] for name in ("gap", "period")):
                self.moved.append(f"{change.subject}: {_value(old)} → {_value(new)}")

    @property
    def needs_a_person(self) -> bool:
        return bool(
            self.held or self.undelivered or self.unpacked or any(line.needs_a_person for line in self.lines)
        )


def _value(told: Mapping[str, Any]) -> str:
    return f"{number(told['gap'])} for {told['period']}"
