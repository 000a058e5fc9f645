"""Recordings -> scores of their windows; decoding overlaps with the model, across files too.

The calling thread decodes and cuts windows, a few ahead; worker threads compute features and run
the model. Held in memory are those few windows and the scores of the recording at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from oscine.audio import decode
from oscine.core import (
    AudioError,
    Location,
    Reason,
    fetched_ahead,
    is_remote,
    map_ordered,
    seconds_to_samples,
)
from oscine.infer.ensemble import Ensemble
from oscine.infer.streaming import Window, count_windows, cut_windows

Floats = NDArray[np.float32]

SILENT_PEAK = 1e-3
"""A recording that stays below (-60 dB of full scale, as in the audit) is listed as silent; it is
scored all the same."""


@dataclass(frozen=True)
class Finding:
    """Why a recording has no scores, or none after some moment, or no meaningful ones."""

    reason: Reason
    detail: str


@dataclass(frozen=True, eq=False)
class FileScores:
    """The scores of one recording.

    Args:
        path: The recording.
        start_s: Start of each window, s, float64, shape [n_windows].
        end_s: End of each window in the recording, s, of the same shape.
        scores: 0 to 1, float32, shape [n_windows, n_classes].
        finding: What stopped the decoding, if anything did.
    """

    path: Location
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    scores: Floats
    finding: Finding | None


@dataclass(frozen=True, eq=False)
class Scored:
    """One scored window of a recording; its waveform is let go."""

    path: Location
    start: int
    end: int
    scores: Floats


@dataclass(frozen=True)
class Stopped:
    """The finding that ends a recording."""

    path: Location
    finding: Finding


Event = Scored | Stopped
"""One step of a scan."""


def hop_samples(ensemble: Ensemble, hop_s: float | None) -> int:
    """Convert a hop to samples; None means a window's length."""
    if hop_s is None:
        return ensemble.n_samples
    return max(1, seconds_to_samples(hop_s, ensemble.sample_rate))


def score_windows(
    ensemble: Ensemble, paths: Iterable[Location], hop_s: float | None = None
) -> Iterator[Event]:
    """Score every window of recordings, in order.

    Args:
        ensemble: What scores.
        paths: Recordings.
        hop_s: From a window's start to the next, s; None: a window's length.

    Yields:
        An event for each window; a recording that cannot be decoded (any further) ends with a
        finding, and the next recording follows.
    """
    steps = _read(ensemble, paths, hop_samples(ensemble, hop_s))
    return map_ordered(partial(_score, ensemble), steps, ensemble.threads)


def _read(
    ensemble: Ensemble, paths: Iterable[Location], hop: int
) -> Iterator[tuple[Location, Window | Finding]]:
    for path in fetched_ahead(paths):
        peak = 0.0
        try:
            blocks = decode.stream(path, ensemble.sample_rate, mix=ensemble.mix)
            for window in cut_windows(blocks, ensemble.n_samples, hop, ensemble.short):
                peak = max(peak, float(window.waveform.max()), -float(window.waveform.min()))
                yield path, window
            if peak < SILENT_PEAK:
                yield path, Finding(Reason.SILENT, f"its peak is {peak:.1g}")
        except AudioError as error:
            yield path, Finding(error.reason, error.what)
        except OSError as error:
            yield path, Finding(Reason.UNREADABLE, str(error))


def _score(ensemble: Ensemble, step: tuple[Location, Window | Finding]) -> Event:
    path, what = step
    if isinstance(what, Finding):
        return Stopped(path, what)
    return Scored(path, what.start, what.end, ensemble.score_window(what.waveform))


def gather(events: Iterable[Event], ensemble: Ensemble) -> Iterator[FileScores]:
    """Collect the events of each recording.

    Args:
        events: As `score_windows` yields them.
        ensemble: What scored.

    Yields:
        One result for each recording that had an event, in order.
    """
    held: list[Event] = []
    for event in events:
        if held and held[0].path != event.path:
            yield _collect(held, ensemble)
            held = []
        held.append(event)
    if held:
        yield _collect(held, ensemble)


def _collect(events: Sequence[Event], ensemble: Ensemble) -> FileScores:
    windows = [event for event in events if isinstance(event, Scored)]
    rate = float(ensemble.sample_rate)
    scores = np.empty((len(windows), len(ensemble.species)), dtype=np.float32)
    for row, window in zip(scores, windows, strict=True):
        row[:] = window.scores
    last = events[-1]
    return FileScores(
        path=last.path,
        start_s=np.array([window.start for window in windows], dtype=np.float64) / rate,
        end_s=np.array([window.end for window in windows], dtype=np.float64) / rate,
        scores=scores,
        finding=last.finding if isinstance(last, Stopped) else None,
    )


def expect_windows(
    ensemble: Ensemble, paths: Iterable[Location], hop_s: float | None = None
) -> int:
    """Estimate from the headers how many windows a scan has, for its progress bar.

    A remote recording, which is not here yet, counts as one.
    """
    hop = hop_samples(ensemble, hop_s)
    total = 0
    for path in paths:
        try:
            duration_s = 0.0 if is_remote(path) else decode.probe(path).duration_s
            length = seconds_to_samples(duration_s, ensemble.sample_rate)
        except (AudioError, OSError):
            length = 1
        total += max(1, count_windows(length, ensemble.n_samples, hop))
    return total
