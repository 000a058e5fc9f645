from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from oscine.core import generator
from oscine.evaluate import BootstrapConfig, bootstrap_classes, bootstrap_interval
from oscine.evaluate.by_class import RECALLS

FEW = BootstrapConfig(n=200)


def table(n_rows: int = 120, seed: int = 0) -> tuple[np.ndarray, np.ndarray, list[int]]:
    draws = generator(seed, "by class")
    scores = np.round(draws.random((n_rows, 4)), 2)
    targets = draws.random(scores.shape) < scores**2
    targets[:, 2] = False
    targets[:, 3] = True
    return targets, scores, [row // 6 for row in range(n_rows)]


def test_values_are_those_of_scikit_learn() -> None:
    targets, scores, groups = table()
    for column, found in enumerate(bootstrap_classes(targets, scores, groups, 0, FEW)[:2]):
        truth, score = targets[:, column], scores[:, column]
        assert found.average_precision is not None
        assert found.roc_auc is not None
        expected = average_precision_score(truth, score)
        assert found.average_precision.value == pytest.approx(expected)
        assert found.roc_auc.value == pytest.approx(roc_auc_score(truth, score))
        assert found.n_positive == truth.sum()


def test_the_interval_of_one_class_is_that_of_a_table_with_this_class_alone() -> None:
    targets, scores, groups = table()
    found = bootstrap_classes(targets, scores, groups, 7, FEW)[0]
    alone = bootstrap_interval("cmap", targets[:, :1], scores[:, :1], groups, 7, FEW)
    assert found.average_precision == alone


def test_a_class_without_positives_is_undefined_and_has_no_curve() -> None:
    targets, scores, groups = table()
    found = bootstrap_classes(targets, scores, groups, 0, FEW)[2]
    assert (found.n_positive, found.average_precision, found.roc_auc) == (0, None, None)
    assert found.precision == ()


def test_a_class_in_every_row_has_a_curve_and_no_roc_auc() -> None:
    targets, scores, groups = table()
    found = bootstrap_classes(targets, scores, groups, 0, FEW)[3]
    assert found.roc_auc is None
    assert {one.value for one in found.precision} == {1.0}


def test_precision_at_a_recall_is_that_of_the_strictest_threshold_that_reaches_it() -> None:
    targets, scores, groups = table()
    found = bootstrap_classes(targets, scores, groups, 0, FEW)[0]
    truth, score = targets[:, 0], scores[:, 0]
    for recall, one in zip(RECALLS, found.precision, strict=True):
        reaches = [
            t for t in np.unique(score) if truth[score >= t].sum() >= recall * truth.sum() - 1e-9
        ]
        passed = score >= max(reaches)
        assert one.value == pytest.approx(truth[passed].mean())


@pytest.mark.parametrize(("sign", "expected"), [(1, 1.0), (-1, 0.0)])
def test_perfect_and_reversed_scorers(sign: int, expected: float) -> None:
    targets = np.array([[1], [0], [1], [0]] * 5)
    found = bootstrap_classes(targets, sign * targets.astype(float), list(range(20)), 0, FEW)[0]
    assert found.roc_auc is not None
    assert found.roc_auc.value == expected


def test_scores_that_are_all_equal_rank_nothing() -> None:
    targets = np.array([[1], [0], [1], [0]] * 5)
    found = bootstrap_classes(targets, np.full((20, 1), 0.5), list(range(20)), 0, FEW)[0]
    assert found.roc_auc is not None
    assert found.roc_auc.value == 0.5
    assert {one.value for one in found.precision} == {0.5}


def test_one_recording_gives_no_interval() -> None:
    targets, scores, _ = table()
    found = bootstrap_classes(targets, scores, ["one"] * len(targets), 0, FEW)[0]
    assert found.average_precision is not None
    assert (found.average_precision.low, found.average_precision.high) == (None, None)
