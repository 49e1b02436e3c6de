"""Federal Register API v1: rules of the Bureau of Industry and Security about advanced computing and
semiconductor manufacturing."""

from __future__ import annotations

import json
import re
from typing import Any

from extractors.contract import Document, Frames, LayoutChanged, Records
from extractors.formats.tabular import finished, take

AGENCY = "industry-and-security-bureau"
# The search is over full texts: rules on other matters mention these too, in a list or a footnote.
_SUBJECT = re.compile(
    r"advanced[- ]computing|semiconductor|integrated circuit|supercomput|artificial"
    r" intelligence|foundr(?:y|ies)\b",
    re.IGNORECASE,
)
_BRIEFING = re.compile(r"public briefing", re.IGNORECASE)


def _text(value: Any, where: str) -> str | None:
    """A text with its spaces set right; many titles end in some."""
    if value is not None and not isinstance(value, str):
        raise LayoutChanged(f"{where}: is {value!r}, expected a text or null")
    return " ".join(value.split()) or None if value else None


def _docket(value: Any, where: str) -> str | None:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise LayoutChanged(f"{where}: is {value!r}, expected a list of texts")
    return "; ".join(" ".join(name.split()) for name in value) or None


def _ignored(title: str | None, abstract: str | None, action: str | None) -> str | None:
    if _BRIEFING.search(f"{title} {action}"):
        return "invitation to a public briefing: printed among rules, changes none"
    if not _SUBJECT.search(f"{title} {abstract}"):
        return "neither title nor abstract is about advanced computing or semiconductors"
    return None


def _row(item: Any, where: str) -> dict[str, str | None]:
    if not isinstance(item, dict):
        raise LayoutChanged(f"{where}: is no object: {str(item)[:100]!r}")
    item = dict(item)
    if (kind := take(item, "type", where)) != "Rule":
        raise LayoutChanged(f"{where}: type is {kind!r}, expected 'Rule'; not what the query asks for")
    agencies = take(item, "agencies", where)
    # An agency without a page of its own has no slug.
    slugs = (
        [agency.get("slug") for agency in agencies if isinstance(agency, dict)]
        if isinstance(agencies, list)
        else []
    )
    if AGENCY not in slugs:
        raise LayoutChanged(
            f"{where}: agencies are {slugs}, expected {AGENCY!r} among them; not what the query asks for"
        )
    docket = _docket(take(item, "docket_ids", where), f"{where}.docket_ids")
    fields = (
        "document_number",
        "title",
        "action",
        "abstract",
        "publication_date",
        "effective_on",
        "citation",
        "html_url",
    )
    number, title, action, abstract, published, effective, citation, url = (
        _text(take(item, name, where), f"{where}.{name}") for name in fields
    )
    finished(item, where)
    return {
        "event": number,
        "topic": "export controls",
        "event_on": published,
        "effective_on": effective,
        "title": title,
        "summary": abstract,
        "kind": "rule",
        "action": action,
        "direction": None,
        "affects": None,
        "citation": citation,
        "docket": docket,
        "url": url,
        "note": None,
        "_ignored": _ignored(title, abstract, action),
    }


def parse(document: Document) -> Frames:
    """JSON: ``count``, ``total_pages`` and ``results``, one object per rule with the fields that the address
    asks for. All of it must be on one page; an answer without a match has no ``results`` at all and is
    refused, for rules are known. ``publication_date`` is the day of the event: a rule is often released some
    days before.
    Source: https://www.federalregister.gov/developers/documentation/api/v1"""
    try:
        answer = json.loads(document.content.decode("utf-8-sig"))
    except ValueError as error:
        raise LayoutChanged(f"{document.name}: not JSON: {error}") from error
    where = f"{document.name}, $"
    if not isinstance(answer, dict) or "errors" in answer:
        raise LayoutChanged(f"{where}: the Federal Register answered with an error: {str(answer)[:300]}")
    count = take(answer, "count", where)
    if not count:
        raise LayoutChanged(
            f"{where}: no rule matches the query, but rules are known: the search or the agency's name has"
            " changed"
        )
    pages, results = take(answer, "total_pages", where), take(answer, "results", where)
    answer.pop("description", None)
    more = answer.pop("next_page_url", None)
    finished(answer, where)
    if not isinstance(results, list):
        raise LayoutChanged(f"{where}.results: is no list")
    if pages != 1 or more or count != len(results):
        raise LayoutChanged(
            f"{where}: holds {len(results)} of {count} rules on page 1 of {pages}: a cut page;"
            " ask from a later publication date on"
        )
    rows = [_row(item, f"{where}.results[{number}]") for number, item in enumerate(results)]
    return {
        "policy_event": Records(
            [row | {"_locator": f"$.results[{number}]"} for number, row in enumerate(rows)]
        )
    }
