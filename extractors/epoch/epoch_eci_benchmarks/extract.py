"""Epoch AI, ``eci_benchmarks.csv``: the benchmark results that the Epoch Capabilities Index is fitted to."""

from __future__ import annotations

from extractors.contract import Document, Frames
from extractors.formats.tabular import Layout, read_csv

LAYOUT = Layout(
    "eci_benchmarks.csv",
    {
        "model_id": None,  # numbered anew in every document, as benchmark_id is
        "benchmark_id": None,
        "performance": "performance",
        "benchmark": "benchmark",
        "benchmark_release_date": "benchmark_released_on",
        "optimized": None,  # a property of the benchmark that the index does not use
        "model": None,  # the model group again
        "model_version": "version",
        "Model": None,  # blank where the name of the group is not that of a model: use model_group
        "model_group": "model",
        "Model aggregation": None,  # how versions were grouped; the outcome is model_group
        "Model Aggregation Date": None,
        "date": "released_on",
        "source": "reported_by",
    },
)


def parse(document: Document) -> Frames:
    """CSV, one row per model (group of versions) and benchmark. Unit: share of the way from random guessing
    (0) to the best possible result (1), as normalised by the publisher. A partial release date ends in
    quarantine.
    Source: https://epoch.ai/data/eci_benchmarks.csv"""
    table = read_csv(document, [LAYOUT])
    columns = {
        "model": "nullif(trim(model), '')",
        "benchmark": "nullif(trim(benchmark), '')",
        "performance": "performance",
        "version": "version",
        "released_on": "released_on",
        "benchmark_released_on": "benchmark_released_on",
        "reported_by": "reported_by",
    }
    return {"capability_input": table.select(columns, value="performance")}
