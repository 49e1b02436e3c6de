"""The documents: what they show is run and compared, and what there is to name is named."""

from __future__ import annotations

import ast
import doctest
import importlib.metadata
import inspect
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from conftest import SOURCES, Gapwatch
from schemas import schemas

from flows.commands import cli
from warehouse.build import indicators
from warehouse.staging import source_state

ROOT = Path(__file__).parents[2]
CODE = ("extractors", "warehouse", "expectations", "flows")
README, GUIDE = ROOT / "README.md", ROOT / "CONTRIBUTING.md"
DOCUMENTS = [README, GUIDE, ROOT / "CHANGELOG.md", *sorted(ROOT.glob("deploy/*.md"))]


@dataclass(frozen=True)
class Block:
    """A fenced block: where it begins, its language and its text."""

    path: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.path.name}:{self.line}"


def text(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


def blocks(path: Path) -> list[Block]:
    content = text(path)
    found = re.finditer(r"^```(\w*)\n(.*?)^```$", content, re.MULTILINE | re.DOTALL)
    return [Block(path, content.count("\n", 0, match.start()) + 1, match[1], match[2]) for match in found]


ALL_BLOCKS = [block for path in DOCUMENTS for block in blocks(path)]
APP = typer.main.get_command(cli.app)


@pytest.fixture
def beside_demo(demo, tmp_path, monkeypatch):
    """The working folder is one in which the demo was run; what is done there is seen by no other test."""
    shutil.copytree(demo[0] / "demo", tmp_path / "demo")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pattern(lines: list[str]) -> str:
    """What is shown as a regular expression: `…` is any text, alone on a line any lines, `<id>` a release,
    `<n>` a number."""
    kept = []
    for line in lines:
        told = (
            re.escape(line.rstrip())
            .replace("<id>", "[0-9a-f]{12}")
            .replace("<n>", "[0-9.]+")
            .replace("…", ".*")
        )
        kept.append(r"(?:.*\n)*?" if line.strip() == "…" else rf"{told} *\n")
    return "".join(kept)


def assert_shown(block: Block, shown: list[str], printed: str) -> None:
    printed = "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
    assert not shown or re.fullmatch(pattern(shown), printed), (
        f"{block} no longer shows what is printed:\n{printed}"
    )


def targets() -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+):", text(ROOT / "Makefile"), re.MULTILINE))


@pytest.mark.parametrize("block", [block for block in ALL_BLOCKS if block.language == "console"], ids=str)
def test_console(block, demo, beside_demo):
    """Commands after `$ ` are run in order beside a demo, and what they print is compared; targets of make
    need only exist."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    assert parts[0] == "", f"{block}: the first line is no command"
    for part in parts[1:]:
        command, *shown = part.rstrip("\n").replace("\\\n", " ").split("\n")
        words = shlex.split(command)
        if words[0] == "make":
            assert set(words[1:]) <= targets(), f"{block}: {command}"
            if words[1:] == ["demo"]:
                assert_shown(block, shown, demo[1])
            continue
        program = Path(words[0]).name
        assert program in ("gapwatch", "python"), (
            f"{block}: {command}: a console block is run; use sh for what is not"
        )
        if "serve" in words:  # never ends; that it and its options exist is seen below
            continue
        words[0] = str(Path(sys.executable).parent / program)
        words = [str(ROOT / word) if word.startswith("tests/") else word for word in words]
        env = {"PATH": os.environ["PATH"], "HOME": str(beside_demo), "PYTHONUTF8": "1", "DO_NOT_TRACK": "1"}
        ended = subprocess.run(words, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert "Traceback" not in ended.stderr
        assert ended.returncode == 0 or shown, f"{block}: {command}: {ended.stderr}"
        assert_shown(block, shown, ended.stdout)


class Shown(doctest.OutputChecker):
    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return super().check_output(want.rstrip() + "\n", got.rstrip() + "\n", optionflags)


@pytest.mark.parametrize(
    "path",
    [path for path in DOCUMENTS if any(block.language == "pycon" for block in blocks(path))],
    ids=lambda path: path.name,
)
@pytest.mark.usefixtures("beside_demo")
def test_python(path):
    """The Python of a document is one session beside a demo, and every result is as shown."""
    told: list[str] = []
    names: dict[str, object] = {}
    runner = doctest.DocTestRunner(Shown(), verbose=False)
    for block in blocks(path):
        if block.language == "pycon":
            example = doctest.DocTestParser().get_doctest(block.text, names, path.name, str(path), block.line)
            runner.run(example, out=told.append, clear_globs=False)
            names = example.globs
    assert runner.tries > 0
    assert not runner.failures, "".join(told)


def mentions() -> list[tuple[str, str]]:
    """What stands in blocks and in quoted code, line by line, with the document it stands in."""
    found = []
    for path in DOCUMENTS:
        lines = [
            line.strip() for block in blocks(path) for line in block.text.replace("\\\n", " ").splitlines()
        ]
        found += [(path.name, part) for part in [*lines, *named(path)]]
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


def test_options_that_are_mentioned_exist():
    """The table of commands names options beside each command."""
    for line in text(README).splitlines():
        if match := re.match(r"\| `gapwatch ([a-z]+)", line):
            known = {option for parameter in APP.commands[match[1]].params for option in parameter.opts}
            assert set(re.findall(r"`(--[a-z-]+)", line)) <= known, line


@pytest.mark.parametrize("name", APP.commands)
def test_help(name, tmp_path):
    """`--help` says what a command does and what each of its parameters is for."""
    printed = Gapwatch(tmp_path)(name, "--help").stdout
    said = APP.commands[name].help
    assert said
    assert said.split()[0] in printed
    for parameter in APP.commands[name].params:
        assert parameter.help, f"{name}: {parameter.name} has no help"
        assert (parameter.opts[0] if parameter.opts[0].startswith("--") else parameter.name) in printed


def environment_variables() -> set[str]:
    """Names of this project's variables that the code reads, and those that hold a source's key."""
    names = {source.key_env for source in SOURCES.values() if source.key_env}
    for folder in CODE:
        for path in (ROOT / folder).rglob("*.py"):
            names |= set(re.findall(r"[\"'](GAPWATCH_[A-Z_]+)[\"']", text(path)))
    return names


def named(path: Path) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", text(path)))


def test_readme_names_what_there_is(demo):
    run = Gapwatch(demo[0])
    run.data = demo[0] / "demo"
    here = "database_name = 'gapwatch' AND schema_name = 'main' AND NOT internal"
    views = {name for (name,) in run.query(f"SELECT view_name FROM duckdb_views() WHERE {here}")}
    for what in (environment_variables(), set(SOURCES), set(indicators.all_indicators()), views):
        assert what
        assert what <= named(README)
    for name in APP.commands:
        assert re.search(rf"\| `gapwatch {name}\b", text(README)), f"the table of commands lacks {name}"


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_readme_cites_each_source(source):
    row = next(line for line in text(README).splitlines() if line.startswith(f"| `{source.id}` |"))
    for part in (source.publisher, source.licence, source.citation.strip()):
        assert part in row


def test_readme_says_what_no_parser_has_met():
    """Sources that have met their live address are not said to have met none, and what a note calls unmet is
    told."""
    if not any(source.met_live for source in SOURCES.values()):
        assert "None has met its live address" in text(README)
    told = text(README).split("**What the parsers have met.**")[1].split("**What the states mean.**")[0]
    reviewed = {name for name, source in SOURCES.items() if source.reviewed}
    unnamed = [name for name in SOURCES if f"`{name}`" not in told and not name.startswith("ember_")]
    assert unnamed == [], "say in README.md what their parsers have met"
    assert reviewed == set(re.findall(r"`(\w+)`", told.split("\n- ")[-1]))


def test_readme_explains_the_states():
    tree = ast.parse(inspect.getsource(source_state.of_source))
    strings = {"unreachable", "blocked", "rejected"} | {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    listed = set(
        re.findall(r"\w+", inspect.getdoc(source_state.SourceState).split("one of")[1].split(".")[0])
    )
    section = text(README).split("| state | meaning | stale |")[1].split("\n\n")[0]
    assert (
        set(re.findall(r"`([a-z]+)`", section.replace("`newest_period` in its `source.yml`", "")))
        == strings & listed
    )


def test_guide_names_the_fields():
    """Every field of every definition, also of those within another."""
    for name, schema in schemas().items():
        models = [json.loads(schema), *json.loads(schema)["$defs"].values()]
        fields = {field for model in models for field in model.get("properties", ())}
        assert fields
        assert sorted(fields - named(GUIDE)) == [], (
            f"say in CONTRIBUTING.md what these fields of docs/schemas/{name} are"
        )


def test_guide_shows_the_layout():
    """The tree in CONTRIBUTING.md has every folder of modules that are no source's, and nothing that is not
    there."""
    shown, folder = set(), ROOT
    for line in next(block.text for block in blocks(GUIDE) if block.language == "text").splitlines():
        names = re.split("  +", line.strip())[0].split(", ")
        if not line.startswith(" "):
            folder = ROOT / names[0]
        shown |= {folder / name for name in names} if line.startswith(" ") else {folder}
    assert [str(path) for path in shown if not path.exists()] == []
    folders = {path.parent for name in CODE for path in (ROOT / name).rglob("*.py")}
    missing = {path for path in folders - shown if not any(path.rglob("source.yml"))}
    assert sorted(str(path.relative_to(ROOT)) for path in missing) == [], (
        "add a line to the layout in CONTRIBUTING.md"
    )


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", text(path)):
        assert target.startswith("https://") or (path.parent / target.split("#")[0]).exists(), (
            f"{path.name}: {target}"
        )


def test_changelog_knows_the_version():
    assert importlib.metadata.version("gapwatch") in text(ROOT / "CHANGELOG.md")
