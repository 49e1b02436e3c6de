"""Make the folder of a new source: ``make new-source ID=my_source FORMAT=csv``. What it makes passes the
tests of a source.

The example states the dataset ``affiliation_count``, on which nothing rests. Replace, in this order, the
address and licence in ``source.yml``, the sample, and the layout in ``extract.py``. ``gapwatch try ID FILE``
says what a real file comes to.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from extractors import definition

ROOT = Path(definition.HERE).parent
ROWS = [(2024, "Example University", 3), (2024, "Another University", 2), (2024, "Example Laboratory", 2)]
MEDIA = {"csv": "[text/csv, text/plain]", "json": "[application/json]"}
BEGINS = {"csv": "year,", "json": "["}
SOURCE = """\
# yaml-language-server: $schema={schema}
title: {id}, in a few words
publisher: who publishes it
homepage: https://example.org/
licence: none stated
redistribute: false
citation: "how its publisher wants to be cited, https://example.org/"
datasets: affiliation_count
url: https://example.org/{id}.{format}
media: {media}
begins: ["{begins}"]
limit: 5 MB
statement: full
note: What a reader must know of it.
"""
SAMPLE = """\
note: hand-written sample
citation: where the figures of the sample were read
documents:
  - {{file: {id}.{format}, night: 1}}
"""
HEAD = '''"""What the documents of {id} print, as rows of affiliation_count."""

from __future__ import annotations

from extractors.contract import Document, Frames, Records, Row
{formats}

'''
ROW = """            "conference": "NeurIPS",
            "edition": f"{record['year']}-01-01",
            "affiliation": record["affiliation"],
            "papers": {papers},
            "unit": "paper and affiliation",
"""
CSV = '''
LAYOUT = Layout("first", {"year": "year", "affiliation": "affiliation", "papers": "papers"})


def parse(document: Document) -> Frames:
    """CSV, one record per year and affiliation. Source: https://example.org/"""
    found = csv_records(document, document.content, [LAYOUT])
    rows: list[Row] = [
        {
ROW            "_locator": f"record {record['_n']}, column papers",
        }
        for record in found.records
    ]
    return {"affiliation_count": Records(rows, found.unreadable)}
'''
JSON = '''
ENTRY = Fields({"year": str, "affiliation": str, "papers": str})


def parse(document: Document) -> Frames:
    """JSON, a list of objects, one per year and affiliation. Source: https://example.org/"""
    entries, unreadable = ENTRY.each(document, json_fields.read(document, list), "$")
    return {"affiliation_count": Records.of(entries, row, unreadable)}


def row(place: str, record: dict[str, Any]) -> Row:
    """A row of the dataset; its place is a path in the document."""
    return {
ROW        "_locator": f"{place}.papers",
    }
'''


def made(source: str, form: str, folder: Path) -> dict[Path, str]:
    """File -> its text, of a source of this id and form in a folder."""
    depth = "../" * (len(folder.relative_to(ROOT).parts))
    about = {"id": source, "format": form, "media": MEDIA[form], "begins": BEGINS[form]}
    row = ROW.replace("{papers}", 'record["papers"]')
    if form == "csv":
        formats = "from extractors.formats.tabular import Layout, csv_records"
        code = HEAD.format(id=source, formats=formats) + CSV.lstrip("\n").replace("ROW", row)
        lines = ["year,affiliation,papers", *(",".join(map(str, cells)) for cells in ROWS)]
        sample = "\n".join(lines) + "\n"
    else:
        formats = (
            "from extractors.formats import json_fields\nfrom extractors.formats.json_fields import Fields"
        )
        code = HEAD.format(id=source, formats=formats)
        code = code.replace("annotations\n\nfrom", "annotations\n\nfrom typing import Any\n\nfrom")
        code += JSON.lstrip("\n").replace("ROW", row.replace("            ", "        "))
        objects = [f'{{"year": {y}, "affiliation": "{a}", "papers": {p}}}' for y, a, p in ROWS]
        sample = "[" + ",\n ".join(objects) + "]\n"
    return {
        folder / "source.yml": SOURCE.format(schema=f"{depth}docs/schemas/source.json", **about),
        folder / "extract.py": code,
        folder / "sample" / f"{source}.{form}": sample,
        folder / "sample" / "sample.yml": SAMPLE.format(**about),
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the folder; 2 and one line where that cannot be."""
    parser = argparse.ArgumentParser(description="Make the folder of a new source.")
    parser.add_argument("id", help="id of the source: small letters, digits and _")
    parser.add_argument("format", choices=sorted(MEDIA), help="form of its documents")
    parser.add_argument("--publisher", default="", help="folder of its publisher below extractors/")
    asked = parser.parse_args(arguments)
    folder = definition.HERE.joinpath(*filter(None, [asked.publisher]), asked.id)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", asked.id):
        print(f"{asked.id!r} is no id: small letters, digits and _, beginning with a letter", file=sys.stderr)
        return 2
    if asked.id in definition.folders():
        print(f"there is a source {asked.id!r} in {definition.folders()[asked.id]}", file=sys.stderr)
        return 2
    for path, text in made(asked.id, asked.format, folder).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        print(path.relative_to(ROOT))
    with (ROOT / "docs/met.yml").open("a", encoding="utf-8") as met:
        met.write(f"{asked.id}: a description alone\n")
    print("docs/met.yml: say there what its parser has met; then: make docs")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
