"""Makes the reference pages and the pictures from the definitions: ``python -m docs.generate [FOLDER]``.

What is made: ``reference/{sources,commands,data-dictionary,indicators}.md`` and ``pictures/*.svg``, each a
function of the definitions alone. What no definition says stands in two files here, one line an entry:
``met.yml`` (source -> what its parser has met) and ``environment.yml`` (variable -> its meaning).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import typer

from docs import dictionary, drawing
from docs.markdown import MADE, facts, links, span, table
from expectations import claims
from extractors import definition, yml
from flows.commands import cli
from warehouse.build import derived, indicators
from warehouse.datasets import schema

HERE = Path(__file__).parent
EXIT_CODES = {
    "0": "fine",
    "1": "something needs a person. For `refresh`: a source is blocked, moved or changed its layout, a check"
    " failed, a release was held back, an alert was not delivered. For `status`: a source is stale, or"
    " nothing is published. For `trace`: a text does not give its number, or a document is damaged or"
    " missing. For `backfill`: a document cannot be dated or read, or its checks do not pass",
    "2": "wrong usage",
    "130, 143": "stopped by Ctrl-C or SIGTERM",
}


def _sources() -> str:
    sources, met = definition.all_sources(), yml.read((HERE / "met.yml").read_text("utf-8"))
    used = indicators.all_indicators()
    listed = ([links([source.id]), source.publisher, source.licence] for source in sources.values())
    page = f"""{MADE}
# Sources

{len(sources)} sources. The data stay under the licences below; cite them as they ask. The view `source` has
the same fields. No document of a publisher is part of this project: samples are written by hand.

{sum(source.met_live for source in sources.values()) or "None"} of the parsers met its live address so far.
Each source below says what its parser has met. A parser that has met a description alone may find another
layout on its first night: the outcome is then `drift`, layout changed, and the message names the place.

{table(["source", "publisher", "licence"], listed)}
OpenReview is left out. Since July 2026 it answers nobody who is not logged in, and nobody here has a login to
try a parser with.
"""
    for source in sources.values():
        resting = [name for name, indicator in used.items() if source.id in indicator.sources]
        known = {
            "Publisher": f"{source.publisher}, <{source.homepage}>",
            "Licence": source.licence + ("" if source.redistribute else "; its documents are not passed on"),
            "Cite as": source.citation,
            "Address": _address(source),
            "Asked": _asked(source) if source.fetched else "",
            "Releases": _releases(source),
            "A newer document": f"withdraws {'what it lacks' if source.statement == 'full' else 'nothing'}",
            "Datasets": links(source.datasets, "data-dictionary.md"),
            "Indicators": links(resting, "indicators.md") or "none rests on it",
            "The parser has met": met[source.id] + ("; its live address" if source.met_live else ""),
            "People": "named; only keys made with a secret leave the archive" if source.personal else "",
            "Note": source.note,
        }
        page += f"\n## {source.id}\n\n{source.title}\n\n{facts(known)}"
    return page


def _address(source: definition.Source) -> str:
    if source.reviewed:
        return f"none; people keep `{source.reviewed.file}` in the folder of the source"
    if source.urls:
        return ", ".join(f"`{part}` <{url}>" for part, url in source.urls.items())
    address = source.address or "none; it takes old documents only (`gapwatch backfill`)"
    return f"`{address}`" if "://" in address else address


def _asked(source: definition.Source) -> str:
    told = [f"at most every {span(source.every)}" if source.every else "every night"]
    if source.once:
        told.append("a document that is there is not asked for again")
    if source.once or source.calendar or source.follows:
        told.append(f"at most {source.at_most} new documents a night")
    if source.key_env:
        told.append(f"needs the key `{source.key_env}`")
    return "; ".join(told)


def _releases(source: definition.Source) -> str:
    if not source.cadence:
        return ""
    oldest = span(source.cadence.newest_period)
    return f"about every {span(source.cadence.release)}; its newest period may be {oldest} old"


def _commands() -> str:
    app: Any = typer.main.get_command(cli.app)
    variables = yml.read((HERE / "environment.yml").read_text("utf-8"))
    told = {name: re.split(r"\n\s*\n", command.help) for name, command in app.commands.items()}
    without = [
        name for name, command in app.commands.items() if all(p.name != "data_dir" for p in command.params)
    ]
    listed = ([f"[`gapwatch {name}`](#gapwatch-{name})", first] for name, (first, *_) in told.items())
    page = f"""{MADE}
# Commands

{table(["command", "what it does"], listed)}
Every command but {", ".join(f"`{name}`" for name in without)} takes `--data-dir`, before or after its name.
`gapwatch COMMAND --help` prints what stands here.

{_parameters(app, "gapwatch", ())}
## Exit codes

{table(["code", "meaning"], EXIT_CODES.items())}
A source that merely does not answer needs a person after three days.

## Environment variables

{table(["variable", "meaning"], ([f"`{name}`", meaning] for name, meaning in variables.items()))}"""
    for name, command in app.commands.items():
        words = "\n\n".join(" ".join(paragraph.split()) for paragraph in told[name])
        page += (
            f"\n## gapwatch {name}\n\n{words}\n\n{_parameters(command, f'gapwatch {name}', ('data_dir',))}"
        )
    return page


def _parameters(command: Any, usage: str, but: Iterable[str]) -> str:
    """How a command is used, with its arguments and options; what lacks help is refused."""
    context = typer.Context(command, info_name=usage)
    shown = [parameter for parameter in command.params if parameter.name not in but]
    if bare := [parameter.name for parameter in shown if not parameter.help]:
        raise ValueError(f"{usage}: {', '.join(bare)} has no help")
    rows = (parameter.get_help_record(context) for parameter in shown)
    told = table(["argument or option", "meaning"], ([f"`{name}`", meaning] for name, meaning in rows))
    return (
        "\n\n".join(filter(None, [f"`{command.get_usage(context).removeprefix('Usage: ')}`", told.rstrip()]))
        + "\n"
    )


def _indicators() -> str:
    found, said = indicators.all_indicators(), [dict(claim) for claim in claims.all_claims()]
    naming = {
        claim["claim"]: [name for name in found if f"'{name}'" in claim["holds_when"]] for claim in said
    }
    listed = ([links([name]), indicator.question, indicator.unit] for name, indicator in found.items())
    page = f"""{MADE}
# Indicators

{table(["indicator", "question", "unit"], listed)}
`usa` and `chn` are the two sides, `gap` is what is tracked, `low` and `high` bound it, and `leader`
follows from the sides. Statistics over a series, such as its mean, are in the view `indicator_headline`.
[Limits](../limits.md) says beside each indicator what it does not tell.
"""
    for name, indicator in found.items():
        known = {
            "Question": indicator.question,
            "Unit": indicator.unit,
            "Formula": indicator.formula,
            "Method": indicator.method,
            "Bounds": indicator.bounds,
            "Alert": _alert(dict(indicator.alert), indicator.unit),
            "Events that annotate it": indicator.events,
            "Derived tables": ", ".join(f"`{table}`" for table in derived.rests(indicator.sql)),
            "Sources": links(indicator.sources, "sources.md"),
            "Limits": f"[{name}](../limits.md#{name})",
        }
        told = _claims(claim for claim in said if name in naming[claim["claim"]])
        page += f"\n## {name}\n\n{indicator.title}\n\n{facts(known)}{told}"
    others = _claims(claim for claim in said if not naming[claim["claim"]])
    return f"{page}\n## Claims about datasets\n\nThese claims ask the rows and no indicator.\n{others}"


def _alert(rule: Mapping[str, Any], unit: str) -> str:
    """The rule in words: ``leader`` and ``change``, in the unit or in per cent."""
    told = ["another country leads"] if rule.get("leader") else []
    if (change := rule.get("change")) is not None:
        amount = change if "%" in str(change) else f"{change:,} {unit}"
        told.append(f"the newest value moves by more than {amount}")
    return " or ".join(told) or "none"


def _claims(listed: Iterable[Mapping[str, Any]]) -> str:
    rows = [[f"`{one['claim']}`", one["text"], f"{one['said_by']}, {one['said_on']}"] for one in listed]
    return f"\n{table(['claim', 'statement', 'said by'], rows)}" if rows else ""


def pages() -> dict[str, str]:
    """Name below ``docs/`` -> content."""
    found = dictionary.relations()
    counts = {
        "sources": len(definition.all_sources()),
        "datasets": len(schema.all_datasets()),
        "indicators": len(indicators.all_indicators()),
        "claims": len(claims.all_claims()),
        "views": sum(relation.schema == "main" for relation in found),
    }
    shown = {f"{relation.schema}.{relation.name}": (relation.reads, relation.moves) for relation in found}
    return {
        "reference/sources.md": _sources(),
        "reference/commands.md": _commands(),
        "reference/data-dictionary.md": dictionary.page(found),
        "reference/indicators.md": _indicators(),
        "pictures/way-of-the-data.svg": drawing.way(counts),
        "pictures/published-file.svg": drawing.published(shown),
    }


if __name__ == "__main__":
    for name, content in pages().items():
        path = Path(sys.argv[1] if len(sys.argv) > 1 else HERE) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
