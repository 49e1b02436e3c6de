"""Names that are nearly a known one: misspelt, not merely alike. Suggests nothing where two countries are as
near."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process
from rapidfuzz.distance import DamerauLevenshtein

from warehouse.institutions.places import countries
from warehouse.institutions.text import GENERIC, word_set

if TYPE_CHECKING:
    from warehouse.institutions.matches import Match, Names

_LIKENESS = 90.0  # of the whole names, 0 to 100
_MARGIN = 3.0  # by which a name of another country must be less alike
_SHORTEST_NAME = 8  # a shorter one is no name that could be misspelt and still told
_SHORTEST = 5  # a shorter word that is misspelt may be any other
_LONG = 9
# names that many places share begin so
_SHARED = word_set("st saint trinity kings queens christ holy sacred mount")
_BEGUN, _BEGUN_LIKENESS = 50, 85.0  # so many longer names are looked at, and how sure they make
_CANDIDATES = 400
_KNOWN = 5  # a word in so many names is itself, not another misspelt: Indian, not Indiana
_WHICH = word_set("""
    north south east west northern southern eastern western northeast northwest southeast southwest first
    second third new open free
""")


class Nearly:
    """Known names by their telling words."""

    def __init__(self, names: Names) -> None:
        self._known = names
        self._sorted = sorted(name for name in names.spelt_out() if len(name) >= _SHORTEST_NAME)
        self._with: defaultdict[str, list[int]] = defaultdict(list)
        for number, name in enumerate(self._sorted):
            for word in set(name.split()):
                if word not in GENERIC:
                    self._with[word].append(number)
        self._near = _by_shape(self._with)
        self._generic = _by_shape(GENERIC)

    def find(self, name: str) -> tuple[Match, float] | None:
        """The known name that a key nearly is, and how alike they are; None where none is, or names of two
        countries are.

        Every telling word must be there, rightly or nearly spelt, and none besides.
        """
        words = name.split()
        telling = [
            word
            for word in words
            if word not in GENERIC and (word in self._with or not _slips(word, self._generic))
        ]
        if not 2 <= len(words) <= 14 or max(map(len, telling), default=0) < _SHORTEST:
            return None
        if begun := self._begun(name):
            return begun
        numbers: set[int] | None = None
        for word in telling:
            holders = {number for spelt in self._spellings(word) for number in self._with.get(spelt, ())}
            numbers = holders if numbers is None else numbers & holders
            if not numbers:
                return None
        candidates = [self._sorted[number] for number in sorted(numbers or ())[:_CANDIDATES]]
        return self._best(name, telling, candidates)

    def _begun(self, name: str) -> tuple[Match, float] | None:
        """The name that begins with these words ('Goethe University'), if all names that do are of one
        country."""
        if name.split(maxsplit=1)[0] in _SHARED:
            return None
        begin = f"{name} "
        at = bisect_left(self._sorted, begin)
        longer = [
            known
            for known in self._sorted[at : at + _BEGUN + 1]
            if known.startswith(begin)
            and known.removeprefix(begin) not in countries()  # a branch says nothing of the whole
        ]
        match = self._one_country(longer) if len(longer) <= _BEGUN else None
        return (match, _BEGUN_LIKENESS) if match else None

    def _one_country(self, names: list[str]) -> Match | None:
        """What the first of the names means, if all of them are of one country."""
        matches = [self._known.whole(name) for name in names]
        located = {match and match.location for match in matches}
        return matches[0] if len(located) == 1 and None not in located else None

    def _spellings(self, word: str) -> list[str]:
        """The known words that a word may be: itself, or those one slip away (two in a long word)."""
        found = [word] if word in self._with else []
        if len(word) < _SHORTEST or len(self._with.get(word, ())) >= _KNOWN:
            return found
        return list(dict.fromkeys([*found, *_slips(word, self._near)]))

    def _best(self, name: str, telling: list[str], candidates: list[str]) -> tuple[Match, float] | None:
        near = process.extract(
            name, candidates, scorer=fuzz.token_sort_ratio, score_cutoff=_LIKENESS - _MARGIN, limit=20
        )
        alike = {
            known: score for known, score, _ in near if _same_kind(known.split(), name.split(), len(telling))
        }
        best = max(alike.values(), default=0.0)
        if best < _LIKENESS:
            return None
        match = self._one_country([known for known, score in alike.items() if score >= best - _MARGIN])
        return (match, best) if match else None


def _by_shape(words: Iterable[str]) -> dict[tuple[str, int], list[str]]:
    """Words by first letter and length."""
    shapes: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for word in words:
        if len(word) >= _SHORTEST:
            shapes[word[0], len(word)].append(word)
    return shapes


def _slips(word: str, shapes: Mapping[tuple[str, int], list[str]]) -> list[str]:
    """The words that are one slip of the pen away, two in a long word; the first letter is right."""
    slips = 1 if len(word) < _LONG else 2
    found: list[str] = []
    for length in range(len(word) - slips, len(word) + slips + 1):
        if len(word) >= _SHORTEST and (near := shapes.get((word[0], length))):
            spelt = process.extract(
                word, near, scorer=DamerauLevenshtein.distance, score_cutoff=slips, limit=5
            )
            found += [one for one, _, _ in spelt]
    return found


def _same_kind(known: list[str], words: list[str], telling: int) -> bool:
    """Whether a name has as many telling words, and tells east from west the same way."""
    return len([word for word in known if word not in GENERIC]) == telling and _WHICH.intersection(
        known
    ) == _WHICH.intersection(words)
