import numpy as np
import pytest
import scipy.stats
import torch

from oscine.augment.draws import NOISE_LENGTH, Draws, noise_table

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    "draw",
    [
        lambda d: d.values("a", 3),
        lambda d: d.beta("a", 0.5),
        lambda d: d.between("a", -3.0, 9.0),
        lambda d: d.coins("a", 0.5),
    ],
    ids=["values", "beta", "between", "coins"],
)
def test_a_clips_draws_do_not_depend_on_the_batch_it_is_in(draw):
    together = draw(Draws(1, 2, (10, 11, 12, 13), CPU))
    alone = np.concatenate([draw(Draws(1, 2, (place,), CPU)) for place in (10, 11, 12, 13)])
    assert np.array_equal(together, alone)


@pytest.mark.parametrize("slope", [0.0, 1.0])
def test_a_clips_noise_does_not_depend_on_the_batch_it_is_in(slope):
    first = Draws(1, 2, (10, 11), CPU).noise("n", 1, 50, slope)
    assert torch.equal(first, Draws(1, 2, (11,), CPU).noise("n", 0, 50, slope))


@pytest.mark.parametrize("other", [(2, 2, (10,)), (1, 3, (10,)), (1, 2, (11,))])
def test_another_seed_epoch_or_position_gives_other_draws(other):
    first, second = Draws(1, 2, (10,), CPU), Draws(*other, CPU)
    assert not np.array_equal(first.values("a"), second.values("a"))
    assert not torch.equal(first.noise("a", 0, 50), second.noise("a", 0, 50))


@pytest.mark.parametrize("alpha", [0.5, 2.5])
def test_beta_draws_follow_their_distribution(alpha):
    drawn = Draws(0, 0, tuple(range(4000)), CPU).beta("b", alpha)
    assert scipy.stats.kstest(drawn, scipy.stats.beta(alpha, alpha).cdf).pvalue > 1e-4


@pytest.mark.parametrize("group", [2, 4, 5])
def test_partners_are_one_cycle_in_each_group(group):
    partner = Draws(0, 0, tuple(range(40, 60)), CPU).partners("p", group)
    for first in range(0, 20, group):
        row, seen = first, []
        for _ in range(group):
            row = partner[row]
            seen.append(row)
        assert sorted(seen) == list(range(first, first + group))


def test_a_clip_that_is_alone_in_its_group_has_itself():
    assert Draws(0, 0, (4, 5, 6, 7, 8), CPU).partners("p", 4)[4] == 4


@pytest.mark.parametrize("batch_size", [4, 8, 12, 40])
def test_a_clip_meets_the_same_partner_in_batches_of_any_size(batch_size):
    whole = Draws(3, 1, tuple(range(41)), CPU).partners("p", 4)
    for first in range(0, 41, batch_size):
        positions = tuple(range(first, min(first + batch_size, 41)))
        part = Draws(3, 1, positions, CPU).partners("p", 4)
        assert np.array_equal(part + first, whole[first : first + batch_size])


@pytest.mark.parametrize(("slope", "factor"), [(0.0, 1.0), (1.0, 1 / 16), (2.0, 1 / 256)])
def test_the_noise_has_the_slope_that_its_name_says(slope, factor):
    noise = noise_table(0, slope, CPU).numpy()
    assert noise.mean() == pytest.approx(0.0, abs=1e-3)
    assert noise.std() == pytest.approx(1.0, abs=1e-3)
    power = np.abs(np.fft.rfft(noise)) ** 2
    low, high = (power[n // 2 : 2 * n].mean() for n in (NOISE_LENGTH // 128, NOISE_LENGTH // 8))
    # Four octaves apart; each mean is of more than 48,000 bins.
    assert high / low == pytest.approx(factor, rel=0.05)


def test_drawing_leaves_every_global_generator_alone():
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    draws = Draws(0, 0, (0, 1), CPU)
    draws.values("a"), draws.beta("b", 1.0), draws.noise("c", 0, 9), draws.partners("d", 2)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
