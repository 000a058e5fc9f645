"""What speaks for a class: held against its definition, against finite differences, by place."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from oscine.features import FeatureConfig, resolve
from oscine.model.classifier import Classifier
from oscine.model.config import ModelConfig
from oscine.model.front import make_front
from oscine.model.grad_cam import grad_cam

SHAPE = (1, 64, 128)
N_CLASSES = 5
BACKBONES = [
    "test_efficientnet",
    "test_resnet",
    "test_convnext",
    "test_byobnet",
    "mobilenetv3_small_050",
    "regnety_002",
    "ghostnet_100",
]


def classifier(**settings) -> Classifier:
    torch.manual_seed(3)
    config = ModelConfig(**({"backbone": "test_efficientnet", "pretrain": "none"} | settings))
    return Classifier(config, SHAPE, N_CLASSES).eval()


def images(n: int = 2) -> torch.Tensor:
    return torch.randn(n, *SHAPE, generator=torch.Generator().manual_seed(7))


@pytest.mark.parametrize("pooling", ["average", "max", "gem", "attention"])
@pytest.mark.parametrize("neck", [0, 6])
def test_every_pooling_and_head_gives_a_map_of_the_feature_map_s_size(pooling, neck):
    model = classifier(pooling=pooling, neck_features=neck)
    with torch.no_grad():
        rows, columns = model.maps(images()).shape[2:]
    found = grad_cam(model, images(), torch.tensor([0, 4]))
    assert found.shape == (2, rows, columns)
    assert found.dtype == np.float32
    assert (found >= 0).all()
    assert np.isfinite(found).all()


@pytest.mark.parametrize("backbone", BACKBONES)
def test_any_backbone_with_a_feature_map_will_do(backbone):
    model = classifier(backbone=backbone)
    every = np.stack([grad_cam(model, images(1), torch.tensor([k])) for k in range(N_CLASSES)])
    assert every.max() > 0


def test_under_average_pooling_and_a_dense_head_the_weights_are_the_head_s_own_rows():
    model = classifier()
    with torch.no_grad():
        maps = model.maps(images())
        own = torch.einsum("bfrc,f->brc", maps, model.head.dense.weight[3]) / maps[0, 0].numel()
    found = grad_cam(model, images(), torch.tensor([3, 3]))
    # Two orders of one sum in float32.
    np.testing.assert_allclose(found, own.clamp(min=0), atol=1e-6)


@pytest.mark.parametrize("pooling", ["gem", "attention"])
def test_the_weights_are_what_the_logit_gains_with_a_feature(pooling):
    model = classifier(pooling=pooling, neck_features=6).double()
    with torch.no_grad():
        maps = model.maps(images(1).double())
        step = 1e-6
        gains = [
            (model.classify(maps + step * (torch.arange(maps.shape[1]) == k)[:, None, None])[0])
            for k in range(maps.shape[1])
        ]
        plain = model.classify(maps)[0]
        slopes = torch.stack([(one - plain)[0, 2] / step for one in gains]) / maps[0, 0].numel()
        expected = torch.einsum("frc,f->rc", maps[0], slopes).clamp(min=0)
    model.float()
    found = grad_cam(model, images(1), torch.tensor([2]))[0]
    # A difference quotient in float64 against a gradient in float32.
    np.testing.assert_allclose(found, expected, atol=1e-4 * max(1.0, float(expected.max())))


def test_what_speaks_for_a_class_is_found_where_it_is():
    model = classifier()
    with torch.no_grad():
        quiet, loud = torch.zeros(1, *SHAPE), torch.zeros(1, *SHAPE)
        loud[..., 40:, 96:] = 3.0
        change = model.maps(loud) - model.maps(quiet)
        # A head that hears just what the corner changes.
        model.head.dense.weight[1] = change[0].mean(dim=(1, 2))
    found = grad_cam(model, loud, torch.tensor([1]))[0]
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert row >= found.shape[0] / 2
    assert column >= found.shape[1] / 2


def test_neither_weights_nor_gradients_are_touched():
    model = classifier(pooling="gem")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    grad_cam(model, images(), torch.tensor([0, 1]))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_images_of_one_batch_do_not_see_each_other():
    model = classifier(pooling="max")
    both = grad_cam(model, images(), torch.tensor([0, 1]))
    alone = [grad_cam(model, images()[k : k + 1], torch.tensor([k]))[0] for k in range(2)]
    np.testing.assert_allclose(both, np.stack(alone), atol=1e-6)


def test_a_front_that_is_learned_comes_before_the_backbone():
    spec = resolve(
        FeatureConfig(n_fft=512, n_mels=64, n_frames=128, scaling="learned_pcen"), 32_000, 2.0
    )
    config = ModelConfig(backbone="test_efficientnet", pretrain="none")
    model = Classifier(config, spec.image_shape, N_CLASSES, make_front(spec)).eval()
    found = grad_cam(model, images(1).abs(), torch.tensor([0]))
    assert np.isfinite(found).all()
