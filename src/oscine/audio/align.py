"""Whether two files hold the same audio at a supposed offset: their waveforms are compared.

Two recordings of one song look alike in a spectrogram, yet their waveforms do not correlate; two
copies of one recording do, in whatever codec. Pieces of the overlap are cross-correlated, with the
spectrum flattened so that neither rumble nor one loud tone decides, and the greatest value of the
envelope is the score.

Source: Knapp & Carter (1976), "The generalized correlation method for estimation of time delay",
IEEE Trans. ASSP 24(4); the weighting is the square root of theirs. Thresholds were set on real
recordings and their copies: `docs/results.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oscine.audio.decode import read
from oscine.core import AudioError, Location, map_ordered

Float32 = NDArray[np.float32]

RATE_HZ = 16_000
"""Rate at which the waveforms are compared."""

LOW_HZ, HIGH_HZ = 300.0, 7_000.0
"""Band that is compared: what a lossy copy at 16 kHz keeps, without wind and hum."""

LONGEST_S, SHORTEST_S, N_PIECES = 2.0, 0.5, 5
"""Pieces of the overlap that are read: how long, s, and how many at most."""

SLACK_S = 0.06
"""How far the supposed offset may be off, s."""

AUDIBLE = 0.01
"""A piece with less than this part of the loudest one's energy is not judged by itself."""


@dataclass(frozen=True)
class Supposed:
    """Two files that may share audio.

    Args:
        path: One file.
        other: The other.
        offset_s: Where `other` starts on the clock of `path`, s.
        overlap_s: From when to when they overlap, on the clock of `path`, s.
    """

    path: str | Location
    other: str | Location
    offset_s: float
    overlap_s: tuple[float, float]


@dataclass(frozen=True)
class Alignment:
    """How well two files agree.

    Args:
        score: Correlation of the waveforms, 0 to 1.
        least_score: That of the piece that agrees least: low where one of them was edited.
        offset_s: Where `other` starts on the clock of `path`, s, as measured.
    """

    score: float
    least_score: float
    offset_s: float


def align(pair: Supposed) -> Alignment:
    """Compare two files where they are supposed to overlap.

    Args:
        pair: The files, and where they overlap.

    Returns:
        Score and offset. A file that cannot be read there has the score 0.
    """
    n_slack = round(SLACK_S * RATE_HZ)
    compared = [_compare(pair, *piece, n_slack) for piece in _pieces(*pair.overlap_s)]
    lags = np.array([lag for lag, _ in compared])
    energy = np.array([power for _, power in compared])
    if not energy.any():
        return Alignment(0.0, 0.0, pair.offset_s)
    envelope = np.abs(lags.sum(axis=0)) / energy.sum()
    best = int(envelope.argmax())
    each = np.abs(lags[:, best]) / np.maximum(energy, AUDIBLE * energy.max())
    least = each[energy > AUDIBLE * energy.max()].min()
    shift_s = (best - n_slack) / RATE_HZ
    scores = min(1.0, float(envelope[best])), min(1.0, float(least))
    return Alignment(*scores, pair.offset_s + shift_s)


def align_all(pairs: Iterable[Supposed], workers: int = 0) -> Iterator[Alignment]:
    """Compare pairs on threads.

    Args:
        pairs: The pairs.
        workers: Threads; 0: one for each core.

    Yields:
        Alignments in the order of `pairs`.
    """
    return map_ordered(align, pairs, workers)


def _pieces(start: float, end: float) -> list[tuple[float, float]]:
    """Lay pieces evenly over an overlap, from end to end: start and length, s."""
    length = end - start
    n = min(N_PIECES, max(1, int(length / SHORTEST_S)))
    piece_s = min(LONGEST_S, length / n)
    step = (length - piece_s) / max(1, n - 1)
    return [(start + i * step, piece_s) for i in range(n)]


def _compare(
    pair: Supposed, start: float, piece_s: float, n_slack: int
) -> tuple[NDArray[np.complex128], float]:
    """Correlate one piece; one that cannot be read has no energy."""
    try:
        here = read(pair.path, RATE_HZ, start, piece_s)
        there = read(pair.other, RATE_HZ, max(0.0, start - pair.offset_s), piece_s)
    except AudioError:
        return np.zeros(2 * n_slack + 1, np.complex128), 0.0
    return _correlation(here, there, n_slack)


def _correlation(
    here: Float32, there: Float32, n_slack: int
) -> tuple[NDArray[np.complex128], float]:
    """Correlate two waveforms; lag 0 is in the middle.

    Returns:
        The analytic cross-correlation, [2 * n_slack + 1], and the energy it is relative to.
    """
    n = len(here) + len(there)
    n_fft = 1 << (n - 1).bit_length()
    hz = np.fft.rfftfreq(n_fft, 1 / RATE_HZ)
    band = (hz >= LOW_HZ) & (hz <= HIGH_HZ)
    first, second = (np.where(band, np.fft.rfft(one, n_fft), 0.0) for one in (here, there))
    first, second = (one / np.sqrt(_smooth(np.abs(one)) + 1e-12) for one in (first, second))
    # Only positive frequencies: the magnitude of the result is the envelope.
    whole = np.fft.ifft(first * np.conj(second), n_fft)
    lags = np.concatenate([whole[-n_slack:], whole[: n_slack + 1]])
    power = np.sqrt(np.sum(np.abs(first) ** 2) * np.sum(np.abs(second) ** 2)) / n_fft
    return lags, float(power)


def _smooth(magnitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average a spectrum over 50 Hz."""
    width = max(1, round(50 * 2 * (len(magnitude) - 1) / RATE_HZ))
    total = np.cumsum(np.pad(magnitude, (width // 2 + 1, width - width // 2 - 1), mode="edge"))
    smoothed: NDArray[np.float64] = (total[width:] - total[:-width]) / width
    return smoothed
