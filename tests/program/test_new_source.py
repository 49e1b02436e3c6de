"""The folder that make new-source makes: its sample is read, checked and accepted as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documents import ROOT
from forking import GUARD

CODE = ("extractors", "warehouse", "expectations", "flows", "deploy")
TRY = "import sys; from flows.commands.cli import main; main(sys.argv[1:])"


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """A copy of the code, in which sources are made."""
    folder = tmp_path_factory.mktemp("tree")
    for name in CODE:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "docs").mkdir()
    shutil.copy(ROOT / "docs/met.yml", folder / "docs")
    return folder


def run(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(tree), "PYTHONPATH": str(tree), "COLUMNS": "200"}
    command = [sys.executable, "-P", *arguments]
    return subprocess.run(
        command, cwd=tree, env=env, capture_output=True, text=True, timeout=GUARD, check=False
    )


@pytest.mark.parametrize(("form", "publisher"), [("csv", ""), ("json", "epoch")])
def test_what_is_made_is_accepted(tree, form, publisher):
    name = f"made_from_{form}"
    made = run(tree, "deploy/new_source.py", name, form, *(["--publisher", publisher] if publisher else []))
    assert made.returncode == 0, made.stderr
    folder = tree / "extractors" / publisher / name
    assert {path.name for path in folder.iterdir()} == {"source.yml", "extract.py", "sample"}
    assert f"{name}: " in (tree / "docs/met.yml").read_text("utf-8")
    tried = run(tree, "-c", TRY, "try", name, str(folder / "sample" / f"{name}.{form}"))
    assert (tried.returncode, tried.stderr) == (0, "")
    assert "Accepted." in tried.stdout
    assert "Another University" in tried.stdout
    again = run(tree, "deploy/new_source.py", name, form)
    assert again.returncode == 2
    assert f"there is a source '{name}'" in again.stderr


def test_an_id_that_is_none(tree):
    refused = run(tree, "deploy/new_source.py", "My-Source", "csv")
    assert refused.returncode == 2
    assert "'My-Source' is no id" in refused.stderr
