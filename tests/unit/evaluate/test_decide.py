from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import binomtest

from oscine.core import generator
from oscine.evaluate import precision_thresholds
from oscine.evaluate.config import CalibrationConfig
from oscine.evaluate.decide import deal, decide


def world(n_rows: int, n_classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Scores that rank, but are no probabilities."""
    draws = generator(seed, "world")
    scores = expit(draws.normal(-1.0, 2.0, size=(n_rows, n_classes)))
    return draws.random(scores.shape) < expit(1.5 * logit(scores) - 0.5), scores


def known(truth: np.ndarray) -> np.ndarray:
    return np.ones(truth.shape, dtype=bool)


def parts(n_rows: int) -> np.ndarray:
    return deal([row // 4 for row in range(n_rows)])


def test_a_promised_precision_is_reached_on_fresh_rows_within_its_interval() -> None:
    truth, scores = world(4_000, 5)
    fresh, fresh_scores = world(4_000, 5, seed=1)
    found = decide(truth, scores, known(truth), parts(4_000), CalibrationConfig(precision=0.8))
    passed = fresh_scores >= found.thresholds.threshold
    for column in range(5):
        right = int((passed & fresh)[:, column].sum())
        interval = binomtest(right, int(passed[:, column].sum())).proportion_ci(0.999)
        assert interval.low <= 0.8 <= interval.high


def test_the_crossed_precision_is_that_of_fresh_rows() -> None:
    truth, scores = world(3_000, 4)
    found = decide(truth, scores, known(truth), parts(3_000), CalibrationConfig(precision=0.8))
    fresh, fresh_scores = world(20_000, 4, seed=1)
    passed = fresh_scores >= found.thresholds.threshold
    expected = (passed & fresh).sum(0) / passed.sum(0)
    # About 600 detections a class: a standard error of 0.016.
    np.testing.assert_allclose(found.crossed.precision, expected, atol=0.06)
    assert (found.thresholds.precision >= 0.8).all()


def test_scores_that_tell_nothing_get_few_thresholds_and_other_rows_show_what_they_are() -> None:
    """What cross-fitting is for: on pure noise a threshold looks better than it is."""
    draws = generator(0, "noise")
    truth, scores = draws.random((60, 40)) < 0.4, draws.random((60, 40))
    found = decide(truth, scores, known(truth), parts(60), CalibrationConfig(precision=0.7))
    counted = precision_thresholds(truth, scores, 0.7)
    assert (~np.isnan(counted.threshold)).sum() > 10
    assert (~np.isnan(found.thresholds.threshold)).sum() < 4
    lower = decide(truth, scores, known(truth), parts(60), CalibrationConfig(precision=0.5))
    assert np.nanmean(lower.thresholds.precision) >= 0.5
    assert lower.crossed.n_right.sum() / lower.crossed.n_detected.sum() < 0.45


def test_calibration_lowers_the_error_on_rows_that_did_not_make_it() -> None:
    truth, scores = world(4_000, 3)
    found = decide(truth, scores, known(truth), parts(4_000), CalibrationConfig())
    assert found.before.error > 0.05
    assert found.crossed.reliability.error < 0.02


def test_best_f1_is_chosen_when_no_precision_is_asked_for() -> None:
    truth, scores = world(1_000, 2)
    config = CalibrationConfig(precision=None)
    found = decide(truth, scores, known(truth), parts(1_000), config)
    assert config.rule == "best F1"
    assert (found.thresholds.f1 > 0.5).all()
    assert (found.thresholds.recall > 0.5).all()


@pytest.mark.parametrize(
    ("least", "without"), [(9, [False, False]), (10, [True, False]), (11, [True, True])]
)
def test_a_class_with_fewer_positives_than_the_minimum_has_no_threshold(
    least: int, without: list[bool]
) -> None:
    truth = np.zeros((40, 2), dtype=bool)
    truth[:9, 0], truth[:10, 1] = True, True
    config = CalibrationConfig(min_positives=least)
    found = decide(truth, np.where(truth, 0.9, 0.1), known(truth), parts(40), config)
    assert np.isnan(found.thresholds.threshold).tolist() == without
    assert found.n_positive.tolist() == [9, 10]


def test_a_perfect_scorer_has_its_threshold_between_and_a_reversed_one_has_none() -> None:
    truth = np.repeat([[True, True], [False, False]], 20, axis=0)
    scores = np.where(truth, [0.9, 0.1], [0.1, 0.9])
    found = decide(truth, scores, known(truth), parts(40), CalibrationConfig(precision=0.9))
    assert found.thresholds.threshold[0] == pytest.approx(0.5)
    assert np.isnan(found.thresholds.threshold[1])


def test_decisions_that_are_not_known_move_no_threshold() -> None:
    truth, scores = world(400, 2)
    more = np.concatenate([truth, ~truth]), np.concatenate([scores, 1 - scores])
    told = np.repeat([[True, True], [False, False]], 400, axis=0)
    plain = decide(truth, scores, known(truth), parts(400), CalibrationConfig())
    masked = decide(*more, told, parts(800), CalibrationConfig())
    for name in ("threshold", "precision", "recall"):
        one, other = (getattr(found.thresholds, name) for found in (plain, masked))
        np.testing.assert_array_equal(one, other)
    assert plain.before.error == masked.before.error


def test_one_group_cannot_be_tried_on_rows_of_another() -> None:
    truth, scores = world(50, 2)
    groups = deal(["same"] * 50)
    assert decide(truth, scores, known(truth), groups, CalibrationConfig()).crossed is None


def test_dealing_parts_no_group_and_leaves_no_part_empty() -> None:
    groups = [f"site {row % 13}" for row in range(100)]
    dealt = deal(groups)
    assert sorted(set(dealt.tolist())) == [0, 1, 2, 3, 4]
    assert all(
        len({p for p, g in zip(dealt, groups, strict=True) if g == one}) == 1 for one in set(groups)
    )


def test_dealing_no_rows_gives_none() -> None:
    assert deal([]).tolist() == []
