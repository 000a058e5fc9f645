import numpy as np
import pytest

from oscine.core import FeatureError
from oscine.features import FeatureConfig, LogMel, resolve


def test_the_reference_settings_give_its_image():
    spec = resolve(FeatureConfig(), 32_000, 10.0)
    assert (spec.n_mels, spec.n_frames, spec.hop_length) == (128, 384, 835)


def test_a_hop_length_gives_the_frames_that_fit():
    assert resolve(FeatureConfig(n_frames=None, hop_length=512), 32_000, 5.0).n_frames == 313


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"f_max_hz": 17_000.0}, "above half the sample rate"),
        ({"f_min_hz": 9_000.0, "f_max_hz": 8_000.0}, "not below f_max_hz"),
        ({"win_length": 4096}, "longer than n_fft"),
        ({"hop_length": 512}, "exactly one of"),
        ({"n_frames": None}, "exactly one of"),
        ({"n_frames": None, "hop_length": 400_000}, "longer than the window"),
        ({"n_fft": 1_000_000}, "more than twice the window"),
    ],
)
def test_parameters_that_make_no_spectrogram_fail_with_the_reason(change, reason):
    with pytest.raises(FeatureError, match=reason):
        resolve(FeatureConfig(**change), 32_000, 10.0)


def test_a_window_shorter_than_its_frames_is_refused():
    with pytest.raises(FeatureError, match="do not fit"):
        resolve(FeatureConfig(n_fft=64, n_frames=1000), 32_000, 0.02)


@pytest.mark.parametrize(
    "change",
    [{"window": "hamming"}, {"win_length": 256}, {"scaling": "zscore"}, {"scaling": "none"}],
    ids=str,
)
def test_window_and_scaling_change_the_image(change: dict[str, object]) -> None:
    """In the reference recipe the settings window and normalize did nothing."""
    small = {"n_fft": 512, "n_frames": 24, "n_mels": 16, "f_max_hz": 8000.0}
    clip = np.random.default_rng(0).normal(0, 0.1, (1, 16_000)).astype(np.float32)
    plain, changed = (
        LogMel(resolve(FeatureConfig.model_validate(small | extra), 16_000, 1.0))(clip)
        for extra in ({}, change)
    )
    assert np.abs(plain - changed).max() > 1e-3
