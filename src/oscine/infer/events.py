"""What scoring yields, window by window, and the scores of a recording gathered from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oscine.core import Location, Reason
from oscine.infer.ensemble import Ensemble, Heard
from oscine.infer.levels import Level

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Finding:
    """Why a recording has no scores, or none after some moment, or no meaningful ones."""

    reason: Reason
    detail: str


UNSCANNED = Finding(Reason.UNSCANNED, "no time was left for it, or for the rest of it")
"""Why a recording that a deadline cut short has no scores, or no further ones."""


@dataclass(frozen=True, eq=False)
class FileScores:
    """The scores of one recording.

    Args:
        path: The recording.
        start_s: Start of each window, s, float64, shape [n_windows].
        end_s: End of each window in the recording, s, of the same shape.
        scores: 0 to 1, NaN where a bundle does not know a class or was not asked, float32, shape
            [n_windows, n_members, n_classes].
        levels: What was done for each window.
        finding: What stopped the decoding, if anything did.
    """

    path: Location
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    scores: Floats
    levels: tuple[Level, ...]
    finding: Finding | None

    @property
    def is_cut_short(self) -> bool:
        """Whether time was up before its end."""
        return self.finding == UNSCANNED


@dataclass(frozen=True, eq=False)
class Scored:
    """One scored window of a recording; its waveform is let go.

    Args:
        path: The recording.
        start: Its first sample.
        end: One past its last sample that is in the recording.
        level: What was done for it.
        heard: Scores, the mean over the shifts, and the time that hearing took.
        reading_s: What reading it took, and the windows before it that were not scored, s.
    """

    path: Location
    start: int
    end: int
    level: Level
    heard: Heard
    reading_s: float


@dataclass(frozen=True)
class Stopped:
    """The finding that ends a recording."""

    path: Location
    finding: Finding


Event = Scored | Stopped
"""One step of a scan."""


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
            yield collect(held, ensemble)
            held = []
        held.append(event)
    if held:
        yield collect(held, ensemble)


def collect(events: Sequence[Event], ensemble: Ensemble) -> FileScores:
    """Join the events of one recording, one or more, in order."""
    windows = [event for event in events if isinstance(event, Scored)]
    rate = float(ensemble.sample_rate)
    shape = (len(windows), len(ensemble.predictors), len(ensemble.species))
    scores = np.empty(shape, dtype=np.float32)
    for row, window in zip(scores, windows, strict=True):
        row[:] = window.heard.scores
    last = events[-1]
    return FileScores(
        path=last.path,
        start_s=np.array([window.start for window in windows], dtype=np.float64) / rate,
        end_s=np.array([window.end for window in windows], dtype=np.float64) / rate,
        scores=scores,
        levels=tuple(window.level for window in windows),
        finding=last.finding if isinstance(last, Stopped) else None,
    )
