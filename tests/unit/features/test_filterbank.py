from __future__ import annotations

import librosa
import numpy as np
import pytest

from oscine.core import FeatureError, generator
from oscine.features import FeatureConfig, LogMel, mel_filterbank, resolve
from oscine.features.filterbank import band_groups, hz_to_mel, mel_to_hz
from synthetic import make_spec


@pytest.mark.parametrize("norm", ["slaney", "none"])
@pytest.mark.parametrize("mel_scale", ["slaney", "htk"])
@pytest.mark.parametrize("n_mels", [40, 128])
def test_the_filterbank_is_librosas(n_mels: int, mel_scale: str, norm: str) -> None:
    spec = resolve(FeatureConfig(n_mels=n_mels, mel_scale=mel_scale, mel_norm=norm), 32_000, 10.0)
    theirs = librosa.filters.mel(
        sr=32_000,
        n_fft=spec.n_fft,
        n_mels=n_mels,
        fmin=spec.f_min_hz,
        fmax=spec.f_max_hz,
        htk=mel_scale == "htk",
        norm="slaney" if norm == "slaney" else None,
    )
    # Both are rounded once from double to single precision.
    np.testing.assert_allclose(mel_filterbank(spec), theirs, rtol=1e-5, atol=1e-7 * theirs.max())


@pytest.mark.parametrize("mel_scale", ["slaney", "htk"])
def test_the_mel_scale_inverts(mel_scale: str) -> None:
    frequency_hz = generator(0, "hz").uniform(0, 16_000, size=100)
    back = mel_to_hz(hz_to_mel(frequency_hz, mel_scale), mel_scale)
    np.testing.assert_allclose(back, frequency_hz, rtol=1e-10)


def test_an_empty_band_is_refused_with_its_limits() -> None:
    spec = resolve(FeatureConfig(n_mels=256, n_fft=1024), 32_000, 10.0)
    with pytest.raises(FeatureError, match=r"band 3 spans 62\.8 to 91\.4 Hz"):
        LogMel(spec)


@pytest.mark.parametrize("n_mels", [16, 40, 128])
def test_groups_of_bands_hold_the_whole_filterbank(n_mels: int) -> None:
    filterbank = mel_filterbank(make_spec(n_fft=2048, n_mels=n_mels))
    whole = np.zeros_like(filterbank)
    for group in band_groups(filterbank):
        whole[group.bands, group.bins] = group.weights.T
    np.testing.assert_array_equal(whole, filterbank)
