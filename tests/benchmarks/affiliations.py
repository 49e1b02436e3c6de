"""How fast and how right affiliations are resolved, on a registry of the real size, against the usual way:
the likest name of all."""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from rapidfuzz import fuzz, process

from extractors.ror import records
from tests.registries import recorded, schema_2
from warehouse.build import derived
from warehouse.build.derived import affiliation as affiliations
from warehouse.institutions import registry, text
from warehouse.institutions.registry import Registry
from warehouse.institutions.resolver import Resolver
from warehouse.reference import institutions
from warehouse.store.paths import Layout

ORGANISATIONS = 129_046  # in release 2.9 of the registry
PAPERS = 6_000
LABELS = Path(__file__).parent.parent / "labels/affiliations.csv"


def full_registry(recordings: Path, target: Path) -> Path:
    """The recorded part of the registry, filled up to the real number with organisations of made-up names, a
    record a line."""
    found = [one for file in recorded(recordings) for one in records.records(file)]
    with target.open("w", encoding="utf-8") as file:
        for number, one in zip(range(ORGANISATIONS), itertools.cycle(found), strict=False):
            turn = number // len(found)
            names = [name | {"value": _another(name["value"], turn)} for name in one["names"]]
            file.write(
                json.dumps(
                    schema_2(
                        one | {"relations": [], "names": names, "ror": f"https://ror.org/0{_digits(number)}"}
                    )
                )
                + "\n"
            )
    return target


def _another(name: str, turn: int) -> str:
    """The name with other words of the same lengths, so that the index grows as a real one does."""
    if not turn:
        return name
    return " ".join(
        word
        if len(word) < 5
        else word[:2] + hashlib.sha256(f"{turn}{word}".encode()).hexdigest()[: len(word) - 2]
        for word in name.split()
    )


def _digits(number: int) -> str:
    return f"{number:06x}".replace("-", "0") + "00"


def strings(recordings: Path) -> list[str]:
    """The distinct affiliations of NeurIPS 2022, as printed."""
    papers = json.loads((recordings / "talent/neurips_2022_sanagno.json").read_bytes())
    return sorted(
        {
            author["affiliation"][1:-1]
            for paper in papers
            for author in paper["authors"]
            if author["affiliation"]
        }
    )


def cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def likest(index: Registry, names: list[str], one: str) -> str | None:
    """The usual way: the country of the likest of all names, without a guard."""
    found = process.extractOne(text.key(one), names, scorer=fuzz.token_sort_ratio, score_cutoff=60)
    return index.called(found[0])[0].country if found else None


PEAK = """
import resource, sys
from pathlib import Path
from warehouse.institutions import registry, reviewed
from warehouse.institutions.resolver import Resolver
index = registry.read([Path(sys.argv[1])])
Resolver(reviewed.load(), index).resolve("Massachussets Institut of Tecnology")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def measure(folder: Path) -> Iterator[str]:
    """Lines that say what was found, each beside its target."""
    recordings = Path(os.environ["GAPWATCH_RECORDINGS"])
    dump, kept = full_registry(recordings, folder / "ror.jsonl"), folder / "index.json"
    peak = subprocess.run(
        [sys.executable, "-c", PEAK, str(dump)], capture_output=True, text=True, check=True
    ).stdout
    yield (
        f"peak memory with {ORGANISATIONS:,} organisations, index made anew: {float(peak):.0f} MiB,"
        " target 1024 MiB"
    )
    index = registry.read([dump])
    kept.write_text(json.dumps(registry.pack(index)), "utf-8")
    yield (
        f"loading the index of {len(index.names):,} names:"
        f" {cpu(lambda: registry.unpack(json.loads(kept.read_bytes()))):.2f} s of CPU"
    )
    resolving = Resolver(institutions.load(), index)
    yield f"making the index of nearly right names, once: {cpu(lambda: resolving.nearly):.2f} s of CPU"
    all_ = strings(recordings)
    exact = [one for one in all_ if resolving.resolve(one).tier in ("reviewed", "exact")]
    names = [name for name in index.names if name not in index.acronyms]
    sample = random.Random(1).sample(all_, 20)
    usual = len(sample) / cpu(lambda: [likest(index, names, one) for one in sample])
    for told, chosen, target in (("exact tiers", exact, 20_000), ("all tiers, a year", all_, 2_000)):
        rate = len(chosen) / cpu(partial(_resolve_all, resolving, chosen))
        against = f"{rate / usual:,.0f} x the likest of all names ({usual:.1f} a second)"
        yield f"{told}: {rate:,.0f} distinct strings a second, target {target:,}; {against}"
    yield from accuracy(recordings, names, index, resolving)
    yield conference(folder)


def _resolve_all(resolving: Resolver, chosen: list[str]) -> list[object]:
    return [resolving.resolve(one) for one in chosen]


def accuracy(recordings: Path, names: list[str], index: Registry, resolving: Resolver) -> Iterator[str]:
    """Both ways on the held-out labelled strings of 2022 that name one institution."""
    labels = {row["string"]: row for row in csv.DictReader(LABELS.open(encoding="utf-8"))}
    digests = {hashlib.sha256(text.plain(one).encode()).hexdigest(): one for one in strings(recordings)}
    held = [
        (labels[d[:16]]["location"], one)
        for d, one in digests.items()
        if not int(d, 16) % 2 and labels.get(d[:16], {}).get("kind") == "one"
    ]
    ways: dict[str, Callable[[str], str | None]] = {
        "this resolver": lambda one: resolving.resolve(one).country_location,
        "likest name": lambda one: likest(index, names, one),
    }
    for told, way in ways.items():
        said = [(label, way(one) or "") for label, one in held]
        right = sum(label == found for label, found in said)
        wrong = sum(found not in ("", label) for label, found in said)
        yield (
            f"{told}, {len(held)} held-out strings: {100 * right / len(held):.1f} % right,"
            f" {100 * wrong / len(held):.1f} % wrong"
        )


def conference(folder: Path) -> str:
    """The warm step for a conference: from its staged rows to shares, all strings known, against three times
    parsing its JSON."""
    generator = random.Random(2)
    known = [one.institution for one in institutions.load().values()]
    papers: list[dict[str, Any]] = [
        {
            "name": f"Paper {n}",
            "abstract": "word " * 300,
            "authors": [{"fullname": f"A {n} {k}", "institution": generator.choice(known)} for k in range(6)],
        }
        for n in range(PAPERS)
    ]
    document = json.dumps({"results": papers})
    layout = Layout(folder / "data")
    rows = [(p["name"], k, a["institution"]) for p in papers for k, a in enumerate(p["authors"], 1)]

    def step() -> None:
        with duckdb.connect() as con:
            for schema in ("history", "derived"):
                con.execute(f"CREATE SCHEMA {schema}")
            con.execute(derived.all_tables()["affiliation"].sql)
            con.execute(f"CREATE TABLE history.author_slot AS FROM '{folder}/slots.parquet'")
            con.execute("CREATE TABLE history.affiliation_count (affiliation VARCHAR)")
            affiliations.write(con, layout, {})
            con.execute(
                """SELECT country_location, count(*) FROM history.author_slot AS s
                JOIN derived.affiliation AS a ON a.affiliation = s.affiliation
                AND a.part = 1 GROUP BY ALL"""
            ).fetchall()

    import pandas as pd

    frame = pd.DataFrame(rows, columns=["paper", "position", "affiliation"])
    with duckdb.connect() as con:
        con.execute(
            "COPY (SELECT *, NULL::VARCHAR AS domain"
            f" FROM frame) TO '{folder}/slots.parquet' (FORMAT parquet)"
        )
    assert len(frame) == PAPERS * 6
    step()  # from here on every string is known
    ours, thrice = (
        min(cpu(step) for _ in range(5)),
        3 * min(cpu(lambda: json.loads(document)) for _ in range(5)),
    )
    return (
        f"the step of a conference of {PAPERS:,} papers, warm: {ours / thrice:.2f} x parsing its JSON three"
        " times, target 1 x"
    )
