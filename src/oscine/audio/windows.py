"""Windows of a recording: where they start, and how a clip fills one that is longer than it."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from oscine.audio.config import Short

Float32 = NDArray[np.float32]


def window_starts(duration_s: float, window_s: float, hop_s: float) -> NDArray[np.float64]:
    """Lay windows over a whole recording.

    Args:
        duration_s: Length of the recording, s.
        window_s: Length of a window, s.
        hop_s: From one window's start to the next one's, s.

    Returns:
        Start times, s, ascending from 0: as few as cover the recording to its end. The last
        window may reach beyond it. A recording without length has none.

    Example:
        >>> window_starts(12.0, 5.0, 5.0)
        array([ 0.,  5., 10.])
        >>> window_starts(10.0, 5.0, 5.0)
        array([0., 5.])
    """
    if duration_s <= 0:
        return np.empty(0)
    # A nanosecond of tolerance, so that 60 s hold twelve windows of 5 s in binary arithmetic too.
    until_covered = 1 + math.ceil((duration_s - window_s) / hop_s - 1e-9)
    before_end = math.ceil(duration_s / hop_s - 1e-9)
    count = max(1, min(until_covered, before_end))
    return np.arange(count, dtype=np.float64) * hop_s


def crop_start(
    duration_s: float, window_s: float, policy: Literal["random", "first"], rng: np.random.Generator
) -> float:
    """Choose where the training window of a clip starts.

    Args:
        duration_s: Length of the clip, s.
        window_s: Length of the window, s.
        policy: "random": uniform over [0, duration_s - window_s]; "first": 0.
        rng: Drawn from once if "random", whatever the lengths.

    Returns:
        Start, s; 0 for a clip that is no longer than the window.
    """
    if policy == "first":
        return 0.0
    return float(rng.uniform()) * max(0.0, duration_s - window_s)


def fit_length(waveform: Float32, n_samples: int, short: Short) -> Float32:
    """Make a waveform exactly as long as the window.

    Args:
        waveform: Waveform, [n], of any length above 0.
        n_samples: Length of the window.
        short: How a shorter one fills it: "wrap" goes round and round until the window ends;
            "repeat" puts as many whole copies as fit, then silence; "pad" puts silence behind.

    Returns:
        Waveform, [n_samples]; of a longer one, its beginning.

    Example:
        >>> clip = np.array([1, 2, 3], np.float32)
        >>> fit_length(clip, 7, "wrap")
        array([1., 2., 3., 1., 2., 3., 1.], dtype=float32)
        >>> fit_length(clip, 7, "repeat")
        array([1., 2., 3., 1., 2., 3., 0.], dtype=float32)
        >>> fit_length(clip, 7, "pad")
        array([1., 2., 3., 0., 0., 0., 0.], dtype=float32)
    """
    if len(waveform) >= n_samples:
        return waveform[:n_samples]
    if short == "wrap":
        return np.resize(waveform, n_samples)
    copies = n_samples // len(waveform) if short == "repeat" else 1
    fitted = np.zeros(n_samples, np.float32)
    fitted[: copies * len(waveform)] = np.tile(waveform, copies)
    return fitted
