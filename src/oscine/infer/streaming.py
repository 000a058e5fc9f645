"""A stream of audio blocks -> the windows that a model hears; memory does not grow with length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oscine.audio.config import Short
from oscine.audio.windows import fit_length

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Window:
    """One window of a recording.

    Args:
        start: Its first sample, counted in the recording.
        end: One past its last sample that is in the recording; what follows is padding.
        waveform: float32, shape [n_samples].
    """

    start: int
    end: int
    waveform: Floats


def cut_windows(
    blocks: Iterable[Floats], n_samples: int, hop: int, short: Short = "pad"
) -> Iterator[Window]:
    """Cut windows from a stream of blocks of any lengths.

    Args:
        blocks: Consecutive mono float32 waveforms.
        n_samples: Length of a window, samples.
        hop: Samples from a window's start to the next; more than `n_samples` leaves gaps.
        short: How a recording shorter than a window fills it.

    Yields:
        Windows at 0, hop, 2 hop, ... up to the first that reaches the end; that one is padded
        with zeros. A recording shorter than a window is one window; an empty one is none.

    Example:
        >>> blocks = [np.zeros(5, np.float32), np.zeros(3, np.float32)]
        >>> [(w.start, w.end) for w in cut_windows(blocks, n_samples=3, hop=3)]
        [(0, 3), (3, 6), (6, 8)]
    """
    held = np.empty(0, dtype=np.float32)
    offset = start = heard = 0
    for block in blocks:
        held = np.concatenate([held, block])
        while offset + len(held) >= start + n_samples:
            first = start - offset
            heard = start + n_samples
            yield Window(start, heard, held[first : first + n_samples].copy())
            start += hop
        drop = min(start - offset, len(held))
        held = held[drop:]
        offset += drop
    end = offset + len(held)
    if heard < end and start < end:
        rest = held[start - offset :]
        yield Window(start, end, fit_length(rest, n_samples, short if start == 0 else "pad"))


def count_windows(length: int, n_samples: int, hop: int) -> int:
    """Predict how many windows `cut_windows` cuts from `length` samples.

    Example:
        >>> count_windows(8, n_samples=3, hop=3)
        3
    """
    if length <= n_samples:
        return int(length > 0)
    whole = 1 + (length - n_samples) // hop
    last_start = (whole - 1) * hop
    return whole + int(last_start + n_samples < length and last_start + hop < length)
