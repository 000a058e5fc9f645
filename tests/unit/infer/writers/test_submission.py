from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from oscine.infer.postprocess import overlap_weights
from oscine.infer.writers.submission import submission_rows
from synthetic import make_scan, make_spec


def test_rows_of_five_seconds_are_the_windows_themselves(tmp_path: Path) -> None:
    result = make_scan(tmp_path, formats=("submission",), spec=make_spec(window_s=5.0))
    rows = pl.read_csv(result.folder / "submission.csv")
    assert rows.columns == ["row_id", "spec0", "spec1", "spec2"]
    assert rows["row_id"].to_list() == [
        "soundscape_0_5",
        "soundscape_0_10",
        "soundscape_1_5",
        "soundscape_1_10",
    ]
    scores = result.scores().select("spec0", "spec1", "spec2").collect().to_numpy()
    # Text of single precision reads back to the same value.
    np.testing.assert_array_equal(rows.drop("row_id").to_numpy().astype(np.float32), scores)


def make_table(start_s: list[float], end_s: list[float], scores: list[float]) -> pl.DataFrame:
    schema = {"start_s": pl.Float64, "end_s": pl.Float64, "x": pl.Float32}
    return pl.DataFrame({"start_s": start_s, "end_s": end_s, "x": scores}, schema=schema)


@pytest.mark.parametrize(
    ("start_s", "end_s", "scores", "expected"),
    [
        ([0], [10], [0.5], [0.5, 0.5]),
        ([0, 2.5, 5], [5, 7.5, 10], [0.0, 0.3, 0.6], [0.1, 0.5]),
        ([0, 10], [10, 20], [0.2, 0.8], [0.2, 0.2, 0.8, 0.8]),
        ([0, 15], [5, 20], [0.2, 0.8], [0.2, 0.2, 0.8, 0.8]),
        ([0, 5], [5, 6.0], [0.2, 0.8], [0.2]),
        ([0], [1.0], [0.2], [0.2]),
    ],
    ids=["one long", "overlapping", "long", "gaps", "a short rest", "a short file"],
)
def test_a_row_is_the_mean_of_the_windows_it_overlaps(
    start_s: list[float], end_s: list[float], scores: list[float], expected: list[float]
) -> None:
    rows = submission_rows(make_table(start_s, end_s, scores), ["x"], "a")
    assert rows["row_id"].to_list() == [f"a_{5 * (i + 1)}" for i in range(len(expected))]
    # Single precision.
    np.testing.assert_allclose(rows["x"].to_numpy(), expected, rtol=1e-6)


def test_weights_sum_to_one() -> None:
    start_s = np.arange(0, 50, 0.7)
    weights = overlap_weights(start_s, start_s + 3, 5, 10)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
