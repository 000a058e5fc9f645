from __future__ import annotations

from pathlib import Path

import polars as pl

from oscine.infer.tables import DETECTIONS
from synthetic import make_scan


def test_the_lines_read_back_as_the_detections(tmp_path: Path) -> None:
    result = make_scan(tmp_path, formats=("jsonl",))
    schema = {name: column.dtype for name, column in DETECTIONS.items()}
    back = pl.read_ndjson(result.folder / "detections.jsonl", schema=schema)
    assert back.equals(result.detections())
