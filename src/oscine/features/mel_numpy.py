"""The log-mel front end in NumPy: what the light install runs, equal to `mel_torch`.

One clip at a time, so that no clip's image depends on its neighbours. The steps, in order:
reflected centre padding, periodic window, real Fourier transform, |.|**power, mel filterbank,
decibels, floor at the clip's own peak - top_db, scaling, repeated channels.

Source: Slaney (1998), "Auditory Toolbox" (the Slaney scale and norm); Young et al., "The HTK
Book" (the HTK scale). `librosa.feature.melspectrogram` with `power_to_db` is the oracle.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from oscine.core import FeatureError
from oscine.features.scaling import scale
from oscine.features.spec import MelSpec

Floats = NDArray[np.float32]

POWER_FLOOR = 1e-10
"""The least power that has a logarithm: nothing is below -100 dB."""

_FRAMES_AT_ONCE = 64
"""Frames transformed together. Measured for 384 frames of 2048: blocks of 64 keep frames and
spectra in the cache and take half the time of all at once."""
_BANDS_AT_ONCE = 16
"""Mel bands multiplied together, over only the bins that they cover; 128 at once cost 0.8 ms more
in 4.6 ms."""

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


def analysis_window(spec: MelSpec) -> Floats:
    """Compute the periodic analysis window, centred in the Fourier transform.

    Args:
        spec: The front end.

    Returns:
        Weights, float32, shape [n_fft]; zero outside the middle `win_length`.

    Raises:
        FeatureError: The window has no such name.
    """
    terms = {
        "hann": (0.5, 0.5),
        "hamming": (0.54, 0.46),
        "blackman": (0.42, 0.5, 0.08),
        "boxcar": (1.0,),
    }
    if spec.window not in terms:
        raise FeatureError(
            f"no window {spec.window!r}", where="features", fix=f"choose from {list(terms)}"
        )
    phase = 2.0 * np.pi * np.arange(spec.win_length) / spec.win_length
    shape = sum((-1) ** k * a * np.cos(k * phase) for k, a in enumerate(terms[spec.window]))
    left = (spec.n_fft - spec.win_length) // 2
    window = np.zeros(spec.n_fft, dtype=np.float32)
    window[left : left + spec.win_length] = shape
    return window


def to_decibels(mels: Floats, spec: MelSpec) -> Floats:
    """Convert one clip's mel spectrogram to decibels, and floor it below the clip's own peak.

    Args:
        mels: Mel spectrogram of one clip, |.|**power, shape [n_mels, n_frames].
        spec: The front end; `power` and `top_db` are used.

    Returns:
        Decibels relative to full scale, float32, of the same shape: the same for power and for
        amplitude, and never below -100 dB.
    """
    least = np.float32(POWER_FLOOR ** (spec.power / 2.0))
    decibels = np.log10(np.maximum(mels, least))
    decibels *= np.float32(20.0 / spec.power)
    if spec.top_db is not None:
        np.maximum(decibels, decibels.max() - np.float32(spec.top_db), out=decibels)
    return decibels


class LogMel:
    """Waveforms -> scaled log-mel images. Safe to call from several threads at once.

    Args:
        spec: The front end.

    Raises:
        FeatureError: A mel band is empty.
    """

    def __init__(self, spec: MelSpec) -> None:
        self.spec = spec
        self._window = analysis_window(spec)
        self._bands = _covered_bins(mel_filterbank(spec))

    def __call__(self, waveforms: Floats) -> Floats:
        """Compute the images.

        Args:
            waveforms: Mono waveforms at the front end's rate, shape [batch, n_samples].

        Returns:
            Images, float32, shape [batch, channels, n_mels, n_frames].

        Raises:
            FeatureError: The waveforms have another shape.
        """
        spec = self.spec
        if waveforms.ndim != 2 or waveforms.shape[1] != spec.n_samples:
            raise FeatureError(
                f"waveforms of shape {waveforms.shape}, not [batch, {spec.n_samples}]",
                fix="cut or pad clips to the front end's window",
            )
        images = np.empty(
            (len(waveforms), spec.channels, spec.n_mels, spec.n_frames), dtype=np.float32
        )
        for image, waveform in zip(images, waveforms, strict=True):
            mels = self.mel_spectrogram(waveform.astype(np.float32, copy=False))
            image[:] = scale(to_decibels(mels, spec), spec)
        return images

    def mel_spectrogram(self, waveform: Floats) -> Floats:
        """Compute one clip's mel spectrogram, before the logarithm.

        Args:
            waveform: Mono waveform, shape [n_samples].

        Returns:
            |.|**power in each band and frame, float32, shape [n_mels, n_frames].
        """
        spec = self.spec
        padded = np.pad(waveform, spec.n_fft // 2, mode="reflect")
        every = np.lib.stride_tricks.sliding_window_view(padded, spec.n_fft)
        frames = every[:: spec.hop_length][: spec.n_frames]
        mels = np.empty((spec.n_frames, spec.n_mels), dtype=np.float32)
        for start in range(0, spec.n_frames, _FRAMES_AT_ONCE):
            block = slice(start, start + _FRAMES_AT_ONCE)
            spectra = self._spectra(frames[block])
            for bands, bins, weights in self._bands:
                np.matmul(spectra[:, bins], weights, out=mels[block, bands])
        return np.ascontiguousarray(mels.T)

    def _spectra(self, frames: Floats) -> Floats:
        # NumPy 1 transforms in double precision whatever it is given.
        spectrum = np.fft.rfft(frames * self._window, axis=-1).astype(np.complex64, copy=False)
        parts = spectrum.view(np.float32)
        np.multiply(parts, parts, out=parts)
        power: Floats = parts[:, 0::2] + parts[:, 1::2]
        if self.spec.power != 2.0:
            np.power(power, np.float32(self.spec.power / 2.0), out=power)
        return power


def _covered_bins(filterbank: Floats) -> list[tuple[slice, slice, Floats]]:
    """Split a filterbank into groups of neighbouring bands with only the bins they cover."""
    groups = []
    for first in range(0, len(filterbank), _BANDS_AT_ONCE):
        bands = slice(first, min(first + _BANDS_AT_ONCE, len(filterbank)))
        covered = np.flatnonzero(filterbank[bands].any(axis=0))
        bins = slice(int(covered[0]), int(covered[-1]) + 1)
        groups.append((bands, bins, np.ascontiguousarray(filterbank[bands, bins].T)))
    return groups
