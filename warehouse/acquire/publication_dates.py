"""When the old documents of a folder were published: as a table says, as a listing of a bucket says, or by a
day in their names."""

from __future__ import annotations

import base64
import csv
import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# 2026-09-22, 2026_09_22 or 20260922, not inside of a longer number
_DAY = re.compile(r"(?<!\d)(\d{4})([-_]?)(\d{2})\2(\d{2})(?!\d)")
_COLUMNS = ("file", "published_at", "part")


@dataclass(frozen=True)
class Old:
    """A document in a folder: when it was published, UTC, and which of its source's documents it is;
    ``refused`` says why it cannot be taken."""

    name: str
    path: Path
    published: dt.datetime | None = None
    part: str = ""
    refused: str = ""


def documents(folder: Path, dates: Path | None = None, part: str = "") -> list[Old]:
    """Every file below ``folder``, by date; those that cannot be dated last, each with its reason.

    ``dates`` is a CSV with the columns file, published_at (a day, or a moment with its zone) and perhaps
    part, or a listing of a bucket in JSON (``items`` with ``name``, ``updated`` and perhaps ``md5Hash``);
    every file must then be in it. Without it the day stands in the file's name, else in that of the nearest
    folder. ``part`` is that of all files for which the table names none.
    Raises ``ValueError`` naming the line of ``dates`` that cannot be read.
    """
    paths = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _passed_over(folder, path, dates)
    }
    if dates is None:
        found = [by_name(name, path, part) for name, path in paths.items()]
    elif dates.suffix.lower() == ".json":
        found = _by_listing(paths, dates, part)
    else:
        found = _by_table(paths, dates, part)
    return sorted(
        _distinct(found),
        key=lambda old: (
            bool(old.refused),
            old.published or dt.datetime.max.replace(tzinfo=dt.UTC),
            old.name,
        ),
    )


def _passed_over(folder: Path, path: Path, dates: Path | None) -> bool:
    """Hidden files, and the table of dates where it lies in the folder."""
    hidden = any(name.startswith(".") for name in path.relative_to(folder).parts)
    return hidden or (dates is not None and path.samefile(dates))


def by_name(name: str, path: Path, part: str) -> Old:
    """The document by the day in its name, else in that of its nearest folder."""
    for text in reversed(Path(name).parts):
        try:
            days = {dt.date(int(year), int(month), int(day)) for year, _, month, day in _DAY.findall(text)}
        except ValueError:
            return Old(name, path, refused=f"{text} holds no day of the calendar")
        if len(days) > 1:
            return Old(name, path, refused=f"{text} holds several days: {', '.join(map(str, sorted(days)))}")
        if days:
            return Old(name, path, dt.datetime.combine(days.pop(), dt.time(), dt.UTC), part)
    return Old(name, path, refused="no day such as 2026-01-31 stands in its name or that of its folder")


def _by_table(paths: Mapping[str, Path], dates: Path, part: str) -> list[Old]:
    reader = csv.DictReader(io.StringIO(dates.read_text("utf-8-sig"), newline=""), strict=True)
    names = reader.fieldnames or []
    if not {"file", "published_at"} <= set(names) <= set(_COLUMNS):
        raise ValueError(
            f"{dates.name}, line 1: expected the columns file, published_at and perhaps part, found"
            f" {', '.join(names)}"
        )
    told: dict[str, dict[str, str]] = {}
    for row in reader:
        where = f"{dates.name}, line {reader.line_num}"
        if None in row or None in row.values():
            raise ValueError(f"{where}: not as many cells as the header has")
        if told.setdefault(row["file"], row) is not row:
            raise ValueError(f"{where}: {row['file']} is there twice")
        row["published_at"] = moment(row["published_at"], where).isoformat()
    found = [
        Old(name, Path(name), refused=f"{dates.name} names it, but it is not in the folder")
        for name in told
        if name not in paths
    ]
    for name, path in paths.items():
        if row_of := told.get(name):
            found.append(
                Old(name, path, dt.datetime.fromisoformat(row_of["published_at"]), row_of.get("part") or part)
            )
        else:
            found.append(Old(name, path, refused=f"{dates.name} does not name it"))
    return found


def _by_listing(paths: Mapping[str, Path], dates: Path, part: str) -> list[Old]:
    """Objects of a bucket, told apart by the end of their names: the folder may be a copy of any part of the
    bucket."""
    try:
        items: list[dict[str, Any]] = json.loads(dates.read_text("utf-8"))["items"]
        moments = {item["name"]: moment(item["updated"], f"{dates.name}, {item['name']}") for item in items}
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(
            f"{dates.name}: not a listing of a bucket, with items that have name and updated ({error})"
        ) from error
    hashes = {item["name"]: item.get("md5Hash") for item in items}
    found = []
    for name, path in paths.items():
        objects = [known for known in moments if known == name or known.endswith(f"/{name}")]
        if len(objects) != 1:
            said = (
                f"may be any of {', '.join(sorted(objects)[:3])} in {dates.name}"
                if objects
                else f"{dates.name} does not name it"
            )
            found.append(Old(name, path, refused=said))
        elif hashes[objects[0]] not in (None, _md5(path)):
            found.append(Old(name, path, refused=f"its bytes are not those of {objects[0]} in {dates.name}"))
        else:
            found.append(Old(name, path, moments[objects[0]], part))
    return found


def _md5(path: Path) -> str:
    """As listings of Google's buckets print it: the publisher's check sum of the bytes, not a matter of
    security."""
    with path.open("rb") as file:
        return base64.b64encode(
            hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()
        ).decode()


def _distinct(found: list[Old]) -> list[Old]:
    """Two documents of one part and moment are refused: which came first, and so what was known after, nobody
    can say."""
    seen: dict[tuple[str, dt.datetime], list[str]] = {}
    for old in found:
        if old.published:
            seen.setdefault((old.part, old.published), []).append(old.name)
    told = []
    for old in found:
        others = [name for name in seen[old.part, old.published] if name != old.name] if old.published else []
        why = (
            f"published at the same moment as {others[0]}: say in a table of dates, with times, which came"
            " first"
            if others
            else ""
        )
        told.append(Old(old.name, old.path, refused=why) if why else old)
    return told


def moment(text: str, where: str) -> dt.datetime:
    """A day (its beginning, UTC) or a moment with its zone. Raises ``ValueError`` naming ``where``."""
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{where}: {text!r} is no day such as 2026-01-31") from None
    if found.tzinfo is None and len(text) > len("2026-01-31"):
        raise ValueError(f"{where}: {text!r} has no time zone")
    return found.astimezone(dt.UTC) if found.tzinfo else found.replace(tzinfo=dt.UTC)
