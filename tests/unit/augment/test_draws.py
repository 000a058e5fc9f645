import numpy as np
import pytest
import torch

from oscine.augment.draws import Draws

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    "draw", [lambda d: d.uniform("a", 3), lambda d: d.beta("a", 0.5)], ids=["uniform", "beta"]
)
def test_a_clip_s_draws_do_not_depend_on_the_batch_it_is_in(draw):
    together = draw(Draws(1, 2, (10, 11, 12, 13), CPU))
    alone = torch.cat([draw(Draws(1, 2, (position,), CPU)) for position in (10, 11, 12, 13)])
    assert torch.equal(together, alone)


def test_a_clip_s_noise_does_not_depend_on_the_batch_it_is_in():
    first = Draws(1, 2, (10, 11), CPU).normal("n", 1, 50)
    assert torch.equal(first, Draws(1, 2, (11,), CPU).normal("n", 0, 50))


@pytest.mark.parametrize("other", [(2, 2, (10,)), (1, 3, (10,)), (1, 2, (11,))])
def test_another_seed_epoch_or_position_gives_other_draws(other):
    assert not torch.equal(Draws(1, 2, (10,), CPU).uniform("a"), Draws(*other, CPU).uniform("a"))


def test_partners_are_a_permutation():
    partners = Draws(0, 0, tuple(range(40, 60)), CPU).partners("p")
    assert sorted(partners.tolist()) == list(range(20))


def test_drawing_leaves_every_global_generator_alone():
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    draws = Draws(0, 0, (0, 1), CPU)
    draws.uniform("a"), draws.beta("b", 1.0), draws.normal("c", 0, 9), draws.partners("d")
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
