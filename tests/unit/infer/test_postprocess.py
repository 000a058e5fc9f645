from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from oscine.catalog.tables import check
from oscine.core import generator
from oscine.infer.postprocess import detect, smooth
from oscine.infer.tables import DETECTIONS, scores_table
from synthetic import make_species

WEIGHTS = [0.1, 0.2, 0.4, 0.2, 0.1]


def slow_smooth(scores: np.ndarray, weights: list[float]) -> np.ndarray:
    """Oracle: one window, one neighbour at a time."""
    reach = len(weights) // 2
    rows = []
    for here in range(len(scores)):
        there = [(here + k - reach, w) for k, w in enumerate(weights)]
        inside = [(index, w) for index, w in there if 0 <= index < len(scores)]
        rows.append(sum(w * scores[i] for i, w in inside) / sum(w for _, w in inside))
    return np.array(rows)


@pytest.mark.parametrize("n_windows", [1, 2, 3, 5, 12])
@pytest.mark.parametrize("weights", [[1.0], [1.0, 2.0, 1.0], WEIGHTS, [0.0, 1.0, 3.0]], ids=str)
def test_smoothing_is_the_weighted_mean_of_the_neighbours_that_exist(
    n_windows: int, weights: list[float]
) -> None:
    scores = generator(0, "scores").random((n_windows, 4)).astype(np.float32)
    # One rounding to single precision.
    np.testing.assert_allclose(smooth(scores, weights), slow_smooth(scores, weights), rtol=1e-6)


def test_a_constant_stays_what_it_is() -> None:
    scores = np.full((6, 2), 0.3, dtype=np.float32)
    np.testing.assert_allclose(smooth(scores, WEIGHTS), scores, rtol=1e-6)


def test_no_weights_change_nothing() -> None:
    scores = generator(0, "scores").random((3, 2)).astype(np.float32)
    np.testing.assert_array_equal(smooth(scores, []), scores)


def test_smoothing_no_windows_gives_none() -> None:
    assert smooth(np.empty((0, 3), dtype=np.float32), WEIGHTS).shape == (0, 3)


def make_scores(matrix: list[list[float]]) -> pl.DataFrame:
    start_s = np.arange(len(matrix), dtype=np.float64)
    scores = np.array(matrix, dtype=np.float32).reshape(len(matrix), 3)
    return scores_table(Path("x/a b.wav"), start_s, start_s + 1, scores, make_species(3))


def test_detections_reach_the_threshold_and_fall_within_a_window() -> None:
    found = detect(
        make_scores([[0.5, 0.2, 0.9], [0.1, 0.1, 0.1], [0, 0.7, 0]]), make_species(3), 0.5
    )
    check(found, DETECTIONS)
    assert found.select("start_s", "species_code").rows() == [
        (0.0, "spec2"),
        (0.0, "spec0"),
        (2.0, "spec1"),
    ]
    assert found["filename"].unique().to_list() == ["a b.wav"]
    assert found["scientific_name"].to_list() == ["Avis 2", "Avis 0", "Avis 1"]


@pytest.mark.parametrize("matrix", [[], [[0.0, 0.0, 0.0]]], ids=["no windows", "no detections"])
def test_an_empty_table_of_detections_has_its_columns(matrix: list[list[float]]) -> None:
    found = detect(make_scores(matrix), make_species(3), 0.5)
    check(found, DETECTIONS)
    assert len(found) == 0
