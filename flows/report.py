"""What a refresh did, source by source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


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


@dataclass(frozen=True)
class Diff:
    """What changed between two releases. ``datasets``: dataset, source, and rows new, revised, withdrawn and read otherwise;
    ``notes``: what could not be told; ``values``: those that changed, before and after."""

    title: str
    datasets: list[tuple[Any, ...]]
    notes: list[str]
    values: list[dict[str, Any]]


@dataclass
class Report:
    """What a refresh did. ``release`` is None when nothing was published; ``held`` says why a build was held back."""

    lines: list[Line] = field(default_factory=list)
    release: str | None = None
    empty: bool = False  # no document was accepted yet: there is nothing to publish
    dry_run: bool = False
    diff: Diff | None = None  # of a dry run: what would have been published against the last release
    moved: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    undelivered: list[str] = field(default_factory=list)
    unpacked: list[str] = field(default_factory=list)  # why what is old could not be packed

    @property
    def needs_a_person(self) -> bool:
        return bool(self.held or self.undelivered or self.unpacked or any(line.needs_a_person for line in self.lines))
