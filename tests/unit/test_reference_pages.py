"""What is made from the definitions is current, and what the documents name is there."""

from __future__ import annotations

import ast
import importlib.metadata
import inspect
import re
from pathlib import Path

import pytest
import typer
from conftest import SOURCES
from documents import (
    DOCS,
    DOCUMENTS,
    GUIDE,
    HOW_TO,
    README,
    REFERENCE,
    ROOT,
    blocks,
    headings,
    name_of,
    named,
    targets,
    text,
)

from docs import generate
from expectations import claims
from extractors import yml
from flows.commands import cli
from warehouse.build import indicators
from warehouse.staging import source_state

CODE = ("extractors", "warehouse", "expectations", "flows")
APP = typer.main.get_command(cli.app)

# ── What is made ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def made():
    return generate.pages()


def test_made_pages_are_current(made):
    old = [
        page for page, content in made.items() if not (DOCS / page).exists() or text(DOCS / page) != content
    ]
    assert old == [], "a definition changed: run make docs"
    there = {
        path.relative_to(DOCS).as_posix()
        for folder in ("reference", "pictures")
        for path in (DOCS / folder).iterdir()
    }
    assert there - set(made) == {"reference/json.md"}, "nobody makes these"


def test_pictures_can_be_read(made):
    for page, content in made.items():
        if page.endswith(".svg"):
            sizes = [float(size) for size in re.findall(r"font-size[:=]\s*\"?([\d.]+)", content)]
            assert sizes
            assert min(sizes) >= 12, page
            assert "prefers-color-scheme: dark" in content
    shown = [
        (path, *image) for path in DOCUMENTS for image in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", text(path))
    ]
    assert {Path(target).name for _, _, target in shown} == {
        Path(page).name for page in made if page.endswith(".svg")
    }
    for path, words, target in shown:
        assert len(words.split()) > 10, f"{name_of(path)}: {target} needs words for those who cannot see it"


# ── What is named ────────────────────────────────────────────────────────────────────────────────


def environment_variables() -> set[str]:
    """Names of this project's variables that the code reads, and those that hold a source's key."""
    names = {source.key_env for source in SOURCES.values() if source.key_env}
    for folder in CODE:
        for path in (ROOT / folder).rglob("*.py"):
            names |= set(re.findall(r"[\"'](GAPWATCH_[A-Z_]+)[\"']", text(path)))
    return names


def test_references_name_what_there_is():
    assert (
        set(yml.read(text(DOCS / "environment.yml")))
        == environment_variables()
        <= named(REFERENCE / "commands.md")
    )
    assert {f"gapwatch {name}" for name in APP.commands} <= set(headings(REFERENCE / "commands.md"))
    assert set(SOURCES) <= set(headings(REFERENCE / "sources.md"))
    assert {dict(entry)["claim"] for entry in claims.all_claims()} <= named(REFERENCE / "indicators.md")
    for page in (REFERENCE / "indicators.md", DOCS / "limits.md"):
        assert set(indicators.all_indicators()) <= set(headings(page)), page.name
    assert set(indicators.all_indicators()) <= named(README)


def test_readme_is_short():
    assert README.stat().st_size <= 10_000


def test_what_each_parser_has_met_is_told():
    met = yml.read(text(DOCS / "met.yml"))
    assert set(met) == set(SOURCES), "say in docs/met.yml what their parsers have met"
    ours = {name for name, told in met.items() if told == "a table of our own"}
    assert ours == {name for name, source in SOURCES.items() if source.reviewed}


def test_states_of_a_source_are_explained():
    tree = ast.parse(inspect.getsource(source_state.of_source))
    strings = {"unreachable", "blocked", "rejected"} | {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    listed = set(
        re.findall(r"\w+", inspect.getdoc(source_state.SourceState).split("one of")[1].split(".")[0])
    )
    section = text(DOCS / "concepts.md").split("| state | meaning | stale |")[1].split("\n\n")[0]
    assert (
        set(re.findall(r"`([a-z]+)`", section.replace("`newest_period` in its `source.yml`", "")))
        == strings & listed
    )


def header(path: Path) -> dict:
    return yml.read(text(path).partition("*/")[0].partition("\n")[2])


def test_how_to_names_the_fields():
    """Every field that a definition has is explained where one learns to write such a definition."""
    suites = [yml.read(text(path)) for path in (ROOT / "expectations").glob("*/*.yml")]
    checks = [check for suite in suites for check in suite["checks"]]
    used = {
        "add-a-source": [yml.read(text(path)) for path in ROOT.glob("extractors/**/source.yml")],
        "add-an-indicator": [header(path) for path in (ROOT / "warehouse/indicators").glob("*.sql")],
        "add-a-check": [*suites, *checks, *map(dict, claims.all_claims())],
    }
    for page, definitions in used.items():
        fields = {field for definition in definitions for field in definition}
        assert fields
        assert fields - named(HOW_TO / f"{page}.md") == set(), page


def mentions() -> list[tuple[str, str]]:
    """What stands in blocks and in quoted code, line by line, with the document it stands in."""
    found = []
    for path in DOCUMENTS:
        lines = [
            line.strip() for block in blocks(path) for line in block.text.replace("\\\n", " ").splitlines()
        ]
        found += [(name_of(path), part) for part in [*lines, *named(path)]]
    return found


def test_commands_that_are_mentioned_exist():
    everywhere = {option for parameter in APP.params for option in parameter.opts} | {"--help"}
    for where, told in mentions():
        for target in re.findall(r"^(?:\$ )?make ([a-z0-9-]+)", told):
            assert target in targets(), f"{where}: make {target}"
        if match := re.match(r"(?:\$ )?(?:\S*/)?gapwatch(?: --data-dir \S+| --log-json)* ([a-z]+)(.*)", told):
            assert match[1] in APP.commands, f"{where}: {told}: no such command"
            known = everywhere | {
                option for parameter in APP.commands[match[1]].params for option in parameter.opts
            }
            for option in re.findall(r"(?<![\w-])--[a-z-]+", match[2].partition(" #")[0]):
                assert option in known, f"{where}: {told}: no such option {option}"


def layout() -> list[str]:
    """The folders and files of the tree in CONTRIBUTING.md."""
    found, above = [], ""
    for line in next(block.text for block in blocks(GUIDE) if block.language == "text").splitlines():
        name = line.split()[0]
        above = above if line.startswith(" ") else name
        found.append(f"{above}{name}" if line.startswith(" ") else name)
    return found


def test_files_that_are_mentioned_exist():
    paths = rf"(?:{'|'.join((*CODE, 'deploy', 'docs', 'tests'))})/[\w./-]*"
    told = [(where, part) for where, part in mentions() if re.fullmatch(paths, part)]
    told += [(GUIDE.name, path) for path in layout()]
    assert len(told) > 40
    assert [(where, path) for where, path in told if not (ROOT / path).exists()] == []


def test_layout_has_every_folder():
    """Folders of publishers and sources have one line together; every other folder with files has its own."""
    files = [
        path
        for top in (*CODE, "deploy", "docs", "tests")
        for path in (ROOT / top).glob("*/*")
        if path.is_file()
    ]
    folders = {name_of(path.parent) for path in files if path.suffix != ".pyc"}
    sources = {
        name_of(folder) for source in SOURCES.values() for folder in (source.folder, source.folder.parent)
    }
    assert sorted(f"{folder}/" for folder in folders - sources if f"{folder}/" not in layout()) == []


def anchors(path: Path) -> set[str]:
    """The names by which a heading is linked to."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(path)}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", text(path)):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        aim = (path.parent / file).resolve() if file else path
        assert aim.exists(), f"{name_of(path)}: {target}"
        assert not anchor or anchor in anchors(aim), f"{name_of(path)}: {target}"


def test_changelog_knows_the_version():
    assert importlib.metadata.version("gapwatch") in text(ROOT / "CHANGELOG.md")
