"""What is done for each window of a scan with a deadline: what there is time for."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from oscine.core import Location
from oscine.infer.deadline import (
    WRITING_SHARE,
    Pace,
    WritingTimes,
    begun_s,
    choose_level,
    reserve_s,
)
from oscine.infer.ensemble import Ensemble
from oscine.infer.levels import Level

STRETCH = 60
"""A level is chosen for a recording, and for each so many windows of a long one."""


class Pilot:
    """Chooses what is done for each window, by what is left to do and the time for it.

    Args:
        ensemble: What scores.
        levels: From all that is asked for to the least.
        deadline_s: The whole time, s.
        started_s: When it began, by `time.monotonic`.
        n_recordings: All recordings that outputs will hold.
    """

    def __init__(
        self,
        ensemble: Ensemble,
        levels: Sequence[Level],
        deadline_s: float,
        started_s: float,
        n_recordings: int,
    ) -> None:
        self.levels = levels
        self.pace = Pace(ensemble.front_end_of)
        self.writing = WritingTimes(n_recordings)
        self.is_stopped = False
        self._deadline_s = deadline_s
        self._started_s = started_s
        self._level = levels[0]
        self._waiting: dict[Location, int | None] = {}
        self._known: list[int] = []
        self._n_here = 0
        waveforms, _ = ensemble.predictors[0].bundle.golden()
        self.pace.observe(Level(levels[0].members), 0.0, ensemble.hear(waveforms[0]), wall_s=0.0)

    @property
    def since_start_s(self) -> float:
        """The time that has passed, s."""
        return time.monotonic() - self._started_s

    @property
    def left_s(self) -> float:
        """The time for windows, s; 0 once the scan is stopped."""
        if self.is_stopped:
            return 0.0
        reserve = reserve_s(self._deadline_s, self.writing.last_s())
        return (self._deadline_s - self.since_start_s - reserve) * (1.0 - WRITING_SHARE)

    def stop(self) -> None:
        """Begin no further window."""
        self.is_stopped = True

    def plan(self, waiting: Mapping[Location, int | None]) -> None:
        """Say what is to be scanned: windows of each recording, None where nobody knows yet."""
        self._waiting = dict(waiting)
        self._known = [n for n in waiting.values() if n is not None]

    def choose(self, path: Location, place: int) -> Level | None:
        """Choose what is done for a window of a recording; None: there is no time for it."""
        if place == 0:
            self._n_here = self._expected(self._waiting.pop(path, None))
        if place % STRETCH == 0:
            n_after = sum(map(self._expected, self._waiting.values()))
            chosen = self.afford(max(1, self._n_here - place) + n_after)
            self._level = self.levels[min(chosen, len(self.levels) - 1)]
        return self.hold(self._level)

    def hold(self, level: Level) -> Level | None:
        """Keep to a level, for a window; None: there is no time for it."""
        return level if self.left_s > begun_s(self.pace, level) else None

    def afford(self, n_windows: int) -> int:
        """Choose the place of the level for so many windows; past the last: there is no time."""
        place = choose_level(self.pace, self.levels, n_windows, self.left_s)
        return len(self.levels) if place is None else place

    def learn_length(self, n_windows: int) -> None:
        """Take note how long a recording was; others of unknown length may be as long."""
        self._known.append(n_windows)

    def _expected(self, n_windows: int | None) -> int:
        if n_windows is not None:
            return n_windows
        return max(1, sum(self._known) // max(1, len(self._known)))
