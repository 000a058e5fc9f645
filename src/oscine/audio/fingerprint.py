"""Landmarks of a recording: its spectral peaks, the same whatever file the sound comes in.

A landmark says when, and in which of 40 bands, the sound stood out among its neighbours. Windows
and bands are laid out in seconds and hertz, peaks are compared with their neighbours only, and both
coordinates are interpolated: so rate, gain, channels and lossy codecs hardly move a landmark, and
a cut may start anywhere.

Short blocks are transformed by one matrix product, and five neighbours are added in phase to one
window of 50 ms: a fifth of the work of overlapping windows.

Source: Wang (2003), "An industrial-strength audio search algorithm", ISMIR, for landmarks. The
bands reach from 0.3 to 9 kHz, denser below, as bird sound does. Measured in `docs/results.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

HOP_S = 0.010
"""Length of a block, s."""

TAPER = (0.25, 0.75, 1.0, 0.75, 0.25)
"""Weights of the blocks that make a window."""

N_BANDS = 40
"""Bands, evenly spaced on the logarithm of (frequency + 800 Hz)."""

LOW_HZ, HIGH_HZ, KNEE_HZ = 300.0, 9_000.0, 800.0

REACH_HOPS, REACH_BANDS = 6, 3
"""A landmark is the greatest of its neighbours as far as this, 60 ms to either side: about thirty a
second."""

FLOOR = 1e-12
"""Power below which nothing is a landmark: digital silence, with the noise of 16-bit rounding."""

PITCH_STEPS = 16
"""Steps of `Landmarks.pitch` in a band."""

LOUDEST = 1e6
"""Greater values are cut to this: a broken float file must not overflow."""


@dataclass(frozen=True)
class Landmarks:
    """The landmarks of a recording, in order of time.

    Args:
        at_ms: When, ms from the start, [n].
        pitch: Which band, in sixteenths of a band, [n].
    """

    at_ms: NDArray[np.uint32]
    pitch: NDArray[np.uint16]


def band_hz() -> NDArray[np.float64]:
    """Give the centre of each band, Hz, [N_BANDS]."""
    ratio = (HIGH_HZ + KNEE_HZ) / (LOW_HZ + KNEE_HZ)
    places = np.arange(N_BANDS) / (N_BANDS - 1)
    centres: NDArray[np.float64] = (LOW_HZ + KNEE_HZ) * ratio**places - KNEE_HZ
    return centres


class Fingerprinter:
    """Finds landmarks block by block, in memory that grows only with their number.

    Args:
        sample_rate: Rate of the blocks, Hz.

    Example:
        >>> finder = Fingerprinter(8_000)
        >>> beep = np.sin(2 * np.pi * 1_000 * np.arange(800) / 8_000) * np.hanning(800)
        >>> finder.add(np.pad(beep, 4_000).astype(np.float32))
        >>> int(abs(finder.landmarks().at_ms - 550).min()) <= 1
        True
    """

    def __init__(self, sample_rate: int) -> None:
        self._hop, self._waves, self._weights = _filters(sample_rate)
        self._hop_s = self._hop / sample_rate
        self._rest = np.empty(0, np.float32)
        self._blocks = np.empty((0, N_BANDS), np.complex64)
        self._power = np.empty((0, N_BANDS), np.float32)
        self._first_row = 0
        self._next_row = 1
        self._found: list[tuple[NDArray[np.uint32], NDArray[np.uint16]]] = []

    def add(self, mono: Float32) -> None:
        """Take the next block.

        Args:
            mono: Waveform, [frames], finite.
        """
        waveform = np.concatenate([self._rest, mono]) if len(self._rest) else mono
        n_rows = len(waveform) // self._hop
        self._rest = waveform[n_rows * self._hop :].copy()
        if n_rows == 0:
            return
        rows = waveform[: n_rows * self._hop].reshape(n_rows, self._hop) @ self._waves
        blocks = np.empty((n_rows, N_BANDS), np.complex64)
        blocks.real, blocks.imag = rows[:, :N_BANDS], rows[:, N_BANDS:]
        self._blocks = np.concatenate([self._blocks, blocks])
        n_windows = len(self._blocks) - len(TAPER) + 1
        if n_windows < 1:
            return
        sums = self._blocks[:n_windows] * self._weights[0]
        for k in range(1, len(TAPER)):
            sums += self._blocks[k : k + n_windows] * self._weights[k]
        self._blocks = self._blocks[n_windows:]
        self._power = np.concatenate([self._power, sums.real**2 + sums.imag**2])
        self._search(self._first_row + len(self._power) - REACH_HOPS)

    def landmarks(self) -> Landmarks:
        """Give what was found, once the last block is in."""
        self._search(self._first_row + len(self._power) - 1)
        at_ms = np.concatenate([np.empty(0, np.uint32), *(at for at, _ in self._found)])
        pitch = np.concatenate([np.empty(0, np.uint16), *(pitch for _, pitch in self._found)])
        # Interpolation can put two of them in another order than their rows.
        order = np.lexsort((pitch, at_ms))
        return Landmarks(at_ms[order], pitch[order])

    def _search(self, end_row: int) -> None:
        """Find the landmarks of the rows before `end_row`; keep what later rows must look at."""
        start, end = self._next_row - self._first_row, end_row - self._first_row
        if end <= start:
            return
        power = self._power
        greatest = _greatest_near(_greatest_near(power, REACH_HOPS).T, REACH_BANDS).T
        peaks = (power[start:end] >= greatest[start:end]) & (power[start:end] > FLOOR)
        peaks[:, [0, -1]] = False
        row, band = np.divmod(np.flatnonzero(peaks), N_BANDS)
        row += start
        between_rows = _vertex(power[row - 1, band], power[row, band], power[row + 1, band])
        between_bands = _vertex(power[row, band - 1], power[row, band], power[row, band + 1])
        at_s = (self._first_row + row + between_rows + len(TAPER) / 2) * self._hop_s
        at_ms = np.rint(1_000 * at_s).astype(np.uint32)
        pitch = np.rint(PITCH_STEPS * (band + between_bands)).astype(np.uint16)
        self._found.append((at_ms, pitch))
        self._next_row = end_row
        keep_from = max(0, end - REACH_HOPS)
        self._power = power[keep_from:]
        self._first_row += keep_from


@lru_cache(maxsize=8)
def _filters(sample_rate: int) -> tuple[int, Float32, NDArray[np.complex64]]:
    """Give the block's length, the bands' waves in it, and what turns and weighs its neighbours."""
    hop = max(1, round(HOP_S * sample_rate))
    centres = band_hz()
    from_middle = np.arange(hop) - (hop - 1) / 2
    waves = np.exp(-2j * np.pi / sample_rate * np.outer(from_middle, centres)) / hop
    waves[:, centres > 0.45 * sample_rate] = 0.0
    turn = np.exp(-2j * np.pi * centres * hop / sample_rate)
    middle = len(TAPER) // 2
    weights = [w / sum(TAPER) * turn ** (k - middle) for k, w in enumerate(TAPER)]
    stacked = np.concatenate([waves.real, waves.imag], axis=1).astype(np.float32)
    return hop, stacked, np.asarray(weights, dtype=np.complex64)


def _greatest_near(power: Float32, reach: int) -> Float32:
    """Give the greatest value within `reach` rows to either side, for each place."""
    edge = np.full((reach, power.shape[1]), -np.inf, np.float32)
    widest = np.concatenate([edge, power, edge])
    width = 1
    while 2 * width <= 2 * reach + 1:
        widest = np.maximum(widest[:-width], widest[width:])
        width *= 2
    if more := 2 * reach + 1 - width:
        widest = np.maximum(widest[:-more], widest[more:])
    return widest


def _vertex(before: Float32, here: Float32, after: Float32) -> NDArray[np.float64]:
    """Find the top of the parabola through the logarithms of three powers, -0.5 to 0.5."""
    left, middle, right = (
        np.log(np.maximum(p, 1e-20)).astype(float) for p in (before, here, after)
    )
    bend = left - 2 * middle + right
    top = 0.5 * (left - right) / np.minimum(bend, -1e-9)
    clipped: NDArray[np.float64] = np.clip(top, -0.5, 0.5)
    return clipped


def clean(mono: Float32) -> Float32:
    """Replace values that are no numbers, and cut those that would overflow.

    Args:
        mono: Waveform, [frames].

    Returns:
        The same waveform with values of at most `LOUDEST`.
    """
    tamed: Float32 = np.clip(np.nan_to_num(mono), -LOUDEST, LOUDEST)
    return tamed
