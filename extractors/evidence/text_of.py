"""Which function finds the texts of a source's documents: its own ``locate``, or else the one that goes by
the form of a locator alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from extractors.contract import Document, LayoutChanged
from extractors.definition import Source
from extractors.evidence import locate as evidence
from extractors.evidence.locate import Located


def finder(source: Source) -> Callable[[Document, Iterable[str]], Located]:
    """Finds the texts at places of a document: the source's ``locate`` where its documents have a form or a
    conversion of their own.

    Raises ``LayoutChanged`` for a source whose documents name people and that has none: a text cut by its
    place alone shows what stands around it.
    """
    own: Callable[[Document, Iterable[str]], Located] | None = getattr(source.module, "locate", None)
    if source.personal and not own:
        raise LayoutChanged(
            f"{source.id}: its documents name people, and its extract.py has no locate(): nothing is shown"
        )
    return own or evidence.locate
