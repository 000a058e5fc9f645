from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import average_precision_score, roc_auc_score

from oracles.metrics_slow import ORACLES
from oscine.core import UndefinedMetricError
from oscine.evaluate import (
    METRICS,
    ScoreTable,
    evaluate_scores,
    evaluate_table,
    padded_cmap,
    per_class,
    top_k_accuracy,
)

# Running sums of up to a few hundred float64 terms in another order.
CLOSE = 1e-12


@st.composite
def score_tables(draw) -> tuple[np.ndarray, np.ndarray]:
    """Small tables on a coarse grid, so that ties, zeros and ones are common."""
    shape = (draw(st.integers(1, 12)), draw(st.integers(1, 6)))
    targets = draw(arrays.arrays(bool, shape))
    levels = draw(arrays.arrays(np.int8, shape, elements=st.integers(0, 8)))
    return targets, levels / 8.0


def with_every_class(n_rows: int = 60, n_classes: int = 7) -> tuple[np.ndarray, np.ndarray]:
    draws = np.random.default_rng(3)
    targets = draws.random((n_rows, n_classes)) < 0.2
    targets[:n_classes] |= np.eye(n_classes, dtype=bool)
    return targets, np.round(draws.random(targets.shape), 1)


@pytest.mark.parametrize("name", METRICS)
@given(table=score_tables())
def test_every_metric_agrees_with_its_definition(name, table):
    expected = ORACLES[name](*table)
    found = evaluate_scores(*table)[name]
    assert found == (None if expected is None else pytest.approx(expected, abs=CLOSE))


def test_pooled_and_class_averages_agree_with_scikit_learn():
    targets, scores = with_every_class()
    found = evaluate_scores(targets, scores)
    expected = {
        "pr_auc": average_precision_score(targets, scores, average="micro"),
        "cmap": average_precision_score(targets, scores, average="macro"),
        "macro_roc_auc": roc_auc_score(targets, scores, average="macro"),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=CLOSE)


def test_padded_cmap_is_scikit_learns_on_padded_tables():
    targets, scores = with_every_class()
    ones = np.ones((5, targets.shape[1]))
    expected = average_precision_score(np.vstack([targets, ones]), np.vstack([scores, ones]))
    assert padded_cmap(targets, scores) == pytest.approx(expected, abs=CLOSE)


def test_padding_counts_classes_that_have_no_positive():
    targets = np.zeros((20, 2))
    assert padded_cmap(targets, np.full((20, 2), 0.5)) == 1.0
    assert padded_cmap(targets, np.ones((20, 2))) == pytest.approx(5 / 25)


@pytest.mark.parametrize("name", METRICS)
def test_perfect_scores_give_one(name):
    assert METRICS[name](np.eye(8), np.eye(8)) == pytest.approx(1.0, abs=CLOSE)


def test_constant_scores_are_worth_nothing():
    found = evaluate_scores(np.eye(8), np.full((8, 8), 0.5))
    assert found["accuracy"] == 0.0
    assert found["macro_roc_auc"] == 0.5
    assert found["pr_auc"] == found["cmap"] == pytest.approx(1 / 8)


def test_what_rows_do_not_define_is_none():
    found = evaluate_scores(np.zeros((4, 3)), np.full((4, 3), 0.5))
    assert [name for name, value in found.items() if value is not None] == ["padded_cmap"]


@pytest.mark.parametrize("name", ["pr_auc", "accuracy", "macro_roc_auc", "cmap"])
def test_asking_for_an_undefined_metric_is_an_error_that_names_it(name):
    with pytest.raises(UndefinedMetricError, match=f"{name} is undefined"):
        METRICS[name](np.zeros((4, 3)), np.full((4, 3), 0.5))


def test_a_class_that_is_always_present_has_no_roc_auc():
    values = per_class(np.ones((3, 1)), np.array([[0.1], [0.2], [0.3]]))
    assert np.isnan(values["roc_auc"]).all()
    assert values["average_precision"].tolist() == [1.0]


def test_each_class_agrees_with_scikit_learn():
    targets, scores = with_every_class()
    found = per_class(targets, scores)
    expected = average_precision_score(targets, scores, average=None)
    assert found["average_precision"] == pytest.approx(expected, abs=CLOSE)
    assert found["roc_auc"] == pytest.approx(roc_auc_score(targets, scores, average=None))
    assert found["n_positive"].tolist() == targets.sum(axis=0).tolist()


def test_rows_without_a_label_do_not_count_in_accuracy():
    targets = np.array([[1, 0], [0, 0]])
    assert top_k_accuracy(targets, np.array([[0.9, 0.1], [0.9, 0.1]]), k=1) == 1.0


def test_weights_are_repeated_rows():
    targets, scores = with_every_class()
    repeats = np.random.default_rng(1).integers(0, 4, len(targets))
    rows = np.repeat(np.arange(len(targets)), repeats)
    weighted = evaluate_table(ScoreTable(targets, scores), repeats.astype(float))
    assert weighted == pytest.approx(evaluate_scores(targets[rows], scores[rows]), abs=CLOSE)


@pytest.mark.slow
def test_twenty_thousand_rows_of_three_hundred_classes_take_seconds():
    draws = np.random.default_rng(0)
    targets = draws.random((20_000, 300)) < 0.003
    scores = draws.random(targets.shape, dtype=np.float32)
    started = time.monotonic()
    evaluate_scores(targets, scores)
    # 3 s on two idle cores; the bound is for a machine with six other workers on it.
    assert time.monotonic() - started < 30
