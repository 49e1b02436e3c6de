"""Members of a zip, without anything written to disk."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence

from extractors.contract import Document, LayoutChanged

# What reading a zip that is damaged, cut off or packed in a strange way raises.
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError)


def zip_member(document: Document, names: Sequence[str], limit: int) -> tuple[str, bytes]:
    """Name and bytes of the one member of the zip that is called like one of ``names``.

    Nothing is written to disk. Raises ``LayoutChanged`` for a damaged zip, a member whose name leaves the
    archive, none or more than one match, or a member larger than ``limit`` bytes unpacked.
    """
    try:
        with zipfile.ZipFile(document.path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            for info in members:
                if info.filename.startswith(("/", "\\")) or ".." in info.filename.replace("\\", "/").split(
                    "/"
                ):
                    raise LayoutChanged(
                        f"{document.name}: member {info.filename!r} points outside the archive; refused"
                    )
            found = [info for info in members if info.filename in names]
            if len(found) != 1:
                listed = ", ".join(sorted(info.filename for info in members)[:8])
                raise LayoutChanged(
                    f"{document.name}: expected one member of {list(names)}, found {len(found)} (it holds:"
                    f" {listed} …)"
                )
            with archive.open(found[0]) as member:
                content = member.read(limit + 1)  # the declared size may lie
    except ZIP_ERRORS as error:
        raise LayoutChanged(f"{document.name}: not a readable zip: {error}") from error
    if len(content) > limit:
        raise LayoutChanged(
            f"{document.name}, member {found[0].filename}: over {limit} bytes unpacked; refused"
        )
    return found[0].filename, content
