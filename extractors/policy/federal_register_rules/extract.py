"""Federal Register API v1: rules of the Bureau of Industry and Security about advanced computing and
semiconductor manufacturing."""

from __future__ import annotations

import re
from typing import Any

from extractors.contract import Document, Frames, LayoutChanged, Records, Row
from extractors.formats import json_fields
from extractors.formats.json_fields import Fields

AGENCY = "industry-and-security-bureau"
# The search is over full texts: rules on other matters mention these too, in a list or a footnote.
_SUBJECT = re.compile(
    r"advanced[- ]computing|semiconductor|integrated circuit|supercomput|artificial"
    r" intelligence|foundr(?:y|ies)\b",
    re.IGNORECASE,
)
_BRIEFING = re.compile(r"public briefing", re.IGNORECASE)


# What a rule is about, by the regulations it amends, else by its own words: the search says nothing of it.
_REGULATIONS = {"export controls": range(730, 775), "import measures": range(705, 706)}  # parts of 15 CFR
_IMPORTS = re.compile(r"section 232|\bimports? of\b|\bimported\b|\btariff|\bduties\b", re.IGNORECASE)
_EXPORTS = re.compile(r"export|licens|entity list|foreign[- ](?:direct|produced)|\bcontrols\b", re.IGNORECASE)
_CORRECTION = re.compile(r"\bcorrect(?:ion|ing|s)\b", re.IGNORECASE)
ANSWER = Fields(
    {"count": int, "total_pages": int, "results": list},
    {"next_page_url": object},
    ("description", "previous_page_url"),
)
RULE = Fields(
    {
        "type": str,
        "agencies": list,
        "docket_ids": list | None,
        "document_number": str,
        "title": str,
        "action": str | None,
        "abstract": str | None,
        "publication_date": str,
        "effective_on": str | None,
        "citation": str | None,
        "html_url": str,
    },
    optional={"correction_of": object, "cfr_references": object},  # asked for since November 2026
    unused=("corrections",),
)


def _topic(item: dict[str, Any]) -> str | None:
    """What the document itself says it is about; None where that is neither exports nor imports."""
    if (
        item["correction_of"]
        or _CORRECTION.search(item["action"] or "")
        or item["document_number"].startswith("C")
    ):
        return "corrections"
    references = item["cfr_references"] if isinstance(item["cfr_references"], list) else []
    amended = {
        str(one.get("part")) for one in references if isinstance(one, dict) and str(one.get("title")) == "15"
    }
    for topic, parts in _REGULATIONS.items():
        if amended & set(map(str, parts)):
            return topic
    words = f"{item['title']} {item['abstract']} {item['action']}"
    if _IMPORTS.search(words) and not _EXPORTS.search(f"{item['title']}"):
        return "import measures"
    return "export controls" if _EXPORTS.search(words) else None


def _ignored(item: dict[str, Any]) -> str | None:
    # An agency without a page of its own has no slug.
    slugs = [agency.get("slug") for agency in item["agencies"] if isinstance(agency, dict)]
    if item["type"] != "Rule":
        return f"no rule but a {item['type']}"
    if AGENCY not in slugs:
        return "of another agency"
    if _BRIEFING.search(f"{item['title']} {item['action']}"):
        return "invitation to a public briefing: printed among rules, changes none"
    if not _SUBJECT.search(f"{item['title']} {item['abstract']}"):
        return "neither title nor abstract is about advanced computing or semiconductors"
    return None if _topic(item) else "about neither exports nor imports, by its own words"


def _row(place: str, item: dict[str, Any]) -> Row:
    text = {
        name: " ".join(value.split()) or None for name, value in item.items() if isinstance(value, str)
    }  # many titles end in blanks
    dockets = [" ".join(name.split()) for name in item["docket_ids"] or () if isinstance(name, str)]
    return {
        "event": text.get("document_number"),
        "topic": _topic(item),
        "event_on": text.get("publication_date"),
        "effective_on": text.get("effective_on"),
        "title": text.get("title"),
        "summary": text.get("abstract"),
        "kind": "rule",
        "action": text.get("action"),
        "direction": None,
        "affects": None,
        "citation": text.get("citation"),
        "docket": "; ".join(dockets) or None,
        "url": text.get("html_url"),
        "note": None,
        "_locator": place,
        "_ignored": _ignored(item),
    }


def parse(document: Document) -> Frames:
    """JSON: ``count``, ``total_pages`` and ``results``, one object per rule with the fields that the address
    asks for. All of it must be on one page; an answer without a match has no ``results`` at all and is
    refused, for rules are known. ``publication_date`` is the day of the event: a rule is often released some
    days before. What a rule is about (export controls, import measures, corrections of others) is read in its
    own words.
    Source: https://www.federalregister.gov/developers/documentation/api/v1"""
    printed = json_fields.read(document, dict, as_printed=False)
    if "errors" in printed:
        raise LayoutChanged(
            f"{document.name}, $: the Federal Register answered with an error: {str(printed)[:300]}"
        )
    if printed.get("count") == 0:
        raise LayoutChanged(
            f"{document.name}, $: no rule matches the query, but rules are known: the search or the agency's"
            " name has changed"
        )
    answer = ANSWER.one(document, printed, "$")
    if answer["total_pages"] != 1 or answer["next_page_url"] or answer["count"] != len(answer["results"]):
        raise LayoutChanged(
            f"{document.name}, $: holds {len(answer['results'])} of {answer['count']} rules on page 1 of"
            f" {answer['total_pages']}: a cut page; ask from a later publication date on"
        )
    items, unreadable = RULE.each(document, answer["results"], "$.results")
    return {"policy_event": Records.of(items, _row, unreadable)}
