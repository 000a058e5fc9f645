from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from oscine.core import generator
from oscine.infer.postprocess import (
    detect,
    merge_events,
    reached,
    row_means,
    row_spans,
    scale_by_file,
    smooth,
    windows_over,
)
from oscine.infer.tables import FOUND, Rows

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


def make_rows(matrix: list[list[float]]) -> Rows:
    start_s = np.arange(len(matrix), dtype=np.float64)
    scores = np.array(matrix, dtype=np.float32).reshape(len(matrix), 3)
    return Rows("x/a b.wav", start_s, start_s + 1, scores)


def test_detections_fall_within_a_window() -> None:
    matrix = [[0.5, 0.2, 0.9], [0.1, 0.1, 0.1], [0, 0.7, 0]]
    found = detect(make_rows(matrix), np.array(matrix) >= 0.5)
    assert found[["start_s", "end_s", "species"]].tolist() == [(0, 1, 2), (0, 1, 0), (2, 3, 1)]
    np.testing.assert_array_equal(found["score"], np.float32([0.9, 0.5, 0.7]))


def test_a_detection_says_when_it_was_by_the_recorders_clock() -> None:
    matrix = [[0.9, 0.0, 0.0]] * 3
    detected = np.array(matrix) >= 0.5
    began = datetime(2024, 5, 1, 23, 59, 58)
    found = detect(make_rows(matrix), detected, began)
    assert [str(at) for at in found["recorded_at"].tolist()] == [
        "2024-05-01 23:59:58",
        "2024-05-01 23:59:59",
        "2024-05-02 00:00:00",
    ]
    assert merge_events(found, 0.0)["recorded_at"].tolist() == [began]
    unknown = detect(make_rows(matrix), detected)
    assert np.isnat(unknown["recorded_at"]).all()
    assert np.isnat(merge_events(unknown, 0.0)["recorded_at"]).all()


@pytest.mark.parametrize("matrix", [[], [[0.0, 0.0, 0.0]]], ids=["no windows", "no detections"])
def test_no_scores_are_no_detections(matrix: list[list[float]]) -> None:
    assert len(detect(make_rows(matrix), np.zeros((len(matrix), 3), dtype=np.bool_))) == 0


@pytest.mark.parametrize(("hop_s", "row_s"), [(5.0, 5.0), (2.5, 5.0), (1.0, 3.0), (10.0, 5.0)])
def test_a_row_is_the_mean_of_the_windows_over_it_by_how_long_they_lie_there(
    hop_s: float, row_s: float
) -> None:
    start_s = np.arange(6) * hop_s
    end_s = start_s + 10.0
    starts, ends = row_spans(float(end_s.max()), row_s)
    # A class a window that is heard there alone: its mean is the window's weight.
    weights = row_means(start_s, end_s, np.eye(6, dtype=np.float32), starts, row_s)
    # Oracle: a comb of a hundredth of a second.
    comb = np.arange(0, end_s.max(), 0.01) + 0.005
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        inside = comb[(comb > start) & (comb < end)]
        covered = ((inside[:, None] > start_s) & (inside[:, None] < end_s)).sum(axis=0)
        np.testing.assert_allclose(weights[row], covered / covered.sum(), atol=1e-7)  # float32


def test_a_row_between_windows_takes_the_nearest_and_of_two_as_near_the_one_before() -> None:
    start_s, end_s = np.array([3.0, 10.0, 20.0]), np.array([5.0, 12.0, 22.0])
    row_start_s = np.arange(0.0, 26.0, 1.0)
    means = row_means(start_s, end_s, np.array([[1], [2], [3]], np.float32), row_start_s, 1.0)
    nearest = [1] * 8 + [2] * 8 + [3] * 10
    assert means[:, 0].tolist() == nearest
    assert windows_over(start_s, end_s, row_start_s[6:7], 1.0) == (1, 1)


@pytest.mark.parametrize("n_rows", [1, 7, 50])
def test_no_row_depends_on_the_rows_that_are_asked_for_with_it(n_rows: int) -> None:
    start_s = np.arange(0.0, 300.0, 3.7)
    scores = generator(0, "scores").random((len(start_s), 5)).astype(np.float32)
    row_start_s = np.arange(0.0, 300.0, 5.0)
    every = row_means(start_s, start_s + 10.0, scores, row_start_s, 5.0)
    for first in range(0, len(row_start_s), n_rows):
        rows = slice(first, first + n_rows)
        own = row_means(start_s, start_s + 10.0, scores, row_start_s[rows], 5.0)
        np.testing.assert_array_equal(own, every[rows])


def test_rows_end_with_the_recording() -> None:
    starts, ends = row_spans(60.0, 5.0)
    assert (len(starts), ends[-1]) == (12, 60.0)
    assert row_spans(0.3, 5.0)[1].tolist() == [0.3]


@pytest.mark.parametrize(("statistic", "of"), [("mean", np.mean), ("max", np.max)])
def test_scores_are_scaled_by_what_their_class_reaches_in_the_recording(statistic, of) -> None:
    scores = generator(0, "scores").random((7, 4)).astype(np.float32)
    expected = [[one * of(column) for one in column] for column in scores.T.tolist()]
    # One rounding to single precision.
    scaled = scale_by_file(scores, reached([scores], statistic))
    np.testing.assert_allclose(scaled.T, expected, rtol=1e-6)


@pytest.mark.parametrize("statistic", ["mean", "max"])
@pytest.mark.parametrize("n_classes", [1, 40])
@pytest.mark.parametrize("n_rows", [1, 3, 100])
def test_what_a_class_reaches_does_not_depend_on_blocks(statistic, n_classes, n_rows) -> None:
    scores = generator(0, "scores").random((1000, n_classes)).astype(np.float32)
    blocks = [scores[first : first + n_rows] for first in range(0, 1000, n_rows)]
    np.testing.assert_array_equal(reached(blocks, statistic), reached([scores], statistic))


ROBIN, WREN = 0, 1
SPANS = [
    (0, 5, ROBIN, 0.6),
    (0, 5, WREN, 0.9),
    (2.5, 7.5, ROBIN, 0.8),
    (10, 15, ROBIN, 0.7),
    (15, 18, ROBIN, 0.5),
]


def make_found(spans: list[tuple[float, float, int, float]]) -> np.ndarray:
    rows = [(start_s, end_s, None, species, score) for start_s, end_s, species, score in spans]
    return np.array(rows, dtype=FOUND)


def test_neighbouring_detections_of_a_species_become_one_event() -> None:
    events = merge_events(make_found(SPANS), gap_s=0.0)
    assert events[["start_s", "end_s", "species"]].tolist() == [
        (0.0, 7.5, ROBIN),
        (0.0, 5.0, WREN),
        (10.0, 18.0, ROBIN),
    ]
    np.testing.assert_allclose(events["score"], [0.8, 0.9, 0.7], rtol=1e-6)


@pytest.mark.parametrize(
    ("gap_s", "min_s", "lengths"),
    [(2.4, 0, [7.5, 5, 8]), (2.5, 0, [18, 5]), (0, 6, [7.5, 8]), (9, 18.5, [])],
)
def test_events_bridge_short_gaps_and_have_a_least_length(
    gap_s: float, min_s: float, lengths: list[float]
) -> None:
    events = merge_events(make_found(SPANS), gap_s, min_s)
    assert (events["end_s"] - events["start_s"]).tolist() == lengths


def test_no_detections_are_no_events() -> None:
    assert len(merge_events(make_found([]), 1.0)) == 0


def test_a_long_detection_holds_a_later_one_that_lies_after_its_end() -> None:
    events = merge_events(make_found([(0, 10, 0, 0.5), (1, 2, 0, 0.5), (9, 11, 0, 0.5)]), gap_s=0.0)
    assert events[["start_s", "end_s"]].tolist() == [(0.0, 11.0)]
