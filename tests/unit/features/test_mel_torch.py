import numpy as np
import pytest
import torch

from oscine.audio import decode
from oscine.features import FeatureConfig, LogMel, mel_filterbank, resolve
from oscine.features.mel_torch import LogMel as TorchLogMel

SMALL = {"n_fft": 512, "n_frames": 64, "n_mels": 32, "f_min_hz": 50.0, "f_max_hz": 8000.0}


@pytest.fixture(params=["on_cpu", "on_accelerator"])
def torch_log_mel(request):
    """What the module does on a CPU, and what it does elsewhere, which a CPU can do too."""

    def make(spec):
        module = TorchLogMel(spec)
        return module if request.param == "on_cpu" else module.on_accelerator

    return make


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
def test_the_torch_twin_equals_the_numpy_twin(change, scaling, torch_log_mel):
    spec = resolve(FeatureConfig(**{**SMALL, "scaling": scaling, **change}), 16_000, 2.0)
    batch = waveforms(3, spec.n_samples)
    batch[1] *= 1e-3
    expected = LogMel(spec)(batch)
    got = torch_log_mel(spec)(torch.from_numpy(batch)).numpy()
    # float32 arithmetic in another order: 1e-4 of the image's range.
    assert np.abs(got - expected).max() <= 1e-4 * max(1.0, np.abs(expected).max())


def test_the_twins_agree_on_a_real_recording(real_data, torch_log_mel):
    path = sorted((real_data / "uk" / "train_audio").rglob("*.ogg"))[0]
    spec = resolve(FeatureConfig(), 32_000, 10.0)
    waveform = decode.read(path, 32_000, 0.0, 10.0)[None, : spec.n_samples]
    waveform = np.pad(waveform, ((0, 0), (0, spec.n_samples - waveform.shape[1])))
    got = torch_log_mel(spec)(torch.from_numpy(waveform)).numpy()
    assert np.abs(got - LogMel(spec)(waveform)).max() < 1e-4  # both are scaled to [0, 1]


def loud_neighbour(spec):
    """Four clips; the third would move the reference recipe's dB floor."""
    batch = torch.from_numpy(waveforms(4, spec.n_samples))
    batch[2] *= 100.0
    return batch


def test_a_clip_has_the_same_features_alone_and_in_any_batch():
    """In the reference recipe the dB floor and the scaling were taken over the whole batch."""
    spec = resolve(FeatureConfig(**SMALL), 16_000, 2.0)
    batch, features = loud_neighbour(spec), TorchLogMel(spec)
    together = features(batch)
    assert all(torch.equal(features(batch[i : i + 1])[0], together[i]) for i in range(4))


def test_on_an_accelerator_too_a_clip_has_the_same_features_alone_and_in_any_batch():
    spec = resolve(FeatureConfig(**SMALL), 16_000, 2.0)
    batch, features = loud_neighbour(spec), TorchLogMel(spec).on_accelerator
    together = features(batch)
    for i in range(4):
        # A product of another size may add in another order; images are in [0, 1].
        assert torch.allclose(features(batch[i : i + 1])[0], together[i], rtol=0, atol=1e-6)


def test_on_a_cpu_the_images_are_those_of_the_light_install_to_the_bit():
    spec = resolve(FeatureConfig(**SMALL), 16_000, 2.0)
    batch = waveforms(3, spec.n_samples)
    got = TorchLogMel(spec)(torch.from_numpy(batch)).numpy()
    assert np.array_equal(got, LogMel(spec)(batch))


def test_silence_becomes_zeros_and_not_nan(torch_log_mel):
    spec = resolve(FeatureConfig(**SMALL), 16_000, 2.0)
    image = torch_log_mel(spec)(torch.zeros(1, spec.n_samples))
    assert torch.equal(image, torch.zeros(1, 1, 32, 64))


def test_a_pure_tone_peaks_in_its_own_mel_band(torch_log_mel):
    spec = resolve(FeatureConfig(**SMALL), 16_000, 2.0)
    time_s = torch.arange(spec.n_samples) / spec.sample_rate
    image = torch_log_mel(spec)(torch.sin(2 * torch.pi * 3000.0 * time_s)[None])[0, 0]
    band = int(mel_filterbank(spec)[:, round(3000 / 16_000 * spec.n_fft)].argmax())
    assert int(image.mean(dim=1).argmax()) == band
