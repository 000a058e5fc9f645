from __future__ import annotations

import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy.special import expit, logit

from oscine.core import generator
from oscine.evaluate.calibration import SCORE_MARGIN, FittedMap, fit_maps
from oscine.evaluate.config import CalibrationConfig
from oscine.model import calibration as applied

CONFIG = CalibrationConfig(min_positives=10, isotonic_positives=100)
NEVER_ISOTONIC = CalibrationConfig(isotonic_positives=10**9)


def known_world(
    n_rows: int, n_classes: int = 1, slope: float = 2.0, intercept: float = -1.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth that was drawn with known probabilities, and scores that distort them."""
    draws = generator(seed, "world")
    scores = expit(draws.normal(-0.5, 1.5, size=(n_rows, n_classes)))
    probability = expit(slope * logit(scores) + intercept)
    truth = draws.random(scores.shape) < probability
    return truth, scores, probability


def fit(truth: np.ndarray, scores: np.ndarray, config: CalibrationConfig) -> list[FittedMap | None]:
    return fit_maps(truth, scores, np.ones(truth.shape, dtype=bool), config)


def only(maps: list[FittedMap | None]) -> FittedMap:
    (found,) = maps
    assert found is not None
    return found


def test_a_platt_map_finds_the_line_that_distorted_the_scores() -> None:
    truth, scores, _ = known_world(20_000)
    stored = only(fit(truth, scores, NEVER_ISOTONIC)).stored
    # The standard errors of slope and intercept are 0.03 with 20,000 rows.
    assert stored["slope"] == pytest.approx(2.0, abs=0.1)
    assert stored["intercept"] == pytest.approx(-1.0, abs=0.1)
    assert stored["n_positive"] + stored["n_negative"] == 20_000


@pytest.mark.parametrize(("config", "tolerance"), [(NEVER_ISOTONIC, 0.02), (CONFIG, 0.05)])
def test_calibrated_scores_are_the_known_probabilities(
    config: CalibrationConfig, tolerance: float
) -> None:
    """An isotonic map is free to follow noise, which costs it more of 20,000 rows than Platt's."""
    truth, scores, _ = known_world(20_000)
    _, fresh, probability = known_world(5_000, seed=1)
    found = only(fit(truth, scores, config)).predict(fresh[:, 0])
    assert np.abs(found - probability[:, 0]).mean() < tolerance


def test_an_isotonic_map_never_falls_and_makes_no_certainty() -> None:
    truth, scores, _ = known_world(3_000)
    found = only(fit(truth, scores, CONFIG))
    assert found.stored["method"] == "isotonic"
    values = found.predict(np.linspace(0, 1, 1001))
    assert (np.diff(values) >= 0).all()
    assert 0.0 < values[0] < values[-1] < 1.0


@pytest.mark.parametrize("config", [NEVER_ISOTONIC, CONFIG])
def test_what_is_stored_is_what_scikit_learn_predicts(config: CalibrationConfig) -> None:
    truth, scores, _ = known_world(3_000)
    found = only(fit(truth, scores, config))
    again = TypeAdapter(applied.ScoreMap).validate_json(
        TypeAdapter(applied.ScoreMap).dump_json(
            TypeAdapter(applied.ScoreMap).validate_python(found.stored)
        )
    )
    fresh = np.concatenate([[0.0, 1.0], generator(3, "fresh").random(500)])
    np.testing.assert_allclose(again.apply(fresh), found.predict(fresh), atol=1e-12)


def test_both_sides_hold_scores_off_zero_and_one_alike() -> None:
    assert SCORE_MARGIN == applied.SCORE_MARGIN


def test_a_perfect_scorer_gets_a_finite_map() -> None:
    truth = np.repeat([[True], [False]], 20, axis=0)
    stored = only(fit(truth, np.where(truth, 0.9, 0.1), CONFIG)).stored
    high, low = only(fit(truth, np.where(truth, 0.9, 0.1), CONFIG)).predict(np.array([0.9, 0.1]))
    assert np.isfinite([stored["slope"], stored["intercept"]]).all()
    assert high == pytest.approx(21 / 22, abs=1e-3)
    assert low == pytest.approx(1 / 22, abs=1e-3)


def test_a_reversed_scorer_gets_how_common_the_class_is_whatever_the_score() -> None:
    truth = np.repeat([[True], [False], [False]], 20, axis=0)
    found = only(fit(truth, np.where(truth, 0.1, 0.9), CONFIG))
    assert found.stored["slope"] == 0.0
    assert found.predict(np.array([0.0, 1.0])) == pytest.approx([1 / 3, 1 / 3], abs=0.02)


def test_equal_scores_get_equal_probabilities() -> None:
    truth = np.array([True, False] * 15)[:, None]
    found = only(fit(truth, np.full(truth.shape, 0.7), CONFIG))
    assert found.predict(np.array([0.7])) == pytest.approx([0.5], abs=1e-6)


def test_a_class_without_positives_gets_the_common_map_lowered_by_its_own_rows() -> None:
    truth, scores, _ = known_world(2_000, n_classes=4)
    truth[:, 3] = False
    maps = fit(truth, scores, NEVER_ISOTONIC)
    at = np.array([0.2, 0.5, 0.8])
    common, lowered = (maps[place].predict(at) for place in (0, 3))
    assert (lowered < common).all()
    assert (lowered > 0).all()


def test_the_fewer_positives_the_nearer_is_the_common_map() -> None:
    """Class 1 is distorted the other way: with 3 positives it is drawn to the others."""
    truth, scores, _ = known_world(600, n_classes=6)
    other, own_scores, _ = known_world(600, slope=0.2, intercept=-3.0, seed=2)
    truth[:, 1], scores[:, 1] = other[:, 0], own_scores[:, 0]

    def slope(n_kept: int) -> float:
        known = np.ones(truth.shape, dtype=bool)
        known[np.flatnonzero(truth[:, 1])[n_kept:], 1] = False
        wide = CalibrationConfig(min_positives=15, isotonic_positives=10**9)
        return float(fit_maps(truth, scores, known, wide)[1].stored["slope"])

    common = float(fit(truth, scores, NEVER_ISOTONIC)[0].stored["slope"])
    apart = [abs(slope(n) - common) for n in (2, 8, 15)]
    assert apart[0] < apart[1] < apart[2]


def test_decisions_that_are_not_known_change_nothing() -> None:
    truth, scores, _ = known_world(500, n_classes=2)
    more = np.concatenate([truth, ~truth]), np.concatenate([scores, scores])
    known = np.repeat([[True, True], [False, False]], 500, axis=0)
    plain, masked = fit(truth, scores, CONFIG), fit_maps(*more, known, CONFIG)
    assert [one.stored for one in plain] == [one.stored for one in masked]


@pytest.mark.parametrize("value", [True, False])
def test_without_a_positive_or_a_negative_there_is_no_map(value: bool) -> None:
    assert fit(np.full((5, 2), value), np.full((5, 2), 0.5), CONFIG) == [None, None]


def test_many_rows_summarised_in_groups_give_the_line_of_the_rows_themselves() -> None:
    from sklearn.linear_model import LogisticRegression

    truth, scores, _ = known_world(20_000, slope=1.3, intercept=-4.0)
    stored = only(fit(truth, scores, NEVER_ISOTONIC)).stored
    exact = LogisticRegression(C=np.inf, solver="newton-cholesky").fit(logit(scores), truth[:, 0])
    # A tenth of the standard errors, which are 0.03 and 0.05; Platt's targets move it too.
    assert stored["slope"] == pytest.approx(exact.coef_[0, 0], abs=0.005)
    assert stored["intercept"] == pytest.approx(exact.intercept_[0], abs=0.005)
