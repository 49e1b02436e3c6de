"""Institutions that people reviewed: laboratories, multinationals, campuses and abbreviations, with location
and headquarters apart.

The tables are ``reference/institution.csv`` and ``reference/institution_alias.csv``, checked by
``warehouse.reference.tables``.
"""

from __future__ import annotations

from pathlib import Path

from warehouse.institutions.matches import Institution
from warehouse.institutions.text import key
from warehouse.reference import tables as reference


def load(folder: Path = reference.FOLDER) -> dict[str, Institution]:
    """Key of a name or alias -> the institution that is meant. Raises ``ValueError`` naming file and line of
    whatever is not as it should be."""
    tables = reference.read(folder)
    institutions = {
        row["institution"]: Institution(
            row["institution"],
            row["location"] or None,
            row["headquarters"] or None,
            row["kind"],
            row["ror"] or None,
        )
        for row in tables["institution"]
    }
    aliases = {row["alias"]: institutions[row["institution"]] for row in tables["institution_alias"]}
    return {key(name): one for name, one in (institutions | aliases).items()}
