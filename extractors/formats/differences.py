"""How the fields of a document differ from those its parser knows: one rule for columns and for fields of
objects."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence

from extractors.contract import Difference

HARMLESS = ("added", "gone")
LIKE = 0.5  # how like a new name must be to be offered for one that is missing


def compare(
    place: str,
    used: Collection[str],
    optional: Collection[str],
    unused: Collection[str],
    found: Sequence[str],
) -> list[Difference]:
    """Every difference of the names found from the known ones; their order says nothing. ``optional`` ones
    are used where they are there."""
    there = set(found)
    known = {*used, *optional, *unused}
    added = [name for name in dict.fromkeys(found) if name not in known]
    differences = [
        Difference(place, "missing", name, nearest(name, added)) for name in used if name not in there
    ]
    differences += [Difference(place, "twice", name) for name in (*used, *optional) if found.count(name) > 1]
    differences += [Difference(place, "added", name) for name in added]
    return differences + [Difference(place, "gone", name) for name in unused if name not in there]


def harmful(differences: Iterable[Difference]) -> list[Difference]:
    """Those for which a document is refused."""
    return [one for one in differences if one.change not in HARMLESS]


def nearest(name: str, names: Iterable[str]) -> str:
    """The name among ``names`` that is most like ``name``; '' where none is."""
    folded = {other.casefold(): other for other in names}
    found = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=LIKE)
    return folded[found[0]] if found else ""


def described(differences: Iterable[Difference]) -> str:
    """All differences in words, those that refuse first."""
    said = {
        "missing": "missing",
        "twice": "there twice",
        "kind": "of another kind",
        "added": "new",
        "gone": "gone and not used",
    }
    every = list(differences)
    parts = []
    for change, words in said.items():
        names = [
            repr(one.field)
            + ({"missing": f" (now {one.note!r}?)"}.get(change, f" ({one.note})") if one.note else "")
            for one in every
            if one.change == change
        ]
        if names:
            parts.append(f"{words}: {', '.join(names)}")
    return "; ".join(parts)
