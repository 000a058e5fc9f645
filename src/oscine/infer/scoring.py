"""Recordings -> scores of their windows; decoding overlaps with the model, across files too.

The calling thread decodes and cuts windows, a few ahead; worker threads compute features and run
the model. Held in memory are those few windows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

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
from oscine.infer.config import ScoringConfig
from oscine.infer.ensemble import Ensemble, Heard
from oscine.infer.events import UNSCANNED, Event, Finding, Scored, Stopped
from oscine.infer.levels import Level
from oscine.infer.streaming import Window, count_windows, cut_windows

Floats = NDArray[np.float32]

SILENT_PEAK = 1e-3
"""A recording that stays below (-60 dB of full scale, as in the audit) is listed as silent; it is
scored all the same."""


Choose = Callable[[Location, int], Level | None]
"""Tells what is done for a recording's window, by its place; None ends the scan."""


@dataclass(frozen=True, eq=False)
class _Task:
    """One window to score."""

    path: Location
    window: Window
    level: Level
    reading_s: float


def hop_samples(ensemble: Ensemble, hop_s: float | None) -> int:
    """Convert a hop to samples; None means a window's length."""
    if hop_s is None:
        return ensemble.n_samples
    return max(1, seconds_to_samples(hop_s, ensemble.sample_rate))


def full_level(ensemble: Ensemble, config: ScoringConfig) -> Level:
    """Describe all that the settings ask for: every member, shift and window."""
    shifts = tuple(_signed_samples(shift_s, ensemble.sample_rate) for shift_s in config.shifts_s)
    return Level(tuple(range(len(ensemble.predictors))), shifts)


def _signed_samples(shift_s: float, sample_rate: int) -> int:
    n_samples = seconds_to_samples(abs(shift_s), sample_rate)
    return n_samples if shift_s > 0 else -n_samples


def score_windows(
    ensemble: Ensemble,
    paths: Iterable[Location],
    config: ScoringConfig,
    choose: Choose | None = None,
) -> Iterator[Event]:
    """Score every window of recordings, in order.

    Args:
        ensemble: What scores.
        paths: Recordings.
        config: Hop and shifts.
        choose: What is done for each window; None: all that the settings ask for.

    Yields:
        An event for each window; a recording that cannot be decoded (any further) ends with a
        finding, and the next recording follows.
    """
    full = full_level(ensemble, config)
    steps = _read(ensemble, paths, config, choose or (lambda _path, _place: full))
    return map_ordered(partial(_score, ensemble), steps, ensemble.threads)


def score_waveform(ensemble: Ensemble, waveform: Floats, config: ScoringConfig) -> Iterator[Event]:
    """Score every window of a waveform at the ensemble's rate, in order.

    Args:
        ensemble: What scores.
        waveform: Mono, shape [n].
        config: Hop and shifts.

    Yields:
        An event for each window, under no path.
    """
    full, nowhere = full_level(ensemble, config), Path()
    windows = _cut(ensemble, [waveform], config)
    tasks = (_Task(nowhere, window, full, 0.0) for window in windows)
    return map_ordered(partial(_score, ensemble), tasks, ensemble.threads)


def _cut(ensemble: Ensemble, blocks: Iterable[Floats], config: ScoringConfig) -> Iterator[Window]:
    shifts = full_level(ensemble, config).shifts
    hop = hop_samples(ensemble, config.hop_s)
    reach = max(0, -min(shifts, default=0)), max(0, *shifts, 0)
    return cut_windows(blocks, ensemble.n_samples, hop, ensemble.short, reach)


def _read(
    ensemble: Ensemble, paths: Iterable[Location], config: ScoringConfig, choose: Choose
) -> Iterator[_Task | Stopped]:
    for path in fetched_ahead(paths):
        peak = 0.0
        try:
            blocks = decode.stream(path, ensemble.sample_rate, mix=ensemble.mix)
            windows = _timed(_cut(ensemble, blocks, config))
            unscored_s = 0.0
            for place, (window, is_last, reading_s) in enumerate(windows):
                peak = max(peak, float(window.waveform.max()), -float(window.waveform.min()))
                level = choose(path, place)
                if level is None:
                    yield Stopped(path, UNSCANNED)
                    return
                unscored_s += reading_s
                if is_last or place % level.stride == 0:
                    yield _Task(path, window, level, unscored_s)
                    unscored_s = 0.0
            if peak < SILENT_PEAK:
                yield Stopped(path, Finding(Reason.SILENT, f"its peak is {peak:.1g}"))
        except AudioError as error:
            yield Stopped(path, Finding(error.reason, error.what))
        except OSError as error:
            yield Stopped(path, Finding(Reason.UNREADABLE, str(error)))


def _timed(windows: Iterator[Window]) -> Iterator[tuple[Window, bool, float]]:
    """Tell of each window whether it is the recording's last, and what reading it took, s."""
    held: Window | None = None
    problem: Exception | None = None
    reading_s = 0.0
    while True:
        started = time.perf_counter()
        try:
            window = next(windows, None)
        except (AudioError, OSError) as error:  # the window that is held comes first
            window, problem = None, error
        took_s = time.perf_counter() - started
        if held is not None:
            yield held, window is None, reading_s
        if window is None:
            break
        held, reading_s = window, took_s
    if problem is not None:
        raise problem


def _score(ensemble: Ensemble, step: _Task | Stopped) -> Event:
    if isinstance(step, Stopped):
        return step
    window, level = step.window, step.level
    shifted = [window.shifted(shift) for shift in level.shifts]
    takes = [window.waveform, *(take for take in shifted if take is not None)]
    heard = [ensemble.hear(take, level.members) for take in takes]
    return Scored(step.path, window.start, window.end, level, _mean(heard), step.reading_s)


def _mean(heard: Sequence[Heard]) -> Heard:
    """Average the scores of several takes of a window, and their times."""
    if len(heard) == 1:
        return heard[0]
    return Heard(
        np.mean([one.scores for one in heard], axis=0, dtype=np.float32),
        np.mean([one.features_s for one in heard], axis=0),
        np.mean([one.members_s for one in heard], axis=0),
    )


def expect_windows(
    ensemble: Ensemble, paths: Iterable[Location], hop_s: float | None
) -> dict[Location, int | None]:
    """Estimate from the headers how many windows each recording has, scored or not.

    A remote recording is not here yet: None. One that cannot be read counts as one.
    """
    counts: dict[Location, int | None] = {}
    for path in paths:
        try:
            duration_s = 0.0 if is_remote(path) else decode.probe(path).duration_s
            n_windows = windows_in(ensemble, duration_s, hop_s)
        except (AudioError, OSError):
            n_windows = 1
        counts[path] = None if is_remote(path) else n_windows
    return counts


def windows_in(ensemble: Ensemble, duration_s: float, hop_s: float | None) -> int:
    """Count the windows of a recording, scored or not; one at least."""
    length = seconds_to_samples(duration_s, ensemble.sample_rate)
    return max(1, count_windows(length, ensemble.n_samples, hop_samples(ensemble, hop_s)))
