"""NeurIPS proceedings: the papers of a year."""

from __future__ import annotations

from extractors import proceedings
from extractors.contract import Document, Frames, Records
from extractors.papers import CONFERENCE, normal_title, paper_key, year_of


def parse(document: Document) -> Frames:
    """HTML: one list item a paper, whose link holds the paper's id and, where there are several, the track. The names beside it are not taken.
    Source: https://proceedings.neurips.cc/paper_files/paper/{year}"""
    rows: list[dict[str, str | None]] = []
    seen: set[str] = set()
    titles: dict[str, int] = {}
    for number, listed in enumerate(proceedings.listed(document), 1):
        again = listed.hash in seen
        seen.add(listed.hash)
        if listed.title and not again:
            titles[normal_title(listed.title)] = titles.get(normal_title(listed.title), 0) + 1
        rows.append(
            {
                "conference": CONFERENCE,
                "edition": f"{year_of(document)}-01-01",
                "paper": paper_key(listed.title, titles.get(normal_title(listed.title), 1)) if listed.title else None,
                "title": listed.title,
                "track": listed.track,
                "hash": listed.hash,
                "_locator": f"paper {number}",
                "_ignored": "listed again" if again else None,
            }
        )
    return {"accepted_paper": Records(rows)}
