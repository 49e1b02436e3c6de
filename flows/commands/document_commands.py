"""Commands about single documents: add old ones, let one past the checks that refuse it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option, Typer

from flows.commands import terminal
from flows.commands.options import DataDir, Part, Wrong, chosen_sources, layout_of, settled

app = Typer()


@app.command()
def backfill(
    source: Annotated[str, Argument(help="Id of the source that published the documents.")],
    path: Annotated[
        Path,
        Argument(help="A document, as it was published, or a folder of them.", exists=True, readable=True),
    ],
    published_at: Annotated[
        str | None,
        Option(
            help="When the document was published: a day, or a moment with its zone, 2026-05-01T12:00+02:00.",
            metavar="WHEN",
        ),
    ] = None,
    dates: Annotated[
        Path | None,
        Option(
            help="When the files of the folder were published: CSV with file, published_at and perhaps part,"
            " or a bucket's listing (.json)."
            " Without it the day stands in each file's name, else in its folder's.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    part: Part = "",
    data_dir: DataDir = None,
) -> None:
    """Add old documents with their own publication dates; the next refresh builds them into history as if
    they had been there.

    In which order they are added does not matter. Exits with 1 when a document cannot be dated, read, or does
    not pass its checks.
    """
    from flows.commands import backfill as filling
    from flows.refresh import demo_publishers
    from flows.refresh.steps import alone

    layout, every = settled(data_dir), chosen_sources([source])
    if dates and published_at:
        raise Wrong("--dates and --published-at exclude one another")
    demo_publishers.check_unmixed(layout, sample=False)
    with alone(layout):
        found = filling.dated(path, dates, published_at, part)
        raise Exit(0 if filling.fill(layout, every[source], found) else 1)


@app.command()
def accept(
    document: Annotated[str, Argument(help="The refused document: the beginning of its SHA-256.")],
    because: Annotated[str, Option(help="Why it is right as it is.")],
    check: Annotated[
        list[str] | None, Option(help="Let it past this check only (repeatable); all that it fails.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Let one document past checks that refuse it. The next refresh takes it in; the decision is recorded and
    visible with the document, its checks, and every number that rests on it."""
    from flows.commands import accept as accepting
    from flows.refresh.steps import alone
    from warehouse.acquire.fetch import utc_now
    from warehouse.store import journal

    layout, every = layout_of(data_dir), chosen_sources(None)
    with alone(layout):
        at = journal.timestamp(utc_now())
        past = accepting.accept(layout, every, document, because, check or [], at)
    terminal.tell(f"Document {document} is let past: {'; '.join(past)}. Run gapwatch refresh.")
