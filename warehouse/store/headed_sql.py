"""SQL files that begin with a comment: its first line names the file, and the others are YAML that says what
the file defines."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic.json_schema import SkipJsonSchema

from extractors import yml
from extractors.yml import Definition


class Headed(Definition):
    """What such a file says: the fields of its comment, and its SQL without a semicolon at its end."""

    name: SkipJsonSchema[str]
    sql: SkipJsonSchema[str]


T = TypeVar("T", bound=Headed)


def split(text: str) -> tuple[str, str, str]:
    """The first line, the YAML below it, and the SQL; the first two are empty where there is no comment."""
    head, _, sql = text.removeprefix("/*").partition("*/") if text.startswith("/*") else ("", "", text)
    line, _, header = head.strip().partition("\n")
    return line, header, sql.strip().removesuffix(";")


def parse(kind: type[T], name: str, text: str) -> T:
    """What the text of ``<name>.sql`` says; raises ``ValueError`` as ``yml.load`` does."""
    line, header, sql = split(text)
    if not line.endswith(f"{name}.sql"):
        raise ValueError(f"{name}.sql: its first line does not name the file")
    return yml.load(kind, header, f"{name}.sql", name=name, sql=sql)


def read(kind: type[T], folder: Path) -> dict[str, T]:
    """What every file of a folder says, by name, in order of name; raises as ``parse`` does."""
    return {
        path.stem: parse(kind, path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.sql"))
    }
