from __future__ import annotations

import numpy as np
import pytest

from oscine.core import MetricError, generator
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


def test_a_lower_level_gives_a_narrower_interval():
    table = one_right_in(40, 0.5)
    low, high = (
        bootstrap_interval("accuracy", *table, range(40), 7, BootstrapConfig(n=100, level=level))
        for level in (0.5, 0.95)
    )
    assert high.low < low.low <= low.high < high.high


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


def with_errors(targets: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Scores that put a given share of the rows, drawn by the seed, in the wrong class."""
    wrong = np.random.default_rng(seed).random(len(targets)) < share
    return np.where(wrong[:, None], 1 - targets, targets) * 0.5 + 0.25


def test_a_stack_of_fits_is_the_mean_of_theirs_draw_by_draw():
    targets, _ = one_right_in(40, 1.0)
    fits = np.stack([with_errors(targets, share, seed=1) for share in (0.1, 0.3)])
    groups = [f"{row:02d}" for row in range(40)]
    found = bootstrap_intervals(targets, fits, groups, 3, FEW)
    alone = [bootstrap_intervals(targets, scores, groups, 3, FEW) for scores in fits]
    for metric in METRICS:
        expected = np.mean([each[metric].value for each in alone])
        assert found[metric].value == pytest.approx(expected)
    # Accuracy is a mean over rows, so that a stack's draws are those of its rows' mean hits.
    hits = (fits.argmax(axis=2) == targets.argmax(axis=1)).mean(axis=0)
    picked = [generator(3, "bootstrap", draw).integers(40, size=40) for draw in range(FEW.n)]
    draws = [hits[rows].mean() for rows in picked]
    bounds = hits.mean() + np.quantile(draws, [0.025, 0.975]) - np.mean(draws)
    assert (found["accuracy"].low, found["accuracy"].high) == pytest.approx(tuple(bounds))


def test_a_stack_of_one_fit_is_that_fit():
    targets, scores = one_right_in(40, 0.7)
    alone = bootstrap_intervals(targets, scores, range(40), 1, FEW)
    assert bootstrap_intervals(targets, scores[None], range(40), 1, FEW) == alone
    assert bootstrap_interval("cmap", targets, scores[None], range(40), 1, FEW) == alone["cmap"]


def test_a_difference_of_stacks_is_the_mean_of_the_differences():
    targets, _ = one_right_in(60, 1.0)
    better = np.stack([with_errors(targets, 0.1, seed) for seed in range(4)])
    worse = np.stack([with_errors(targets, 0.4, seed) for seed in range(4, 8)])
    found = bootstrap_differences(targets, (better, worse), range(60), 0, FEW)["accuracy"]
    each = [
        bootstrap_differences(targets, pair, range(60), 0, FEW)["accuracy"]
        for pair in zip(better, worse, strict=True)
    ]
    assert found.value == pytest.approx(np.mean([one.value for one in each]))
    # Errors of four fits that were drawn apart: their mean depends on the rows half as much.
    assert found.high - found.low < 0.7 * np.mean([one.high - one.low for one in each])
