"""A scan that is done by a deadline, as well as can be, and whose outputs are whole all along."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import FrameType

from oscine.core import Location, track
from oscine.infer.deadline import (
    WRITING_SHARE,
    Pace,
    WritingTimes,
    begun_s,
    choose_level,
    reserve_s,
)
from oscine.infer.ensemble import Ensemble
from oscine.infer.events import UNSCANNED, Event, FileScores, Scored, collect
from oscine.infer.levels import Level
from oscine.infer.scoring import score_windows, windows_in
from oscine.infer.writing import ScanTables

STRETCH = 60
"""A level is chosen for a recording, and for each so many windows of a long one."""

LONG_S = 10.0
"""A recording that takes longer is kept in part, so that little is lost if the scan is killed."""


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


def scan_in_time(
    ensemble: Ensemble, tables: ScanTables, counts: Mapping[Location, int | None], pilot: Pilot
) -> int:
    """Scan recordings, the better the more time there is, and keep the outputs whole all along.

    Args:
        ensemble: What scores.
        tables: What was scanned before, and takes what is scanned now.
        counts: Windows of each recording that is not finished; None where nobody knows yet.
        pilot: Chooses.

    Returns:
        How many recordings were scored. The outputs are still to be written a last time.
    """
    run = _Run(ensemble, tables, counts, pilot)
    with _on_sigterm(pilot.stop):
        run.write()
        run.scan()
        run.improve()
    return len(run.scored)


class _Run:
    """One scan with a deadline."""

    def __init__(
        self,
        ensemble: Ensemble,
        tables: ScanTables,
        counts: Mapping[Location, int | None],
        pilot: Pilot,
    ) -> None:
        self.ensemble = ensemble
        self.tables = tables
        self.counts = counts
        self.pilot = pilot
        self.config = tables.config
        self.scored: set[Location] = set()
        self._before_s = 0.0

    def write(self) -> None:
        """Write all outputs, and note what it took; scoring waits meanwhile."""
        started_s = time.monotonic()
        self.tables.write()
        took_s = time.monotonic() - started_s
        self.pilot.writing.observe(len(self.tables.levels), took_s)
        self._before_s += took_s

    def scan(self) -> None:
        """Score what has no scores all along yet, in order, until it is done or time is up."""
        journal, entries = self.tables.journal, self.tables.entries
        waiting = {p: n for p, n in self.counts.items() if not journal.is_whole(entries[p])}
        if not waiting:
            return
        self.pilot.plan(waiting)
        events = score_windows(self.ensemble, waiting, self.config, self.pilot.choose)
        total = sum(n or 1 for n in waiting.values())
        held: list[Event] = []
        kept_s = self.pilot.since_start_s
        for event in track(self._watched(events), "scan", total, "windows"):
            if held and held[0].path != event.path:
                self._keep(collect(held, self.ensemble))
                held, kept_s = [], self.pilot.since_start_s
            held.append(event)
            if self.pilot.since_start_s - kept_s > LONG_S and self._is_write_due():
                self._keep(replace(collect(held, self.ensemble), finding=UNSCANNED))
                kept_s = self.pilot.since_start_s
        if held:
            self._keep(collect(held, self.ensemble))

    def improve(self) -> None:
        """Score again what was scored with less than was asked for, the worst first."""
        places = {path: self._place(path) for path in self.counts if path in self.tables.levels}
        for path in sorted(places, key=lambda path: -places[path]):
            better = self.pilot.afford(self.counts[path] or 1)
            if better < places[path]:
                level = self.pilot.levels[better]
                choose = partial(_hold, self.pilot, level)
                events = score_windows(self.ensemble, [path], self.config, choose)
                result = collect(list(self._watched(events)), self.ensemble)
                if not result.is_cut_short:
                    self._keep(result)

    def _place(self, path: Location) -> int:
        """Find the place of the least that was done for a window of a recording."""
        levels = self.pilot.levels
        found = self.tables.levels[path]
        return max(levels.index(one) if one in levels else len(levels) for one in found)

    def _watched(self, events: Iterable[Event]) -> Iterator[Event]:
        self._before_s = time.monotonic()
        for event in events:
            if isinstance(event, Scored):
                now_s = time.monotonic()
                wall_s = max(1e-9, now_s - self._before_s)
                self.pilot.pace.observe(event.level, event.reading_s, event.heard, wall_s)
                self._before_s = now_s
            yield event

    def _keep(self, result: FileScores) -> None:
        """Store a recording's scores, and write the outputs if that is due."""
        self.tables.journal.add(self.tables.entries[result.path], result)
        self.tables.take(result)
        if not result.is_cut_short:
            self.scored.add(result.path)
            if self.counts[result.path] is None:
                end_s = float(result.end_s.max(initial=0.0))
                self.pilot.learn_length(windows_in(self.ensemble, end_s, self.config.hop_s))
        if self._is_write_due():
            self.write()

    def _is_write_due(self) -> bool:
        return self.pilot.writing.is_due(self.pilot.since_start_s)


def _hold(pilot: Pilot, level: Level, _path: Location, _place: int) -> Level | None:
    return pilot.hold(level)


@contextmanager
def _on_sigterm(stop: Callable[[], None]) -> Iterator[None]:
    """Stop in an orderly way when the process is asked to end; only the main thread can ask."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop()

    before = signal.signal(signal.SIGTERM, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
