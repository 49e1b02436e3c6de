"""JSON schemas of the definitions, for editors. ``python -m tests.schemas`` writes them to docs/schemas."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import TypeAdapter

from expectations.claims import Claim
from expectations.suites import Suite
from extractors.definition import Source
from warehouse.build.indicators import Indicator

FOLDER = Path(__file__).parent.parent / "docs" / "schemas"
KINDS = {"source": Source, "indicator": Indicator, "suite": Suite, "claims": list[Claim]}


def schemas() -> dict[str, str]:
    """File name -> its text."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    told = {name: dialect | TypeAdapter(kind).json_schema() for name, kind in KINDS.items()}
    return {
        f"{name}.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in told.items()
    }


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, "utf-8")
