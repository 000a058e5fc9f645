"""Scores in BirdCLEF's form since 2023: `submission.csv`, a row for each five seconds.

Source: the `sample_submission.csv` of BirdCLEF 2023 to 2026: row_id is the file's stem and the
row's end in seconds, such as `soundscape_29201_5`; one column a species follows.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.core import atomic_path
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
    weights = overlap_weights(start_s, end_s, n_rows)
    scores = weights @ table.select(codes).to_numpy().astype(np.float64)
    row_ids = [f"{stem}_{ROW_S * (index + 1)}" for index in range(n_rows)]
    columns = {code: scores[:, index].astype(np.float32) for index, code in enumerate(codes)}
    return pl.DataFrame({"row_id": row_ids, **columns})


def overlap_weights(
    start_s: NDArray[np.float64], end_s: NDArray[np.float64], n_rows: int
) -> NDArray[np.float64]:
    """Weigh windows by how long they overlap each row of five seconds.

    Args:
        start_s: Starts of the windows, s, shape [n_windows].
        end_s: Their ends, s, of the same shape.
        n_rows: Rows, from the start of the recording.

    Returns:
        Weights that sum to one over the windows, shape [n_rows, n_windows]. A row that no window
        overlaps, between windows with gaps, takes the nearest one.

    Example:
        >>> overlap_weights(np.array([0.0]), np.array([10.0]), 2).tolist()
        [[1.0], [1.0]]
    """
    row_start = ROW_S * np.arange(n_rows, dtype=np.float64)[:, None]
    shared = np.minimum(end_s, row_start + ROW_S) - np.maximum(start_s, row_start)
    weights = np.maximum(shared, 0.0)
    bare = np.flatnonzero(weights.sum(axis=1) == 0.0)
    weights[bare, shared[bare].argmax(axis=1)] = 1.0
    normalised: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return normalised
