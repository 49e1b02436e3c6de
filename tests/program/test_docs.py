"""What the documents show is run beside a demo, and compared with what happens."""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documents import DOCUMENTS, REFERENCE, Block, blocks, name_of, targets, text
from forking import GUARD
from running import Gapwatch


@pytest.fixture
def beside_demo(demo, tmp_path, monkeypatch):
    """The working folder is one in which the demo was run; what is done there is seen by no other test."""
    shutil.copytree(demo[0] / "demo", tmp_path / "demo")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pattern(lines: list[str]) -> str:
    """What is shown as a regular expression: `…` is any text, alone on a line any lines; `<id>` is a release,
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


def run_console(block: Block, printed_by_demo: str, folder: Path) -> None:
    """Run the commands after `$ ` and compare what they print; of make, only what the demo prints."""
    first, *parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    assert first == "", f"{block}: the first line is no command"
    run = Gapwatch(folder)
    for part in parts:
        command, *shown = part.rstrip("\n").replace("\\\n", " ").split("\n")
        words = shlex.split(command)
        if words[0] == "make":
            assert set(words[1:]) <= targets(), f"{block}: {command}"
            assert words[1:] == ["demo"] or not shown, f"{block}: of make only the demo can be compared"
            assert_shown(block, shown, printed_by_demo)
            continue
        program = Path(words[0]).name
        assert program in ("gapwatch", "python"), f"{block}: {command}: use sh for what is not to be run"
        if program == "gapwatch":
            ended = run(*words[1:], COLUMNS=None, GAPWATCH_DATA_DIR=None)
        else:
            words[0] = sys.executable
            ended = subprocess.run(
                words, env=run.environment(), capture_output=True, text=True, timeout=GUARD, check=False
            )
        assert "Traceback" not in ended.stderr
        assert ended.returncode == 0 or shown, f"{block}: {command}: {ended.stderr}"
        assert_shown(block, shown, ended.stdout)


class Shown(doctest.OutputChecker):
    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return super().check_output(want.rstrip() + "\n", got.rstrip() + "\n", optionflags)


def run_python(block: Block, names: dict[str, object]) -> dict[str, object]:
    """Run the lines after `>>> ` with the names of the blocks before; returns the names after it."""
    told: list[str] = []
    runner = doctest.DocTestRunner(Shown(), verbose=False)
    example = doctest.DocTestParser().get_doctest(block.text, names, str(block), str(block.path), block.line)
    runner.run(example, out=told.append, clear_globs=False)
    assert runner.tries > 0
    assert not runner.failures, "".join(told)
    return example.globs


RUN = [path for path in DOCUMENTS if {"console", "pycon"} & {block.language for block in blocks(path)}]


@pytest.mark.parametrize("path", RUN, ids=name_of)
def test_what_is_shown_happens(path, demo, beside_demo):
    """A reader's session, from top to bottom, beside a demo of the reader's own."""
    names: dict[str, object] = {}
    for block in blocks(path):
        if block.language == "console":
            run_console(block, demo[1], beside_demo)
        elif block.language == "pycon":
            names = run_python(block, names)


def test_dictionary_has_what_is_published(demo):
    run = Gapwatch(demo[0])
    run.data = demo[0] / "demo"
    here = "database_name = 'gapwatch' AND NOT internal"
    found = run.query(
        f"""SELECT schema_name, view_name FROM duckdb_views() WHERE {here}
        UNION ALL SELECT schema_name, table_name FROM duckdb_tables() WHERE {here}"""
    )
    titles = {name if schema_name == "main" else f"{schema_name}.{name}" for schema_name, name in found}
    assert set(re.findall(r"^### (\S+)$", text(REFERENCE / "data-dictionary.md"), re.MULTILINE)) == titles
