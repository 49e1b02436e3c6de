"""Institutions that people reviewed: laboratories, multinationals, campuses and abbreviations, with location and headquarters apart.

The tables are ``reference/institution.csv`` and ``reference/institution_alias.csv``, checked by ``warehouse.reference``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from warehouse import reference
from warehouse.institutions.text import key

# Of these kinds the name says nothing about the place when a city stands beside it.
MANY_PLACES = ("company", "laboratory")


@dataclass(frozen=True)
class Institution:
    """A reviewed institution: where the named unit is, and where its ultimate owner has its headquarters (alpha-2).

    Both are None where the name alone does not say which institution is meant.
    """

    name: str
    location: str | None
    headquarters: str | None
    kind: str
    ror: str | None


def load(folder: Path = reference.FOLDER) -> dict[str, Institution]:
    """Key of a name or alias -> the institution that is meant. Raises ``ValueError`` naming file and line of whatever is not as it should be."""
    tables = reference.read(folder)
    institutions = {
        row["institution"]: Institution(row["institution"], row["location"] or None, row["headquarters"] or None, row["kind"], row["ror"] or None)
        for row in tables["institution"]
    }
    aliases = {row["alias"]: institutions[row["institution"]] for row in tables["institution_alias"]}
    return {key(name): one for name, one in (institutions | aliases).items()}
