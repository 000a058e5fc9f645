"""Being done in time: what work takes, how much of it fits, and how often outputs are written.

Nothing here reads a clock or a file: times come in as numbers, decisions go out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from oscine.core import ConfigError
from oscine.infer.ensemble import Heard
from oscine.infer.levels import Level

MEMORY = 0.98
"""What a measurement weighs when the next one comes: some fifty windows are remembered."""

WRITING_SHARE = 0.02
"""Outputs are written again only while all writing has taken no more of the time than this."""

SLOWER = 1.5
"""What is still to be done after the last decision may take so many times what was measured."""

_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")


def parse_duration(text: str) -> float:
    """Read a duration, such as `110m`, `90s`, `2h` or `1h30m`.

    Returns:
        Seconds, above 0.

    Raises:
        ConfigError: It is no duration, or none above 0.

    Example:
        >>> parse_duration("1h30m"), parse_duration("90s")
        (5400.0, 90.0)
    """
    found = _DURATION.fullmatch(text.strip())
    hours, minutes, seconds = (float(part or 0) for part in found.groups()) if found else (0, 0, 0)
    duration_s = 3600.0 * hours + 60.0 * minutes + seconds
    if duration_s <= 0:
        raise ConfigError(f"no duration: {text!r}", fix="write it like 110m, 90s, 2h or 1h30m")
    return duration_s


def margin_s(deadline_s: float) -> float:
    """Say how long before a deadline a scan aims to be done: a thirtieth of it, 1 to 60 s.

    Example:
        >>> margin_s(90.0), margin_s(7200.0)
        (3.0, 60.0)
    """
    return min(60.0, max(1.0, deadline_s / 30.0))


class Pace:
    """What work takes, as measured so far; the latest windows weigh most.

    Args:
        front_end_of: Place of each member's front end.
    """

    def __init__(self, front_end_of: Sequence[int]) -> None:
        self._front_end_of = list(front_end_of)
        self._reading = _Mean(1)
        self._features = _Mean(1 + max(front_end_of))
        self._members = _Mean(len(front_end_of))
        self._wall_s = self._busy_s = 0.0

    def observe(self, level: Level, reading_s: float, heard: Heard, wall_s: float) -> None:
        """Take in a window that was scored.

        Args:
            level: What was done for it.
            reading_s: What reading it took, s.
            heard: What features and members took for one take of it.
            wall_s: What passed since the window before, s; 0: this window stood alone, before any
                others overlapped with it.
        """
        members = list(level.members)
        front_ends = sorted({self._front_end_of[member] for member in members})
        self._reading.add(np.array([reading_s]), [0])
        self._features.add(heard.features_s, front_ends)
        self._members.add(heard.members_s, members)
        busy_s = reading_s + level.n_takes * float(heard.features_s.sum() + heard.members_s.sum())
        # A window alone says that nothing overlaps, until windows in a row say how much does.
        self._wall_s = MEMORY * self._wall_s + (wall_s or busy_s)
        self._busy_s = MEMORY * self._busy_s + busy_s

    def window_s(self, level: Level) -> float:
        """Tell what one window takes on one thread at a level, s, without reading."""
        members = list(level.members)
        front_ends = sorted({self._front_end_of[member] for member in members})
        parts_s = self._features.of(front_ends).sum() + self._members.of(members).sum()
        return float(level.n_takes * parts_s)

    def expect_s(self, level: Level, n_windows: int) -> float:
        """Tell what reading so many windows and scoring those of a level will take, s.

        Reading runs on one thread, so less scoring makes it no faster.
        """
        reading_s = float(self._reading.of([0])[0])
        overlap = self._wall_s / self._busy_s if self._busy_s else 1.0
        each_s = overlap * (reading_s + self.window_s(level) / level.stride)
        return n_windows * max(reading_s, each_s)


class _Mean:
    """Means of several quantities; what was measured lately weighs most."""

    def __init__(self, n: int) -> None:
        self._sums = np.zeros(n)
        self._weights = np.zeros(n)

    def add(self, values: NDArray[np.float64], places: list[int]) -> None:
        self._sums[places] = MEMORY * self._sums[places] + values[places]
        self._weights[places] = MEMORY * self._weights[places] + 1.0

    def of(self, places: list[int]) -> NDArray[np.float64]:
        return np.asarray(self._sums[places] / np.maximum(self._weights[places], 1e-9))


def choose_level(pace: Pace, levels: Sequence[Level], n_windows: int, left_s: float) -> int | None:
    """Choose how much is done for the windows that are left.

    Args:
        pace: What work takes.
        levels: From all to the least, as `ladder` gives them.
        n_windows: Windows that are left, scored or not.
        left_s: Time that is left for them, s.

    Returns:
        The place of the first level at which all of them will be done; the last level where none
        suffices, so that as many as can be are scored; None when there is no time to begin one.
    """
    for place, level in enumerate(levels):
        if pace.expect_s(level, n_windows) <= left_s - begun_s(pace, level):
            return place
    return len(levels) - 1 if left_s > begun_s(pace, levels[-1]) else None


def begun_s(pace: Pace, level: Level) -> float:
    """Tell how long the windows that have begun may take when no further one begins, s.

    They are three in a row on each thread: one that runs, and two that wait.
    """
    return SLOWER * 3.0 * pace.window_s(level)


class WritingTimes:
    """When outputs are written again, and what the last time will take.

    A write takes as long as there are recordings, so a write after each would take a time that
    grows with their square; here writes grow rarer as they grow longer, and take `WRITING_SHARE`
    of the time at most.

    Args:
        n_recordings: All that there will be.
    """

    def __init__(self, n_recordings: int) -> None:
        self._n_recordings = n_recordings
        self._spent_s = 0.0
        self._empty_s = 0.0
        self._each_s = 0.0

    def is_due(self, since_start_s: float) -> bool:
        """Tell whether outputs shall be written now."""
        return self._spent_s <= WRITING_SHARE * since_start_s

    def observe(self, n_recordings: int, took_s: float) -> None:
        """Take in a write of so many recordings that took so long, s."""
        self._spent_s += took_s
        if n_recordings == 0:
            self._empty_s = took_s
        else:
            self._each_s = max(0.0, took_s - self._empty_s) / n_recordings

    def last_s(self) -> float:
        """Expect what the write of all recordings will take, s."""
        return self._empty_s + self._each_s * self._n_recordings


def reserve_s(deadline_s: float, last_write_s: float) -> float:
    """Say how much time must be left when the last window is done.

    Args:
        deadline_s: The whole time, s.
        last_write_s: What the last write is expected to take, s.

    Returns:
        The margin, and `SLOWER` times the last write.
    """
    return margin_s(deadline_s) + SLOWER * last_write_s
