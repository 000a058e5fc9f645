from __future__ import annotations

import librosa
import numpy as np
import pytest

from oscine.core import generator
from oscine.features.pcen import EPSILON, FULL_SCALE, averaging_matrix, pcen
from synthetic import make_spec

SETTINGS = [{}, {"pcen_gain": 0.98, "pcen_bias": 2.0, "pcen_power": 0.5, "pcen_time_s": 0.4}]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("level", [1.0, 1e-6])
def test_it_is_librosas_begun_at_the_first_frame(settings: dict[str, float], level: float) -> None:
    spec = make_spec(scaling="pcen", **settings)
    mels = generator(0, "pcen").exponential(level, (spec.n_mels, spec.n_frames)).astype(np.float32)
    energy = mels.astype(np.float64) * FULL_SCALE
    frames = spec.pcen_time_s * spec.sample_rate / spec.hop_length
    new = (np.sqrt(1 + 4 * frames**2) - 1) / (2 * frames**2)
    theirs = librosa.pcen(
        energy,
        sr=spec.sample_rate,
        hop_length=spec.hop_length,
        gain=spec.pcen_gain,
        bias=spec.pcen_bias,
        power=spec.pcen_power,
        time_constant=spec.pcen_time_s,
        eps=EPSILON,
        zi=(1 - new) * energy[:, :1],
    )
    # Single precision: a sum over all frames, then two powers.
    np.testing.assert_allclose(pcen(mels, spec, averaging_matrix(spec)), theirs, rtol=1e-4)


def test_the_average_of_a_steady_band_is_the_band() -> None:
    weights = averaging_matrix(make_spec(scaling="pcen"))
    np.testing.assert_allclose(weights.sum(axis=0), 1.0, rtol=1e-5)
    assert not np.tril(weights, -1).any()  # no frame hears a later one


def test_steady_noise_has_the_same_level_in_every_band() -> None:
    spec = make_spec(scaling="pcen", pcen_gain=1.0)
    level = np.geomspace(1e-6, 1.0, spec.n_mels, dtype=np.float32)[:, None]
    image = pcen(np.repeat(level, spec.n_frames, axis=1), spec, averaging_matrix(spec))
    assert np.ptp(image) < 1e-4


def test_silence_becomes_zeros() -> None:
    spec = make_spec(scaling="pcen")
    silence = np.zeros((spec.n_mels, spec.n_frames), dtype=np.float32)
    np.testing.assert_allclose(pcen(silence, spec, averaging_matrix(spec)), 0.0, atol=1e-6)
