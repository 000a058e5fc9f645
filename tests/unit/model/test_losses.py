import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from oscine.model.config import LossConfig
from oscine.model.losses import loss

NONE = torch.zeros(4, 3)
TARGETS = torch.eye(3)[[0, 1, 2, 0]]


def logits(seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((4, 3)).astype("f4"))


@pytest.mark.parametrize("smoothing", [0.0, 0.05, 0.5])
def test_cce_equals_torch_s_cross_entropy(smoothing):
    config = LossConfig(kind="CCE", label_smoothing=smoothing)
    expected = cross_entropy(logits(), TARGETS, label_smoothing=smoothing, reduction="none")
    # The same sums in another order.
    assert torch.allclose(loss(logits(), TARGETS, NONE, config), expected, atol=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.05])
def test_bce_equals_its_formula(smoothing):
    config = LossConfig(kind="BCE", label_smoothing=smoothing)
    p = torch.sigmoid(logits().double())
    smooth = TARGETS * (1 - smoothing) + smoothing / 2
    expected = -(smooth * p.log() + (1 - smooth) * (1 - p).log()).mean(dim=1)
    assert torch.allclose(loss(logits(), TARGETS, NONE, config).double(), expected, atol=1e-6)


def test_focal_loss_is_bce_weighted_by_the_squared_miss():
    p = torch.sigmoid(logits())
    miss = (p - TARGETS).abs()
    bce = -(TARGETS * p.log() + (1 - TARGETS) * (1 - p).log())
    config = LossConfig(kind="focal", label_smoothing=0.0)
    expected = (miss**2 * bce).mean(dim=1)
    assert torch.allclose(loss(logits(), TARGETS, NONE, config), expected, atol=1e-6)


@pytest.mark.parametrize("kind", ["CCE", "BCE", "focal"])
def test_a_masked_class_has_no_gradient_to_speak_of(kind):
    given = logits().requires_grad_()
    masked = NONE.clone()
    masked[:, 2] = 1.0
    targets = torch.eye(3)[[0, 1, 1, 0]]
    loss(given, targets, masked, LossConfig(kind=kind, label_smoothing=0.0)).sum().backward()
    # CCE takes the class out of the denominator by a factor of 1e-6.
    assert given.grad[:, 2].abs().max() < 1e-5
    assert given.grad[:, :2].abs().min() > 1e-3


@pytest.mark.parametrize("kind", ["CCE", "BCE", "focal"])
def test_extreme_logits_give_a_finite_loss_and_gradient(kind):
    given = torch.tensor([[1e4, -1e4, 0.0]] * 4, requires_grad=True)
    loss(given, TARGETS, NONE, LossConfig(kind=kind)).sum().backward()
    assert torch.isfinite(given.grad).all()


def test_a_clip_without_targets_costs_nothing_in_cce():
    assert loss(logits(), torch.zeros(4, 3), NONE, LossConfig(kind="CCE")).abs().max() == 0


def test_soft_targets_of_a_mix_are_linear_in_cce():
    config = LossConfig(kind="CCE", label_smoothing=0.0)
    other = torch.eye(3)[[1, 2, 0, 1]]
    mixed = loss(logits(), 0.3 * TARGETS + 0.7 * other, NONE, config)
    parts = 0.3 * loss(logits(), TARGETS, NONE, config) + 0.7 * loss(logits(), other, NONE, config)
    assert torch.allclose(mixed, parts, atol=1e-6)


@pytest.mark.parametrize("kind", ["CCE", "BCE", "focal"])
def test_weights_of_one_change_nothing(kind):
    config = LossConfig(kind=kind)
    given = loss(logits(), TARGETS, NONE, config, torch.ones(3))
    assert torch.allclose(given, loss(logits(), TARGETS, NONE, config), atol=1e-6)


def test_class_weights_are_torch_s_in_cce_and_bce():
    weights = torch.tensor([0.5, 1.0, 3.0])
    config = LossConfig(kind="CCE", label_smoothing=0.0)
    expected = cross_entropy(logits(), TARGETS, weight=weights, reduction="none")
    assert torch.allclose(loss(logits(), TARGETS, NONE, config, weights), expected, atol=1e-6)
    p = torch.sigmoid(logits().double())
    expected = -(weights * TARGETS * p.log() + (1 - TARGETS) * (1 - p).log()).mean(dim=1)
    config = LossConfig(kind="BCE", label_smoothing=0.0)
    given = loss(logits(), TARGETS, NONE, config, weights).double()
    assert torch.allclose(given, expected, atol=1e-6)


def test_each_class_of_a_mix_weighs_by_its_share():
    weights = torch.tensor([2.0, 1.0, 1.0])
    mixed = torch.tensor([[0.25, 0.75, 0.0]] * 4)
    config = LossConfig(kind="CCE", label_smoothing=0.0)
    parts = [loss(logits(), torch.eye(3)[[n] * 4], NONE, config) for n in range(2)]
    expected = 2.0 * 0.25 * parts[0] + 0.75 * parts[1]
    assert torch.allclose(loss(logits(), mixed, NONE, config, weights), expected, atol=1e-6)


def test_a_gamma_of_0_makes_the_focal_loss_bce():
    focal = loss(logits(), TARGETS, NONE, LossConfig(kind="focal", focal_gamma=0.0))
    assert torch.allclose(focal, loss(logits(), TARGETS, NONE, LossConfig(kind="BCE")), atol=1e-6)
