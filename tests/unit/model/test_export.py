import numpy as np
import pytest
import torch

from oscine.core import BundleError
from oscine.features import FeatureConfig, resolve
from oscine.features.mel_torch import LogMel
from oscine.infer import Predictor
from oscine.model.bundle import FORMAT_VERSION, BundleInfo, SpeciesInfo, read_bundle
from oscine.model.classifier import Classifier
from oscine.model.config import ModelConfig
from oscine.model.export import activate, export_onnx, score, write_bundle

SPEC = resolve(FeatureConfig(n_fft=512, n_frames=64, n_mels=64, f_max_hz=8000), 16_000, 2.0)


def info(activation="sigmoid"):
    return BundleInfo(
        format_version=FORMAT_VERSION,
        name="test",
        created="2026-01-01T00:00:00+00:00",
        species=[SpeciesInfo(species_code=c, scientific_name="", common_name="") for c in "abc"],
        features=SPEC.to_plain(),
        activation=activation,
        versions={},
        licenses={},
        training={},
    )


def model(**change):
    config = ModelConfig(backbone="test_efficientnet", pretrain="none", **change)
    return Classifier(config, (1, 64, 64), 3).eval()


def windows(n=3):
    return np.random.default_rng(0).standard_normal((n, SPEC.n_samples)).astype(np.float32) * 0.1


def test_scores_are_activated_logits():
    logits = torch.tensor([[0.0, 1.0, 2.0]])
    assert torch.equal(activate(logits, "softmax"), logits.softmax(dim=1))
    assert torch.equal(activate(logits, "sigmoid"), logits.sigmoid())


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_a_bundle_scores_its_golden_batch_as_training_did(tmp_path, activation):
    trained = model()
    write_bundle(tmp_path / "bundle", trained, info(activation), windows())
    predictor = Predictor(read_bundle(tmp_path / "bundle"))
    predictor.verify("test")
    fresh = np.random.default_rng(1).standard_normal((2, SPEC.n_samples)).astype(np.float32)
    # The tolerance of the golden batch, of numbers between 0 and 1.
    assert np.abs(predictor.score(fresh) - score(trained, SPEC, activation, fresh)).max() < 1e-4


def test_a_bundle_with_an_event_head_scores_frames_as_training_did(tmp_path):
    trained = model(pooling="attention")
    write_bundle(tmp_path / "bundle", trained, info(), windows())
    predictor = Predictor(read_bundle(tmp_path / "bundle"))
    predictor.verify("test")
    with torch.no_grad():
        frames = trained.clips_and_frames(LogMel(SPEC)(torch.from_numpy(windows())))[1].sigmoid()
    given = np.stack([predictor.score_frames(window) for window in windows()])
    assert np.abs(given - frames.numpy()).max() < 1e-4


def test_frames_of_a_bundle_without_them_are_a_typed_error(tmp_path):
    write_bundle(tmp_path / "bundle", model(), info(), windows())
    with pytest.raises(BundleError, match="whole windows only"):
        Predictor(read_bundle(tmp_path / "bundle")).score_frames(windows()[0])


def test_other_weights_than_the_golden_batch_was_scored_with_are_noticed(tmp_path):
    write_bundle(tmp_path / "bundle", model(), info(), windows())
    export_onnx(model(), SPEC, tmp_path / "bundle" / "model.onnx")
    with pytest.raises(BundleError, match="some step"):
        Predictor(read_bundle(tmp_path / "bundle")).verify("some step")


def test_a_model_that_cannot_be_exported_is_a_typed_error(tmp_path):
    class Stubborn(torch.nn.Module):
        def forward(self, images):
            raise NotImplementedError

    with pytest.raises(BundleError, match="cannot export"):
        export_onnx(Stubborn(), SPEC, tmp_path / "model.onnx")
