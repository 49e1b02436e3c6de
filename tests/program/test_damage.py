"""What is kept to be quick is damaged: questions are answered, and a refresh makes it again."""

from __future__ import annotations

import pytest
from conftest import FEW
from running import asking

from warehouse.publish import publish

QUESTIONS = (["show"], ["status"], ["why", "energy_generation"], ["trace", "energy_generation"])
DAMAGE = {
    "empty": lambda content: b"",
    "a byte flipped": lambda content: content[:-1] + bytes([content[-1] ^ 1]) if content else b"",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_questions_and_a_refresh_do_without_the_stage(after_few_night, damage):
    run = after_few_night
    before = publish.content_digest(run.data / "gapwatch.duckdb")
    codes = [run(*question).returncode for question in QUESTIONS]
    for path in [path for path in (run.data / "stage").rglob("*") if path.is_file()]:
        content = damage(path.read_bytes())
        path.unlink()  # it is shared with the data directory that this one was copied from
        path.write_bytes(content)
    for question, code in zip(QUESTIONS, codes, strict=True):
        done = run(*question)
        assert "Traceback" not in done.stderr
        assert done.returncode == code, done.stdout + done.stderr
    done = run.refresh(*asking(*FEW))
    assert done.returncode == 0, done.stdout + done.stderr
    assert publish.content_digest(run.data / "gapwatch.duckdb") == before
    assert [run(*question).returncode for question in QUESTIONS] == codes
