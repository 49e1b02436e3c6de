"""How a trace is shown: to people, and as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from extractors.evidence.locate import Evidence
from flows.commands import terminal
from flows.commands.trace import Input, Trace, digits

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
    terminal.say(
        f"[bold]{terminal.safe(about['title'])}[/bold] ({about['indicator']}){series},"
        f" {about['period']}{known}"
    )
    bounds = (
        f", between {digits(about['low'])} and {digits(about['high'])}"
        if about["low"] is not None or about["high"] is not None
        else ""
    )
    _line("value", f"{digits(about['gap'])} {about['unit']}{bounds}; leader: {about['leader'] or 'none'}")
    for side in ("usa", "chn"):
        if about[side] is not None:
            _line(side, f"{digits(about[side])}, {about[f'{side}_is']}")
    _line("formula", about["formula"])
    for name in ("break", "method"):
        if about[name] and (
            name != "method" or any("computed" in (about[f"{side}_is"] or "") for side in ("usa", "chn"))
        ):
            _line(name, about[name])
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
    terminal.console.print("[bold]Documents[/bold]")
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
    terminal.say(
        f"{number}. {terminal.safe(document['document'])} ({terminal.safe(document['source'] + part)})"
    )
    for name, value in (
        ("url", document["url"] or "none (added by hand)"),
        ("fetched at", f"{document['fetched_at']:%Y-%m-%d %H:%M:%S} UTC"),
        (
            "published at",
            "not stated"
            if document["published_at"] is None
            else _moment(document["published_at"], document["precision"]),
        ),
        ("licence", f"{document['licence']} ({document['publisher']})"),
    ):
        _line(name, value, indent=3)


def _moment(moment: dt.datetime, precision: str) -> str:
    return f"{moment:%Y-%m-%d}" if precision == "day" else f"{moment:%Y-%m-%d %H:%M:%S} UTC"


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
