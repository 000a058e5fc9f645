from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oscine.core import ConfigError
from oscine.infer.deadline import (
    SLOWER,
    WRITING_SHARE,
    Pace,
    WritingTimes,
    begun_s,
    choose_level,
    margin_s,
    parse_duration,
    reserve_s,
)
from oscine.infer.ensemble import Heard
from oscine.infer.levels import Level, ladder

SHIFTS = (-10, 10)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("110m", 6600), ("90s", 90), ("2h", 7200), ("1h30m", 5400), ("1.5m", 90), ("1h1m1s", 3661)],
)
def test_durations_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "90", "-5m", "0s", "5 minutes", "30m1h", "1d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="1h30m"):
        parse_duration(text)


@dataclass
class Machine:
    """A machine that takes so long, s, for reading, features and each member of a window."""

    reading_s: float
    features_s: float
    members_s: list[float]
    threads: int = 1

    def heard(self, level: Level) -> Heard:
        asked = [float(member in level.members) for member in range(len(self.members_s))]
        return Heard(
            np.empty((0, 0), np.float32),
            np.array([self.features_s]),
            np.array(self.members_s) * asked,
        )

    def window_s(self, level: Level) -> float:
        """What a window takes on one thread, reading aside."""
        heard = self.heard(level)
        return level.n_takes * float(heard.features_s.sum() + heard.members_s.sum())

    def measured(self, level: Level) -> Pace:
        """Measure windows one after another until all is known."""
        pace = Pace([0] * len(self.members_s))
        for _ in range(20):
            work_s = self.reading_s + self.window_s(level)
            pace.observe(level, self.reading_s, self.heard(level), work_s / self.threads)
        return pace


def test_the_expected_time_is_that_of_the_parts() -> None:
    machine = Machine(0.01, 0.02, [0.1, 0.3], threads=2)
    full = Level((0, 1), SHIFTS)
    pace = machine.measured(full)
    assert pace.expect_s(full, 10) == pytest.approx(10 * (0.01 + 3 * 0.42) / 2)
    assert pace.expect_s(Level((0,)), 10) == pytest.approx(10 * (0.01 + 0.12) / 2)
    assert pace.expect_s(Level((0,), (), 4), 10) == pytest.approx(10 * (0.01 + 0.12 / 4) / 2)


def test_reading_takes_its_time_however_little_is_scored() -> None:
    pace = Machine(1.0, 0.0, [0.5], threads=2).measured(Level((0,)))
    assert pace.expect_s(Level((0,), (), 100), 10) == pytest.approx(10.0)


def test_a_machine_that_grows_slower_is_noticed() -> None:
    level = Level((0,))
    pace = Machine(0.0, 0.0, [0.1]).measured(level)
    slow = Machine(0.0, 0.0, [0.3])
    for _ in range(150):
        pace.observe(level, 0.0, slow.heard(level), 0.3)
    assert pace.expect_s(level, 1) == pytest.approx(0.3, rel=0.1)


def test_one_window_alone_promises_no_overlap() -> None:
    pace = Pace([0])
    level = Level((0,))
    pace.observe(level, 0.0, Machine(0.0, 0.1, [0.1]).heard(level), 0.0)
    assert pace.expect_s(level, 5) == pytest.approx(1.0)


LEVELS = ladder(Level((0, 1), SHIFTS), [0.6, 0.9], np.ones((2, 3), bool), max_stride=4)
machines = st.builds(
    Machine,
    reading_s=st.floats(0.001, 0.05),
    features_s=st.floats(0.001, 0.05),
    members_s=st.lists(st.floats(0.005, 0.5), min_size=2, max_size=2),
    threads=st.integers(1, 4),
)


@settings(deadline=None)
@given(machine=machines, n=st.integers(1, 500), left_s=st.floats(0.1, 500), less=st.floats(0, 1))
def test_less_time_never_gives_more_work(
    machine: Machine, n: int, left_s: float, less: float
) -> None:
    pace = machine.measured(LEVELS[0])
    chosen, other = (choose_level(pace, LEVELS, n, time_s) for time_s in (left_s, less * left_s))
    assert other is None or (chosen is not None and other >= chosen)


@settings(deadline=None)
@given(machine=machines, n=st.integers(1, 500), left_s=st.floats(0.1, 500))
def test_nothing_is_left_out_that_there_is_time_for(
    machine: Machine, n: int, left_s: float
) -> None:
    pace = machine.measured(LEVELS[0])
    chosen = choose_level(pace, LEVELS, n, left_s)

    def takes_s(level: Level) -> float:
        return pace.expect_s(level, n) + begun_s(pace, level)

    if chosen is None:
        assert left_s <= begun_s(pace, LEVELS[-1])
    elif chosen < len(LEVELS) - 1:
        assert takes_s(LEVELS[chosen]) <= left_s
    for level in LEVELS[: chosen or 0]:
        assert takes_s(level) > left_s


@pytest.mark.parametrize("left_s", [0.0, -1.0])
def test_without_time_nothing_is_begun(left_s: float) -> None:
    assert choose_level(Machine(0, 0.1, [0.1, 0.1]).measured(LEVELS[0]), LEVELS, 1, left_s) is None


def ride(machine: Machine, deadline_s: float, n_windows: int, slower: float) -> tuple[float, int]:
    """Scan in pretended time, on a machine that is slower than measured; gives end and windows.

    As in a scan, windows that have begun are finished (three in a row on each thread), and then
    the outputs are written.
    """
    pace = machine.measured(LEVELS[0])
    write_s = 0.02 * deadline_s
    now_s, scored, level = 0.0, 0, LEVELS[0]
    for place in range(n_windows):
        left_s = deadline_s - now_s - reserve_s(deadline_s, write_s)
        chosen = choose_level(pace, LEVELS, n_windows - place, left_s)
        if chosen is None:
            break
        level = LEVELS[chosen]
        if place % level.stride == 0:
            took_s = slower * (machine.reading_s + machine.window_s(level)) / machine.threads
            now_s += took_s
            scored += 1
        else:
            now_s += slower * machine.reading_s
    return now_s + slower * (2.0 * machine.window_s(level) + write_s), scored


@settings(deadline=None)
@given(
    machine=machines,
    deadline_s=st.floats(20, 1000),
    n_windows=st.integers(1, 400),
    slower=st.floats(0.3, SLOWER),
)
def test_a_deadline_is_kept_on_a_machine_that_is_slower_than_it_was(
    machine: Machine, deadline_s: float, n_windows: int, slower: float
) -> None:
    end_s, _ = ride(machine, deadline_s, n_windows, slower)
    assert end_s <= deadline_s


def test_with_time_to_spare_every_window_is_scored_in_full() -> None:
    end_s, scored = ride(Machine(0.01, 0.01, [0.1, 0.1], 2), 600.0, 400, 1.0)
    assert scored == 400
    assert end_s == pytest.approx(400 * (0.01 + 0.63) / 2 + 2 * 0.63 + 12)


@pytest.mark.parametrize(("deadline_s", "margin"), [(6, 1), (90, 3), (600, 20), (7200, 60)])
def test_the_margin_is_a_thirtieth_within_bounds(deadline_s: float, margin: float) -> None:
    assert margin_s(deadline_s) == margin


@pytest.mark.parametrize("n_recordings", [10, 100, 1000])
def test_all_writing_takes_a_bounded_share_of_the_time(n_recordings: int) -> None:
    writing, now_s, spent_s, n_writes = WritingTimes(n_recordings), 0.0, 0.0, 0
    for done in range(1, n_recordings + 1):
        now_s += 6.0  # a four-minute recording of 1,100 in 110 minutes
        if writing.is_due(now_s):
            took_s = 0.1 + 0.003 * done
            writing.observe(done, took_s)
            now_s, spent_s, n_writes = now_s + took_s, spent_s + took_s, n_writes + 1
    # One write more than the share may have begun.
    assert spent_s <= WRITING_SHARE * now_s + 0.1 + 0.003 * n_recordings
    assert n_writes >= 5


def test_the_last_write_is_expected_from_the_ones_before() -> None:
    writing = WritingTimes(100)
    assert writing.last_s() == 0.0
    writing.observe(0, 1.0)
    writing.observe(10, 3.0)
    assert writing.last_s() == pytest.approx(1.0 + 100 * 0.2)
