"""Detections as CSV: the same columns as `detections.parquet`, in `detections.csv`."""

from __future__ import annotations

from oscine.core import atomic_path
from oscine.infer.result import ScanResult


def write(result: ScanResult) -> None:
    """Write `detections.csv`; times are in seconds."""
    with atomic_path(result.folder / "detections.csv") as partial:
        result.detections().write_csv(partial)
