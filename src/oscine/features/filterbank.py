"""Triangular mel filters, and the few Fourier bins that each group of them covers.

Source: Slaney (1998), "Auditory Toolbox" (the Slaney scale and norm); Young et al., "The HTK
Book" (the HTK scale). `librosa.filters.mel` is the oracle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oscine.core import FeatureError
from oscine.features.spec import MelSpec

Floats = NDArray[np.float32]

BANDS_AT_ONCE = 16
"""Mel bands multiplied together, over only the bins that they cover. Measured for 128 bands of 1025
bins: a third of the time of all at once, and groups of 8 or 32 are no faster."""

_LINEAR_HZ_PER_MEL = 200.0 / 3.0
_LOG_FROM_HZ = 1000.0
_LOG_FROM_MEL = _LOG_FROM_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP = math.log(6.4) / 27.0


def hz_to_mel(frequency_hz: NDArray[np.float64], mel_scale: str) -> NDArray[np.float64]:
    """Convert frequencies to mels.

    Args:
        frequency_hz: Frequencies, Hz, not negative.
        mel_scale: `slaney` (linear below 1 kHz, logarithmic above) or `htk`.

    Returns:
        Mels, of the same shape.

    Example:
        >>> hz_to_mel(np.array([0.0, 1000.0]), "slaney").round(6).tolist()
        [0.0, 15.0]
    """
    if mel_scale == "htk":
        return 2595.0 * np.log10(1.0 + frequency_hz / 700.0)
    above = np.log(np.maximum(frequency_hz, _LOG_FROM_HZ) / _LOG_FROM_HZ) / _LOG_STEP
    return np.where(
        frequency_hz < _LOG_FROM_HZ, frequency_hz / _LINEAR_HZ_PER_MEL, _LOG_FROM_MEL + above
    )


def mel_to_hz(mels: NDArray[np.float64], mel_scale: str) -> NDArray[np.float64]:
    """Convert mels to frequencies; the inverse of `hz_to_mel`.

    Example:
        >>> mel_to_hz(np.array([0.0, 15.0]), "slaney").round(6).tolist()
        [0.0, 1000.0]
    """
    if mel_scale == "htk":
        return 700.0 * (10.0 ** (mels / 2595.0) - 1.0)
    above = _LOG_FROM_HZ * np.exp(_LOG_STEP * np.maximum(mels - _LOG_FROM_MEL, 0.0))
    return np.where(mels < _LOG_FROM_MEL, mels * _LINEAR_HZ_PER_MEL, above)


def mel_filterbank(spec: MelSpec) -> Floats:
    """Compute the triangular mel filters.

    Args:
        spec: The front end.

    Returns:
        Weights of each Fourier bin in each band, float32, shape [n_mels, n_fft // 2 + 1].

    Raises:
        FeatureError: A band is so narrow that no Fourier bin falls into it.
    """
    limits_hz = np.array([spec.f_min_hz, spec.f_max_hz])
    low_mel, high_mel = hz_to_mel(limits_hz, spec.mel_scale)
    edges_hz = mel_to_hz(np.linspace(low_mel, high_mel, spec.n_mels + 2), spec.mel_scale)
    low, centre, high = edges_hz[:-2, None], edges_hz[1:-1, None], edges_hz[2:, None]
    bins_hz = np.fft.rfftfreq(spec.n_fft, 1.0 / spec.sample_rate)[None, :]
    rising = (bins_hz - low) / (centre - low)
    falling = (high - bins_hz) / (high - centre)
    weights = np.maximum(0.0, np.minimum(rising, falling))
    empty = np.flatnonzero(weights.max(axis=1) == 0.0)
    if len(empty):
        band = int(empty[0])
        raise FeatureError(
            f"{len(empty)} of {spec.n_mels} mel bands are empty; band {band} spans "
            f"{low[band, 0]:.1f} to {high[band, 0]:.1f} Hz and Fourier bins are "
            f"{spec.sample_rate / spec.n_fft:.1f} Hz apart",
            where="features",
            fix="set fewer n_mels, a longer n_fft, or a higher f_min_hz",
        )
    if spec.mel_norm == "slaney":
        weights *= 2.0 / (high - low)
    return weights.astype(np.float32)


@dataclass(frozen=True, eq=False)
class BandGroup:
    """Neighbouring mel bands, with only the Fourier bins that they cover.

    Args:
        bands: Which bands.
        bins: Which bins.
        weights: Weights of the bins in the bands, float32, shape [bins, bands].
    """

    bands: slice
    bins: slice
    weights: Floats


def band_groups(filterbank: Floats) -> list[BandGroup]:
    """Split a filterbank into groups of neighbouring bands.

    Args:
        filterbank: Weights, shape [n_mels, n_bins].

    Returns:
        Groups of up to `BANDS_AT_ONCE` bands; all bands are in one.
    """
    groups = []
    for first in range(0, len(filterbank), BANDS_AT_ONCE):
        bands = slice(first, min(first + BANDS_AT_ONCE, len(filterbank)))
        covered = np.flatnonzero(filterbank[bands].any(axis=0))
        bins = slice(int(covered[0]), int(covered[-1]) + 1)
        weights = np.ascontiguousarray(filterbank[bands, bins].T)
        groups.append(BandGroup(bands, bins, weights))
    return groups
