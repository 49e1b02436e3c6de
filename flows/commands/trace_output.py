"""How a trace is shown: to people, and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extractors.evidence.locate import Evidence
from flows.commands import terminal
from flows.commands.trace import Input, Trace, digits

SECONDS = "%Y-%m-%d %H:%M:%S UTC"
SHOWN = 400  # characters of a record or row that are shown; the JSON has all of them


def _line(label: str, text: object, indent: int = 2) -> None:
    terminal.say(f"{' ' * indent}{label}: {terminal.safe(str(text))}")


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]} … ({len(text):,} characters)"


def show(found: Trace) -> None:
    """Print it for people; what was scraped is shown so that it steers nothing."""
    about = found.about
    series = f", series {about['series']}" if about["series"] else ""
    known = f", as of {about['as_of']:%Y-%m-%d}" if about["as_of"] else ""
    title = terminal.safe(about["title"])
    terminal.say(f"[bold]{title}[/bold] ({about['indicator']}){series}, {about['period']}{known}")
    low, high = digits(about["low"]), digits(about["high"])
    bounds = f", between {low} and {high}" if {low, high} != {"none"} else ""
    _line("value", f"{digits(about['gap'])} {about['unit']}{bounds}; leader: {about['leader'] or 'none'}")
    sides = {side: about[f"{side}_is"] for side in ("usa", "chn") if about[side] is not None}
    for side, computed in sides.items():
        _line(side, f"{digits(about[side])}, {computed}")
    _line("formula", about["formula"])
    if about["break"]:
        _line("break", about["break"])
    if about["method"] and any("computed" in computed for computed in sides.values()):
        _line("method", about["method"])
    if about["other_series"]:
        _line("other series", ", ".join(name or "the main one" for name in about["other_series"]))
    terminal.rows(
        "Inputs", ("side", "dataset", "source", "inputs", "sum"), (row.values() for row in found.summary)
    )
    numbers = {
        (document["source"], document["document"]): number
        for number, document in enumerate(found.documents, 1)
    }
    for given in found.inputs:
        _input(given, numbers[given.source, given.document])
    if len(found.inputs) < found.total:
        terminal.say(f"The {len(found.inputs)} largest of {found.total} inputs: --all shows every one.")
    terminal.say("[bold]Documents[/bold]")
    for number, document in enumerate(found.documents, 1):
        _document(number, document)


def _input(given: Input, document: int) -> None:
    terminal.say(
        f"[bold]{terminal.safe(given.side or 'neither side')} {digits(given.value)}[/bold] from document"
        f" {document}, {terminal.safe(given.locator)}"
    )
    if isinstance(given.found, Evidence):
        _line("text", _short(given.found.text))
        if given.fine:
            _line("read", given.reading)
        if given.found.around not in ("", given.found.text):
            _line("in", _short(given.found.around))
    if not given.fine:
        terminal.say(f"  [red]{given.verdict}[/red]: {terminal.safe(given.reading)}")
    told = ", ".join(
        f"{name} {value}"
        for name, value in (given.row or {}).items()
        if value not in (None, "") and name != "source"
    )
    _line("row", _short(f"{given.dataset}: {told}" if given.row else "none"))


def _document(number: int, document: Mapping[str, Any]) -> None:
    part = f", part {document['part']}" if document["part"] else ""
    published = document["published_at"]
    form = "%Y-%m-%d" if document["precision"] == "day" else SECONDS
    terminal.say(
        f"{number}. {terminal.safe(document['document'])} ({terminal.safe(document['source'] + part)})"
    )
    _line("url", document["url"] or "none (added by hand)", indent=3)
    _line("fetched at", f"{document['fetched_at']:{SECONDS}}", indent=3)
    _line("published at", f"{published:{form}}" if published else "not stated", indent=3)
    if document["replaced"]:
        _line("added in place of", f"{', '.join(document['replaced'])} (refused)", indent=3)
    _line("licence", f"{document['licence']} ({document['publisher']})", indent=3)


def as_json(found: Trace) -> None:
    """Print it as one JSON object; moments in UTC, ISO 8601. Everything beyond ASCII is escaped, so that
    nothing steers a terminal."""
    terminal.as_json(
        {
            **found.about,
            "summary": found.summary,
            "inputs_total": found.total,
            "inputs": [_told(given) for given in found.inputs],
            "documents": found.documents,
        }
    )


def _told(given: Input) -> dict[str, Any]:
    told = vars(given) | {"verdict": given.verdict, "reading": given.reading}
    del told["found"]
    return told | {name: getattr(given.found, name, None) for name in ("text", "around", "number")}
