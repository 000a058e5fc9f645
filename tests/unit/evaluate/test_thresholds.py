from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score

from oscine.core import MetricError
from oscine.evaluate import best_f1_thresholds, precision_thresholds

decisions = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=20)


def as_table(rows: list[tuple[bool, int]]) -> tuple[np.ndarray, np.ndarray]:
    truth, level = zip(*rows, strict=True)
    return np.array(truth)[:, None], np.array(level)[:, None] / 6


@given(rows=decisions.filter(lambda rows: any(truth for truth, _ in rows)))
def test_no_other_threshold_has_a_greater_f1(rows):
    truth, score = as_table(rows)
    found = best_f1_thresholds(truth, score)
    best = max(f1_score(truth, score >= threshold) for threshold in np.unique(score))
    assert found.f1[0] == pytest.approx(best)
    assert f1_score(truth, score >= found.threshold[0]) == pytest.approx(best)


@given(rows=decisions.filter(lambda rows: any(truth for truth, _ in rows)))
def test_a_promised_precision_is_kept_with_the_greatest_recall(rows):
    truth, score = as_table(rows)
    found = precision_thresholds(truth, score, precision=0.75)
    keeps = [t for t in np.unique(score) if precision_score(truth, score >= t) >= 0.75]
    recalls = [(truth & (score >= t)).sum() / truth.sum() for t in keeps]
    assert found.recall[0] == pytest.approx(max(recalls, default=np.nan), nan_ok=True)
    assert np.isnan(found.threshold[0]) == (not keeps)


def test_a_threshold_lies_between_the_scores_it_parts():
    found = best_f1_thresholds(np.array([[1], [0]]), np.array([[0.8], [0.2]]))
    assert found.threshold.tolist() == [0.5]


def test_a_class_without_positives_has_no_threshold():
    found = best_f1_thresholds(np.array([[0, 1]]), np.array([[0.5, 0.5]]))
    assert np.isnan(found.threshold).tolist() == [True, False]


def test_a_table_without_classes_has_no_thresholds():
    assert best_f1_thresholds(np.zeros((3, 0)), np.zeros((3, 0))).threshold.shape == (0,)


@pytest.mark.parametrize("precision", [0.0, 1.5])
def test_an_impossible_precision_is_refused(precision):
    with pytest.raises(MetricError, match="outside"):
        precision_thresholds(np.eye(2), np.eye(2), precision)


def test_a_precision_must_be_kept_as_the_probabilities_expect_it_too():
    truth = np.array([[1], [1], [0], [0]])
    score = np.array([[0.9], [0.7], [0.5], [0.3]])
    sure, doubtful = (
        np.array([[0.95], [0.9], [0.2], [0.1]]),
        np.array([[0.95], [0.6], [0.2], [0.1]]),
    )
    counted = precision_thresholds(truth, score, 0.9)
    assert precision_thresholds(truth, score, 0.9, sure).threshold == counted.threshold
    assert precision_thresholds(truth, score, 0.9, doubtful).threshold == pytest.approx(0.8)
    assert np.isnan(precision_thresholds(truth, score, 0.9, score * 0.5).threshold)


def test_what_is_counted_must_keep_the_precision_whatever_the_probabilities_say():
    truth, score = np.array([[1], [0]]), np.array([[0.5], [0.9]])
    assert np.isnan(precision_thresholds(truth, score, 0.9, np.ones((2, 1))).threshold)
