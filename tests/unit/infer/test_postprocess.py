from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from oscine.catalog.tables import check
from oscine.core import generator
from oscine.infer.postprocess import (
    detect,
    merge_events,
    overlap_weights,
    row_spans,
    scale_by_file,
    smooth,
)
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


def test_detections_fall_within_a_window() -> None:
    matrix = [[0.5, 0.2, 0.9], [0.1, 0.1, 0.1], [0, 0.7, 0]]
    found = detect(make_scores(matrix), make_species(3), np.array(matrix) >= 0.5)
    check(found, DETECTIONS)
    assert found.select("start_s", "species_code").rows() == [
        (0.0, "spec2"),
        (0.0, "spec0"),
        (2.0, "spec1"),
    ]
    assert found["filename"].unique().to_list() == ["a b.wav"]
    assert found["scientific_name"].to_list() == ["Avis 2", "Avis 0", "Avis 1"]


def test_a_detection_says_when_it_was_by_the_recorders_clock() -> None:
    matrix = [[0.9, 0.0, 0.0]] * 3
    detected = np.array(matrix) >= 0.5
    began = datetime(2024, 5, 1, 23, 59, 58)
    found = detect(make_scores(matrix), make_species(3), detected, began)
    check(found, DETECTIONS)
    assert [str(at) for at in found["recorded_at"]] == [
        "2024-05-01 23:59:58",
        "2024-05-01 23:59:59",
        "2024-05-02 00:00:00",
    ]
    assert merge_events(found, 0.0)["recorded_at"].to_list() == [began]
    unknown = detect(make_scores(matrix), make_species(3), detected)
    assert unknown["recorded_at"].null_count() == 3


@pytest.mark.parametrize("matrix", [[], [[0.0, 0.0, 0.0]]], ids=["no windows", "no detections"])
def test_an_empty_table_of_detections_has_its_columns(matrix: list[list[float]]) -> None:
    detected = np.zeros((len(matrix), 3), dtype=np.bool_)
    found = detect(make_scores(matrix), make_species(3), detected)
    check(found, DETECTIONS)
    assert len(found) == 0


@pytest.mark.parametrize(("hop_s", "row_s"), [(5.0, 5.0), (2.5, 5.0), (1.0, 3.0), (10.0, 5.0)])
def test_a_row_is_the_mean_of_the_windows_over_it_by_how_long_they_lie_there(
    hop_s: float, row_s: float
) -> None:
    start_s = np.arange(6) * hop_s
    end_s = start_s + 10.0
    starts, ends = row_spans(float(end_s.max()), row_s)
    weights = overlap_weights(start_s, end_s, row_s, len(starts))
    # Oracle: a comb of a hundredth of a second.
    comb = np.arange(0, end_s.max(), 0.01) + 0.005
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        inside = comb[(comb > start) & (comb < end)]
        covered = ((inside[:, None] > start_s) & (inside[:, None] < end_s)).sum(axis=0)
        np.testing.assert_allclose(weights[row], covered / covered.sum(), atol=1e-9)


def test_rows_end_with_the_recording() -> None:
    starts, ends = row_spans(60.0, 5.0)
    assert (len(starts), ends[-1]) == (12, 60.0)
    assert row_spans(0.3, 5.0)[1].tolist() == [0.3]


@pytest.mark.parametrize(("statistic", "of"), [("mean", np.mean), ("max", np.max)])
def test_scores_are_scaled_by_what_their_class_reaches_in_the_recording(statistic, of) -> None:
    scores = generator(0, "scores").random((7, 4)).astype(np.float32)
    expected = [[one * of(column) for one in column] for column in scores.T.tolist()]
    # One rounding to single precision.
    np.testing.assert_allclose(scale_by_file(scores, statistic).T, expected, rtol=1e-6)


@pytest.mark.parametrize("n_rows", [0, 3])
def test_unscaled_scores_stay(n_rows: int) -> None:
    scores = generator(0, "scores").random((n_rows, 2)).astype(np.float32)
    np.testing.assert_array_equal(scale_by_file(scores, "none"), scores)
    assert scale_by_file(scores, "max").shape == scores.shape


def make_detections(spans: list[tuple[str, str, float, float, float]]) -> pl.DataFrame:
    """Detections of (recording, species, start, end, score)."""
    rows = [
        {
            "filepath": path,
            "filename": path,
            "start_s": start_s,
            "end_s": end_s,
            "species_code": code,
            "scientific_name": code.upper(),
            "common_name": code.title(),
            "score": score,
        }
        for path, code, start_s, end_s, score in spans
    ]
    return pl.DataFrame(rows, schema={name: column.dtype for name, column in DETECTIONS.items()})


SPANS = [
    ("b", "robin", 0, 5, 0.6),
    ("b", "wren", 0, 5, 0.9),
    ("b", "robin", 2.5, 7.5, 0.8),
    ("b", "robin", 10, 15, 0.7),
    ("b", "robin", 15, 18, 0.5),
    ("a", "robin", 5, 10, 0.4),
]


def test_neighbouring_detections_of_a_species_become_one_event() -> None:
    events = merge_events(make_detections(SPANS), gap_s=0.0)
    check(events, DETECTIONS)
    assert events.select("filepath", "species_code", "start_s", "end_s").rows() == [
        ("b", "robin", 0.0, 7.5),
        ("b", "wren", 0.0, 5.0),
        ("b", "robin", 10.0, 18.0),
        ("a", "robin", 5.0, 10.0),
    ]
    np.testing.assert_allclose(events["score"], [0.8, 0.9, 0.7, 0.4], rtol=1e-6)
    assert events["common_name"][1] == "Wren"


@pytest.mark.parametrize(
    ("gap_s", "min_s", "lengths"),
    [(2.4, 0, [7.5, 5, 8, 5]), (2.5, 0, [18, 5, 5]), (0, 6, [7.5, 8]), (9, 18.5, [])],
)
def test_events_bridge_short_gaps_and_have_a_least_length(
    gap_s: float, min_s: float, lengths: list[float]
) -> None:
    events = merge_events(make_detections(SPANS), gap_s, min_s)
    assert (events["end_s"] - events["start_s"]).to_list() == lengths
    check(events, DETECTIONS)


def test_no_detections_are_no_events() -> None:
    check(merge_events(make_detections([]), 1.0), DETECTIONS)


def test_a_long_detection_holds_a_later_one_that_lies_after_its_end() -> None:
    spans = [("a", "robin", 0, 10, 0.5), ("a", "robin", 1, 2, 0.5), ("a", "robin", 9, 11, 0.5)]
    events = merge_events(make_detections(spans), gap_s=0.0)
    assert events.select("start_s", "end_s").rows() == [(0.0, 11.0)]
