"""One conformance suite over every way from a feature map to logits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from oscine.model.classifier import Classifier, start_from
from oscine.model.config import ModelConfig
from oscine.model.export import export_onnx
from oscine.model.heads import HEADS
from synthetic import make_spec

CODES = ["brant", "eurwre", "grebit"]
NAMES = sorted(HEADS)
SPEC = make_spec(n_mels=32, n_frames=160)  # five columns of the feature map


def classifier(name: str, n_classes: int = 3, **settings: object) -> Classifier:
    torch.manual_seed(0)
    config = ModelConfig.model_validate(
        {"backbone": "test_efficientnet", "pretrain": "none", "pooling": name, **settings}
    )
    return Classifier(config, SPEC.image_shape, n_classes).eval()


def images(n: int = 4) -> torch.Tensor:
    return torch.rand(n, *SPEC.image_shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("neck_features", [0, 8])
def test_a_clip_has_a_finite_logit_for_each_class_and_frames_too(
    name: str, neck_features: int
) -> None:
    model = classifier(name, neck_features=neck_features)
    clips, frames = model.clips_and_frames(images())
    assert clips.shape == (4, 3)
    assert clips.isfinite().all()
    assert (frames is not None) == model.has_frames == (HEADS[name].pooling is None)
    if frames is not None:
        assert frames.shape[0::2] == (4, 3)


@pytest.mark.parametrize("name", NAMES)
def test_a_clip_does_not_depend_on_its_neighbours(name: str) -> None:
    model, given = classifier(name), images()
    with torch.no_grad():
        alone = torch.cat([model(one[None]) for one in given])
        # Sums of another order, in float32.
        torch.testing.assert_close(model(given), alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_everything_behind_the_backbone_learns(name: str) -> None:
    model = classifier(name).train()
    model(images())[:, 0].sum().backward()
    behind = [*model.pooling.named_parameters(), *model.head.named_parameters()]
    assert behind
    assert not [key for key, value in behind if value.grad is None or not value.grad.any()]


@pytest.mark.parametrize("name", NAMES)
def test_dropout_acts_in_training_only(name: str) -> None:
    model, given = classifier(name, dropout=0.5), images()
    with torch.no_grad():
        assert torch.equal(model(given), model(given))
        model.pooling.train()
        model.head.train()
        assert not torch.equal(model(given), model(given))


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_shared_species_are_carried_over_to_another_class_list(name: str) -> None:
    old, new = classifier(name), classifier(name, 2)
    assert start_from(new, old.state_dict(), CODES, ["grebit", "tawowl"]) == 1
    assert torch.equal(new.head.dense.weight[0], old.head.dense.weight[2])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_onnxruntime_gives_the_same_logits_for_any_batch(name: str, tmp_path: Path) -> None:
    model, path = classifier(name), tmp_path / "model.onnx"
    export_onnx(model, SPEC, path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    for n in (1, 4):
        given = session.run(None, {"images": images(n).numpy()})
        with torch.no_grad():
            expected = [one for one in model.clips_and_frames(images(n)) if one is not None]
        for theirs, ours in zip(given, expected, strict=True):
            # Kernels add in another order, in float32.
            np.testing.assert_allclose(theirs, ours.numpy(), atol=1e-4)
