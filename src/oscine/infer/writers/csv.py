"""Detections as CSV: the same columns as `detections.parquet`, in `detections.csv`."""

from __future__ import annotations

from oscine.infer.result import ScanResult
from oscine.infer.writers.outputs import output

OUTPUT = "detections.csv"


def write(result: ScanResult) -> None:
    """Write `detections.csv`; times are in seconds."""
    with output(result.folder, OUTPUT) as partial:
        result.detections().write_csv(partial)
