"""Detections as JSON lines: the same names as `detections.parquet`, in `detections.jsonl`.

Source: jsonlines.org: UTF-8, one JSON object a line.
"""

from __future__ import annotations

from oscine.infer.result import ScanResult
from oscine.infer.writers.outputs import output

OUTPUT = "detections.jsonl"


def write(result: ScanResult) -> None:
    """Write `detections.jsonl`, one detection a line; times are in seconds."""
    with output(result.folder, OUTPUT) as partial:
        result.detections().write_ndjson(partial)
