from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.special import expit

from oscine.core import generator
from oscine.model.calibration import CalibrationSource, Isotonic, Platt, logit


def platt(slope: float, intercept: float) -> Platt:
    return Platt(slope=slope, intercept=intercept, n_positive=10, n_negative=10)


def isotonic(scores: list[float], probabilities: list[float]) -> Isotonic:
    return Isotonic(scores=scores, probabilities=probabilities, n_positive=10, n_negative=10)


def test_a_platt_map_of_slope_one_leaves_scores_as_they_are() -> None:
    scores = generator(0, "scores").uniform(0.001, 0.999, 100)
    np.testing.assert_allclose(platt(1.0, 0.0).apply(scores), scores, atol=1e-12)


def test_a_platt_map_is_a_sigmoid_of_a_line_in_logits() -> None:
    scores = np.array([0.1, 0.5, 0.9])
    expected = expit(2.0 * np.log(scores / (1 - scores)) - 1.0)
    np.testing.assert_allclose(platt(2.0, -1.0).apply(scores), expected, rtol=1e-12)


def test_scores_of_zero_and_one_have_finite_logits() -> None:
    ends = logit(np.array([0.0, 1.0], dtype=np.float32))
    assert np.isfinite(ends).all()
    assert ends[0] == pytest.approx(-ends[1])


def test_an_isotonic_map_joins_its_knots_and_is_level_beyond() -> None:
    found = isotonic([0.2, 0.4], [0.1, 0.7]).apply(np.array([0.0, 0.2, 0.3, 0.4, 1.0]))
    np.testing.assert_allclose(found, [0.1, 0.1, 0.4, 0.7, 0.7])


@pytest.mark.parametrize(
    ("scores", "probabilities"),
    [([0.1, 0.2], [0.5]), ([0.2, 0.1], [0.1, 0.2]), ([0.1, 0.2], [0.5, 0.4]), ([], [])],
)
def test_knots_that_fall_or_do_not_pair_are_refused(
    scores: list[float], probabilities: list[float]
) -> None:
    with pytest.raises(ValidationError):
        isotonic(scores, probabilities)


def test_a_map_that_turns_the_order_round_is_refused() -> None:
    with pytest.raises(ValidationError, match="slope"):
        platt(-1.0, 0.0)


@pytest.mark.parametrize("one", [platt(3.0, 0.5), isotonic([0.1, 0.5, 0.6], [0.0, 0.0, 1.0])])
def test_a_higher_score_never_becomes_a_lower_probability(one: Platt | Isotonic) -> None:
    probabilities = one.apply(np.linspace(0, 1, 1001, dtype=np.float32))
    assert (np.diff(probabilities) >= 0).all()
    assert (probabilities >= 0).all()
    assert (probabilities <= 1).all()


def test_a_map_counts_the_rows_it_was_fitted_on() -> None:
    assert platt(1.0, 0.0).n_rows == 20


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("out_of_fold", "precision 0.9 on 1,200 validation clips of uk, 2026-01-02"),
        (
            "soundscapes",
            "precision 0.9 on 1,200 windows of 40 annotated recordings (uk), 2026-01-02",
        ),
    ],
)
def test_a_source_says_what_the_thresholds_promise_and_where_they_come_from(
    kind: str, words: str
) -> None:
    made = datetime(2026, 1, 2, tzinfo=UTC)
    source = CalibrationSource(
        kind=kind, where="uk", made=made, rule="precision 0.9", n_rows=1200, n_groups=40
    )
    assert source.tell() == words
