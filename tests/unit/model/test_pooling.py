import pytest
import torch

from oscine.model.heads import HEADS

NAMES = [name for name, parts in HEADS.items() if parts.pooling]


def make_pooling(name):
    return HEADS[name].classes()[1]()


@pytest.mark.parametrize("name", NAMES)
def test_a_constant_map_pools_to_its_value(name):
    pooled = make_pooling(name)(torch.full((2, 5, 3, 4), 0.7))
    # pow and its inverse in float32.
    assert torch.allclose(pooled, torch.full((2, 5), 0.7), atol=1e-5)


def test_the_generalised_mean_lies_between_average_and_maximum():
    maps = torch.rand(2, 5, 3, 4)
    gem = make_pooling("gem")(maps)
    assert (gem >= make_pooling("average")(maps)).all()
    assert (gem <= make_pooling("max")(maps)).all()


@pytest.mark.parametrize("name", NAMES)
def test_every_pooling_can_be_trained_through(name):
    maps = torch.rand(2, 5, 3, 4, requires_grad=True)
    make_pooling(name)(maps).sum().backward()
    assert torch.isfinite(maps.grad).all()
    assert maps.grad.any()
