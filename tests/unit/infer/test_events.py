from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from oscine.core import Reason
from oscine.infer.ensemble import Ensemble, Heard, open_ensemble
from oscine.infer.events import UNSCANNED, Event, Finding, Scored, Stopped, collect, gather
from oscine.infer.levels import Level
from synthetic import make_bundle

LEVEL = Level((0,))


@pytest.fixture
def ensemble(tmp_path: Path) -> Ensemble:
    return open_ensemble([make_bundle(tmp_path / "bundle").path])


def make_scored(name: str, start: int) -> Scored:
    heard = Heard(np.full((1, 3), start / 1e5, np.float32), np.zeros(1), np.zeros(1))
    return Scored(Path(name), start, start + 8000, LEVEL, heard, 0.0)


def test_events_are_gathered_by_recording(ensemble: Ensemble) -> None:
    broken = Stopped(Path("b"), Finding(Reason.TRUNCATED, "it ends early"))
    events: list[Event] = [
        make_scored("a", 0),
        make_scored("a", 4000),
        make_scored("b", 0),
        broken,
        Stopped(Path("c"), UNSCANNED),
    ]
    first, second, third = gather(events, ensemble)
    np.testing.assert_allclose(first.scores[:, 0, 0], [0.0, 0.04])
    np.testing.assert_array_equal(first.start_s, [0.0, 0.5])
    np.testing.assert_array_equal(first.end_s, [1.0, 1.5])
    assert (first.levels, first.finding) == ((LEVEL, LEVEL), None)
    assert (len(second.scores), second.finding) == (1, broken.finding)
    assert third.scores.shape == (0, 1, 3)
    assert [one.is_cut_short for one in (first, second, third)] == [False, False, True]


def test_no_events_are_no_recordings(ensemble: Ensemble) -> None:
    assert list(gather([], ensemble)) == []


def test_a_recording_can_be_collected_before_its_end(ensemble: Ensemble) -> None:
    assert len(collect([make_scored("a", 0)], ensemble).scores) == 1


def test_a_long_recording_comes_in_stretches(
    ensemble: Ensemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oscine.infer.events.BLOCK_WINDOWS", 2)
    events: list[Event] = [make_scored("a", start) for start in range(0, 5000, 1000)]
    stretches = list(gather([*events, make_scored("b", 0)], ensemble))
    assert [(len(one.scores), one.is_last) for one in stretches] == [
        (2, False),
        (2, False),
        (1, True),
        (1, True),
    ]
    whole = collect(events, ensemble)
    parts = np.concatenate([one.scores for one in stretches[:3]])
    np.testing.assert_array_equal(parts, whole.scores)


def test_a_finding_may_be_all_of_a_last_stretch(
    ensemble: Ensemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oscine.infer.events.BLOCK_WINDOWS", 1)
    first, last = gather([make_scored("a", 0), Stopped(Path("a"), UNSCANNED)], ensemble)
    assert (first.is_last, first.finding) == (False, None)
    assert (last.is_last, last.is_cut_short, last.scores.shape) == (True, True, (0, 1, 3))


def test_a_stretch_ends_early_when_that_is_due(ensemble: Ensemble) -> None:
    due = iter([False, True, False])
    events = [make_scored("a", start) for start in range(0, 4000, 1000)]
    stretches = gather(events, ensemble, lambda: next(due))
    assert [len(one.scores) for one in stretches] == [2, 2]
