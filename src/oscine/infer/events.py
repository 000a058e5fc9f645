"""What scoring yields, window by window, and the scores of a recording gathered from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

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


BLOCK_WINDOWS = 256
"""Windows of a recording that are held at a time, from scoring to the finished tables."""


class RawScores(Protocol):
    """Scores of one recording as the bundles gave them, of which a stretch can be read."""

    @property
    def path(self) -> Location:
        """The recording."""

    @property
    def start_s(self) -> NDArray[np.float64]:
        """Start of each window, s, shape [n_windows]."""

    @property
    def end_s(self) -> NDArray[np.float64]:
        """End of each window in the recording, s, of the same shape."""

    @property
    def levels(self) -> Sequence[Level]:
        """What was done for each window."""

    @property
    def finding(self) -> Finding | None:
        """What stopped the decoding, if anything did."""

    def between(self, first: int, last: int) -> Floats:
        """Read the scores of windows, shape [last - first, n_members, n_classes]."""


@dataclass(frozen=True, eq=False)
class FileScores:
    """The scores of one recording, or of a stretch of it.

    Args:
        path: The recording.
        start_s: Start of each window, s, float64, shape [n_windows].
        end_s: End of each window in the recording, s, of the same shape.
        scores: 0 to 1, NaN where a bundle does not know a class or was not asked, float32, shape
            [n_windows, n_members, n_classes].
        levels: What was done for each window.
        finding: What stopped the decoding, if anything did.
        is_last: Whether nothing of the recording follows.
    """

    path: Location
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    scores: Floats
    levels: tuple[Level, ...]
    finding: Finding | None
    is_last: bool = True

    def between(self, first: int, last: int) -> Floats:
        """Give the scores of windows, shape [last - first, n_members, n_classes]."""
        return self.scores[first:last]

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


def gather(
    events: Iterable[Event], ensemble: Ensemble, is_due: Callable[[], bool] = bool
) -> Iterator[FileScores]:
    """Collect the events of each recording, in stretches of at most `BLOCK_WINDOWS`.

    Args:
        events: As `score_windows` yields them.
        ensemble: What scored.
        is_due: Tells whether a stretch shall end early; by itself it never does.

    Yields:
        One stretch or more for each recording that had an event, in order.
    """
    held: list[Event] = []
    for event in events:
        is_last = bool(held) and held[0].path != event.path
        if is_last or len(held) == BLOCK_WINDOWS or (held and is_due()):
            yield collect(held, ensemble, is_last)
            held = []
        held.append(event)
    if held:
        yield collect(held, ensemble)


def collect(events: Sequence[Event], ensemble: Ensemble, is_last: bool = True) -> FileScores:
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
        is_last=is_last,
    )
