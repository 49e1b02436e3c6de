"""Which code a result rests on: one name for it, derived from the code itself. No list decides what is out of
date.

A result rests on the modules that its own module imports, and on what they import, without comments and
docstrings; on the definitions (SQL, YAML, reviewed tables) that lie beside these modules; and on the versions
of the libraries that they import.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from extractors import yml
from warehouse.store import files, headed_sql
from warehouse.store.memo import Memo

ROOT = Path(__file__).parents[2]
PACKAGES = ("extractors", "warehouse", "expectations", "flows")
DEFINITIONS = (".sql", ".yml", ".csv")
# Libraries whose distribution is called otherwise than the package that is imported.
DISTRIBUTIONS = {"bs4": "beautifulsoup4", "yaml": "PyYAML"}
_BESIDE = re.compile(r"""Path\(__file__\)\.parent((?: / ["'][^"']+["'])+)""")
# What counts of SQL: texts and names in quotes as they stand; comments and white space do not.
_SQL = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")|(?:--[^\n]*|/\*.*?\*/|\s)+""", re.DOTALL)

# Python 3.11 counts the depth of a tree for all threads together; two at once raise SystemError.
_PARSING = threading.Lock()


@dataclass(frozen=True)
class Identity:
    """What a result rests on. ``digest`` names the meaning of all ``files`` and the versions of the
    ``libraries``."""

    files: frozenset[Path]
    libraries: frozenset[str]
    digest: str


class _Module(NamedTuple):
    """One Python file: the hash of what it means, what it imports, and the files that it names by its own
    place."""

    meaning: str
    imports: list[str]
    tables: list[Path]


@cache
def of(*modules: str, definitions: bool = True, without: tuple[Path, ...] = ()) -> Identity:
    """What results of these modules rest on. ``definitions``: whether those beside the modules count; those
    below ``without`` do not."""
    found: dict[Path, str] = {}
    libraries: set[str] = set()
    waiting = [part for module in modules for part in _above(module)]
    seen: set[str] = set()
    if unknown := [name for name in modules if path_of(name) is None]:
        raise ValueError(f"there is no module {unknown[0]}")
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        top = name.partition(".")[0]
        if top not in PACKAGES:
            libraries |= {top} - sys.stdlib_module_names
        elif path := path_of(name):
            module = _read(path)
            found |= {path: module.meaning} | {table: meaning(table) for table in module.tables}
            waiting += module.imports
    if definitions:
        beside = {file for folder in {path.parent for path in found} for file in _definitions(folder)}
        found |= {
            file: meaning(file)
            for file in beside
            if not any(file.is_relative_to(folder) for folder in without)
        }
    return _named(found, libraries)


def of_source(folder: Path) -> Identity:
    """What the rows of a document rest on besides the document: the parser in a source's folder and the
    tables beside it."""
    parser = of(".".join((folder / "extract").relative_to(ROOT).parts), definitions=False)
    tables = {path: meaning(path) for path in folder.glob("*.csv")}
    return _named({path: meaning(path) for path in parser.files} | tables, parser.libraries)


def _named(found: dict[Path, str], libraries: Iterable[str]) -> Identity:
    told = sorted((path.relative_to(ROOT).as_posix(), digest) for path, digest in found.items())
    versions = sorted((name, version(DISTRIBUTIONS.get(name, name))) for name in libraries)
    return Identity(frozenset(found), frozenset(libraries), fingerprint([told, versions]))


def path_of(module: str) -> Path | None:
    """The file of a module of this project; None for a package without code, and for a name inside a
    module."""
    place = ROOT.joinpath(*module.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


def meaning(path: Path) -> str:
    """A hash of what a file means: comments, docstrings and the form of SQL and YAML do not count."""
    if path.suffix == ".py":
        return _read(path).meaning
    if path.suffix == ".yml":
        return fingerprint(yml.read(path.read_text("utf-8")))
    return sql_meaning(path.read_text("utf-8")) if path.suffix == ".sql" else files.sha256(path.read_bytes())


def sql_meaning(text: str) -> str:
    """The same of SQL. A comment at its head that holds fields in YAML, as that of an indicator does, counts
    by what it says."""
    _, header, rest = headed_sql.split(text)
    try:
        said = yml.read(header)
    except yaml.YAMLError:
        said = None
    if not isinstance(said, dict):
        said = None
    meant = _SQL.sub(lambda found: found[1] or " ", rest).strip().removesuffix(";").rstrip()
    return fingerprint([said, meant])


_kept: list[Memo] = []  # where what is found out of a file is kept, for the processes that come


def keep_in(memo: Memo) -> None:
    """Keep what files mean, by their content: to parse all of them takes half a second of a processor."""
    _kept[:] = [memo]


@cache
def _read(path: Path) -> _Module:
    content = path.read_bytes()
    name = f"code/{sys.version_info[0]}.{sys.version_info[1]}-{files.sha256(content)[:32]}"
    kept = next(iter(_kept), None)
    known = kept and kept.get(name)
    if not known:
        known = _parse(content.decode())
        if kept:
            kept.put(name, known)
    meant, imports, places = known
    tables = (path.parent.joinpath(*place) for place in places)
    return _Module(meant, imports, [table for table in tables if table.is_file()])


def _parse(text: str) -> tuple[str, list[str], list[list[str]]]:
    """What a Python file means, what it imports, and names of files beside it, each in parts."""
    with _PARSING:
        tree = ast.parse(text)
    imports: set[str] = set()
    blocks: list[Any] = [tree]
    while blocks:  # statements alone: no import stands in an expression, and no docstring
        block = blocks.pop()
        if isinstance(block, ast.Import):
            imports.update(part for alias in block.names for part in _above(alias.name))
        elif isinstance(block, ast.ImportFrom) and block.module:
            imports.update(_above(block.module), (f"{block.module}.{alias.name}" for alias in block.names))
        elif isinstance(block, ast.If) and getattr(block.test, "id", "") == "TYPE_CHECKING":
            blocks += block.orelse
        else:
            for name in ("body", "orelse", "finalbody", "handlers", "cases"):
                if isinstance(lines := getattr(block, name, None), list):
                    kept = [line for line in lines if not _is_text(line)]
                    setattr(block, name, kept)
                    blocks += kept
    places = [re.findall("""["']([^"']+)["']""", place) for place in _BESIDE.findall(text)]
    return files.sha256(ast.dump(tree).encode()), sorted(imports), places


def _is_text(line: ast.AST) -> bool:
    """A docstring, or a text that stands alone: it does nothing."""
    match line:
        case ast.Expr(ast.Constant(str())):
            return True
    return False


def _above(module: str) -> list[str]:
    """A module and the packages that it lies in, whose code runs first."""
    parts = module.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _definitions(folder: Path) -> Iterator[Path]:
    """Definitions that the modules of a folder read: those in it, and below it in folders without code."""
    for path in folder.iterdir():
        if path.is_file() and path.suffix in DEFINITIONS:
            yield path
        elif path.is_dir() and not any(path.rglob("*.py")):
            yield from _definitions(path)


def fingerprint(parts: object) -> str:
    """SHA-256 of anything that JSON can hold."""
    return files.sha256(json.dumps(parts, sort_keys=True, default=str).encode())
