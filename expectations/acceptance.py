"""What a person decided: documents that are let past checks which they do not pass. A ledger of its own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace

from expectations.suites import Result
from warehouse.store import journal
from warehouse.store.paths import Layout, user_name

NAME = "acceptance"


def of(layout: Layout) -> Mapping[str, Mapping[str, str]]:
    """Document (SHA-256) -> name of a check that it is let past -> why, by whom and since when."""
    found: dict[str, dict[str, str]] = {}
    for entry in journal.read(layout.ledger, NAME):
        why = f"accepted by {entry['by']} on {entry['at'][:10]}: {entry['because']}"
        found.setdefault(entry["document"], {}).update(dict.fromkeys(entry["checks"], why))
    return found


def add(layout: Layout, source: str, document: str, checks: Iterable[str], because: str, at: str) -> None:
    """Let a document past checks, named as the suite names them, from now on and in every rebuild."""
    entry = {
        "source": source,
        "document": document,
        "checks": list(checks),
        "because": because,
        "by": user_name(os.geteuid()),
        "at": at,
    }
    journal.append(layout.ledger, NAME, entry)


def applied(results: Iterable[Result], decided: Mapping[str, str]) -> list[Result]:
    """Results of checks, those that a person let the document past marked so; ``decided``: check -> why."""
    return [
        replace(result, status="accepted", message=f"{result.message} ({decided[result.name]})")
        if result.blocks and result.name in decided
        else result
        for result in results
    ]
