"""An archive of years of nightly vintages, made up.

What is made up and how often: every source of the project that is asked, in each of its parts, says something
new as often as its ``cadence`` in source.yml says (exchange rates daily; the index and its inputs weekly;
electricity every three to four weeks; boards every two weeks; filings and chips quarterly or rarer), at the
latest every half year; what is asked for ``once`` comes once. Each vintage revises 2 % of its rows, or what
``REVISED`` says, and a source ends with twice the rows that it began with. The rows are those of the sample,
repeated under other names up to ``ROWS``. Archive, ledgers, staged Parquet and verdicts are real files in
their real places; only parsing and checking have not happened document by document, so that they count for
neither side: the measured full build is less than a rebuild from the archive takes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import tempfile
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from expectations import gate
from extractors import definition
from extractors.contract import Document
from extractors.definition import Source
from flows.refresh import demo_publishers
from warehouse.acquire import documents_due
from warehouse.datasets import schema
from warehouse.staging import stage, vintage
from warehouse.store import archive, files, journal, memo, secret
from warehouse.store.code_identity import fingerprint
from warehouse.store.paths import Layout

END = dt.datetime(2026, 9, 23, 3, 0, tzinfo=dt.UTC)
# Rows in the last vintage of a part, where those of the sample are far fewer than a publisher's.
ROWS = {
    "ember_generation_monthly": 20_000,
    "ember_generation_yearly": 20_000,
    "owid_electricity_generation": 6_000,
    "owid_electricity_mix": 6_000,
    "ecb_exchange_rates": 7_000,
    "epoch_benchmark_data": 500,
    "epoch_eci_benchmarks": 2_000,
    "epoch_eci_scores": 400,
    "livebench_tables": 1_000,
    "lmarena_text": 400,
    "lmarena_text_history": 5_000,
}
# Per cent of a part's rows that a vintage revises. Of scores in two published files of the index 98 % differ:
# they are fitted anew as a whole.
# Of rows in two files of Our World in Data 47 % differ after nine days and 68 % after half a year. A central
# bank's rates are not revised.
REVISED = {
    "epoch_eci_scores": 100,
    "epoch_benchmark_data": 100,
    "owid_electricity_generation": 50,
    "owid_electricity_mix": 50,
    "ecb_exchange_rates": 0,
}
OTHERS_REVISED = 2
CHECKS = 8  # of a document and dataset


@dataclass
class Made:
    """What was made up: ledger lines of ``documents`` by moment, and bytes: ``changed``, the lines that a
    vintage has and the one before had not, compressed as one stream a part; ``packed``, the documents, each
    compressed; ``received``, the documents."""

    documents: list[dict[str, Any]]
    changed: int = 0
    packed: int = 0
    received: int = 0


def every_source() -> dict[str, Source]:
    return {name: source for name, source in definition.all_sources().items() if not source.reviewed}


def generate(layout: Layout, years: float) -> Made:
    """Fill archive and stage; the ledger lines are given back, to be written night by night."""
    made, begin = Made([]), END - dt.timedelta(days=365.25 * years)
    for number, source in enumerate(every_source().values()):
        parts = {entry["part"]: entry["content"] for entry in demo_publishers.documents(source)}
        for place, (part, content) in enumerate(sorted(parts.items())):
            step = source.cadence.release if source.cadence else dt.timedelta(days=183)
            count = 1 if source.once else max(1, int((END - begin) / min(step, dt.timedelta(days=183))))
            # Several sources a night, and each night some: the moments of sources and parts differ by minutes
            # and days.
            offset = dt.timedelta(
                days=(number * 7 + place * 3) % max(step.days, 1), minutes=number, seconds=place
            )
            moments = [END - offset - step * back for back in range(count)][::-1]
            if source.once:
                moments = [begin + (END - begin) * (place + 1) / (len(parts) + 1)]
            _line(layout, source, part, content, [moment for moment in moments if moment >= begin], made)
    made.documents.sort(key=lambda entry: entry["known_from"])
    return made


def _line(
    layout: Layout, source: Source, part: str, content: bytes, moments: list[dt.datetime], made: Made
) -> None:
    """The vintages of one part."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
        printed = Path(folder) / "printed"
        printed.write_bytes(content)
        staged = stage.stage(
            Layout(Path(folder)),
            source,
            Document(source.id, hashlib.sha256(content).hexdigest(), printed, part, salt=secret.of(layout)),
        )
        assert staged.drift is None, staged.drift
        con.execute("SET preserve_insertion_order = true; SET threads = 1")
        for name, rows in staged.rows.items():
            columns = schema.all_datasets()[name].columns
            keys = {
                c.name: c.type
                for c in columns
                if c.name in schema.all_datasets()[name].key and c.name != "source"
            }
            texts = [f'"{key}" || \' \' || n AS "{key}"' for key, kind in keys.items() if kind == "VARCHAR"]
            days = [
                f'("{key}" - to_days((n * 1000)::INTEGER))::DATE AS "{key}"'
                for key, kind in keys.items()
                if kind == "DATE"
            ]
            other = (texts + days)[0]
            times = max(1, -(-ROWS.get(source.id, 0) // max(rows, 1)))
            # Other names have other figures, or everything would compress to nothing.
            doubles = [c.name for c in columns if c.type == "DOUBLE"]
            others = ", ".join(
                [
                    other,
                    *(
                        f'round("{c}" * (0.5 + hash(record, place, n) % 100000 / 2e5), 3) AS "{c}"'
                        for c in doubles
                    ),
                ]
            )
            file = f"read_parquet('{staged.parquet(name)}')"
            con.execute(
                f"""CREATE TABLE {name} AS SELECT * REPLACE (row_number() OVER () AS record), hash(place,
                    record, n) AS h FROM (
                    SELECT *, 0 AS n FROM {file} UNION ALL SELECT * REPLACE ({others})
                    FROM {file}, range(1, {times}) AS r(n))"""
            )
        before: dict[str, set[bytes]] = {}
        stream = zlib.compressobj()
        for turn, moment in enumerate(moments):
            when = (turn, 50 + 50 * (turn + 1) // len(moments), moment)
            lines = _vintage(layout, con, source, part, when, staged, made)
            for name, text in lines.items():
                now = text.splitlines(keepends=True)
                made.changed += len(
                    stream.compress(b"".join(line for line in now if line not in before.get(name, ())))
                )
                before[name] = set(now)
        made.changed += len(stream.flush())


def _vintage(
    layout: Layout,
    con: duckdb.DuckDBPyConnection,
    source: Source,
    part: str,
    when: tuple[int, int, dt.datetime],
    staged: stage.Staged,
    made: Made,
) -> dict[str, bytes]:
    """One vintage: which of the part's (from 0), how many per cent of the last one's rows it has, and its
    moment. What it prints by dataset."""
    turn, share, moment = when
    work = Path(tempfile.mkdtemp(dir=layout.root))
    printed: dict[str, bytes] = {}
    for name in staged.rows:
        doubles = [c.name for c in schema.all_datasets()[name].columns if c.type == "DOUBLE"]
        rate = REVISED.get(source.id, OTHERS_REVISED)
        every = 100 // rate if rate else 1 << 30
        factor = f"(1 - 1e-5 * ((({turn} + h % {every}) // {every} * (h % 7 + 1)) % 997))"
        columns = ", ".join(f'round("{column}" * {factor}, 4) AS "{column}"' for column in doubles)
        revised = f"REPLACE ({columns})" if doubles else ""
        shown = f"SELECT * EXCLUDE (h, n) {revised} FROM {name} WHERE n = 0 OR h % 100 < {share}"
        con.execute(f"COPY ({shown}) TO '{work / name}.parquet' ({files.PARQUET})")
        con.execute(
            "COPY (SELECT * EXCLUDE (record, source)"
            f" FROM read_parquet('{work / name}.parquet')) TO '{work}/{name}.csv' (FORMAT csv)"
        )
        printed[name] = (work / f"{name}.csv").read_bytes()
        (work / f"{name}.csv").unlink()
    con.execute(
        "COPY (SELECT '' AS dataset, '' AS locator, '' AS reason,"
        f" '' AS raw LIMIT 0) TO '{work}/quarantine.parquet' ({files.PARQUET})"
    )
    rows = {name: len(text.splitlines()) - 1 for name, text in printed.items()}
    entry = {name: value for name, value in asdict(staged).items() if name != "folder"} | {"rows": rows}
    held = {path.name: memo.digest(path) for path in work.iterdir()}
    (work / stage.SUMMARY).write_text(json.dumps({"read": entry, "files": held, "also": []}), "utf-8")
    body = f"{source.id} {part} {moment}\n".encode() + b"".join(printed.values())
    stored = archive.store(layout.archive, [body], 1 << 40)
    os.utime(stored.path, (moment.timestamp(), moment.timestamp()))
    made.received += stored.bytes
    made.packed += len(zlib.compress(body))
    document = Document(source.id, stored.sha256, stored.path, part)
    folder = stage_folder(layout, source, document)
    folder.parent.mkdir(parents=True, exist_ok=True)
    work.rename(folder)
    known = journal.timestamp(moment)
    line = {
        "source": source.id,
        "part": part,
        "sha256": stored.sha256,
        "bytes": stored.bytes,
        "url": f"https://example.org/{source.id}/{part}",
    }
    made.documents.append(
        line
        | {
            "origin": "fetched",
            "precision": "second",
            "media": "text/csv",
            "known_from": known,
            "received_at": known,
        }
    )
    return printed


def stage_folder(layout: Layout, source: Source, document: Document) -> Path:
    return stage.folder_of(layout, document, vintage.key_of(layout, source))


def write_ledgers(layout: Layout, made: Made, since: dt.datetime | None, until: dt.datetime) -> None:
    """The lines of the document ledger from one moment to another, a line of the fetch ledger for every part
    and night, and the verdicts."""
    layout.ledger.mkdir(exist_ok=True)
    new = [
        e
        for e in made.documents
        if (since is None or e["known_from"] > journal.timestamp(since))
        and e["known_from"] <= journal.timestamp(until)
    ]
    with (layout.ledger / "document.ndjson").open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(entry, sort_keys=True) + "\n" for entry in new)
    asked = sorted(
        {
            (e["source"], e["part"], e["url"])
            for e in {(e["source"], e["part"]): e for e in made.documents}.values()
        }
    )
    night = since + dt.timedelta(days=1) if since else journal.moment(made.documents[0]["known_from"])
    while night <= until:
        with (layout.ledger / "fetch.ndjson").open("a", encoding="utf-8") as file:
            for source, part, url in asked:
                row = {
                    "at": journal.timestamp(night),
                    "source": source,
                    "part": part,
                    "url": url,
                    "attempt": 1,
                    "outcome": "unchanged",
                    "status": 304,
                }
                row |= {
                    "etag": f'"{hashlib.sha256(url.encode()).hexdigest()[:16]}"',
                    "last_modified": None,
                    "seconds": 0.2,
                    "message": "",
                }
                file.write(json.dumps(row, sort_keys=True) + "\n")
        journal.seal(layout.ledger, "fetch")
        night += dt.timedelta(days=1)
    for source in every_source().values():
        _verdicts(layout, source)


def _verdicts(layout: Layout, source: Source) -> None:
    """What staging and gate remember after a night, in their own form."""
    about = {"expectation": "ExpectNothing", "severity": "error", "status": "pass", "observed": "0"}
    checks = [{"name": f"check {n}", "message": f"check {n}"} | about for n in range(CHECKS)]
    key, before = vintage.key_of(layout, source), dict[str, vintage.Vintage]()
    name = fingerprint(gate._rules(source, source.datasets))
    lines, kept = {}, {}
    for entry in documents_due.entries(layout, source):
        folder = stage_folder(layout, source, vintage.document_of(layout, source, entry))
        told = json.loads((folder / stage.SUMMARY).read_text("utf-8"))["read"]
        one = vintage.of_entry(source, entry, stage.Staged(**told, folder=str(folder)), key)
        names = [gate.named(source, one, before.get(one.part), dataset) for dataset in told["rows"]]
        for checked in names:
            layout.memo.put(checked, checks)
        name = fingerprint([name, one.identity, one.stage_key, one.full])[:16]
        lines[name] = ["accepted", "", names]
        kept[fingerprint([key, entry])[:16]] = [str(folder.relative_to(layout.stage)), told]
        before[one.part] = one
    layout.memo.put(f"verdicts/{source.id}", lines)
    layout.memo.put(f"staged/{source.id}", kept)
