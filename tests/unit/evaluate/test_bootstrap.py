from __future__ import annotations

import numpy as np
import pytest

from oscine.core import MetricError
from oscine.evaluate import (
    METRICS,
    BootstrapConfig,
    Interval,
    bootstrap_differences,
    bootstrap_interval,
    bootstrap_intervals,
)

FEW = BootstrapConfig(n=100)


def one_right_in(n_rows: int, share: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two classes; a given share of rows scores the right one higher."""
    draws = np.random.default_rng(seed)
    truth = draws.integers(0, 2, n_rows)
    targets = np.eye(2)[truth]
    right = draws.random(n_rows) < share
    return targets, np.where(right[:, None], targets, 1 - targets) * 0.5 + 0.25


def test_the_same_seed_gives_the_same_interval():
    table = one_right_in(40, 0.7)
    first = bootstrap_interval("accuracy", *table, range(40), 7, FEW)
    assert first == bootstrap_interval("accuracy", *table, range(40), 7, FEW)
    assert first != bootstrap_interval("accuracy", *table, range(40), 8, FEW)


def test_all_metrics_at_once_equal_each_by_itself():
    targets, scores = one_right_in(40, 0.7)
    together = bootstrap_intervals(targets, scores, range(40), 1, FEW)
    assert list(together) == list(METRICS)
    assert together["cmap"] == bootstrap_interval("cmap", targets, scores, range(40), 1, FEW)


def test_an_interval_of_accuracy_is_as_wide_as_the_binomial_one():
    found = bootstrap_interval("accuracy", *one_right_in(400, 0.7), range(400), 0)
    expected = 2 * 1.96 * np.sqrt(found.value * (1 - found.value) / 400)
    # A width from 1000 draws has a standard error of about 5 percent.
    assert found.high - found.low == pytest.approx(expected, rel=0.15)


def test_rows_that_come_together_widen_the_interval():
    targets, scores = one_right_in(50, 0.7)
    copies = np.repeat(np.arange(50), 8)
    alone = bootstrap_interval("accuracy", targets[copies], scores[copies], range(400), 0)
    grouped = bootstrap_interval("accuracy", targets[copies], scores[copies], copies, 0)
    # Eight copies of each row carry a row's knowledge: the root of eight, 2.8, is expected.
    assert 2.2 < (grouped.high - grouped.low) / (alone.high - alone.low) < 3.5


def test_an_interval_holds_its_own_value_where_chance_ties_lift_every_draw():
    draws = np.random.default_rng(0)
    targets = np.eye(40)[draws.integers(0, 40, 200)]
    found = bootstrap_interval("cmap", targets, draws.random(targets.shape), range(200), 0, FEW)
    assert found.low < found.value < found.high


def test_ninety_five_percent_intervals_hold_the_truth_about_that_often():
    held = []
    for seed in range(100):
        found = bootstrap_interval("accuracy", *one_right_in(80, 0.7, seed), range(80), 0, FEW)
        held.append(found.low <= 0.7 <= found.high)
    # Of 100 trials at 0.93 (what 80 rows and 100 draws give), 3.5 standard errors below: 0.84.
    assert np.mean(held) >= 0.84


def test_one_group_tells_no_interval():
    found = bootstrap_interval("accuracy", *one_right_in(10, 0.7), ["a"] * 10, 0, FEW)
    assert (found.low, found.high) == (None, None)


def test_an_undefined_metric_has_no_interval():
    assert bootstrap_interval("cmap", np.zeros((4, 2)), np.zeros((4, 2)), range(4), 0, FEW) is None


def test_a_model_differs_from_itself_by_exactly_nothing():
    targets, scores = one_right_in(30, 0.7)
    found = bootstrap_differences(targets, (scores, scores), range(30), 0, FEW)
    assert found["accuracy"] == Interval(0.0, 0.0, 0.0)


def test_a_paired_difference_is_sharper_than_two_intervals_side_by_side():
    targets, scores = one_right_in(300, 0.7)
    worse = scores.copy()
    worse[:15] = 1 - worse[:15]
    paired = bootstrap_differences(targets, (scores, worse), range(300), 0, FEW)["accuracy"]
    alone = bootstrap_interval("accuracy", targets, scores, range(300), 0, FEW)
    assert paired.high - paired.low < 0.8 * (alone.high - alone.low)


def test_bounds_stay_where_the_metric_can_be():
    targets, scores = one_right_in(20, 1.0)
    found = bootstrap_intervals(targets, scores, range(20), 0, FEW)
    assert all(value.high <= 1.0 for value in found.values())


def test_an_unknown_metric_lists_the_choices():
    with pytest.raises(MetricError, match="padded_cmap"):
        bootstrap_interval("auc", np.eye(2), np.eye(2), range(2), 0)


def test_an_interval_is_plain_data_for_a_json_file():
    assert Interval(0.5, None, 0.7).to_plain() == {"value": 0.5, "low": None, "high": 0.7}
