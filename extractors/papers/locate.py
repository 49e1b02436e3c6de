"""Evidence from documents that name people: the affiliation of one author alone, without what stands around
it.

No name and no e-mail address is in any text or message. How a text is cleaned is shared with the parsers, how
it is found is not.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable

from extractors.contract import Document
from extractors.evidence import locate as evidence
from extractors.papers.author_slots import affiliation_of, clean, domain_of

_MARKUP = re.compile(r"<[^>]*>")
_BRACKETS = re.compile(r"\s*\((.*)\)\s*", re.DOTALL)


def plain(markup: str) -> str:
    """The text of a piece of HTML."""
    return html.unescape(_MARKUP.sub("", markup))


def shown(
    document: Document, locator: str, printed: str | None, domains: str | None = None
) -> evidence.Evidence | evidence.Nowhere:
    """An author's affiliation as printed, of e-mail addresses in it the domain alone; without one, the
    domains given beside it."""
    affiliation, domain = affiliation_of(printed), domain_of(domains)
    if printed and affiliation:
        addressed = "@" in (clean(printed) or "")
        reading = "of an e-mail address the domain alone" if addressed else "as printed"
        return evidence.Evidence(
            affiliation if addressed else printed, "", None, reading, {"affiliation": affiliation}
        )
    if domain:
        return evidence.Evidence(
            domain,
            "",
            None,
            "the domain, since no affiliation is printed",
            {"affiliation": None, "domain": domain},
        )
    return evidence.Nowhere(f"{document.name}, {locator}: no affiliation is printed for this author")


def in_objects(
    document: Document, locators: Iterable[str], field: str, *, brackets: bool = False
) -> evidence.Located:
    """The affiliation in a ``field`` of the JSON objects that locators lead to; with ``brackets``, of '(MIT)'
    what they hold."""
    found = evidence.locate(document, locators)
    return {
        place: _of_author(document, place, one.text, field, brackets)
        if isinstance(one, evidence.Evidence)
        else one
        for place, one in found.items()
    }


def _of_author(
    document: Document, locator: str, text: str, field: str, brackets: bool
) -> evidence.Evidence | evidence.Nowhere:
    try:
        author = json.loads(text)
    except ValueError:
        author = None
    printed = author.get(field) if isinstance(author, dict) else 0
    if not isinstance(printed, str | None):
        return evidence.Nowhere(f"{document.name}, {locator}: is no author with a text as {field}")
    inner = _BRACKETS.fullmatch(printed or "") if brackets else None
    return shown(document, locator, inner[1] if inner else printed)
