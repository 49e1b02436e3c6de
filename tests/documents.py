"""The documents, as tests read them: their blocks, their headings, and what they name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = next(folder for folder in Path(__file__).parents if (folder / "pyproject.toml").exists())
README, GUIDE = ROOT / "README.md", ROOT / "CONTRIBUTING.md"
DOCS, HOW_TO, REFERENCE = ROOT / "docs", ROOT / "docs/how-to", ROOT / "docs/reference"
DOCUMENTS = [
    README,
    GUIDE,
    ROOT / "CHANGELOG.md",
    *sorted(ROOT.glob("deploy/*.md")),
    *sorted(DOCS.rglob("*.md")),
]


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
    return path.read_text("utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path) -> list[Block]:
    content = text(path)
    found = re.finditer(r"^```(\w*)\n(.*?)^```$", content, re.MULTILINE | re.DOTALL)
    return [Block(path, content.count("\n", 0, match.start()) + 1, match[1], match[2]) for match in found]


def named(*paths: Path) -> set[str]:
    """What stands in quoted code."""
    return {quoted for path in paths for quoted in re.findall(r"`([^`\n]+)`", text(path))}


def headings(path: Path) -> list[str]:
    prose = re.sub(r"^```.*?^```$", "", text(path), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#+ (.+)$", prose, re.MULTILINE)


def targets() -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+):", text(ROOT / "Makefile"), re.MULTILINE))
