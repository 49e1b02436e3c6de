"""Institutions that people reviewed: laboratories, multinationals, campuses and abbreviations, with location
and headquarters apart.

The tables are ``reference/institution.csv`` and ``reference/institution_alias.csv``, checked by
``warehouse.reference.tables``.
"""

from __future__ import annotations

from pathlib import Path

from warehouse.institutions.matches import Match
from warehouse.institutions.text import key
from warehouse.reference import tables as reference


def load(folder: Path = reference.FOLDER) -> dict[str, Match]:
    """Key of a name or alias -> the institution that is meant. Raises ``ValueError`` naming file and line of
    whatever is not as it should be."""
    tables = reference.read(folder)
    institutions = {
        row["institution"]: Match(
            row["location"] or None,
            row["headquarters"] or None,
            row["institution"],
            row["ror"] or None,
            kind=row["kind"],
            ambiguous=not row["location"],
        )
        for row in tables["institution"]
    }
    aliases = {row["alias"]: institutions[row["institution"]] for row in tables["institution_alias"]}
    return {key(name): one for name, one in (institutions | aliases).items()}
