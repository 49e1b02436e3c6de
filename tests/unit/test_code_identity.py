"""What is out of date after a change of the code: all that rests on it, and nothing else."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import identities
import opened
import pytest
from conftest import SOURCES

from warehouse.build import derived, indicators
from warehouse.store import code_identity
from warehouse.store.code_identity import PACKAGES, ROOT

FILES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*")
    if path.suffix in (".py", ".sql", ".yml") and not {"sample", "__pycache__"} & {*path.parts}
)
REMARK = {".py": "\n# a remark\n", ".sql": "\n-- a remark\n", ".yml": "\n# a remark\n"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def remarked(path: Path) -> str:
    """The file with other comments and, of Python, other docstrings in another form."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        tree = ast.parse(text)
        for node in ast.walk(tree):
            has = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
            if has:
                node.body[0] = ast.Expr(ast.Constant("Other words."))
        text = ast.unparse(tree)
    return text + REMARK[path.suffix]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_comment_means_nothing(tmp_path, path):
    copy = tmp_path / path.name
    copy.write_text(remarked(path), "utf-8")
    assert copy.read_bytes() != path.read_bytes()
    assert code_identity.meaning(copy) == code_identity.meaning(path)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the code, to be changed."""
    folder = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("sample", "__pycache__")
        )
    return folder


def names_after(tree: Path, changes: list[dict[str, str]]) -> list[set[str]]:
    """Of each change the names that are other ones after it."""
    done = subprocess.run(
        [sys.executable, identities.__file__],
        input=json.dumps(changes),
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    before, *after = json.loads(done.stdout)
    assert before, "there are names"
    return [{name for name in {*before, *names} if before.get(name) != names.get(name)} for names in after]


def every(kind: str) -> set[str]:
    names = {
        "parser": SOURCES,
        "checks": SOURCES,
        "derived": derived.all_tables(),
        "indicator": indicators.all_indicators(),
    }
    return {f"{kind} {name}" for name in names[kind]}


def parsers(*sources: str) -> set[str]:
    """What rests on these parsers: the checks of what they read, and the release."""
    assert set(sources) <= set(SOURCES)
    return {f"{kind} {name}" for kind in ("parser", "checks") for name in sources} | {"release"}


def built(*indicators: str) -> set[str]:
    return {"release", *(f"indicator {name}" for name in indicators)}


EVERY_PARSER = parsers(*SOURCES)
EVERY_INDICATOR = every("indicator") | {"release"}
# countries of affiliations rest on the registry as its parser reads it
AFFILIATIONS = {"derived affiliation", "indicator talent_work"}
ENGINE = {"engine"} | EVERY_INDICATOR
# what they read are pages, objects, or tables whose columns have no fixed names
NO_TABLE = (
    "alibaba_filings", "alibaba_results", "arena_daily", "eia_us_generation", "federal_register_rules",
    "livebench_categories", "livebench_tables", "lmarena_catalog", "lmarena_wide_history",
    "neurips_accepted", "neurips_country_counts", "neurips_paper_metadata", "neurips_proceedings_lists",
    "neurips_proceedings_years", "neurips_schedule", "neurips_virtual", "paperlists", "ror_registry",
    "ror_releases", "sec_companyfacts", "sec_segment_revenue", "sec_submissions",
)  # fmt: skip
# whose extract.py finds evidence as well, in documents of every format
LOCATING = (
    "alibaba_results", "eia_us_generation", "neurips_accepted", "neurips_country_counts",
    "neurips_paper_metadata", "neurips_proceedings_lists", "neurips_proceedings_years", "neurips_schedule",
    "neurips_virtual", "paperlists", "published_pages", "ror_registry", "top500_lists",
)  # fmt: skip
CASES = [
    # a parser, what several share, the tables that they read
    ("extractors/lmarena/layouts.py", "votes", "ballots",
     parsers("lmarena_text", "lmarena_text_history", "lmarena_text_style_control")),
    ("extractors/formats/tabular.py", "HEADER_BYTES = 64_000", "HEADER_BYTES = 65_000",
     parsers(*set(SOURCES) - set(NO_TABLE))),
    ("extractors/formats/html_table.py", "def tables(", "X = 1\ndef tables(",
     parsers("alibaba_filings", *LOCATING) | AFFILIATIONS),
    ("extractors/owid/owid_electricity_mix/areas.csv", "Africa,,region", "Africa,,continent",
     parsers("owid_electricity_mix")),
    ("extractors/published/published_figures/figures.csv", "MacroPolo", "Macro Polo",
     parsers("published_figures", "published_pages")),
    ("warehouse/staging/typed_rows.py", "not a record of this file", "no record of this file",
     EVERY_PARSER | AFFILIATIONS | ENGINE | {"verdicts"}),
    # a source, a dataset, its checks
    ("extractors/ecb_exchange_rates/source.yml", "title: Euro", "title: The euro", {"release"}),
    ("extractors/ecb_exchange_rates/source.yml", "newest_period: 6 days", "newest_period: 7 days",
     {"checks ecb_exchange_rates", "release"}),
    ("extractors/ecb_exchange_rates/source.yml", "limit: 10 MB", "limit: 11 MB", set()),
    ("warehouse/datasets/exchange_rate.sql", "rate     DOUBLE", "rate     FLOAT",
     parsers("ecb_exchange_rates") | {"dataset exchange_rate"} | EVERY_INDICATOR),
    ("warehouse/datasets/exchange_rate.sql", "'day of the rate'", "'its day'", {"release"}),
    ("expectations/datasets/exchange_rate.yml", "max_value: 1.7", "max_value: 1.8",
     {"checks ecb_exchange_rates", "release"}),
    ("expectations/indicators/energy_generation.yml", "severity: warn", "severity: error", {"release"}),
    ("expectations/document_checks.py", "LIMIT 0", "LIMIT 1", every("checks") | {"verdicts", "release"}),
    ("expectations/gate.py", "blocking[:3]", "blocking[:4]", {"verdicts", "release"}),
    # indicators, what they share, claims
    ("warehouse/indicators/energy_generation.sql", "DATE '2000-01-01'", "DATE '2001-01-01'",
     built("energy_generation")),
    ("warehouse/indicators/energy_generation.sql", "title: Electricity", "title: Power", {"release"}),
    ("warehouse/macros/usd_cny.sql", "usd.rate > 0", "usd.rate > 1",
     built("cloud_revenue", "revenue_run_rate")),
    ("warehouse/macros/country_of.sql", "_from <= day", "_from < day",
     built("arena_gap", "chip_supply", "compute_stock")),
    ("expectations/claims.yml", "said_on: 2026-01-15", "said_on: 2026-01-16", {"claims", "release"}),
    # the engine, reviewed tables, countries
    ("warehouse/build/views.sql", "SELECT 2 AS", "SELECT 3 AS", ENGINE),
    ("warehouse/staging/vintage.py", "not self.staged.quarantined", "True",
     {"verdicts", "derived affiliation"} | ENGINE),
    ("warehouse/reference/organisation.csv", "xAI,USA", "xAI,CHN", EVERY_INDICATOR),
    ("warehouse/institutions/resolver.py", "_MANY = 12", "_MANY = 13", AFFILIATIONS | {"release"}),
    ("warehouse/build/derived/talent_weight.sql", "place = 1", "place = 2",
     {"derived talent_weight"} | built("talent_work")),
    # what is told of it, and what is not
    ("expectations/alerts/rules.py", "the leader is now", "the leader is", {"release"}),
    ("flows/commands/terminal.py", '"new": "green"', '"new": "blue"', set()),
    ("flows/refresh/report.py", "outcome: str", "outcome: str = ''", set()),
    ("warehouse/acquire/http.py", "ROBOTS_HOURS = 24", "ROBOTS_HOURS = 23", set()),
    ("flows/scheduling/flow.py", "STEP_SECONDS = 3600", "STEP_SECONDS = 3700", set()),
]  # fmt: skip


@pytest.fixture(scope="module")
def outdated(tree):
    """What is out of date after each case, and after remarks in all files at once."""
    changes = []
    for name, old, new, _ in CASES:
        text = (ROOT / name).read_text("utf-8")
        assert old in text, f"{name} does not hold {old!r}"
        changes.append({name: text.replace(old, new, 1)})
    return names_after(tree, [*changes, {name_of(path): remarked(path) for path in FILES}])


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda n: f"{CASES[n][0]}: {CASES[n][2]}")
def test_out_of_date_is_what_rests_on_it(outdated, number):
    assert outdated[number] == CASES[number][3]


@pytest.mark.slow
def test_remarks_everywhere_put_nothing_out_of_date(outdated):
    assert outdated[len(CASES)] == set()


def traced(what: str, folder: Path) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, opened.__file__, what, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_a_parser_opens_nothing_that_its_identity_lacks(tmp_path):
    typing = code_identity.of("warehouse.staging.typed_rows", definitions=False).files
    found = traced("parsers", tmp_path)
    assert set(found) == set(SOURCES)
    for name, files in found.items():
        known = {name_of(path) for path in code_identity.of_source(SOURCES[name].folder).files | typing}
        assert name_of(SOURCES[name].folder / "extract.py") in files
        assert set(files) <= known, name


@pytest.mark.slow
def test_a_release_opens_nothing_that_its_identity_lacks(tmp_path):
    [files] = traced("release", tmp_path).values()
    rests = code_identity.of("flows.refresh.make_release").files
    # each counts by itself: derived tables and parsers by their own identities, a source by its fields
    rests |= code_identity.of(*(f"warehouse.build.derived.{name}" for name in derived.bases({}))).files
    rests |= code_identity.of_source(SOURCES[opened.SOURCE].folder).files
    named = {name_of(path) for path in rests} | {
        name_of(SOURCES[name].folder / "source.yml") for name in SOURCES
    }
    assert {"expectations/claims.yml", "warehouse/build/views.sql", "flows/refresh/make_release.py"} <= set(
        files
    )
    assert set(files) <= named
