from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_curve

from oscine.core import UndefinedMetricError
from oscine.evaluate import precision_recall, reliability


def table() -> tuple[np.ndarray, np.ndarray]:
    draws = np.random.default_rng(2)
    scores = np.round(draws.random((50, 4)), 2)
    return draws.random(scores.shape) < scores, scores


def test_every_point_is_on_scikit_learns_curve():
    targets, scores = table()
    found = precision_recall(targets, scores)
    precision, recall, threshold = precision_recall_curve(targets.ravel(), scores.ravel())
    place = np.searchsorted(threshold, found.threshold)
    assert found.precision == pytest.approx(precision[place], abs=1e-12)
    assert found.recall == pytest.approx(recall[place], abs=1e-12)


def test_the_curve_ends_at_full_recall():
    assert precision_recall(*table()).recall[-1] == 1.0


def test_no_positives_make_no_curve():
    with pytest.raises(UndefinedMetricError, match="no positives"):
        precision_recall(np.zeros((2, 2)), np.zeros((2, 2)))


def test_reliability_agrees_with_scikit_learn():
    targets, scores = table()
    # Scores on a bin's edge count upward here and downward there: move them off the edges.
    scores = scores * 0.98 + 0.005
    found = reliability(targets, scores, n_bins=5)
    right, mean = calibration_curve(targets.ravel(), scores.ravel(), n_bins=5)
    assert found.share_right == pytest.approx(right)
    assert found.score == pytest.approx(mean)
    assert found.n.sum() == scores.size


def test_scores_of_one_stand_in_the_last_bin():
    assert reliability(np.ones((1, 1)), np.ones((1, 1))).n.tolist() == [1]
