"""Which function finds the texts of a source's documents: its own ``cut``, or else the one that goes by the
form of a locator alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from extractors.contract import Document, Drift
from extractors.definition import Source
from extractors.evidence import locate
from extractors.evidence.locate import Cuts


def cutter(source: Source) -> Callable[[Document, Iterable[str]], Cuts]:
    """Finds the texts at places of a document: the source's ``cut`` where its documents have a form or a
    conversion of their own.

    Raises ``Drift`` for a source whose documents name people and that has none: a text cut by its place alone
    shows what stands around it.
    """
    if source.personal and not hasattr(source.module, "cut"):
        raise Drift(
            f"{source.id}: its documents name people, and it has no cut of its own: nothing of them is shown"
        )
    cutter: Callable[[Document, Iterable[str]], Cuts] = getattr(source.module, "cut", locate.cut)
    return cutter
