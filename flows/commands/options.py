"""What all commands share: where the data lie, and how wrong usage is told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from warehouse.acquire import settings
from warehouse.store.paths import Layout, default_root

if TYPE_CHECKING:
    from extractors.definition import Source

DataDir = Annotated[
    Path | None,
    Option(
        "--data-dir",
        envvar="GAPWATCH_DATA_DIR",
        help="Where archive, ledgers and the published file lie.",
        show_envvar=True,
    ),
]
Part = Annotated[str, Option(help="The edition, where the source has several documents.")]
PATTERN = "*?[]\\"  # signs that stand for others where DuckDB is given a path
_chosen: dict[str, Path] = {}


class Wrong(Exception):
    """The command was used wrongly: exit code 2."""


class Unpublished(Exception):
    def __init__(self, published: Path) -> None:
        super().__init__(f"nothing is published at {published} yet: run gapwatch refresh")


def choose(data_dir: Path | None) -> None:
    """Remember the data directory that was named before the command."""
    _chosen.clear()
    if data_dir:
        _chosen["root"] = data_dir


def published(data_dir: Path | None) -> Layout:
    """``layout_of``, where something is published. Raises ``Unpublished``."""
    layout = layout_of(data_dir)
    if not layout.published.exists():
        raise Unpublished(layout.published)
    return layout


def layout_of(data_dir: Path | None) -> Layout:
    """The data directory named after the command, else before it, else the default. Raises ``ValueError``
    where it is none."""
    root = settings.data_dir(data_dir or _chosen.get("root") or default_root())
    if bad := sorted({sign for sign in str(root) if sign in PATTERN or not sign.isprintable()}):
        raise Wrong(
            f"the data directory {str(root)!r} has {' '.join(map(repr, bad))} in its path, which DuckDB takes"
            " for a pattern: give it another name"
        )
    return Layout(root)


def settled(data_dir: Path | None) -> Layout:
    """``layout_of``, for a command that asks or writes: all settings are right, or ``ValueError``."""
    from extractors.definition import all_sources

    settings.check(source.key_env for source in all_sources().values() if source.key_env)
    return layout_of(data_dir)


def chosen_sources(names: list[str] | None) -> dict[str, Source]:
    """All sources. Raises ``Wrong`` where one of ``names`` is none of them."""
    from extractors.definition import all_sources

    every = all_sources()
    for name in names or []:
        if name not in every:
            raise Wrong(f"there is no source {name!r}; there are: {', '.join(every)}")
    return every
