"""Documents of the samples changed as publishers change them: fields added, moved, gone or renamed."""

from __future__ import annotations

import copy
import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from extractors.definition import Source
from flows.refresh import demo_publishers

NEW = "Something new"
# Documents of which no field has a name: pages, reports in XBRL, and tables that we keep ourselves.
WITHOUT_FIELDS = (
    *("alibaba_filings", "alibaba_results", "neurips_accepted", "neurips_proceedings_lists"),
    *("policy_events", "published_figures", "published_pages", "sec_segment_revenue"),
)
Grid = list[list[str]]


def sample(source: Source) -> dict[str, Any]:
    """The source's newest sample document."""
    return demo_publishers.documents(source)[-1]


def kind_of(content: bytes) -> str:
    if content.startswith(b"PAR1"):
        return "parquet"
    if content.startswith(b"PK"):
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
        return (
            "workbook"
            if "xl/workbook.xml" in names
            else "zipped json"
            if any(name.endswith(".json") for name in names)
            else "zipped csv"
        )
    return "json" if content.lstrip()[:1] in (b"{", b"[") else "csv"


def read_csv(content: bytes) -> Grid:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def write_csv(rows: Grid) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _member(content: bytes, ending: str) -> tuple[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    [name] = [
        name
        for name in archive.namelist()
        if name.endswith(ending)
        and "README" not in name
        and ("eci" in name or "index" in name or "hist" in name or ending == ".json")
    ]
    return name, archive.read(name)


def _exchanged(content: bytes, name: str, member: bytes) -> bytes:
    """The zip with another content of one member."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for info in old.infolist():
            new.writestr(info.filename, member if info.filename == name else old.read(info.filename))
    return made.getvalue()


class Table:
    """A table of a document: its columns can be changed, whatever it is packed in."""

    def __init__(self, content: bytes):
        self.content, self.kind = content, kind_of(content)
        if self.kind == "csv":
            self.rows = read_csv(content)
        elif self.kind == "zipped csv":
            self.name, member = _member(content, ".csv")
            self.rows = read_csv(member)
        elif self.kind == "parquet":
            with tempfile.NamedTemporaryFile(suffix=".parquet") as file, duckdb.connect() as con:
                Path(file.name).write_bytes(content)
                found = con.execute(f"FROM read_parquet('{file.name}')")
                names = [name for name, *_ in found.description or ()]
                self.types = [str(kind) for _, kind, *_ in found.description or ()]
                self.rows = [names, *map(list, found.fetchall())]

    @property
    def header(self) -> list[str]:
        return self.rows[0]

    def columns(self, change: Callable[[list[Any]], list[Any]]) -> bytes:
        """The document with each row changed in the same way."""
        return self.packed([change(list(row)) for row in self.rows])

    def packed(self, rows: Grid, types: dict[str, str] | None = None) -> bytes:
        if self.kind == "csv":
            return write_csv(rows)
        if self.kind == "zipped csv":
            return _exchanged(self.content, self.name, write_csv(rows))
        known = dict(zip(self.header, self.types, strict=True)) | (types or {})
        with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
            columns = ", ".join(f'"{name}" {known.get(name, "VARCHAR")}' for name in rows[0])
            con.execute(f"CREATE TABLE board ({columns})")
            con.executemany(f"INSERT INTO board VALUES ({', '.join('?' * len(rows[0]))})", rows[1:])
            con.execute(f"COPY board TO '{folder}/board.parquet' (FORMAT parquet)")
            return Path(folder, "board.parquet").read_bytes()


class Objects:
    """The objects of a JSON document, by their place with ``[*]`` for any number."""

    def __init__(self, content: bytes):
        self.content, self.kind = content, kind_of(content)
        if self.kind == "zipped json":
            self.name, member = _member(content, ".json")
            self.document = json.loads(member)
        else:
            self.document = json.loads(content)

    def fields(self) -> dict[tuple[str, str], int]:
        """Place and name of every field, with the number of objects that have it."""
        found: dict[tuple[str, str], int] = {}
        for place, value in walk(self.document):
            for name in value:
                found[place, name] = found.get((place, name), 0) + 1
        return found

    def without(self, place: str, field: str, times: int = 10**9) -> bytes:
        """The document without a field in the first ``times`` objects of a place."""
        return self._changed([place], field, times, lambda value: value.pop(field))

    def renamed(self, place: str, field: str) -> bytes:
        """The document with a field under another name."""
        return self._changed(
            [place], field, 10**9, lambda value: value.update({f"{field}_2": value.pop(field)})
        )

    def added(self, places: Iterable[str], field: str) -> bytes:
        """The document with a new field in every object of some places."""
        return self._changed(places, None, 10**9, lambda value: value.update({field: {"any": ["thing"]}}))

    def _changed(
        self, places: Iterable[str], field: str | None, times: int, change: Callable[[dict[str, Any]], object]
    ) -> bytes:
        made = copy.deepcopy(self.document)
        for here, value in list(walk(made)):
            if here in places and (field is None or field in value) and times > 0:
                change(value)
                times -= 1
        body = json.dumps(made).encode()
        return body if self.kind == "json" else _exchanged(self.content, self.name, body)


def walk(value: Any, place: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield place, value
        for name in list(value):
            if name in value:
                yield from walk(value[name], f"{place}.{name}")
    elif isinstance(value, list):
        for one in value:
            yield from walk(one, f"{place}[*]")
