import numpy as np
import pytest

from oscine.audio.sampling import epoch_order, weighted_order


@pytest.mark.parametrize("n", [0, 1, 2, 1_000])
def test_an_epoch_sees_every_recording_once(n):
    order = epoch_order(n, seed=1, epoch=0)
    assert order.dtype == np.int64
    np.testing.assert_array_equal(np.sort(order), np.arange(n))


def test_an_order_depends_on_its_arguments_only():
    np.testing.assert_array_equal(epoch_order(100, 1, 5), epoch_order(100, 1, 5))
    weights = np.arange(100.0)
    np.testing.assert_array_equal(
        weighted_order(weights, 50, 1, 5), weighted_order(weights, 50, 1, 5)
    )


@pytest.mark.parametrize(("seed", "epoch"), [(2, 5), (1, 6)])
def test_seeds_and_epochs_have_orders_of_their_own(seed, epoch):
    assert (epoch_order(100, 1, 5) != epoch_order(100, seed, epoch)).any()
    weights = np.ones(100)
    assert (weighted_order(weights, 100, 1, 5) != weighted_order(weights, 100, seed, epoch)).any()


def test_draws_follow_the_weights():
    weights = np.array([0.0, 1.0, 0.0, 3.0, 6.0, 0.0])
    drawn = weighted_order(weights, 10_000, seed=1, epoch=0)
    assert drawn.dtype == np.int64
    counts = np.bincount(drawn, minlength=6)
    assert counts[weights == 0].sum() == 0
    # Four standard deviations of a binomial count of 10,000 are at most 200.
    np.testing.assert_allclose(counts, weights * 1_000, rtol=0, atol=200)


@pytest.mark.parametrize("weights", [[], [0.0, 0.0], [1.0, -0.1], [1.0, float("nan")]])
def test_weights_that_make_no_distribution_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        weighted_order(weights, 3, seed=1, epoch=0)
