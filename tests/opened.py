"""The files of the four packages that are opened, or imported, by parsers or by a release.

Run with ``parsers`` or ``release`` and an empty folder; it prints JSON, name -> files.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import traceback
from pathlib import Path

from expectations import gate
from extractors import definition
from extractors.contract import Document
from flows.refresh.demo_publishers import documents
from warehouse.acquire import attempt_summary
from warehouse.acquire.documents_due import reviewed
from warehouse.staging import source_state, stage, vintage
from warehouse.store import archive, code_identity
from warehouse.store.code_identity import PACKAGES, ROOT
from warehouse.store.paths import Layout

SOURCE = "owid_electricity_generation"
AT = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
opened: set[str] = set()


def note(event: str, arguments: tuple) -> None:
    if event == "open" and isinstance(arguments[0], str):
        opened.add(arguments[0])


def files(before: set[str]) -> list[str]:
    """What was opened, and the modules that were imported since ``before``."""
    loaded = {getattr(sys.modules[name], "__file__", None) for name in sys.modules.keys() - before}
    read = {path for path in opened if path.endswith(code_identity.DEFINITIONS)}
    below = {Path(path).relative_to(ROOT) for path in loaded | read if path and path.startswith(f"{ROOT}/")}
    return sorted(
        path.as_posix() for path in below if path.parts[0] in PACKAGES and "sample" not in path.parts
    )


def parse(layout: Layout, source: definition.Source) -> list[str]:
    before = set(sys.modules)
    opened.clear()
    told = documents(source) or [{"content": c, "part": day} for day, c in reviewed(source).items()]
    for entry in told:
        stored = archive.store(layout.archive, [entry["content"]], source.limit)
        document = Document(source.id, stored.sha256, stored.path, entry["part"], b"salt")
        assert stage.stage(layout, source, document).drift is None
    return files(before)


def parsers(folder: Path) -> dict[str, list[str]]:
    """Each source's sample through the stage, in a process that has loaded no other parser."""
    found = {}
    for name, source in definition.all_sources().items():
        stage.stage_key(source)
        if child := os.fork():
            assert os.waitpid(child, 0)[1] == 0, name
            found[name] = json.loads((folder / name).read_bytes())
        else:
            try:
                found = parse(Layout(folder / f"data-{name}"), source)
                (folder / name).write_text(json.dumps(found), "utf-8")
            except BaseException:  # noqa: BLE001 - the parent goes on
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
    return found


def release(folder: Path) -> dict[str, list[str]]:
    """One document of one source, up to the swap."""
    layout, every = Layout(folder), definition.all_sources()
    document = folder / "document"
    document.write_bytes(documents(every[SOURCE])[-1]["content"])
    vintage.backfill(layout, every[SOURCE], document, AT)
    known = {
        name: gate.judge(layout, source, vintage.of_source(layout, source)) for name, source in every.items()
    }
    before = {name for name in sys.modules if name.partition(".")[0] not in PACKAGES}
    before |= {"flows.refresh.demo_publishers"}
    opened.clear()
    from flows.refresh.make_release import Release
    from warehouse.build import build

    asked = attempt_summary.of(layout).last
    states = {
        name: source_state.of_source(source, known[name], asked.get(name, {}), AT)
        for name, source in every.items()
    }
    state = build.State(every, known, states, AT)
    made = set(sys.modules)
    from flows.refresh.report import Report  # tells what was done

    before |= set(sys.modules) - made
    one = Release(layout, state, Report(), None, state.signature("code"))
    for step in (one.build, one.compare, one.publish):
        step()
    assert one.report.release, one.report.held
    return {"release": files(before)}


if __name__ == "__main__":
    sys.addaudithook(note)
    json.dump({"parsers": parsers, "release": release}[sys.argv[1]](Path(sys.argv[2])), sys.stdout)
