"""Per-channel energy normalisation: each band divided by its own slow average, then compressed.

A band's steady noise (rain, a stream, a microphone's hiss) becomes about 1 before compression,
whatever its level; what rises above it stands out. It takes the place of decibels and scaling.

Source: Wang et al. (2017), "Trainable frontend for robust and far-field keyword spotting";
Lostanlen et al. (2019), "Per-channel energy normalization: why and how" (the settings for
bioacoustics). `librosa.pcen` is the oracle, with the filter's state begun at the first frame.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from oscine.features.spec import MelSpec

Floats = NDArray[np.float32]

EPSILON = 1e-6
"""Added to the average, in units of `FULL_SCALE`."""

FULL_SCALE = 2.0**31
"""What a waveform's 1 is taken for: the constants of the paper are those of 32-bit integers."""


def averaging_matrix(spec: MelSpec) -> Floats:
    """Compute the first-order low-pass filter over frames as one matrix, begun at the first frame.

    A product of matrices takes a tenth of the time of a loop over frames.

    Args:
        spec: The front end; `pcen_time_s`, the filter's time constant, is used.

    Returns:
        Weights of frame u in the average at frame t, float32, shape [n_frames, n_frames]; each
        column's sum is 1.
    """
    frames = spec.pcen_time_s * spec.sample_rate / spec.hop_length
    new = (math.sqrt(1.0 + 4.0 * frames**2) - 1.0) / (2.0 * frames**2)
    age = np.arange(spec.n_frames)[None, :] - np.arange(spec.n_frames)[:, None]
    weights = np.where(age >= 0, new * (1.0 - new) ** np.maximum(age, 0), 0.0)
    weights[0] = (1.0 - new) ** np.arange(spec.n_frames)
    return weights.astype(np.float32)


def pcen(mels: Floats, spec: MelSpec, averaging: Floats) -> Floats:
    """Normalise one clip's mel spectrogram.

    Args:
        mels: Mel spectrogram of one clip, |.|**power, shape [n_mels, n_frames].
        spec: The front end; the settings that begin with `pcen_` are used.
        averaging: As `averaging_matrix` gives it.

    Returns:
        `(E / (epsilon + average)**gain + bias)**power - bias**power`, float32, of the same shape;
        a silent clip becomes zeros.
    """
    energy = mels * np.float32(FULL_SCALE)
    average: Floats = np.matmul(energy, averaging)
    average += np.float32(EPSILON)
    np.power(average, np.float32(-spec.pcen_gain), out=average)
    average *= energy
    average += np.float32(spec.pcen_bias)
    np.power(average, np.float32(spec.pcen_power), out=average)
    average -= np.float32(spec.pcen_bias**spec.pcen_power)
    return average
