from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import gmean, rankdata

from oscine.core import generator
from oscine.infer.averaging import Average, Ranks, average


def make_scores(n_windows: int = 50, n_members: int = 3, n_classes: int = 4) -> np.ndarray:
    """Scores of sigmoids that spread as widely as real ones do."""
    logits = generator(0, "scores").normal(-3, 4, size=(n_windows, n_members, n_classes))
    return (1 / (1 + np.exp(-logits))).astype(np.float32)


@pytest.mark.parametrize(("how", "oracle"), [("mean", np.mean), ("geometric", gmean), ("min", min)])
def test_each_average_is_its_textbook_formula(how: Average, oracle) -> None:
    scores = make_scores(5)
    expected = [[oracle(row) for row in window.T.tolist()] for window in scores]
    np.testing.assert_allclose(average(scores, how), expected, rtol=1e-5)


@pytest.mark.parametrize("how", ["mean", "geometric", "min"])
def test_members_without_a_score_do_not_count(how: Average) -> None:
    scores = make_scores()
    scores[:, 1] = np.nan
    scores[3, :, 2] = np.nan
    averaged = average(scores, how)
    np.testing.assert_allclose(averaged[:3], average(scores[:3, [0, 2]], how), rtol=1e-6)
    assert np.isnan(averaged).sum() == 1
    assert np.isnan(averaged[3, 2])


@pytest.mark.parametrize("how", ["mean", "geometric", "min"])
def test_one_member_keeps_its_scores_to_the_bit(how: Average) -> None:
    scores = make_scores(n_members=1)
    np.testing.assert_array_equal(average(scores, how), scores[:, 0])


def test_a_geometric_mean_with_a_zero_is_almost_zero() -> None:
    scores = np.array([[[0.0], [1.0]]], dtype=np.float32)
    assert 0 <= average(scores, "geometric")[0, 0] < 1e-18


def test_ranks_are_the_share_of_windows_below() -> None:
    scores = make_scores(2000)
    ranks = Ranks(3, 4)
    for part in np.split(scores, 10):
        ranks.add(part)
    expected = (rankdata(scores, axis=0) - 0.5) / 2000
    # Of 2000 windows a bin of 0.007 logits holds at most a few.
    np.testing.assert_allclose(ranks.of(scores), expected, atol=5 / 2000)


def test_ranks_keep_the_order_of_windows() -> None:
    scores = np.sort(generator(0, "close").uniform(0.5, 0.501, size=1000).astype(np.float32))
    scores = np.unique(scores)[:, None, None]
    ranks = Ranks(1, 1)
    ranks.add(scores)
    assert (np.diff(ranks.of(scores)[:, 0, 0]) >= 0).all()
    assert len(np.unique(ranks.of(scores))) == len(scores)


def test_ranks_do_not_depend_on_the_order_of_recordings() -> None:
    scores = make_scores()
    forward, backward = Ranks(3, 4), Ranks(3, 4)
    for part in np.split(scores, 5):
        forward.add(part)
    for part in np.split(scores, 5)[::-1]:
        backward.add(part)
    np.testing.assert_array_equal(forward.of(scores), backward.of(scores))


def test_a_score_that_is_missing_has_no_rank_and_does_not_count() -> None:
    scores = make_scores(20)
    scores[5:, 1] = np.nan
    ranks, few = Ranks(3, 4), Ranks(1, 4)
    ranks.add(scores)
    few.add(scores[:5, [1]])
    np.testing.assert_array_equal(np.isnan(ranks.of(scores)), np.isnan(scores))
    np.testing.assert_array_equal(ranks.of(scores)[:5, 1], few.of(scores[:5, [1]])[:, 0])


@pytest.mark.parametrize("value", [0.0, 1e-38, 1.0])
def test_ranks_take_scores_at_the_ends_of_the_range(value: float) -> None:
    scores = np.full((3, 1, 1), value, dtype=np.float32)
    ranks = Ranks(1, 1)
    ranks.add(scores)
    assert ((ranks.of(scores) >= 0) & (ranks.of(scores) <= 1)).all()
