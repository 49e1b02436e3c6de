"""Check suites: YAML files that name batches (SQL, or a Python function) and Great Expectations checks on
them.

Great Expectations runs on pandas batches (its SQL path cannot read DuckDB). It takes seconds to
import, so only a check that really runs imports it.
"""

from __future__ import annotations

import json
import logging
import pkgutil
import threading
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import duckdb
from pydantic import Discriminator, Field, Tag, model_validator
from pydantic.json_schema import SkipJsonSchema

from extractors import yml
from extractors.yml import Definition, Listed
from warehouse.datasets import schema
from warehouse.store import code_identity
from warehouse.store.code_identity import fingerprint
from warehouse.store.memo import Memo

HERE = Path(__file__).parent
Severity = Literal["error", "warn"]
Status = Literal["pass", "fail", "broken", "skipped", "accepted"]
_ONE_AT_A_TIME = threading.Lock()  # a Great Expectations context is not made for threads


class NotApplicable(Exception):
    """Raised by the function of a batch when there is nothing its checks could test: says why, and they are
    skipped."""


class Function(Definition):
    """A batch made in Python, for what SQL cannot compute."""

    python: str = Field(pattern=r"^[\w.]+:\w+$")
    """module:function, called with the connection; it returns the frame."""

    @property
    def module(self) -> str:
        return self.python.partition(":")[0]

    def __call__(self, con: duckdb.DuckDBPyConnection) -> Any:
        return pkgutil.resolve_name(self.python)(con)


Batch = Annotated[
    Annotated[str, Tag("<SQL>")] | Annotated[Function, Tag("<Python>")],
    Discriminator(lambda made: "<SQL>" if isinstance(made, str) else "<Python>"),
]


class Check(Definition):
    """One expectation on one batch."""

    name: str
    """The sentence that must be true."""
    batch: str
    """The batch that it is about."""
    expect: str = Field(pattern="^Expect[A-Z][A-Za-z]+$")
    """A class of Great Expectations."""
    kwargs: Mapping[str, Any] = Field({}, alias="with")
    """The arguments of that class."""
    severity: Severity = "error"
    """error: what fails is held back. warn: it is published, and listed in check_result."""
    sources: Listed[str] = ()
    """The sources that it is for; none: all."""

    def ended(self, status: Status, observed: str, message: str) -> Result:
        return Result(self.name, self.expect, self.severity, status, observed, message)


class Suite(Definition):
    """The checks of one dataset or indicator."""

    name: SkipJsonSchema[str]
    batches: Mapping[str, Batch]
    """Name -> SQL, or the Python function that makes the frame."""
    checks: tuple[Check, ...]
    """The sentences that must be true of them."""
    hash: SkipJsonSchema[str]

    @model_validator(mode="after")
    def _batches_are_there(self) -> Self:
        known = ", ".join(self.batches)
        faults = [
            f"checks[{number}].batch should be one of {known}, not {check.batch!r}"
            for number, check in enumerate(self.checks)
            if check.batch not in self.batches
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self


@dataclass(frozen=True)
class Result:
    """How a check ended: 'pass', 'fail' (the data is bad), 'broken' (the check could not run) or 'skipped'
    (there was nothing to test)."""

    name: str
    expectation: str
    severity: Severity
    status: Status
    observed: str
    message: str

    @property
    def blocks(self) -> bool:
        """A check that could not run has not shown the data to be good, so it holds back as well."""
        return self.severity == "error" and self.status in ("fail", "broken")


FIELDS = tuple(field.name for field in fields(Result))


@cache
def load(kind: str, name: str) -> Suite | None:
    """The suite in ``<kind>/<name>.yml``, or None when there is none."""
    path = HERE / kind / f"{name}.yml"
    if not path.exists():
        return None
    text = path.read_text("utf-8")
    suite = yml.load(Suite, text, f"{kind}/{path.name}", name=name, hash="")
    functions = [
        code_identity.of(batch.module, definitions=False).digest
        for batch in suite.batches.values()
        if isinstance(batch, Function)
    ]
    return suite.model_copy(update={"hash": fingerprint([code_identity.meaning(path), functions])})


def run(
    con: duckdb.DuckDBPyConnection, suite: Suite, source: str | None = None, cache: Memo | None = None
) -> list[Result]:
    """Run a suite; ``source`` selects the checks that are for all sources or for this one.

    A batch that cannot be made, or an expectation that raises, ends as 'broken', never as bad data. Results
    are a function of the batch and its checks: those in ``cache`` are not found out again.
    """
    wanted = [check for check in suite.checks if not check.sources or source in check.sources]
    results: list[Result] = []
    for batch in dict.fromkeys(check.batch for check in wanted):
        checks = [check for check in wanted if check.batch == batch]
        made = suite.batches[batch]
        try:
            frame = made(con) if isinstance(made, Function) else con.execute(made).df()
        except NotApplicable as reason:
            told = f"not run: {reason}"
            results += [check.ended("skipped", told, f"{check.name}: {told}") for check in checks]
        # whatever the making of a batch raises, the check is what broke
        except Exception as error:  # noqa: BLE001
            said = error if isinstance(error, duckdb.Error) else f"{type(error).__name__}: {error}"
            text = f"batch {batch!r} cannot be made: {said}"
            results += [check.ended("broken", "", text) for check in checks]
        else:
            results += _validate(_needed(frame, checks), checks, cache)
    return results


@cache
def _names() -> tuple[str, ...]:
    """Columns that say which row an example is: what batches call their rows, and the keys of datasets."""
    keys = [name for dataset in schema.all_datasets().values() for name in dataset.key if name != "source"]
    return tuple(dict.fromkeys(["country", "period", "series", "model", "indicator", *keys]))


def _needed(frame: Any, checks: list[Check]) -> Any:
    """The columns that the checks, or the examples in their messages, are about."""
    about: set[Any] = {*_names()}
    for check in checks:
        about.update(map(check.kwargs.get, ("column", "column_A", "column_B")))
        about.update(check.kwargs.get("column_list", ()))
    return frame[[column for column in frame.columns if column in about]]


@cache
def _whole_frame() -> Any:
    """What gives a batch for a frame. One for all frames: with an asset for each, the project is written out
    each time."""
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="great_expectations")
    import great_expectations as gx
    from great_expectations.data_context.types import base

    config = base.DataContextConfig(
        # the default would leave a folder for web pages behind
        store_backend_defaults=base.InMemoryStoreBackendDefaults(),
        progress_bars=base.ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    frames = gx.get_context(mode="ephemeral", project_config=config).data_sources.add_pandas("frames")
    return frames.add_dataframe_asset("frame").add_batch_definition_whole_dataframe("whole")


def _validate(frame: Any, checks: list[Check], memo: Memo | None) -> list[Result]:
    """What the checks find in a frame, as it is remembered where there is a memo."""
    if memo is None:
        return _found_out(frame, checks)
    code = code_identity.of("expectations.suites", definitions=False).digest
    content = frame.to_json(orient="split", date_format="iso", double_precision=15, default_handler=str)
    key = fingerprint([code, repr(frame.dtypes.to_dict()), repr(checks), content])
    kept = f"checks/{key[:2]}/{key[:32]}"
    if known := memo.get(kept):
        return [Result(**row) for row in known]
    results = _found_out(frame, checks)
    memo.put(kept, as_rows(results))
    return results


def _found_out(frame: Any, checks: list[Check]) -> list[Result]:
    form = {
        "result_format": "SUMMARY",
        "partial_unexpected_count": 5,
        "unexpected_index_column_names": [name for name in _names() if name in frame.columns],
    }
    results = []
    with _ONE_AT_A_TIME:
        batch = _whole_frame().get_batch({"dataframe": frame})
        passed = _passed(batch, checks)
        for number, check in enumerate(checks):
            try:
                outcome = passed.get(number) or batch.validate(_expectation(check), result_format=form)
                results.append(_result(check, outcome))
            except Exception as error:  # whatever a check raises, the check is what broke  # noqa: BLE001
                results.append(check.ended("broken", "", f"{type(error).__name__}: {error}"))
    return results


def _expectation(check: Check, **more: Any) -> Any:
    import great_expectations as gx

    return getattr(gx.expectations, check.expect)(**check.kwargs, **more)


def _passed(batch: Any, checks: list[Check]) -> dict[int, Any]:
    """Number of a check -> its outcome, for those that plainly pass when all are validated at once.

    Together and without examples they take half as long, and nearly all pass. Whatever does not is validated
    alone, to say why.
    """
    import great_expectations as gx

    try:
        made = [_expectation(check, meta={"number": number}) for number, check in enumerate(checks)]
        together = gx.ExpectationSuite("together", expectations=made)
        outcomes = batch.validate(together, result_format="BASIC").results
    except Exception:  # which check it was that raised is found out alone  # noqa: BLE001
        return {}
    return {outcome.expectation_config.meta["number"]: outcome for outcome in outcomes if outcome.success}


def _result(check: Check, outcome: Any) -> Result:
    raised = outcome.exception_info or {}
    infos = [raised] if "raised_exception" in raised else raised.values()
    if broken := [str(info.get("exception_message")) for info in infos if info.get("raised_exception")]:
        return check.ended("broken", "", " ".join("; ".join(broken).split())[:300])
    found = outcome.result or {}
    observed = _text(found.get("observed_value", found.get("unexpected_count")))
    if outcome.success:
        return check.ended("pass", observed, check.name)
    # as 'column value' pairs, days without their midnight
    examples = [
        ", ".join(f"{name} {str(value).removesuffix(' 00:00:00')}" for name, value in row.items())
        for row in found.get("partial_unexpected_index_list") or []
        if isinstance(row, dict)
    ] or found.get("partial_unexpected_list")
    wanted = dict(check.kwargs)
    named = [wanted.pop("column", None), *wanted.pop("column_list", [])]
    message = f"{check.name}: {', '.join(filter(None, named))} {_text(wanted)}: found {observed}"
    if examples:
        message += f", for example {_text(examples[:3])}"
    return check.ended("fail", observed, message[:600])


def _text(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False, sort_keys=True)


def as_rows(results: list[Result]) -> list[dict[str, Any]]:
    return [asdict(result) for result in results]
