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
        around: The recording from `around_start` on, to where shifts reach; shape [n].
        around_start: Its first sample, counted in the recording.
    """

    start: int
    end: int
    waveform: Floats
    around: Floats
    around_start: int

    def shifted(self, shift: int) -> Floats | None:
        """Give the window that starts `shift` samples later; None if it leaves the recording."""
        first = self.start + shift - self.around_start
        inside = first >= 0 and first + len(self.waveform) <= len(self.around)
        return self.around[first : first + len(self.waveform)] if inside else None


def cut_windows(
    blocks: Iterable[Floats],
    n_samples: int,
    hop: int,
    short: Short = "pad",
    reach: tuple[int, int] = (0, 0),
) -> Iterator[Window]:
    """Cut windows from a stream of blocks of any lengths.

    Args:
        blocks: Consecutive mono float32 waveforms.
        n_samples: Length of a window, samples.
        hop: Samples from a window's start to the next; more than `n_samples` leaves gaps.
        short: How a recording shorter than a window fills it.
        reach: How much earlier and how much later a shifted window may start, samples.

    Yields:
        Windows at 0, hop, 2 hop, ... up to the first that reaches the end; that one is padded
        with zeros. A recording shorter than a window is one window; an empty one is none.

    Example:
        >>> blocks = [np.zeros(5, np.float32), np.zeros(3, np.float32)]
        >>> [(w.start, w.end) for w in cut_windows(blocks, n_samples=3, hop=3)]
        [(0, 3), (3, 6), (6, 8)]
    """
    before, after = reach
    held = np.empty(0, dtype=np.float32)
    offset = start = heard = 0
    for block in _and_the_end(blocks):
        if block is not None:
            held = np.concatenate([held, block])
        ahead = 0 if block is None else after
        while offset + len(held) >= start + n_samples + ahead:
            first, heard = max(offset, start - before), start + n_samples
            around = held[first - offset : heard + after - offset].copy()
            yield Window(start, heard, around[start - first :][:n_samples], around, first)
            start += hop
        drop = min(max(0, start - before - offset), len(held))
        held = held[drop:]
        offset += drop
    end = offset + len(held)
    if heard < end and start < end:
        rest = held[start - offset :]
        waveform = fit_length(rest, n_samples, short if start == 0 else "pad")
        yield Window(start, end, waveform, held, offset)


def _and_the_end(blocks: Iterable[Floats]) -> Iterator[Floats | None]:
    yield from blocks
    yield None


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
