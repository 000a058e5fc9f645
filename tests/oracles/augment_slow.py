"""Augmentations of one clip at a time in plain NumPy: what the batched ones must equal."""

from __future__ import annotations

import numpy as np


def gain(clip, gain_db):
    return clip * 10 ** (gain_db / 20)


def shift(clip, by, fill):
    result = np.zeros_like(clip)
    for place, value in enumerate(clip):
        new = place + by
        if 0 <= new < len(clip):
            result[new] = value
        elif fill == "wrap":
            result[new % len(clip)] = value
    return result


def speed(clip, length):
    """Resample the whole clip to another length, then go round or cut."""
    given, wanted = np.fft.fft(clip.astype(np.float64)), np.zeros(length, dtype=complex)
    wanted[0] = given[0]
    for k in range(1, min(len(clip), length) // 2):
        wanted[k], wanted[-k] = given[k], given[-k]
    played = np.fft.ifft(wanted).real * length / len(clip)
    return np.resize(played, len(clip)) if length < len(clip) else played[: len(clip)]


def band_filter(clip, sample_rate, cutoff_hz, order, kind):
    """Butterworth's gain, on each frequency by itself, with silence on both sides of the clip."""
    n = len(clip)
    padded = np.pad(clip.astype(np.float64), n)
    spectrum = np.fft.fft(padded)
    frequency = np.abs(np.fft.fftfreq(len(padded), 1 / sample_rate))
    with np.errstate(divide="ignore"):
        ratio = frequency / cutoff_hz if kind == "low" else cutoff_hz / frequency
    return np.fft.ifft(spectrum / np.sqrt(1 + ratio ** (2 * order))).real[n : 2 * n]


def reverb(clip, response, direct_db):
    echo = response / np.sqrt((response**2).sum()) * 10 ** (-direct_db / 20)
    return clip + np.convolve(clip, echo)[: len(clip)]


def below(clip, other, snr_db):
    level, other_level = np.sqrt((clip**2).mean()), np.sqrt((other**2).mean())
    return clip + other * level / other_level * 10 ** (-snr_db / 20)


def mixup(own, partner, weight):
    return weight * own + (1 - weight) * partner


def cutmix(own, partner, start, width):
    result = own.copy()
    for place in range(start, start + width):
        result[..., place] = partner[..., place]
    return result


def mask_rows(image, start, width, value):
    """Cover rows start ... start + width - 1 of [rows, columns]."""
    result = image.copy()
    for row in range(start, start + width):
        result[row, :] = value
    return result


def band_shift(image, by):
    """Move the rows of [rows, columns] up by `by`; the floor comes in."""
    result = np.full_like(image, image.min())
    for row in range(len(image)):
        if 0 <= row + by < len(image):
            result[row + by] = image[row]
    return result
