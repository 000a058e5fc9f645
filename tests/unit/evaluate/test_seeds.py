from __future__ import annotations

import numpy as np
import pytest

from oscine.evaluate import (
    METRICS,
    BootstrapConfig,
    Fit,
    bootstrap_differences,
    bootstrap_intervals,
    seeded_differences,
    seeded_intervals,
)
from oscine.evaluate.seeds import standard_error

MANY = BootstrapConfig(n=400)
SOME = BootstrapConfig(n=200)
STUDENT = {1: 12.706, 2: 4.303, 4: 2.776}
"""The 97.5th percentile of Student's t, by degrees of freedom."""


def fit_with(n_right: int, groups: int = 5, rows: int = 10) -> Fit:
    """A fit that is right on as many of ten rows in every group: groups make no difference."""
    truth = np.tile([[True, False]], (groups * rows, 1))
    right = np.tile(np.arange(rows) < n_right, groups)
    scores = np.where(right[:, None], [[0.9, 0.1]], [[0.1, 0.9]])
    return Fit(truth, scores, np.repeat(np.arange(groups), rows).tolist())


def noisy_fit(seed: int, strength: float = 1.0, rows: int = 40) -> Fit:
    """A fit of some skill on rows whose groups are of two."""
    draws = np.random.default_rng(seed)
    truth = np.eye(3, dtype=bool)[np.arange(rows) % 3]
    return Fit(truth, strength * truth + draws.normal(size=truth.shape), (np.arange(rows) // 2))


def test_one_fit_has_the_interval_of_its_bootstrap():
    one = noisy_fit(0)
    assert seeded_intervals([one], 3, SOME) == bootstrap_intervals(
        one.targets, one.scores, one.groups, 3, SOME
    )


@pytest.mark.parametrize("paired", [True, False])
def test_one_fit_against_another_has_the_difference_of_their_bootstrap(paired):
    one, two = noisy_fit(0), noisy_fit(1)
    found = seeded_differences([one], [two], paired, 3, SOME)
    expected = bootstrap_differences(one.targets, (two.scores, one.scores), one.groups, 3, SOME)
    assert list(found) == list(METRICS)
    for name, interval in found.items():
        assert interval.value == pytest.approx(expected[name].value)
        assert (interval.low, interval.high) == pytest.approx(
            (expected[name].low, expected[name].high)
        )


@pytest.mark.parametrize("right", [(4, 5, 6), (5, 6), (4, 5, 5, 5, 6)], ids=len)
def test_where_clips_make_no_difference_the_interval_is_students(right):
    found = seeded_intervals([fit_with(n) for n in right], 0, MANY)["accuracy"]
    values = np.array(right) / 10
    half = STUDENT[len(right) - 1] * values.std(ddof=1) / np.sqrt(len(right))
    assert found.value == pytest.approx(values.mean())
    # The percentile of 400 strata stands between two of them; metrics end at 0 and 1.
    assert found.high == pytest.approx(min(1.0, values.mean() + half), rel=0.03)
    assert found.low == pytest.approx(max(0.0, values.mean() - half), rel=0.06)


def test_seeds_that_agree_leave_the_interval_of_the_clips():
    one = noisy_fit(0)
    alone, thrice = (seeded_intervals([one] * n, 3, SOME)["cmap"] for n in (1, 3))
    assert (thrice.low, thrice.high) == pytest.approx((alone.low, alone.high))
    assert alone.low < alone.value < alone.high


def test_what_a_seed_does_to_both_cancels_out_when_seeds_are_paired():
    first = [fit_with(n) for n in (2, 5, 8)]
    other = [fit_with(n) for n in (3, 6, 9)]
    paired = seeded_differences(first, other, True, 0, SOME)["accuracy"]
    alone = seeded_differences(first, other, False, 0, SOME)["accuracy"]
    assert (paired.value, paired.low, paired.high) == pytest.approx((0.1, 0.1, 0.1))
    assert alone.value == pytest.approx(0.1)
    assert alone.low < 0 < alone.high


def test_three_seeds_of_which_all_are_a_little_better_are_not_yet_better():
    # A quarter of three differences that are pure chance are of one sign.
    first = [fit_with(5)] * 3
    other = [fit_with(n) for n in (6, 7, 9)]
    found = seeded_differences(first, other, True, 0, MANY)["accuracy"]
    assert found.low < 0 < found.value


def test_one_run_against_several_borrows_their_spread():
    several = [fit_with(n) for n in (6, 7, 8)]
    found = seeded_differences([fit_with(5)], several, False, 0, MANY)["accuracy"]
    half = STUDENT[2] * 0.1 * np.sqrt(1 + 1 / 3)
    assert found.value == pytest.approx(0.2)
    assert found.low == pytest.approx(0.2 - half, rel=0.06)


def test_seeds_may_have_other_rows_and_a_group_is_drawn_for_all_at_once():
    one = noisy_fit(0)
    upper, lower = (
        Fit(one.targets[part], one.scores[part], one.groups[part])
        for part in (slice(0, 30), slice(10, 40))
    )
    assert seeded_intervals([upper, lower], 0, SOME)["cmap"].low is not None
    shared = seeded_differences([upper, lower], [upper, lower], True, 0, SOME)["cmap"]
    assert (shared.value, shared.low, shared.high) == (0.0, 0.0, 0.0)


def test_a_metric_that_one_seed_does_not_define_is_none():
    one = noisy_fit(0)
    bare = Fit(np.zeros_like(one.targets), one.scores, one.groups)
    assert seeded_intervals([one, bare], 0, SOME)["cmap"] is None


def test_the_standard_error_is_that_of_the_two_sample_t():
    error, freedom = standard_error([[0.1, 0.2], [-0.3, -0.5, -0.4]])
    pooled = (0.005 + 0.02) / 3
    assert (error, freedom) == (pytest.approx(np.sqrt(pooled * (1 / 2 + 1 / 3))), 3)
    assert standard_error([[0.1], [-0.2]]) == (0.0, 0)
