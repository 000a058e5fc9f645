from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from oscine.core import generator
from oscine.features import LogMel, averaging_matrix
from oscine.features.mel_torch import LogMel as TorchLogMel
from oscine.features.pcen import pcen
from oscine.model.classifier import Classifier
from oscine.model.config import ModelConfig
from oscine.model.export import export_onnx
from oscine.model.front import LearnedPcen, make_front
from synthetic import make_spec


def energies(spec, n=2):
    values = generator(0, "front").exponential(1e-3, (n, spec.channels, spec.n_mels, spec.n_frames))
    return torch.from_numpy(values.astype(np.float32))


@pytest.mark.parametrize("channels", [1, 3])
def test_it_starts_as_the_pcen_that_is_not_learned(channels):
    spec = make_spec(scaling="learned_pcen", channels=channels)
    images = energies(spec)
    with torch.no_grad():
        ours = LearnedPcen(spec)(images).numpy()
    for image, clip in zip(ours, images.numpy(), strict=True):
        expected = pcen(clip[0], spec, averaging_matrix(spec))
        np.testing.assert_allclose(image, np.stack([expected] * channels), rtol=1e-4, atol=1e-4)


def test_each_band_learns_values_of_its_own():
    spec = make_spec(scaling="learned_pcen")
    front = LearnedPcen(spec)
    front(energies(spec))[:, :, 3].sum().backward()
    for parameter in front.parameters():
        moved = parameter.grad[:, 0] != 0
        assert moved[3]
        assert moved.sum() == 1


def test_silence_has_an_image_and_a_gradient_that_are_finite():
    spec = make_spec(scaling="learned_pcen")
    front = LearnedPcen(spec)
    image = front(torch.zeros(1, *spec.image_shape))
    image.sum().backward()
    assert image.abs().max() < 1e-4
    assert all(p.grad.isfinite().all() for p in front.parameters())


def test_half_precision_does_not_overflow():
    spec = make_spec(scaling="learned_pcen")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        image = LearnedPcen(spec)(energies(spec) * 1e4)
    assert image.dtype == torch.float32
    assert image.isfinite().all()


def test_the_front_ends_give_the_same_energies():
    spec = make_spec(scaling="learned_pcen")
    waveforms = generator(0, "front").normal(0, 0.1, (2, spec.n_samples)).astype(np.float32)
    ours = TorchLogMel(spec)(torch.from_numpy(waveforms)).numpy()
    np.testing.assert_allclose(ours, LogMel(spec)(waveforms), rtol=1e-4, atol=1e-7)
    assert ours.min() >= 0


def test_other_scalings_need_no_layer_of_the_model():
    assert make_front(make_spec(scaling="pcen")) is None


def test_the_exported_model_holds_what_was_learned(tmp_path):
    ort = pytest.importorskip("onnxruntime")
    spec = make_spec(scaling="learned_pcen")
    config = ModelConfig(backbone="test_efficientnet", pretrain="none")
    model = Classifier(config, spec.image_shape, 3, make_front(spec)).eval()
    nn.init.constant_(model.front.log_gain, -1.0)
    export_onnx(model, spec, tmp_path / "model.onnx")
    images = energies(spec)
    session = ort.InferenceSession(tmp_path / "model.onnx")
    (logits,) = session.run(None, {"images": images.numpy()})
    with torch.no_grad():
        np.testing.assert_allclose(logits, model(images).numpy(), rtol=1e-3, atol=1e-4)
