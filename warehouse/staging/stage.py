"""Stage: one document, parsed and typed, as Parquet; cached by document, parser and schema."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from extractors.contract import Document
from extractors.definition import Source
from extractors.sql import literal
from warehouse.datasets import schema
from warehouse.staging import typed_rows
from warehouse.staging.typed_rows import Read
from warehouse.store import archive, code_identity, files
from warehouse.store.memo import digest
from warehouse.store.paths import Layout, check_owner

# characters of a document's hash that name the folder of its folders; no other folder of the stage has so
# short a name
SHARD = 2
OLDER = 3  # earlier readings of one document that are kept, where their rows differ
SUMMARY = "stage.json"


@dataclass(frozen=True)
class Staged(Read):
    """One parsed document: a folder with ``<dataset>.parquet`` and ``quarantine.parquet``."""

    folder: str = ""

    def parquet(self, dataset: str) -> Path:
        return Path(self.folder) / f"{dataset}.parquet"


def stage_key(source: Source, salt: bytes = b"") -> str:
    """Names what besides the bytes decides a staged document: parser, schemas, typing, and the secret of keys
    for people."""
    typing = code_identity.of("warehouse.staging.typed_rows", definitions=False)
    code = [code_identity.of_source(source.folder).digest, typing.digest]
    shapes = [schema.all_datasets()[name].hash for name in source.datasets]
    secret = files.sha256(salt) if source.personal else ""
    return code_identity.fingerprint([source.id, code, shapes, secret])[:16]


def stage(layout: Layout, source: Source, document: Document) -> Staged:
    """Parse a document, or return what an earlier run made of it. Never raises for its content."""
    key = stage_key(source, document.salt)
    if staged := kept(layout, document, key):
        return staged
    check_owner(layout)
    folder = folder_of(layout, document, key)
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".staging-"))
    try:
        with archive.as_received(document) as received:
            read = asdict(typed_rows.read(work, source, received, schema.all_datasets()))
        held = {path.name: digest(path) for path in work.iterdir()}
        also = _settled(layout, document, work, read)
        (work / SUMMARY).write_text(json.dumps({"read": read, "files": held, "also": also}), "utf-8")
        for path in work.iterdir():
            files.sync(path)
        # another process may have staged it meanwhile; either result is as good
        if kept(layout, document, key) is None:
            shutil.rmtree(folder, ignore_errors=True)
            work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Staged(**read, folder=str(folder))


def kept(layout: Layout, document: Document, key: str | None) -> Staged | None:
    """What an earlier run made of a document under a stage key, None where that is not kept, or not as it was
    written.

    A later reading that came to the same rows stands for an earlier one.
    """
    folder = folder_of(layout, document, str(key))
    if found := _summary(folder):
        return Staged(**found["read"], folder=str(folder))
    for other in _readings(layout, document):
        if (found := _summary(other)) and key in found["also"]:
            return Staged(**found["read"], folder=str(other))
    return None


def _summary(folder: Path) -> dict[str, Any] | None:
    """What stands in the summary of a staged folder; None where that or another of its files is not as it was
    written."""
    try:
        found: dict[str, Any] = json.loads((folder / SUMMARY).read_bytes())
        if "read" not in found:  # a version before this one wrote the fields alone
            found = {"read": found, "files": {}, "also": []}
        Staged(**found["read"])
        whole = all(digest(folder / name) == wanted for name, wanted in found["files"].items())
    except (OSError, ValueError, TypeError):
        return None
    return found if whole else None


def _settled(layout: Layout, document: Document, work: Path, read: dict[str, Any]) -> list[str]:
    """Remove earlier readings of a document that came to what the new one in ``work`` came to, and return
    their keys.

    Of those that differ a few stay, the newest: what a parser of earlier read, nobody could read again.
    """
    also, differing = [], []
    for folder in sorted(_readings(layout, document), key=lambda path: path.stat().st_mtime, reverse=True):
        found = _summary(folder)
        if found is None:
            shutil.rmtree(folder)
        elif found["read"] == read and _content(folder) == _content(work):
            also += [folder.name[len(document.sha256) + 1 :][:16], *found["also"]]
            shutil.rmtree(folder)
        else:
            differing.append(folder)
    for folder in differing[OLDER:]:
        shutil.rmtree(folder)
    return sorted(set(also))


def _content(folder: Path) -> dict[str, list[object]]:
    """What a reading holds, by file: its columns, and marks of its rows whatever their order."""
    queries = (
        "DESCRIBE FROM {}",
        "SELECT count(*), bit_xor(hash(t)), sum(hash(t)::HUGEINT % 4294967291) FROM {} AS t",
    )
    with duckdb.connect() as con:
        return {
            path.name: [con.execute(query.format(literal(path))).fetchall() for query in queries]
            for path in folder.glob("*.parquet")
        }


def _readings(layout: Layout, document: Document) -> Iterator[Path]:
    """The folders of a document, whichever parser read it."""
    part = _part(document)
    for folder in (layout.stage / document.sha256[:SHARD]).glob(f"{document.sha256}-*"):
        if folder.name[len(document.sha256) + 17 :] == part:
            yield folder


def _part(document: Document) -> str:
    """A parser may rest on which of its source's documents it reads."""
    return f"-{files.sha256(document.part.encode())[:8]}" if document.part else ""


def folder_of(layout: Layout, document: Document, key: str) -> Path:
    """Where a document lies that was read under a stage key."""
    return layout.stage / document.sha256[:SHARD] / f"{document.sha256}-{key}{_part(document)}"


def sweep(layout: Layout) -> None:
    """Remove what a killed run was still staging, and what versions before this one kept in other places."""
    before = (layout.stage / name for name in ("bases", "checks", "indicators", "registry", "verdicts"))
    for path in (*layout.stage.glob("*/.staging-*"), *before, layout.root / "robots"):
        shutil.rmtree(path, ignore_errors=True)
    (layout.stage / "attempts.json").unlink(missing_ok=True)


def clear(layout: Layout, keys: Collection[str]) -> None:
    """Empty the stage, of all that is kept there to be quick; ``keys``: stage keys of today's parsers.

    What parsers of earlier read stays: nobody could read it again, and ``gapwatch why`` compares with it.
    """
    for path in layout.stage.glob("*"):
        if path.is_file():
            path.unlink()
            continue
        for folder in path.glob("*") if len(path.name) == SHARD else ():
            sha256, key, *part = folder.name.split("-")
            found = _summary(folder)
            if found and found["also"] and key in keys:  # from now on it stands for earlier ones alone
                earlier = folder.with_name("-".join([sha256, found["also"][0], *part]))
                folder.rename(earlier)
            elif found is None or key in keys:
                shutil.rmtree(folder)
        if len(path.name) != SHARD or not any(path.iterdir()):
            shutil.rmtree(path)
