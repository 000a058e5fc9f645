"""Norms over processes against torch's own norm over the whole batch."""

from __future__ import annotations

import pytest
import torch
import torch.distributed as dist

import rank_works
from oscine.model.synced_norm import SyncedNorms
from oscine.train.launch import run_ranks

CHANNELS = 3

CLOSE = {"rtol": 1e-4, "atol": 1e-5}
"""Sums of 100 float32 numbers in another order, then cubed."""


def batch(n: int) -> torch.Tensor:
    """Give images whose channels have means far from 0, where differences of squares would fail."""
    drawn = torch.randn(n, CHANNELS, 4, 5, generator=torch.Generator().manual_seed(3))
    return drawn + torch.tensor([0.0, 50.0, -9.0]).view(1, -1, 1, 1)


def whole(images: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor):
    """Let torch's own norm have the batch, as `rank_works.normalise` has its shares."""
    images = images.clone().requires_grad_()
    norm = torch.nn.BatchNorm2d(CHANNELS)
    norm.load_state_dict({"weight": weight, "bias": bias}, strict=False)
    output = norm(images)
    output.pow(3).sum().backward()
    return output.detach(), images.grad, norm


WEIGHT, BIAS = torch.tensor([1.0, 2.0, 0.5]), torch.tensor([0.1, 0.0, -1.0])


@pytest.fixture
def one_process():
    """A group of one."""
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    yield
    dist.destroy_process_group()


def test_alone_it_is_torch_s_own_norm(one_process):
    images = batch(6)
    expected, gradient, norm = whole(images, WEIGHT, BIAS)
    images.requires_grad_()
    twin = torch.nn.BatchNorm2d(CHANNELS)
    twin.load_state_dict({"weight": WEIGHT, "bias": BIAS}, strict=False)
    with SyncedNorms():
        output = twin(images)
    output.pow(3).sum().backward()
    for ours, theirs in (
        (output, expected),
        (images.grad, gradient),
        (twin.weight.grad, norm.weight.grad),
        (twin.bias.grad, norm.bias.grad),
        (twin.running_mean, norm.running_mean),
        (twin.running_var, norm.running_var),
    ):
        torch.testing.assert_close(ours, theirs, **CLOSE)


def test_a_norm_that_does_not_train_keeps_its_statistics(one_process):
    norm = torch.nn.BatchNorm2d(CHANNELS).eval()
    with SyncedNorms():
        output = norm(batch(2))
    torch.testing.assert_close(output, norm(batch(2)), rtol=0, atol=0)
    assert norm.running_mean.tolist() == [0.0] * CHANNELS


@pytest.mark.slow
@pytest.mark.parametrize("first", [5, 8])
def test_uneven_shares_of_two_processes_are_normalised_as_the_whole(first):
    images = batch(8)
    shares = [images[:first].clone(), images[first:].clone()]  # of 8 the second has nothing
    everyone, mean, variance = run_ranks(rank_works.normalise, (shares, WEIGHT, BIAS), 2, "a norm")
    expected, gradient, norm = whole(images, WEIGHT, BIAS)
    outputs, gradients, of_weight, of_bias = zip(*everyone, strict=True)
    for ours, theirs in (
        (torch.cat([torch.from_numpy(value) for value in outputs]), expected),
        (torch.cat([torch.from_numpy(value) for value in gradients]), gradient),
        (torch.from_numpy(sum(of_weight)), norm.weight.grad),
        (torch.from_numpy(sum(of_bias)), norm.bias.grad),
        (torch.from_numpy(mean), norm.running_mean),
        (torch.from_numpy(variance), norm.running_var),
    ):
        torch.testing.assert_close(ours, theirs, **CLOSE)
