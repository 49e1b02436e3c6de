"""Epoch AI, ``ml_hardware.csv``: accelerators for machine learning and what their makers specify."""

from __future__ import annotations

from extractors.contract import Document, Frames
from extractors.formats.tabular import Layout, read_csv

_COLUMNS: dict[str, str | None] = {
    "Hardware name": "name",
    "Manufacturer": "manufacturer",
    "Type": "type",
    "Notes": None,
    "Release date": "released_on",
    "Release price (USD)": "price_usd",
    "FP64 (double precision) performance (FLOP/s)": None,  # not used in machine learning
    "FP32 (single precision) performance (FLOP/s)": "fp32",
    "FP16 (half precision) performance (FLOP/s)": "fp16",
    "TF32 (TensorFloat-32) performance (FLOP/s)": None,
    "Tensor-FP16/BF16 performance (FLOP/s)": "tensor_fp16",
    "INT16 performance (OP/s)": None,
    "INT8 performance (OP/s)": "int8",
    "INT4 performance (OP/s)": None,
    "Memory (bytes)": "memory_bytes",
    "Memory bandwidth (byte/s)": "memory_bandwidth",
    "Intranode bandwidth (byte/s)": None,
    "Internode bandwidth (bit/s)": None,
    "Die Size (mm^2)": None,
    "TDP (W)": "tdp_w",
    "Base clock (MHz)": None,
    "Boost clock (MHz)": None,
    "Memory clock (MHz)": None,
    "Memory bus (bit)": None,
    "Tensor cores": None,
    "Process size (nm)": "process_nm",
    "Foundry": "foundry",
    "Transistors (millions)": None,
    "Link to datasheet": None,
    "Source for the price": None,
    "ML models": None,
    "Last modified": None,
    # Derived by the publisher from the columns above; 'inf' where a divisor is missing.
    "Max performance": None,
    "Energy efficiency": None,
    "FP8 performance (FLOP/s)": "fp8",
    "FP4 performance (FLOP/s)": "fp4",
    "Total processing performance (bit-OP/s)": "processing_performance",
    "Price-performance": None,
    "ML OP/s": None,
}
_BEFORE = "Memory size per board (Byte)"
LAYOUTS = [
    Layout("since December 2025", _COLUMNS),
    Layout(
        "until December 2025",
        {_BEFORE if name == "Memory (bytes)" else name: short for name, short in _COLUMNS.items()},
    ),
]
_KEPT = [short for short in _COLUMNS.values() if short]


def parse(document: Document) -> Frames:
    """CSV, one row per accelerator. Units: operations a second, bytes, watts, dollars at release, nanometres.
    Source: https://epoch.ai/data/ml_hardware.csv"""
    table = read_csv(document, LAYOUTS)
    columns = {name: f"nullif(trim({name}), '')" for name in _KEPT}
    return {"accelerator": table.select(columns, value="processing_performance")}
