"""Landmarks by their definition, one window, band and neighbour at a time."""

from __future__ import annotations

import numpy as np

from oscine.audio import fingerprint as fast


def power_of(waveform: np.ndarray, rate: int) -> np.ndarray:
    """Power of each window in each band, by a Fourier sum over the whole window."""
    hop = round(fast.HOP_S * rate)
    weights = np.repeat(fast.TAPER, hop) / (sum(fast.TAPER) * hop)
    n = len(weights)
    starts = range(0, len(waveform) - n + 1, hop)
    power = np.zeros((len(starts), fast.N_BANDS))
    for band, hz in enumerate(fast.band_hz()):
        if hz > 0.45 * rate:
            continue
        wave = weights * np.exp(-2j * np.pi * hz * np.arange(n) / rate)
        for row, start in enumerate(starts):
            power[row, band] = abs(np.dot(waveform[start : start + n], wave)) ** 2
    return power


def landmarks(waveform: np.ndarray, rate: int) -> list[tuple[float, float]]:
    """Times, ms, and pitches, sixteenths of a band, not rounded."""
    power = power_of(np.asarray(waveform, float), rate)
    hop_s = round(fast.HOP_S * rate) / rate
    found = []
    for row in range(1, len(power) - 1):
        for band in range(1, fast.N_BANDS - 1):
            rows = slice(max(0, row - fast.REACH_HOPS), row + fast.REACH_HOPS + 1)
            bands = slice(max(0, band - fast.REACH_BANDS), band + fast.REACH_BANDS + 1)
            here = power[row, band]
            if here > fast.FLOOR and here == power[rows, bands].max():
                when = row + vertex(*power[row - 1 : row + 2, band]) + len(fast.TAPER) / 2
                pitch = band + vertex(*power[row, band - 1 : band + 2])
                found.append((1_000 * when * hop_s, fast.PITCH_STEPS * pitch))
    return sorted(found)


def vertex(before: float, here: float, after: float) -> float:
    """Top of the parabola through three logarithms."""
    left, middle, right = np.log([max(one, 1e-20) for one in (before, here, after)])
    bend = left - 2 * middle + right
    return float(np.clip(0.5 * (left - right) / min(bend, -1e-9), -0.5, 0.5))
