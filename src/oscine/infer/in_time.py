"""A scan that is done by a deadline, as well as can be, and whose outputs are whole all along."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import FrameType

from oscine.core import Location, track
from oscine.infer.ensemble import Ensemble
from oscine.infer.events import Event, FileScores, Scored, gather
from oscine.infer.levels import Level
from oscine.infer.pilot import Pilot
from oscine.infer.scoring import score_windows, windows_in
from oscine.infer.writing import ScanTables

LONG_S = 10.0
"""A recording that takes longer is kept in part, so that little is lost if the scan is killed."""


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
        self._kept_s = 0.0

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
        watched = track(self._watched(events), "scan", total, "windows")
        self._kept_s = self.pilot.since_start_s
        for stretch in gather(watched, self.ensemble, self._is_part_due):
            self._keep(stretch)

    def improve(self) -> None:
        """Score again what was scored with less than was asked for, the worst first."""
        places = {path: self._place(path) for path in self.counts if path in self.tables.levels}
        for path in sorted(places, key=lambda path: -places[path]):
            better = self.pilot.afford(self.counts[path] or 1)
            if better < places[path]:
                level = self.pilot.levels[better]
                choose = partial(_hold, self.pilot, level)
                events = score_windows(self.ensemble, [path], self.config, choose)
                for stretch in gather(self._watched(events), self.ensemble):
                    if stretch.is_cut_short:
                        self.tables.journal.drop(self.tables.entries[path])
                    elif stretch.is_last:
                        self._keep(stretch)
                    else:
                        self.tables.add(stretch)

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

    def _keep(self, stretch: FileScores) -> None:
        """Store scores of a recording, and write the outputs if that is due."""
        self.tables.add(stretch)
        if stretch.is_last:
            self._note(stretch)
        elif self._is_part_due():
            self.tables.keep(stretch.path)
        else:
            return
        self._kept_s = self.pilot.since_start_s
        if self._is_write_due():
            self.write()

    def _note(self, last: FileScores) -> None:
        """Take note of a recording that was scored to its end."""
        if last.is_cut_short or last.path not in self.tables.levels:
            return
        self.scored.add(last.path)
        if self.counts[last.path] is None and len(last.end_s):
            end_s = float(last.end_s[-1])
            self.pilot.learn_length(windows_in(self.ensemble, end_s, self.config.hop_s))

    def _is_part_due(self) -> bool:
        return self.pilot.since_start_s - self._kept_s > LONG_S and self._is_write_due()

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
