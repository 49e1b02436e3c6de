"""The Epoch Capabilities Index fitted anew: are the published scores those that their inputs give?

numpy, pandas and scipy are imported where they are used, so that a build without a refit does not pay for
them.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import duckdb

from expectations.suites import NotApplicable

if TYPE_CHECKING:
    import pandas as pd

SCORES, INPUTS = "epoch_eci_scores", "epoch_eci_benchmarks"
# Scores and inputs are replaced together; further apart they may be of two fits.
MOST_DAYS_APART = 3
LEAST_BENCHMARKS = 4
# A result of exactly 0 or 1 would need an infinite capability.
LEAST_PERFORMANCE = 0.001
PENALTY = 0.1
# Capability C and difficulty D are bounded by -10 and 10, the slope alpha by 0.1 and 10.
MOST, LEAST_SLOPE = 10.0, 0.1
# This benchmark has slope 1, else the scale could be anything; that its difficulty is 0 is a shift, which ECI
# points do not show.
PINNED_BENCHMARK = "Winogrande"
ANCHORS = {"Claude 3.5 Sonnet": 130.0, "GPT-5": 150.0}


def refit(inputs: pd.DataFrame) -> pd.DataFrame:
    """The index as its publisher fits it: ``model`` and ``eci`` (ECI points) of each model with four
    benchmarks or more.

    ``inputs``: ``model``, ``benchmark`` and ``performance`` (0 to 1), of which the best per model and
    benchmark counts. ``performance = sigmoid(alpha * (C - D))`` is fitted by bounded least squares, with one
    more residual that keeps the parameters small; the order of the rows does not matter. On the inputs of 11
    August 2026 it is 0.02 points from the published scores on average, 0.22 at most.
    Raises ``ValueError`` without the models and the benchmark that fix the scale, ``RuntimeError`` when no
    fit is found.
    Source: Epoch AI, https://epoch.ai/data/eci-documentation and https://github.com/epoch-research/eci-public
    """
    import numpy as np
    import pandas as pd
    from scipy.optimize import least_squares  # type: ignore[import-untyped]
    from scipy.sparse import csr_array  # type: ignore[import-untyped]

    best = inputs.groupby(["model", "benchmark"])["performance"].max().reset_index()
    best = best[best.groupby("model")["benchmark"].transform("size") >= LEAST_BENCHMARKS]
    models, model = np.unique(best["model"].to_numpy(dtype=str), return_inverse=True)
    benchmarks, benchmark = np.unique(best["benchmark"].to_numpy(dtype=str), return_inverse=True)
    missing = [*(set(ANCHORS) - set(models)), *({PINNED_BENCHMARK} - set(benchmarks))]
    if missing:
        raise ValueError(f"the inputs lack {', '.join(sorted(missing))}, which fix the scale")
    printed = best["performance"].to_numpy(dtype=float).clip(LEAST_PERFORMANCE, 1 - LEAST_PERFORMANCE)

    # Parameters: C of each model, D of each benchmark, alpha of each benchmark but the pinned one.
    free = benchmarks != PINNED_BENCHMARK
    difficulties, slopes = len(models), len(models) + len(benchmarks)
    size = slopes + int(free.sum())
    slope_of = slopes + np.cumsum(free) - 1
    sloped = free[benchmark]
    row = np.arange(len(printed))
    places = (
        np.concatenate([row, row, row[sloped], np.full(size, len(printed))]),
        np.concatenate([model, difficulties + benchmark, slope_of[benchmark[sloped]], np.arange(size)]),
    )

    def curve(parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        alpha = np.ones(len(benchmarks))
        alpha[free] = parameters[slopes:]
        above = parameters[model] - parameters[difficulties + benchmark]
        return alpha[benchmark], above, 1 / (1 + np.exp(-alpha[benchmark] * above))

    def residuals(parameters: np.ndarray) -> np.ndarray:
        return np.append(curve(parameters)[2] - printed, np.sqrt(PENALTY * np.sum(parameters**2) / size))

    def slopes_of_residuals(parameters: np.ndarray) -> csr_array:
        alpha, above, fitted = curve(parameters)
        steep = fitted * (1 - fitted)
        penalty = np.sqrt(PENALTY / size) * parameters / np.sqrt(np.sum(parameters**2))
        return csr_array(
            (np.concatenate([steep * alpha, -steep * alpha, (steep * above)[sloped], penalty]), places),
            shape=(len(printed) + 1, size),
        )

    start = np.concatenate([np.zeros(slopes), np.ones(size - slopes)])
    least = np.concatenate([np.full(slopes, -MOST), np.full(size - slopes, LEAST_SLOPE)])
    # Most of the derivatives are zero: the sparse solver takes 0.1 s, the dense one seconds.
    found = least_squares(
        residuals, start, slopes_of_residuals, (least, np.full(size, MOST)), x_scale="jac", tr_solver="lsmr"
    )
    if not found.success:
        raise RuntimeError(f"no fit was found: {found.message}")
    capability = dict(zip(models.tolist(), found.x.tolist(), strict=False))
    (low, low_eci), (high, high_eci) = ((capability[name], eci) for name, eci in ANCHORS.items())
    per_unit = (high_eci - low_eci) / (high - low)
    return pd.DataFrame({"model": models, "eci": low_eci + per_unit * (found.x[:difficulties] - low)})


def differences(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Each scored model of the newest vintage: ``model``, ``published`` and ``refitted`` (ECI points),
    ``difference`` (absolute).

    ``refitted`` is null for a model with fewer than four benchmarks. Raises ``NotApplicable`` when scores and
    inputs do not belong together, since then a difference would say nothing about the publisher's fit.
    """
    scores_known, inputs_known, unread = con.execute(
        """SELECT max(known_from) FILTER (source = $scores), max(known_from) FILTER (source = $inputs),
        arg_max(quarantined, known_from) FILTER (source = $inputs) FROM document WHERE status = 'accepted'""",
        {"scores": SCORES, "inputs": INPUTS},
    ).fetchone() or (None, None, 0)
    for source, known in ((SCORES, scores_known), (INPUTS, inputs_known)):
        if known is None:
            raise NotApplicable(f"{source} has no accepted document")
    if unread:
        raise NotApplicable(
            f"{unread} rows of the inputs known from {inputs_known:%Y-%m-%d} could not be read"
        )
    if abs(scores_known - inputs_known) > dt.timedelta(MOST_DAYS_APART):
        raise NotApplicable(
            f"scores known from {scores_known:%Y-%m-%d} and inputs from {inputs_known:%Y-%m-%d}:"
            f" over {MOST_DAYS_APART} days apart"
        )
    scores = con.execute(
        "SELECT model, max(eci) AS published FROM capability_score WHERE source = ? AND eci IS NOT NULL"
        " GROUP BY model ORDER BY model",
        [SCORES],
    ).df()
    inputs = con.execute(
        "SELECT model, benchmark, performance FROM capability_input WHERE source = ?", [INPUTS]
    ).df()
    covered = scores["model"].isin(inputs["model"])
    if not covered.all():
        lacking = ", ".join(scores["model"][~covered][:3])
        raise NotApplicable(
            f"the inputs cover {covered.sum()} of {len(scores)} scored models; not, for example, {lacking}"
        )
    compared = scores.merge(refit(inputs).rename(columns={"eci": "refitted"}), on="model", how="left")
    return compared.assign(difference=(compared["published"] - compared["refitted"]).abs())
