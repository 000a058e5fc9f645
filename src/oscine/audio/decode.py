"""Files to mono float32 waveforms at the rate asked for: a window, or the whole as a stream.

Time is laid out on the target's grid: `read(path, rate, start_s, duration_s)` is the slice
[start_s * rate, (start_s + duration_s) * rate) of the whole recording resampled once, to within
`resample.WINDOW_TOLERANCE`, yet reads only the window. (Where an AAC encoder replaced a band by
"some noise here", each seek draws that noise anew, as loud, and the same for the same window.)
Every call opens its own file, so all of it is thread-safe; decoders and resampler release the
interpreter's lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oscine.audio.config import Mix
from oscine.audio.readers import Reader, open_reader, shortfall
from oscine.audio.resample import Span, in_blocks_of, mix_down, resample_blocks, resample_window
from oscine.core import AudioError, Location, Reason, seconds_to_samples

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class AudioInfo:
    """What a recording's header says.

    Args:
        sample_rate: Native rate, Hz.
        n_channels: Native channels.
        duration_s: Length, s; 0 when only decoding can tell.
    """

    sample_rate: int
    n_channels: int
    duration_s: float


def probe(path: str | Location) -> AudioInfo:
    """Read a recording's header without decoding it.

    Args:
        path: The audio file.

    Returns:
        Rate, channels and duration. For m4a and aac the duration may be a codec frame or two off
        what decodes; `measure` gives what decodes.

    Raises:
        AudioError: The file is missing, empty, or no audio.
    """
    with open_reader(path) as reader:
        rate = reader.sample_rate
        return AudioInfo(rate, reader.n_channels, reader.n_frames / rate)


def read(
    path: str | Location,
    sample_rate: int,
    start_s: float = 0.0,
    duration_s: float | None = None,
    mix: Mix = "mean",
) -> Float32:
    """Read a window of a recording, decoding little more than it.

    Args:
        path: The audio file.
        sample_rate: Rate of the result, Hz.
        start_s: Where the window starts, s, not negative.
        duration_s: Length of the window, s; None: to the end.
        mix: How channels become one.

    Returns:
        Waveform, [n_samples]: as many as `seconds_to_samples(duration_s)`, fewer where the
        recording ends first; the whole has `resampled_length` of its frames.

    Raises:
        AudioError: The file is missing, unreadable, truncated within the window, holds nothing
            there (`EMPTY`), or holds NaN or infinite values there.
    """
    out_start = seconds_to_samples(start_s, sample_rate)
    n_out = None if duration_s is None else seconds_to_samples(duration_s, sample_rate)
    with open_reader(path) as reader:
        span = Span.at(out_start, reader.sample_rate, sample_rate)
        reader.seek(span.start)
        block = _read_rest(reader) if n_out is None else reader.read(span.n_frames(n_out))
        mono = _finite(mix_down(block, mix), path)
        waveform = resample_window(mono, span, n_out)
        if n_out is None or len(waveform) < n_out:
            _refuse_shortfall(reader, path)
        if not len(waveform) and n_out != 0:
            raise _nothing_there(reader, path, start_s)
    return waveform


def stream(
    path: str | Location,
    sample_rate: int,
    block_s: float = 10.0,
    start_s: float = 0.0,
    mix: Mix = "mean",
) -> Iterator[Float32]:
    """Read a recording of any length in blocks, in memory that does not grow with it.

    Args:
        path: The audio file.
        sample_rate: Rate of the result, Hz.
        block_s: Length of a block, s.
        start_s: Where to start, s, not negative.
        mix: How channels become one.

    Yields:
        Blocks of `seconds_to_samples(block_s)` samples, the last one shorter; end to end they are
        what `read` gives for the whole, to within `resample.WINDOW_TOLERANCE`.

    Raises:
        AudioError: As for `read`; what went before the defect has been yielded by then.
    """
    n_block = max(1, seconds_to_samples(block_s, sample_rate))
    out_start = seconds_to_samples(start_s, sample_rate)
    with open_reader(path) as reader:
        span = Span.at(out_start, reader.sample_rate, sample_rate)
        reader.seek(span.start)
        native = _native_blocks(reader, path, seconds_to_samples(block_s, reader.sample_rate), mix)
        empty = True
        for block in in_blocks_of(resample_blocks(native, span), n_block):
            empty = False
            yield block
        _refuse_shortfall(reader, path)
        if empty:
            raise _nothing_there(reader, path, start_s)


def _read_rest(reader: Reader) -> Float32:
    """Read to the end, whether the length is known, approximate or unknown."""
    # One frame more than is left shows in one call that this was all.
    n_frames = max(reader.n_frames - reader.position + 1, 1 << 16)
    blocks = [reader.read(n_frames)]
    while len(blocks[-1]) == n_frames:
        blocks.append(reader.read(n_frames))
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)


def _native_blocks(
    reader: Reader, path: str | Location, n_frames: int, mix: Mix
) -> Iterator[Float32]:
    n_frames = max(n_frames, 1 << 12)
    while len(block := reader.read(n_frames)):
        yield _finite(mix_down(block, mix), path)


def _finite(mono: Float32, path: str | Location) -> Float32:
    if not np.isfinite(mono).all():
        count = int(np.count_nonzero(~np.isfinite(mono)))
        raise AudioError(
            f"{count} of {len(mono)} values are NaN or infinite",
            reason=Reason.NON_FINITE,
            where=path,
            fix="leave it out",
        )
    return mono


def _refuse_shortfall(reader: Reader, path: str | Location) -> None:
    if (what := shortfall(reader)) is not None:
        fix = "fetch it again, or leave it out"
        raise AudioError(what, reason=Reason.TRUNCATED, where=path, fix=fix)


def _nothing_there(reader: Reader, path: str | Location, start_s: float) -> AudioError:
    duration_s = reader.position / reader.sample_rate
    what = (
        "the recording holds no audio"
        if duration_s == 0
        else (f"nothing at {start_s:.3f} s: the recording ends at {duration_s:.3f} s")
    )
    return AudioError(what, reason=Reason.EMPTY, where=path, fix="leave it out")
