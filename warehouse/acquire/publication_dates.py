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
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# 2026-09-22, 2026_09_22 or 20260922, not inside of a longer number
_DAY = re.compile(r"(?<!\d)(\d{4})([-_]?)(\d{2})\2(\d{2})(?!\d)")


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
        for path in folder.rglob("*")
        if path.is_file()
        and not any(name.startswith(".") for name in path.relative_to(folder).parts)
        and not (dates and path.samefile(dates))
    }
    if dates is None:
        found = [by_name(name, path, part) for name, path in paths.items()]
    elif dates.suffix.lower() == ".json":
        known = _listing(dates)
        found = [_listed(name, path, known, dates.name, part) for name, path in paths.items()]
    else:
        told = _table(dates)
        unnamed, lost = (
            f"{dates.name} does not name it",
            f"{dates.name} names it, but it is not in the folder",
        )
        found = [
            Old(name, path, told[name][0], told[name][1] or part)
            if name in told
            else Old(name, path, refused=unnamed)
            for name, path in paths.items()
        ]
        found += [Old(name, Path(name), refused=lost) for name in told.keys() - paths]
    return sorted(_distinct(found), key=lambda old: (bool(old.refused), str(old.published), old.name))


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


def _table(dates: Path) -> dict[str, tuple[dt.datetime, str]]:
    """Name of a file -> when it was published, and its part or an empty text."""
    reader = csv.DictReader(io.StringIO(dates.read_text("utf-8-sig"), newline=""), strict=True)
    names = reader.fieldnames or []
    if not {"file", "published_at"} <= set(names) <= {"file", "published_at", "part"}:
        raise ValueError(
            f"{dates.name}, line 1: expected the columns file, published_at and perhaps part, found"
            f" {', '.join(names)}"
        )
    told: dict[str, tuple[dt.datetime, str]] = {}
    for row in reader:
        where = f"{dates.name}, line {reader.line_num}"
        if None in row or None in row.values():
            raise ValueError(f"{where}: not as many cells as the header has")
        if row["file"] in told:
            raise ValueError(f"{where}: {row['file']} is there twice")
        told[row["file"]] = moment(row["published_at"], where), row.get("part", "")
    return told


def _listing(dates: Path) -> dict[str, tuple[dt.datetime, str | None]]:
    """Name of an object of a bucket -> when it was published, and the check sum of its bytes."""
    try:
        return {
            item["name"]: (moment(item["updated"], f"{dates.name}, {item['name']}"), item.get("md5Hash"))
            for item in json.loads(dates.read_text("utf-8"))["items"]
        }
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(
            f"{dates.name}: not a listing of a bucket, with items that have name and updated ({error})"
        ) from error


def _listed(
    name: str, path: Path, known: Mapping[str, tuple[dt.datetime, str | None]], listing: str, part: str
) -> Old:
    """Objects of a bucket are told apart by the end of their names: the folder may be a copy of any part of
    the bucket."""
    objects = [one for one in known if one == name or one.endswith(f"/{name}")]
    if not objects:
        return Old(name, path, refused=f"{listing} does not name it")
    if len(objects) > 1:
        return Old(name, path, refused=f"may be any of {', '.join(sorted(objects)[:3])} in {listing}")
    published, md5 = known[objects[0]]
    if md5 not in (None, _md5(path)):
        return Old(name, path, refused=f"its bytes are not those of {objects[0]} in {listing}")
    return Old(name, path, published, part)


def _md5(path: Path) -> str:
    """As listings of Google's buckets print it: the publisher's check sum of the bytes, not a matter of
    security."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
    return base64.b64encode(found.digest()).decode()


def _distinct(found: list[Old]) -> list[Old]:
    """Two documents of one part and moment are refused: which came first, and so what was known after, nobody
    can say."""
    first = (
        "published at the same moment as {}: say in a table of dates, with moments such as"
        " 2026-05-01T12:00+02:00, which came first"
    )
    dated: defaultdict[object, list[str]] = defaultdict(list)
    for old in found:
        dated[old.part, old.published].append(old.name)
    return [
        Old(old.name, old.path, refused=first.format(others[0]))
        if old.published and (others := [n for n in dated[old.part, old.published] if n != old.name])
        else old
        for old in found
    ]


def moment(text: str, where: str) -> dt.datetime:
    """A day (its beginning, UTC) or a moment with its zone. Raises ``ValueError`` naming ``where``."""
    example = "such as 2026-05-01T12:00+02:00"
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{where}: {text!r} is no day such as 2026-01-31, and no moment with its zone {example}"
        ) from None
    if found.tzinfo is None and len(text) > len("2026-01-31"):
        raise ValueError(f"{where}: {text!r} has no time zone: write a moment {example}")
    return found.astimezone(dt.UTC) if found.tzinfo else found.replace(tzinfo=dt.UTC)
