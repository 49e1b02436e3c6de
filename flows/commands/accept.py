"""Let one document past the checks that refuse it."""

from __future__ import annotations

from expectations import acceptance, gate, suites
from extractors.definition import Source
from warehouse.staging import vintage
from warehouse.store import journal
from warehouse.store.paths import Layout

SHORTEST = 6  # characters of a document's hash that name it


def accept(
    layout: Layout, every: dict[str, Source], document: str, because: str, checks: list[str], at: str
) -> list[str]:
    """Record the decision and return the checks that the document is let past.

    ``checks`` are those that it fails where none is named. Raises ``ValueError`` for a document that nobody
    knows, that several have, that its parser refuses, or that passes what is named.
    """
    if len(document) < SHORTEST:
        raise ValueError(f"{document!r}: name the document by at least {SHORTEST} characters of its hash")
    if not because.strip():
        raise ValueError("--because must say why the document is right as it is")
    entries = journal.read(layout.ledger, "document")
    found = {(entry["source"], entry["sha256"]) for entry in entries if entry["sha256"].startswith(document)}
    if len(found) != 1:
        many = ", ".join(sorted(sha256[:12] for _, sha256 in found)) or "none"
        raise ValueError(f"document {document}: {many} in the ledger; gapwatch status names those refused")
    [(name, sha256)] = found
    source = every[name]
    judged = gate.judge(layout, source, vintage.of_source(layout, source))
    [last, *_] = [one for one in reversed(judged) if one.document == sha256]
    if last.status == "drift":
        raise ValueError(f"{last.reason}. A document that cannot be read cannot be accepted: mend its parser")
    failing = [
        row["name"]
        for row in gate.rows(layout, {name: source}, {name: judged}, [last])
        if suites.Result(**{field: row[field] for field in suites.FIELDS}).blocks
    ]
    if wrong := [check for check in checks if check not in failing] or (not failing and ["every check"]):
        raise ValueError(f"document {sha256[:12]} of {name} is not refused by: {', '.join(wrong)}")
    acceptance.add(layout, name, sha256, checks or failing, because.strip(), at)
    return checks or failing
