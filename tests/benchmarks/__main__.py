"""Run every measure and print it beside its target. Exits with 0 whatever it finds: figures are judged by
people."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks import affiliations, corpus, measures


def told(what: str, found: tuple[float, float, float], target: float) -> None:
    ours, baseline, ratio = found
    print(
        f"{what}: {ratio:.2f} x the baseline, target {target:g} x ({ours:.2f} s against {baseline:.2f} s,"
        " medians)",
        flush=True,
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        memory = folder / "memory"
        memory.mkdir()
        print(
            f"largest process of a refresh of the sample: {measures.peak_memory(memory):.0f} MiB, target"
            " 1024 MiB",
            flush=True,
        )
        csv = corpus.large_csv(folder)
        if csv is None:
            print("load: skipped, set GAPWATCH_RECORDINGS")
        else:
            told("50 MB of CSV into history against read_csv into a table", measures.load(folder, csv), 1.5)
            papers = folder / "papers"
            papers.mkdir()
            for line in affiliations.measure(papers):
                print(line, flush=True)
        told("history of 40 vintages against one statement by hand", measures.rebuild(folder), 2)
        night = folder / "night"
        night.mkdir()
        ratio, direct = measures.nothing_new(night)
        told("a refresh with nothing new against an empty Prefect flow", ratio, 1.3)
        print(f"a refresh with nothing new, --direct: {direct:.2f} s, target under 2 s", flush=True)


if __name__ == "__main__":
    main()
