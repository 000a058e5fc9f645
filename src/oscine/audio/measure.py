"""Measuring recordings: one pass over each whole file at its native rate, for the audit.

Everything the audit wants to know is taken from blocks that still lie in the processor's cache, so
a measurement costs little more than decoding (`benchmarks/decode.py` says how little). Landmarks
cost a third more; taking them in the same pass saves decoding everything twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oscine.audio.fingerprint import LOUDEST, Fingerprinter, Landmarks, clean
from oscine.audio.readers import Reader, local_recording, open_reader, shortfall
from oscine.audio.resample import mix_down
from oscine.core import AudioError, Location, Reason, fetched_ahead, hash_file, map_ordered

SILENCE_DBFS = -200.0
"""Stands for the level of digital silence, whose logarithm is no number."""

BLOCK_VALUES = 1 << 17
"""Values decoded at a time, half a megabyte."""


@dataclass(frozen=True)
class Measurement:
    """What decoding a whole recording told.

    Args:
        filepath: The file.
        duration_s: What decodes, s.
        sample_rate: Native rate, Hz; 0: unreadable.
        n_channels: Native channels; 0: unreadable.
        peak: Greatest absolute value over all channels, full scale is 1.
        rms_dbfs: Root mean square over all channels, dB of full scale (a full-scale sine: -3).
        dc_offset: Mean over all channels.
        clipped_fraction: Part of the values at full scale, 0 to 1.
        n_non_finite: Values that are NaN or infinite; the other measures leave them out.
        promised_s: What the header promises, s.
        content_hash: BLAKE2b of the file's bytes; empty: unreadable.
        size_bytes: Size of the file.
        modified_ns: Modification time of the file, ns.
        reason: Why it cannot be used, or None.
        detail: What was found, in a sentence; empty when nothing was.
        landmarks: Its fingerprint; None: unreadable, or not asked for.
    """

    filepath: str
    duration_s: float = 0.0
    sample_rate: int = 0
    n_channels: int = 0
    peak: float = 0.0
    rms_dbfs: float = SILENCE_DBFS
    dc_offset: float = 0.0
    clipped_fraction: float = 0.0
    n_non_finite: int = 0
    promised_s: float = 0.0
    content_hash: str = ""
    size_bytes: int = 0
    modified_ns: int = 0
    reason: Reason | None = None
    detail: str = ""
    landmarks: Landmarks | None = None


class _Tally:
    """Running sums over a recording's blocks."""

    def __init__(self, full_scale: float) -> None:
        self.full_scale = full_scale
        self.n_values = 0
        self.n_clipped = 0
        self.n_non_finite = 0
        self.peak = 0.0
        self.total = 0.0
        self.energy = 0.0

    def add(self, block: NDArray[np.float32]) -> None:
        """Take the next block, [frames, channels]."""
        values = block.reshape(-1)
        peak = max(float(values.max()), -float(values.min()))
        if not math.isfinite(peak):
            finite = values[np.isfinite(values)]
            self.n_non_finite += len(values) - len(finite)
            self.n_values += len(values) - len(finite)
            if len(finite):
                self.add(finite)
            return
        if peak >= self.full_scale:
            self.n_clipped += int(np.count_nonzero(np.abs(values) >= self.full_scale))
        # Beyond 1e15 the squares leave 32 bits.
        wide = values.astype(np.float64) if peak > 1e15 else values
        self.peak = max(self.peak, peak)
        self.energy += float(np.dot(wide, wide))
        self.total += float(wide.sum())
        self.n_values += len(values)

    def results(self) -> dict[str, Any]:
        n_finite = max(1, self.n_values - self.n_non_finite)
        power = self.energy / n_finite
        return {
            "peak": self.peak,
            "rms_dbfs": max(SILENCE_DBFS, 10 * math.log10(power)) if power else SILENCE_DBFS,
            "dc_offset": self.total / n_finite,
            "clipped_fraction": self.n_clipped / n_finite,
            "n_non_finite": self.n_non_finite,
        }


def measure(path: str | Location, fingerprint: bool = False) -> Measurement:
    """Decode a whole recording once and measure it, in bounded memory.

    Args:
        path: The audio file.
        fingerprint: Whether to find its landmarks too.

    Returns:
        The measurement. A defect is no exception: it stands in `reason` and `detail`, beside what
        could be measured.

    Raises:
        RemoteError: A remote place cannot be reached: no fault of the file.
    """
    found: dict[str, Any] = {"filepath": str(path)}
    try:
        file = local_recording(path)
        status = file.stat()
        found |= {"size_bytes": status.st_size, "modified_ns": status.st_mtime_ns}
        found["content_hash"] = hash_file(file)
        with open_reader(file) as reader:
            _decode_all(reader, found, fingerprint)
    except AudioError as error:
        found |= {"reason": error.reason, "detail": error.what}
    except FileNotFoundError:
        found |= {"reason": Reason.MISSING, "detail": "no such file"}
    except OSError as error:
        found |= {"reason": Reason.UNREADABLE, "detail": error.strerror or str(error)}
    return Measurement(**found)


def measure_all(
    paths: Iterable[str | Location], workers: int = 0, fingerprint: bool = False
) -> Iterator[Measurement]:
    """Measure recordings on threads.

    Args:
        paths: The audio files; remote ones are fetched a few ahead.
        workers: Threads; 0: one for each core.
        fingerprint: Whether to find their landmarks too.

    Yields:
        Measurements in the order of `paths`.
    """
    return map_ordered(partial(measure, fingerprint=fingerprint), fetched_ahead(paths), workers)


def _decode_all(reader: Reader, found: dict[str, Any], fingerprint: bool) -> None:
    """Fill in what decoding tells, up to the defect if there is one."""
    rate = reader.sample_rate
    found |= {"sample_rate": rate, "n_channels": reader.n_channels}
    found["promised_s"] = reader.promised_frames() / rate
    tally = _Tally(reader.full_scale)
    finder = Fingerprinter(rate) if fingerprint else None
    n_frames = max(1, BLOCK_VALUES // reader.n_channels)
    try:
        while len(block := reader.read(n_frames)):
            tally.add(block)
            if finder is not None:
                mono = mix_down(block, "mean")
                finder.add(
                    mono if tally.peak <= LOUDEST and not tally.n_non_finite else clean(mono)
                )
    finally:
        found |= tally.results() | {"duration_s": reader.position / rate}
        found["landmarks"] = None if finder is None else finder.landmarks()
    if (what := shortfall(reader)) is not None:
        found |= {"reason": Reason.TRUNCATED, "detail": what}
    elif reader.position == 0:
        found |= {"reason": Reason.EMPTY, "detail": "the recording holds no audio"}
    elif tally.n_non_finite:
        what = f"{tally.n_non_finite} of {tally.n_values} values are NaN or infinite"
        found |= {"reason": Reason.NON_FINITE, "detail": what}
