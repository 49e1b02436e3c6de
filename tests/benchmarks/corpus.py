"""A large CSV in a real layout: a recorded file repeated with other codes and years, so that every key
differs."""

from __future__ import annotations

import os
from pathlib import Path

MEGABYTES = 50
YEARS = 130  # more than the recorded file spans, so that repetitions do not meet


def large_csv(folder: Path) -> Path | None:
    """The recorded chart file of electricity generation, repeated up to 50 MB; None without recordings."""
    recordings = os.environ.get("GAPWATCH_RECORDINGS")
    if not recordings:
        return None
    header, *lines = (
        next(Path(recordings).glob("energy/owid_grapher/2026-05-06_*.csv")).read_text("utf-8").splitlines()
    )
    body = [line.rsplit(",", 3) for line in lines]
    target = folder / "large.csv"
    with target.open("w", encoding="utf-8") as file:
        file.write(header + "\n")
        turn = 0
        while file.tell() < MEGABYTES * 10**6:
            shift, years = turn // 55, YEARS * (turn % 55)
            for entity, code, year, value in body:
                file.write(f"{entity},{_shifted(code, shift)},{int(year) + years},{value}\n")
            turn += 1
    return target


def _shifted(code: str, by: int) -> str:
    return "".join(chr((ord(letter) - 65 + by) % 26 + 65) for letter in code) if len(code) == 3 else code
