"""The refit of the Epoch Capabilities Index, and the check that rests on it."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

from expectations import suites
from expectations.refit import refit
from expectations.suites import NotApplicable, Suite

FOLDER = "leaderboards/epoch_eci"
CAPABILITY = {"Claude 3.5 Sonnet": 1.0, "GPT-5": 2.0, "weaker": 0.0, "between": 1.5, "stronger": 3.0}
BENCHMARKS = {
    "Winogrande": (0.0, 1.0),
    "easy": (0.5, 1.5),
    "middling": (1.5, 2.0),
    "hard": (2.5, 1.0),
    "harder": (3.0, 2.0),
}


def made(**changed: float) -> pd.DataFrame:
    """Inputs that the model gives for known capabilities, difficulties and slopes."""
    rows = [
        (model, benchmark, 1 / (1 + np.exp(-alpha * (capability - difficulty))))
        for model, capability in (CAPABILITY | changed).items()
        for benchmark, (difficulty, alpha) in BENCHMARKS.items()
    ]
    return pd.DataFrame(rows, columns=["model", "benchmark", "performance"])


def scores(inputs: pd.DataFrame) -> dict[str, float]:
    found = refit(inputs)
    return dict(zip(found["model"], found["eci"], strict=True))


def test_refit_finds_the_capabilities_that_made_the_inputs():
    """Tolerance: the penalty on the size of the parameters moves them a little."""
    found = scores(made())
    assert (found["Claude 3.5 Sonnet"], found["GPT-5"]) == pytest.approx((130, 150), abs=1e-9)
    assert (found["weaker"], found["between"], found["stronger"]) == pytest.approx((110, 140, 170), abs=1.5)


def test_refit_takes_the_best_version_whatever_the_order_of_the_rows():
    inputs = made()
    worse = inputs.assign(performance=inputs["performance"] / 2)
    mixed = pd.concat([worse, inputs]).sample(frac=1, random_state=1)
    assert scores(mixed) == scores(inputs)


def test_refit_leaves_out_models_with_fewer_than_four_benchmarks():
    inputs = made()
    few = inputs[(inputs["model"] != "between") | inputs["benchmark"].isin(["easy", "middling", "hard"])]
    twice = pd.concat([few, few[few["model"] == "between"]])  # six results, of three benchmarks
    assert set(scores(twice)) == set(CAPABILITY) - {"between"}


@pytest.mark.parametrize(("column", "name"), [("benchmark", "Winogrande"), ("model", "GPT-5")])
def test_refit_needs_what_fixes_the_scale(column, name):
    inputs = made()
    with pytest.raises(ValueError, match=f"the inputs lack {name}"):
        refit(inputs[inputs[column] != name])


def test_refit_keeps_to_the_bounds_of_results():
    """Nothing and everything right are within the curve, not at infinity."""
    inputs = made()
    inputs.loc[inputs["model"] == "stronger", "performance"] = 1.0
    inputs.loc[inputs["model"] == "weaker", "performance"] = 0.0
    found = scores(inputs)
    assert np.isfinite(list(found.values())).all()
    assert found["weaker"] < 130
    assert found["stronger"] > 150


def breaks(con):  # noqa: ARG001
    raise ZeroDivisionError("nothing to divide by")


def does_not_apply(con):  # noqa: ARG001
    raise NotApplicable("there is nothing to compare")


def one_row(con):
    return con.execute("SELECT 7 AS value").df()


@pytest.mark.parametrize(
    ("function", "status", "blocks", "told"),
    [
        ("breaks", "broken", True, "ZeroDivisionError: nothing to divide by"),
        ("is_not_there", "broken", True, "is_not_there"),
        ("does_not_apply", "skipped", False, "not run: there is nothing to compare"),
        ("one_row", "fail", True, "found 1"),
    ],
)
def test_how_a_batch_made_in_python_ends(function, status, blocks, told):
    """A function that breaks is a check that could not run, never bad data; one that does not apply holds
    nothing back."""
    check = {
        "name": "value is below 5",
        "batch": "made",
        "expect": "ExpectColumnValuesToBeBetween",
        "with": {"column": "value", "max_value": 5},
    }
    suite = Suite.model_validate(
        {
            "name": "made",
            "batches": {"made": {"python": f"{__name__}:{function}"}},
            "checks": [check],
            "hash": "",
        }
    )
    with duckdb.connect() as con:
        [result] = suites.run(con, suite)
    assert (result.status, result.blocks) == (status, blocks)
    assert told in result.message


def test_recorded_scores_are_the_refit_of_the_recorded_inputs(recordings):
    inputs = pd.read_csv(recordings / FOLDER / "eci_benchmarks_2026-08-11.csv")
    published = pd.read_csv(recordings / FOLDER / "eci_scores_2026-08-11.csv").set_index("Model")["eci"]
    found = refit(
        inputs[["model_group", "benchmark", "performance"]].rename(columns={"model_group": "model"})
    ).set_index("model")["eci"]
    assert len(found) == len(published) == 222
    off = (found - published).abs()
    assert off.notna().all()
    assert off.max() < 0.5
    assert off.mean() < 0.1
