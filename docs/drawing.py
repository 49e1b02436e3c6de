"""Draws the pictures of the documents as SVG: readable on light and on dark pages, no letter below 12 px."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

# The picture has a ground of its own, so that it can be read on any page; who prefers dark gets a dark one.
_STYLE = """
.ground { fill: #ffffff; stroke: #c9d1d9; }
.box { fill: #eef4fb; stroke: #3b6ea5; }
.kept { fill: #fdf3e1; stroke: #b7791f; }
.line { stroke: #57606a; fill: none; stroke-width: 1.6; }
.tip { fill: #57606a; }
.as_of { fill: #1a7f37; }
.as_released { fill: #9a3412; }
text { fill: #1f2328; font-size: 13px; font-family: "Segoe UI", "DejaVu Sans", Helvetica, Arial, sans-serif; }
.head { font-size: 15px; font-weight: 600; }
.quiet { fill: #57606a; }
.code { font-size: 12px; font-family: ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
@media (prefers-color-scheme: dark) {
  .ground { fill: #0d1117; stroke: #30363d; }
  .box { fill: #12243a; stroke: #6ca4dd; }
  .kept { fill: #2e2312; stroke: #d9a441; }
  .line { stroke: #9198a1; }
  .tip { fill: #9198a1; }
  .as_of { fill: #3fb950; }
  .as_released { fill: #f0883e; }
  text { fill: #f0f6fc; }
  .quiet { fill: #b1bac4; }
}"""
_TIP = """<marker id="tip" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">
<path d="M0,0 L9,4 L0,8 z" class="tip"/></marker>"""
WIDTH = 840


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="{anchor}">{escape(words, quote=False)}</text>'
    )


def _box(x: float, y: float, width: float, height: float, kind: str = "box") -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="8" class="{kind}"/>'


def _arrow(points: str) -> str:
    return f'<polyline points="{points}" class="line" marker-end="url(#tip)"/>'


def _picture(height: float, title: str, drawn: Iterable[str]) -> str:
    size = f'viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" height="{height:g}"'
    ground = f'width="{WIDTH - 1}" height="{height - 1:g}" rx="10" class="ground"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        "<!-- Made by docs/generate.py. -->",
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}\n</style>",
        f"<defs>{_TIP}</defs>",
        f'<rect x="0.5" y="0.5" {ground}/>',
        *drawn,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def way(counts: Mapping[str, int]) -> str:
    """The way of the data: eight steps in two rows, and what is kept. ``counts``: how many sources, datasets,
    indicators, claims and views there are."""
    steps = [
        ("fetch", f"asks {counts['sources']} sources,", "keeps every document"),
        ("stage", f"fills {counts['datasets']} datasets,", "sets bad rows aside"),
        ("check", "tests each document,", "holds back what fails"),
        ("build", f"computes {counts['indicators']} indicators,", f"judges {counts['claims']} claims"),
        ("compare", "finds what differs", "from the last release"),
        ("publish", "swaps in one file", f"with {counts['views']} views"),
        ("tell", "sends an alert where", "a value moved"),
        ("compress", "packs old documents,", "reads them to be sure"),
    ]
    drawn = []
    wide, high, left, step = 180, 84, 20, 207
    for number, (name, *words) in enumerate(steps):
        x, y = left + step * (number % 4), 20 + 122 * (number // 4)
        drawn += [_box(x, y, wide, high), _text(x + 14, y + 27, f"{number + 1}  {name}", "head")]
        drawn += [_text(x + 14, y + 50 + 18 * line, word) for line, word in enumerate(words)]
        if number % 4 < 3:
            drawn.append(_arrow(f"{x + wide},{y + 42} {x + step - 2},{y + 42}"))
    turn = left + 3 * step + wide / 2
    drawn.append(_arrow(f"{turn:g},104 {turn:g},123 {left + wide / 2:g},123 {left + wide / 2:g},140"))
    y = 258
    drawn += [_box(left, y, 387, 66, "kept"), _text(left + 14, y + 27, "archive and ledgers", "head")]
    drawn.append(_text(left + 14, y + 49, "the only state: only added to, never changed"))
    drawn += [
        _box(left + 2 * step, y, 387, 66, "kept"),
        _text(left + 2 * step + 14, y + 27, "gapwatch.duckdb", "head"),
    ]
    drawn.append(_text(left + 2 * step + 14, y + 49, "made from it and the code; any DuckDB client opens it"))
    drawn.append(_arrow(f"{left + 387},{y + 33} {left + 2 * step - 2},{y + 33}"))
    title = "The way of the data: fetch, stage, check, build, compare, publish, tell, compress"
    return _picture(344, title, drawn)


def published(relations: Mapping[str, tuple[Iterable[str], Iterable[str]]]) -> str:
    """The views of the published file by what they show. ``relations``: schema.name -> what it reads, and the
    variables that move it in time, each drawn as a dot."""
    panels = {
        "history": (20, 374, "what sources stated", "datasets, one row a fact"),
        "derived": (418, 184, "what follows", "values and verdicts"),
        "ledger": (626, 194, "what happened", "documents, releases"),
        "reference": (626, 194, "what people decide", "names without a country"),
    }
    shown: dict[str, list[tuple[str, tuple[str, ...]]]] = {name: [] for name in panels}
    for name, (_, moves) in relations.items():
        if name.startswith("main."):
            shown[_panel(name, relations)].append((name.removeprefix("main."), tuple(moves)))
    half = (len(shown["history"]) + 1) // 2
    line, tops = 19, dict.fromkeys(panels, 20)
    tops["reference"] = 20 + 70 + line * len(shown["ledger"])
    height = 60 + line * max(half, len(shown["derived"]), len(shown["ledger"]) + len(shown["reference"]) + 4)
    drawn = [_box(x, 20, width, height) for x, width, *_ in list(panels.values())[:3]]
    for name, (x, _, title, words) in panels.items():
        top = tops[name]
        drawn += [_text(x + 14, top + 24, title, "head"), _text(x + 14, top + 44, words, "quiet")]
        for number, row in enumerate(shown[name]):
            column, place = divmod(number, half) if name == "history" else (0, number)
            drawn += _row(x + 14 + 186 * column, top + 70 + line * place, *row)
    drawn += [_arrow(f"{x},{20 + height / 2:g} {x + 22},{20 + height / 2:g}") for x in (394, 602)]
    y = height + 46
    drawn += [_dot(28, y - 4, "as_of"), _text(40, y, "moves with the variable as_of")]
    drawn += [_dot(258, y - 4, "as_released"), _text(270, y, "moves with as_released")]
    drawn.append(_text(442, y, "Join by source, document, dataset, indicator, period.", "quiet"))
    return _picture(height + 64, "The views of the published file, by what they show", drawn)


def _panel(name: str, relations: Mapping[str, tuple[Iterable[str], Iterable[str]]]) -> str:
    """The schema of the table that a view is called like, else of what it rests on; a view that reads no
    table says something about the file, as the ledgers do."""
    reads, below = set(relations[name][0]), set[str]()
    while reads:
        below |= {read.partition(".")[0] for read in reads}
        reads = {further for read in reads for further in relations[read][0]}
    own = [
        schema
        for schema in ("history", "ledger", "derived")
        if f"{schema}.{name.partition('.')[2]}" in relations
    ]
    rests = [schema for schema in ("derived", "reference", "history") if schema in below]
    return [*own, *rests, "ledger"][0]


def _row(x: float, y: float, name: str, moves: Iterable[str]) -> list[str]:
    return [*(_dot(x + 4, y - 4, move) for move in moves), _text(x + 14, y, name, "code")]


def _dot(x: float, y: float, kind: str) -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="4" class="{kind}"/>'
