"""Windows of a catalog's recordings as arrays of one length, from the files or the decode cache.

A recording that fails between audit and training does not end the run, and no silence passes for
it: `read_or_mask` marks the row, so that training leaves it out, and keeps the finding.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oscine.audio.cache import DecodeCache
from oscine.audio.config import AudioConfig
from oscine.audio.decode import read
from oscine.audio.windows import crop_start, fit_length
from oscine.core import (
    ArtifactError,
    AudioError,
    Reason,
    generator,
    map_ordered,
    seconds_to_samples,
)

Float32 = NDArray[np.float32]

LOUDEST_OF = 4
"""How many random windows `crop: loudest` listens to: enough to miss most pauses, few enough to
see other songs in other epochs. Without the decode cache it costs that many decodes."""


@dataclass(frozen=True)
class Clip:
    """What a reader must know of a row of the recordings table.

    Args:
        filepath: The audio file.
        duration_s: Length of the whole recording, s.
        content_hash: Hash of the file's bytes; only the decode cache asks for it.
        start_s: Start of the clip in the recording, s.
        end_s: End of the clip in the recording, s; None: to its end.
    """

    filepath: str
    duration_s: float
    content_hash: str = ""
    start_s: float = 0.0
    end_s: float | None = None

    @property
    def length_s(self) -> float:
        """Length of the clip, s."""
        end_s = self.duration_s if self.end_s is None else min(self.end_s, self.duration_s)
        return max(0.0, end_s - self.start_s)

    def widened(self, window_s: float) -> Clip:
        """Give the stretch of the recording in which every window holds the whole clip.

        Args:
            window_s: Length of the window, s; a clip as long as that stays as it is.

        Example:
            >>> clip = Clip("a.ogg", 60.0, start_s=20.0, end_s=22.0).widened(10.0)
            >>> clip.start_s, clip.end_s
            (12.0, 30.0)
        """
        if self.length_s >= window_s:
            return self
        start_s = max(0.0, self.start_s + self.length_s - window_s)
        return replace(self, start_s=start_s, end_s=min(self.duration_s, self.start_s + window_s))

    def centred(self, window_s: float) -> Clip:
        """Give the window of the recording that has the clip in its middle, or as near as can be.

        Args:
            window_s: Length of the window, s; a clip as long as that stays as it is.

        Example:
            >>> clip = Clip("a.ogg", 60.0, start_s=20.0, end_s=22.0).centred(10.0)
            >>> clip.start_s, clip.end_s
            (16.0, 26.0)
        """
        if self.length_s >= window_s:
            return self
        middle_s = self.start_s + self.length_s / 2
        latest_s = max(0.0, self.duration_s - window_s)
        start_s = min(max(0.0, middle_s - window_s / 2), latest_s)
        return replace(self, start_s=start_s, end_s=min(self.duration_s, start_s + window_s))


@dataclass(frozen=True)
class WindowRequest:
    """A window of a clip: which clip, and where in it (s from the clip's start)."""

    index: int
    start_s: float = 0.0


@dataclass(frozen=True)
class ReadResult:
    """A window, and whether it is one.

    Args:
        waveform: Waveform, [n_samples]; zeros when not `ok`.
        ok: False when the recording failed: leave the row out.
        start_s: Where the window starts in its clip, s.
    """

    waveform: Float32
    ok: bool
    start_s: float


@dataclass(frozen=True)
class ReadFinding:
    """A clip that failed while it was read: index of the clip, file, and why."""

    index: int
    filepath: str
    reason: Reason
    detail: str


class WindowReader:
    """Reads windows of clips; thread-safe.

    Args:
        clips: The clips, in the order of the table.
        config: The audio settings. With a `cache` windows come from the decode cache, which
            must have been built.

    Raises:
        ArtifactError: The settings ask for the decode cache, and none of the clips is in it.
    """

    def __init__(self, clips: Sequence[Clip], config: AudioConfig) -> None:
        self.clips = list(clips)
        self.config = config
        self.n_samples = seconds_to_samples(config.window_s, config.sample_rate)
        self._cache = DecodeCache.from_config(config)
        self._findings: dict[tuple[int, Reason], ReadFinding] = {}
        self._lock = threading.Lock()
        cache = self._cache
        if cache and clips and not any(cache.holds(clip.content_hash) for clip in clips):
            raise ArtifactError(
                f"none of the {len(clips)} clips is in the decode cache",
                where=cache.folder,
                fix="build the cache first, or set audio.cache to none",
            )

    def __reduce__(self) -> tuple[Any, ...]:
        # In another process it starts anew, with no findings.
        return type(self), (self.clips, self.config)

    def __len__(self) -> int:
        return len(self.clips)

    @property
    def findings(self) -> list[ReadFinding]:
        """The clips that failed so far, one entry a clip and reason, in the order of the clips."""
        with self._lock:
            return [self._findings[key] for key in sorted(self._findings)]

    def read(self, index: int, start_s: float = 0.0) -> Float32:
        """Read a window.

        Args:
            index: Which clip.
            start_s: Where the window starts, s from the clip's start.

        Returns:
            Waveform, [n_samples]. A clip shorter than the window fills it as `short` says; a
            window that reaches beyond the end of a longer clip ends in silence.

        Raises:
            AudioError: The recording failed, or ends before the window starts.
        """
        clip = self.clips[index]
        available_s = max(0.0, min(self.config.window_s, clip.length_s - start_s))
        if seconds_to_samples(available_s, self.config.sample_rate) == 0:
            what = f"nothing at {start_s:.3f} s of a clip of {clip.length_s:.3f} s"
            raise AudioError(what, reason=Reason.EMPTY, where=clip.filepath)
        waveform = self._decode(clip, clip.start_s + start_s, available_s)
        whole = start_s == 0.0 and clip.length_s < self.config.window_s
        return fit_length(waveform, self.n_samples, self.config.short if whole else "pad")

    def training_start(self, index: int, seed: int, epoch: int, position: int) -> float:
        """Choose where a clip's training window starts, by the `crop` setting.

        Args:
            index: Which clip.
            seed: The recipe's seed.
            epoch: Which epoch.
            position: Which place in the epoch; a clip that stands twice in it gets two windows.

        Returns:
            Start, s from the clip's start: uniform over the clip (random), 0 (first), or the one
            with the greatest mean square of `LOUDEST_OF` uniform ones (loudest).

        Raises:
            AudioError: `loudest` listened to a recording that failed.
        """
        length_s, window_s = self.clips[index].length_s, self.config.window_s
        rng = generator(seed, "crop", epoch, position)
        if self.config.crop != "loudest":
            return crop_start(length_s, window_s, self.config.crop, rng)
        if length_s <= window_s:
            return 0.0
        starts = [crop_start(length_s, window_s, "random", rng) for _ in range(LOUDEST_OF)]
        return max(starts, key=lambda start_s: _energy(self.read(index, start_s)))

    def read_or_mask(self, request: WindowRequest) -> ReadResult:
        """Read a window, or mark its row as one to leave out and keep the finding."""
        try:
            return ReadResult(self.read(request.index, request.start_s), True, request.start_s)
        except AudioError as error:
            return self._masked(request.index, error)

    def read_training(self, index: int, seed: int, epoch: int, position: int) -> ReadResult:
        """Choose a training window and read it, or mark its row as one to leave out."""
        try:
            start_s = self.training_start(index, seed, epoch, position)
            return ReadResult(self.read(index, start_s), True, start_s)
        except AudioError as error:
            return self._masked(index, error)

    def read_all(self, requests: Iterable[WindowRequest]) -> Iterator[ReadResult]:
        """Read windows on `workers` threads, in the order of `requests`."""
        return map_ordered(self.read_or_mask, requests, self.config.workers)

    def _decode(self, clip: Clip, start_s: float, duration_s: float) -> Float32:
        if self._cache is None:
            config = self.config
            return read(clip.filepath, config.sample_rate, start_s, duration_s, config.mix)
        try:
            return self._cache.read(clip.content_hash, start_s, duration_s)
        except ArtifactError as error:
            raise AudioError(
                error.what, reason=Reason.MISSING, where=clip.filepath, fix=error.fix
            ) from error

    def _masked(self, index: int, error: AudioError) -> ReadResult:
        finding = ReadFinding(index, self.clips[index].filepath, error.reason, error.what)
        with self._lock:
            self._findings.setdefault((index, error.reason), finding)
        return ReadResult(np.zeros(self.n_samples, np.float32), ok=False, start_s=0.0)


def _energy(waveform: Float32) -> float:
    return float(np.dot(waveform, waveform))
