"""The shape of the code: who may import what, what each folder must hold, and what may stand in no file."""

from __future__ import annotations

import ast
import fnmatch
import os
import re
import subprocess
import sys
import zipfile
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml
from conftest import SOURCES

from expectations import suites
from extractors import definition
from warehouse.build import indicators
from warehouse.datasets import schema

ROOT = Path(__file__).parents[2]
LAYERS = ("extractors", "warehouse", "expectations", "flows")  # each may import itself and those before it
# Inside a layer a folder may import itself, those of the rows above it, and those of its own row.
# A publisher's folder is in no row: it may import the rows, and no other publisher.
ROOMS = {
    "extractors": ("contract definition sql yml", "formats", "evidence"),
    "warehouse": (
        "store", "datasets", "acquire", "staging", "institutions", "reference", "indicators", "macros",
        "build", "compare", "publish",
    ),
    "flows": ("refresh", "scheduling commands"),
}  # fmt: skip
LINES = 320
LONGER = {
    # Longer since their lines were wrapped, not yet split.
    **dict.fromkeys(
        (
            "expectations/suites.py",
            "extractors/evidence/locate.py",
            "flows/commands/trace.py",
            "flows/commands/why.py",
            "tests/conftest.py",
            "tests/program/test_bad_input.py",
            "tests/program/test_trace.py",
            "tests/recorded/test_extractors.py",
            "tests/recorded/test_vintages.py",
            "tests/unit/test_alibaba.py",
            "tests/unit/test_architecture.py",
            "tests/unit/test_chip_indicators.py",
            "tests/unit/test_edgar_json.py",
            "tests/unit/test_edgar_xbrl.py",
            "tests/unit/test_incremental.py",
            "tests/unit/test_lmarena.py",
            "tests/unit/test_papers.py",
            "tests/unit/test_reference.py",
            "tests/unit/test_revenue.py",
            "tests/unit/test_ror.py",
            "tests/unit/test_top500.py",
            "warehouse/acquire/fetch.py",
            "warehouse/compare/decomposition.py",
        ),
        "wrapped to 110 columns",
    ),
}
# What a parser has no use for: it is a pure function of one document.
IMPURE = {
    "asyncio",
    "datetime",
    "os",
    "random",
    "requests",
    "secrets",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
}


def ignored(*, top: bool) -> list[str]:
    """Names that are never part of the project, from .gitignore; those with a slash in front are so at the
    top alone."""
    names = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text("utf-8").split()]
    return [name.lstrip("/") for name in names if top or name[0] != "/"]


def project_files() -> list[Path]:
    found = []
    for folder, folders, files in os.walk(ROOT):
        patterns = [".git", *ignored(top=Path(folder) == ROOT)]
        folders[:] = [
            name for name in folders if not any(fnmatch.fnmatch(name, pattern) for pattern in patterns)
        ]
        found += [
            Path(folder, name)
            for name in files
            if not any(fnmatch.fnmatch(name, pattern) for pattern in patterns)
        ]
    return sorted(found)


FILES = project_files()
PYTHON = [path for path in FILES if path.suffix == ".py"]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for path in PYTHON
    if path.relative_to(ROOT).parts[0] in LAYERS and path.name != "__init__.py"
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> set[str]:
    """Modules that a file imports anywhere, also inside functions and by name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}: a relative import hides where it leads"
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).endswith(("import_module", "__import__"))
            and node.args
        ):
            told = node.args[0].values[0] if isinstance(node.args[0], ast.JoinedStr) else node.args[0]
            found |= {told.value.rstrip(".")} if isinstance(told, ast.Constant) else set()
    return found


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


@pytest.mark.parametrize("layer", LAYERS)
def test_dependencies_point_one_way(layer):
    later = {*LAYERS[LAYERS.index(layer) + 1 :], "deploy", "tests"}
    wrong = {
        name_of(path): sorted(packages(path) & later)
        for path in PYTHON
        if name_of(path).startswith(f"{layer}/")
    }
    assert {path: names for path, names in wrong.items() if names} == {}


@pytest.mark.parametrize("layer", ROOMS)
def test_rooms_import_those_above_them(layer):
    above: set[str] = set()
    allowed, wrong = {}, {}
    for row in ROOMS[layer]:
        above |= set(row.split())
        allowed |= dict.fromkeys(row.split(), frozenset(above))
    for name, path in MODULES.items():
        if name.startswith(f"{layer}."):
            room = name.split(".")[1]
            assert room in allowed or layer == "extractors", f"{name} stands in no folder that ROOMS knows"
            others = {
                other.split(".")[1]
                for other in imported(path) & set(MODULES)
                if other.startswith(f"{layer}.")
            }
            wrong[name] = sorted(others - allowed.get(room, above | {room}))
    assert {name: others for name, others in wrong.items() if others} == {}


def test_modules_form_no_circle():
    TopologicalSorter(
        {name: imported(path) & set(MODULES) - {name} for name, path in MODULES.items()}
    ).prepare()


def test_imports_are_seen():
    """The tests above would pass if they saw nothing."""
    seen = {
        layer: set().union(*(packages(path) for path in PYTHON if name_of(path).startswith(f"{layer}/")))
        for layer in LAYERS
    }
    assert all(set(LAYERS[: number + 1]) & seen[layer] for number, layer in enumerate(LAYERS))
    assert "prefect" in seen["flows"]
    assert "flows.scheduling.serving" in imported(ROOT / "flows/commands/cli.py"), "inside a function"
    assert "extractors" in packages(ROOT / "extractors/definition.py"), "import_module"


def test_only_scheduling_and_deploy_import_prefect():
    users = {name_of(path) for path in PYTHON if "prefect" in packages(path)}
    assert {
        name for name in users if not name.startswith(("flows/scheduling/", "deploy/", "tests/"))
    } == set()


def test_no_private_part_of_prefect_is_imported():
    """Prefect may change it in any version."""
    private = {
        name_of(path): sorted(name for name in imported(path) if name.startswith("prefect.") and "._" in name)
        for path in PYTHON
    }
    assert {path: names for path, names in private.items() if names} == {}


def test_only_suites_import_great_expectations():
    users = {name_of(path) for path in PYTHON if "great_expectations" in packages(path)}
    assert {name for name in users if not name.startswith("tests/")} == {"expectations/suites.py"}


# What carries tables, indicators, releases and alerts from one night to the next, whatever these are about.
FOLDERS = (
    "warehouse/build/",
    "warehouse/compare/",
    "warehouse/publish/",
    "warehouse/staging/",
    "warehouse/store/",
)
ENGINE = [
    path
    for path in PYTHON
    if name_of(path).startswith((*FOLDERS, "expectations/", "flows/refresh/make_release.py"))
    and not path.with_suffix(".sql").exists()  # with one beside it, it is a derived table
]
DOMAIN = re.compile(
    r"talent|affiliation|quotation|\bquote\b|quote_|institution|polic[yi]_|\bmapping\b|\bevent\b"
    r"|\bpapers?\b|\bauthors?\b|\bfigures?\b"
)


@pytest.mark.parametrize("path", ENGINE, ids=name_of)
def test_the_engine_has_no_word_of_the_domain(path):
    """These stand in definitions and derived tables, which it finds in their folders."""
    lines = enumerate(path.read_text("utf-8").splitlines(), 1)
    assert [f"{number}: {line.strip()}" for number, line in lines if DOMAIN.search(line)] == []


def test_the_engine_is_found():
    """The test above would pass if it saw nothing, and would know no word."""
    assert {
        "warehouse/build/build.py",
        "warehouse/build/derived/__init__.py",
        "expectations/alerts/rules.py",
    } <= set(map(name_of, ENGINE))
    [filler] = [
        path for path in PYTHON if path not in ENGINE and name_of(path).startswith("warehouse/build/")
    ]
    assert DOMAIN.search(filler.read_text("utf-8"))


@pytest.mark.parametrize("source", SOURCES)
def test_parsers_are_pure(source):
    for path in sorted(SOURCES[source].folder.glob("*.py")):
        assert packages(path) & IMPURE == set(), name_of(path)


def test_no_file_is_two_things():
    long = {
        name_of(path): count
        for path in PYTHON
        if (count := len(path.read_text("utf-8").splitlines())) > LINES
    }
    assert set(long) <= set(LONGER), f"over {LINES} lines: {long}"


def source_folders() -> list[Path]:
    """Folders below extractors that hold any part of a source."""
    found = [path for path in FILES if path.name in ("source.yml", "extract.py")]
    return sorted({path.parent for path in found if path.is_relative_to(ROOT / "extractors")})


@pytest.mark.parametrize("folder", source_folders(), ids=lambda folder: folder.name)
def test_source_folder_is_complete(folder):
    for name in ("source.yml", "extract.py", "sample/sample.yml"):
        assert (folder / name).is_file(), f"{name_of(folder)} lacks {name}"
    about = yaml.safe_load((folder / "sample/sample.yml").read_text("utf-8"))
    assert about["note"] == "hand-written sample"
    named = {
        str(entry.get("file") or entry.get("zip") or entry.get("parquet")) for entry in about["documents"]
    } | {"sample.yml"}
    assert {path.name for path in (folder / "sample").iterdir()} == named, (
        "sample.yml and the folder hold different documents"
    )
    assert set(SOURCES[folder.name].datasets) <= set(schema.all_datasets())


def test_an_id_stands_for_one_folder(tmp_path):
    for name in ("one/same", "other/same"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "source.yml").touch()
    with pytest.raises(ValueError, match="has the same id; rename one of the two folders"):
        definition.folders(tmp_path)


def suites_of(kind: str) -> set[str]:
    return {path.stem for path in (ROOT / "expectations" / kind).glob("*.yml")}


def test_every_dataset_and_indicator_has_a_suite():
    assert suites_of("datasets") == set(schema.all_datasets())
    assert suites_of("indicators") == set(indicators.all_indicators())
    for kind in ("datasets", "indicators"):
        for name in suites_of(kind):
            checks = suites.load(kind, name).checks
            assert any(check.severity == "error" for check in checks), f"{kind}/{name} blocks nothing"
            assert {source for check in checks for source in check.sources} <= set(SOURCES), (
                f"{kind}/{name} names a source that is none"
            )


def test_indicators_rest_on_sources_that_are_there():
    for name, indicator in indicators.all_indicators().items():
        assert set(indicator.sources) <= set(SOURCES), name
        assert indicator.sources, name


# Written so that this file does not hold what it looks for.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.~}])/(?:w[o]rk|r[o]ot|h[o]me/\w+|Us[e]rs/\w+)/"),
    "the host of a registry": re.compile(
        r"p[y]pi\.(?:org|python)|pythonh[o]sted|registry\.n[p]mjs|artifact[o]ry|/n[e]xus/", re.IGNORECASE
    ),
    "the address of an index": re.compile(r"(?<!no-emit)(?:^|\s)--(?:extra-)?index[-]url\b|--find[-]links"),
    "TLS checks switched off": re.compile(r"verify\s*=\s*Fals[e]|CERT[_]NONE|disable[_]warnings"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_stands_in_no_file(what):
    found = []
    for path in FILES:
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if FORBIDDEN[what].search(line):
                found.append(f"{name_of(path)}:{number}: {line.strip()[:100]}")
    assert found == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a path of one machine", 'open("/w{}rk/data.csv")'.format("o")),
        ("a path of one machine", "cd /h{}me/someone/gapwatch".format("o")),
        ("the host of a registry", "https://p{}pi.org/simple".format("y")),
        ("the address of an index", "pip install --index{}url x".format("-")),
        ("TLS checks switched off", "requests.get(url, verify=Fals{})".format("e")),
    ],
)
def test_forbidden_text_is_found(what, text):
    assert FORBIDDEN[what].search(text)


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".txt"], ids=name_of)
def test_lists_of_versions_hold_no_address(path):
    assert "://" not in path.read_text("utf-8")


def test_recorded_documents_are_not_committed():
    """Samples are small: a recorded file of a publisher would show. Tables that people review may be
    large."""
    ours = ("constraints.txt", "institution.csv", "institution_alias.csv", "data-dictionary.md", "sources.md")
    large = {
        name_of(path): path.stat().st_size
        for path in FILES
        if path.stat().st_size > 50_000 and path.name not in ours
    }
    assert large == {}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as packed:
        packed.extractall(folder / "unpacked")
    return folder / "unpacked"


@pytest.mark.slow
def test_wheel_holds_the_four_packages_and_nothing_else(wheel):
    """Code, source.yml, samples, SQL and suites: without them an installed gapwatch finds nothing."""
    needed = {name_of(path) for path in FILES if name_of(path).split("/")[0] in LAYERS}
    held = {path.relative_to(wheel).as_posix() for path in wheel.rglob("*") if path.is_file()}
    assert {Path(name).suffix for name in needed} >= {".py", ".yml", ".sql", ".csv"}
    assert {name for name in held if ".dist-info/" not in name} == needed


@pytest.mark.slow
def test_wheel_works_away_from_the_project(wheel, tmp_path):
    """It finds its sources by its own place, not by the working folder."""
    code = (
        "import sys,"
        " flows.commands.cli\nprint(flows.commands.cli.__file__)\nflows.commands.cli.main(sys.argv[1:])"
    )
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(wheel), "COLUMNS": "250"}
    done = subprocess.run(
        [sys.executable, "-c", code, "sources"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith(str(wheel)), done.stderr
    assert all(name in done.stdout for name in SOURCES)
