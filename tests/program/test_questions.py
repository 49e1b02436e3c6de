"""Questions are short, so what they load is."""

from __future__ import annotations

import subprocess
import sys

import pytest
from documents import ROOT


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["sources"],
        ["status"],
        ["show"],
        ["show", "energy_generation"],
        ["trace", "energy_generation"],
        ["path"],
        ["releases"],
        ["diff"],
        ["why", "energy_generation"],
    ],
    ids=" ".join,
)
def test_questions_load_neither_prefect_nor_great_expectations(good_night, arguments):
    """They take a second and more to import."""
    code = (
        "import sys\nfrom flows.commands.cli import"
        " main\ntry:\n    main(sys.argv[1:])\nfinally:\n    print('\\nloaded', *sys.modules)"
    )
    command = [sys.executable, "-c", code, "--data-dir", str(good_night.data), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    loaded = done.stdout.rsplit("\nloaded", 1)[1].split()
    assert "flows.commands.cli" in loaded
    assert {"prefect", "great_expectations", "apprise"} & set(loaded) == set()
    assert "requests" not in loaded or arguments not in (["--help"], ["path"])
