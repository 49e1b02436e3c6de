"""What a reader meets is the document's, unless it was the machine that failed."""

from __future__ import annotations

import errno
import zipfile

import pytest
from conftest import SOURCES, good

from extractors.contract import LayoutChanged

OWID = "owid_electricity_generation"


@pytest.mark.parametrize(
    ("cause", "of_the_machine"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EIO, "Input/output error"), True),
        (MemoryError(), True),
        (OSError(errno.EINVAL, "Invalid argument"), False),  # as a zip that was cut off
        (zipfile.BadZipFile("File is not a zip file"), False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_failure_of_the_machine_in_a_reader_is_no_documents(staging, monkeypatch, cause, of_the_machine):
    """A reader tells whatever it meets as a document that cannot be read; what the machine failed in is not
    remembered as that."""

    def parse(document):
        try:
            raise cause
        except type(cause) as error:
            raise LayoutChanged(f"{document.name}: not a readable zip: {error}") from error

    monkeypatch.setattr(type(SOURCES[OWID]), "parser", lambda _: parse)
    if of_the_machine:
        with pytest.raises(type(cause)) as failure:
            staging(OWID, good(OWID))
        assert OWID in failure.value.__notes__[0]
        monkeypatch.undo()
    found = staging(OWID, good(OWID)).drift
    assert found is None if of_the_machine else "not a readable zip" in found
