"""Scores in BirdCLEF's form since 2023: `submission.csv`, a row for each five seconds.

Source: the `sample_submission.csv` of BirdCLEF 2023 to 2026: row_id is the file's stem and the
row's end in seconds, such as `soundscape_29201_5`; one column a species follows.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from oscine.core import atomic_path
from oscine.infer.postprocess import overlap_weights
from oscine.infer.result import ScanResult

ROW_S = 5
"""Length of a row, s."""


def write(result: ScanResult) -> None:
    """Write `submission.csv`, recording by recording."""
    codes = [one.species_code for one in result.species]
    scores = result.scores().collect()
    with atomic_path(result.folder / "submission.csv") as partial, partial.open("wb") as stream:
        pl.DataFrame(schema=dict.fromkeys(["row_id", *codes], pl.String)).write_csv(stream)
        for (filepath,), table in scores.group_by("filepath", maintain_order=True):
            rows = submission_rows(table, codes, Path(str(filepath)).stem)
            rows.write_csv(stream, include_header=False)


def submission_rows(table: pl.DataFrame, codes: list[str], stem: str) -> pl.DataFrame:
    """Make one recording's rows.

    Args:
        table: Its scores: start_s, end_s, one column a species code.
        codes: Species codes, in the order of the columns.
        stem: The recording's name without suffix.

    Returns:
        row_id and one column a species code. A row is the mean of the windows that overlap it,
        weighted by how long they do; windows of five seconds without overlap are themselves. A
        last row of less than half its length is left out.
    """
    start_s, end_s = table["start_s"].to_numpy(), table["end_s"].to_numpy()
    n_rows = max(1, int(end_s.max() / ROW_S + 0.5))
    weights = overlap_weights(start_s, end_s, ROW_S, n_rows)
    scores = weights @ table.select(codes).to_numpy().astype(np.float64)
    row_ids = [f"{stem}_{ROW_S * (index + 1)}" for index in range(n_rows)]
    columns = {code: scores[:, index].astype(np.float32) for index, code in enumerate(codes)}
    return pl.DataFrame({"row_id": row_ids, **columns})
