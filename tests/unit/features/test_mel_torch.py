import numpy as np
import pytest
import torch

from oscine.audio import decode
from oscine.features import FeatureConfig, LogMel, mel_filterbank, resolve
from oscine.features.mel_torch import LogMel as TorchLogMel

SMALL = {"n_fft": 512, "n_frames": 64, "n_mels": 32, "f_min_hz": 50.0, "f_max_hz": 8000.0}


def waveforms(n, n_samples, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.standard_normal((n, n_samples)) * 0.1).astype(np.float32)


@pytest.mark.parametrize("scaling", ["minmax", "zscore", "band", "fixed", "pcen", "none"])
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"power": 1.0},
        {"top_db": None},
        {"mel_scale": "htk"},
        {"mel_norm": "none"},
        {"win_length": 400},
        {"channels": 3},
        {"window": "hamming"},
        {"padding": "zeros"},
        {"padding": "none"},
        {"reference": "peak", "top_db": None},
        {"reference": "peak"},
        {"channels": 3, "deltas": True},
        {"channels": 3, "deltas": True, "image_size": (48, 48)},
        {"image_size": (20, 90)},
    ],
)
def test_the_torch_twin_equals_the_numpy_twin(change, scaling):
    spec = resolve(FeatureConfig(**{**SMALL, "scaling": scaling, **change}), 16_000, 2.0)
    batch = waveforms(3, spec.n_samples)
    batch[1] *= 1e-3
    expected = LogMel(spec)(batch)
    got = TorchLogMel(spec)(torch.from_numpy(batch)).numpy()
    # float32 arithmetic in another order: 1e-4 of the image's range.
    assert np.abs(got - expected).max() <= 1e-4 * max(1.0, np.abs(expected).max())


def test_the_twins_agree_on_a_real_recording(real_data):
    path = sorted((real_data / "uk" / "train_audio").rglob("*.ogg"))[0]
    spec = resolve(FeatureConfig(), 32_000, 10.0)
    waveform = decode.read(path, 32_000, 0.0, 10.0)[None, : spec.n_samples]
    waveform = np.pad(waveform, ((0, 0), (0, spec.n_samples - waveform.shape[1])))
    got = TorchLogMel(spec)(torch.from_numpy(waveform)).numpy()
    assert np.abs(got - LogMel(spec)(waveform)).max() < 1e-4  # both are scaled to [0, 1]


def test_a_clip_has_the_same_features_alone_and_in_any_batch():
    """In the reference recipe the dB floor and the scaling were taken over the whole batch."""
    spec = resolve(FeatureConfig(**SMALL), 16_000, 2.0)
    batch = torch.from_numpy(waveforms(4, spec.n_samples))
    batch[2] *= 100.0  # a loud neighbour, which moved the reference recipe's dB floor
    features = TorchLogMel(spec)
    together = features(batch)
    assert all(torch.equal(features(batch[i : i + 1])[0], together[i]) for i in range(4))


def test_silence_becomes_zeros_and_not_nan():
    spec = resolve(FeatureConfig(**SMALL), 16_000, 2.0)
    assert torch.equal(TorchLogMel(spec)(torch.zeros(1, spec.n_samples)), torch.zeros(1, 1, 32, 64))


def test_a_pure_tone_peaks_in_its_own_mel_band():
    spec = resolve(FeatureConfig(**SMALL), 16_000, 2.0)
    time_s = torch.arange(spec.n_samples) / spec.sample_rate
    image = TorchLogMel(spec)(torch.sin(2 * torch.pi * 3000.0 * time_s)[None])[0, 0]
    band = int(mel_filterbank(spec)[:, round(3000 / 16_000 * spec.n_fft)].argmax())
    assert int(image.mean(dim=1).argmax()) == band
