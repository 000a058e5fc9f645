from __future__ import annotations

import numpy as np
import pytest

from oscine.evaluate.ranking import rank_classes, rank_pooled, ratio

TARGETS = np.array([[1], [0], [1], [0]], dtype=bool)


def test_tied_decisions_stand_together():
    counts = rank_classes(TARGETS, np.array([[0.5], [0.5], [0.9], [0.1]])).counts(np.ones(4))
    assert counts.decisions_ge.tolist() == [1, 3]
    assert counts.decisions_gt.tolist() == [0, 1]
    assert counts.positives_ge.tolist() == [1, 2]


def test_a_weight_of_two_equals_a_row_given_twice():
    scores = np.array([[0.5], [0.5], [0.9], [0.1]])
    weighted = rank_classes(TARGETS, scores).counts(np.array([2.0, 1.0, 1.0, 1.0]))
    rows = [0, 0, 1, 2, 3]
    repeated = rank_classes(TARGETS[rows], scores[rows]).counts(np.ones(5))
    assert weighted.average_precision() == pytest.approx(repeated.average_precision(), rel=1e-12)
    assert weighted.roc_auc() == pytest.approx(repeated.roc_auc(), rel=1e-12)


def test_a_row_of_weight_zero_is_as_good_as_absent():
    scores = np.array([[0.5], [0.6], [0.9], [0.1]])
    weighted = rank_classes(TARGETS, scores).counts(np.array([0.0, 1.0, 1.0, 1.0]))
    left_out = rank_classes(TARGETS[1:], scores[1:]).counts(np.ones(3))
    assert weighted.average_precision() == pytest.approx(left_out.average_precision(), rel=1e-12)


def test_pooling_makes_one_list_of_all_classes():
    targets = np.eye(3, dtype=bool)
    assert rank_pooled(targets, np.eye(3)).counts(np.ones(3)).n_decisions.tolist() == [9.0]


def test_a_ratio_over_nothing_is_the_empty_value():
    assert ratio(np.array([1.0, 1.0]), np.array([2.0, 0.0]), empty=-1.0).tolist() == [0.5, -1.0]
