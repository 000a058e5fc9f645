from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from oscine.core import Reason
from oscine.infer.config import ScoringConfig
from oscine.infer.ensemble import Ensemble, open_ensemble
from oscine.infer.events import FileScores, gather
from oscine.infer.scoring import expect_windows, score_windows
from synthetic import make_bundle, make_recording, make_waveform


@pytest.fixture
def ensemble(tmp_path: Path) -> Ensemble:
    make_bundle(tmp_path / "bundle")
    return open_ensemble([tmp_path / "bundle"])


def score_files(
    ensemble: Ensemble, paths: list[Path], hop_s: float | None = None
) -> list[FileScores]:
    return list(gather(score_windows(ensemble, paths, ScoringConfig(hop_s=hop_s)), ensemble))


def test_a_recording_scores_as_its_windows_do(ensemble: Ensemble, tmp_path: Path) -> None:
    path = make_recording(tmp_path / "a.wav", 3.5)
    (result,) = score_files(ensemble, [path])
    waveform, _ = soundfile.read(path, dtype="float32")
    windows = np.pad(waveform, (0, 4000)).reshape(4, 8000)
    expected = np.stack([ensemble.hear(window).scores for window in windows])
    np.testing.assert_array_equal(result.scores, expected)
    np.testing.assert_array_equal(result.start_s, [0, 1, 2, 3])
    np.testing.assert_array_equal(result.end_s, [1, 2, 3, 3.5])
    assert result.finding is None


def test_windows_can_overlap(ensemble: Ensemble, tmp_path: Path) -> None:
    path = make_recording(tmp_path / "a.wav", 3.0)
    (overlapping,) = score_files(ensemble, [path], hop_s=0.5)
    (apart,) = score_files(ensemble, [path])
    np.testing.assert_array_equal(overlapping.start_s, [0, 0.5, 1, 1.5, 2])
    np.testing.assert_array_equal(overlapping.scores[::2], apart.scores)


def test_scores_do_not_depend_on_the_order_of_files(ensemble: Ensemble, tmp_path: Path) -> None:
    paths = [make_recording(tmp_path / f"{i}.wav", 1.0 + i, seed=i) for i in range(4)]
    forward = {result.path: result.scores for result in score_files(ensemble, paths)}
    backward = {result.path: result.scores for result in score_files(ensemble, paths[::-1])}
    for path in paths:
        np.testing.assert_array_equal(forward[path], backward[path])


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", Reason.EMPTY), (b"not audio at all" * 99, Reason.UNREADABLE), (None, Reason.MISSING)],
)
def test_one_bad_file_costs_that_file_alone(
    ensemble: Ensemble, tmp_path: Path, content: bytes | None, reason: Reason
) -> None:
    bad = tmp_path / "bad.ogg"
    if content is not None:
        bad.write_bytes(content)
    good = [make_recording(tmp_path / name, 2.0) for name in ("a.wav", "c.wav")]
    first, second, third = score_files(ensemble, [good[0], bad, good[1]])
    assert (second.path, second.scores.shape) == (bad, (0, 1, 3))
    assert second.finding is not None
    assert second.finding.reason is reason
    np.testing.assert_array_equal(first.scores, third.scores)


def test_a_recording_that_breaks_off_keeps_the_scores_up_to_there(
    ensemble: Ensemble, tmp_path: Path
) -> None:
    waveform = make_waveform(30.0)
    waveform[8000 * 25] = np.nan
    soundfile.write(tmp_path / "a.wav", waveform, 8000, subtype="FLOAT")
    (result,) = score_files(ensemble, [tmp_path / "a.wav"])
    assert result.finding is not None
    assert result.finding.reason is Reason.NON_FINITE
    assert len(result.scores) == 20  # the whole blocks of 10 s before the NaN


def test_a_silent_recording_is_scored_and_listed(ensemble: Ensemble, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(16_000), 8000)
    (result,) = score_files(ensemble, [tmp_path / "a.wav"])
    assert result.finding is not None
    assert (result.finding.reason, len(result.scores)) == (Reason.SILENT, 2)


def test_a_real_silent_recording_is_listed(ensemble: Ensemble, real_data: Path) -> None:
    (result,) = score_files(ensemble, [real_data / "awkward" / "silence_10s.mp3"])
    assert result.finding is not None
    assert result.finding.reason is Reason.SILENT


def test_the_expected_count_is_what_comes(ensemble: Ensemble, tmp_path: Path) -> None:
    paths = [make_recording(tmp_path / f"{i}.wav", 1.3 * (i + 1)) for i in range(3)]
    paths.append(tmp_path / "missing.wav")
    events = list(score_windows(ensemble, paths, ScoringConfig(hop_s=0.4)))
    expected = expect_windows(ensemble, paths, 0.4)
    assert sum(n or 0 for n in expected.values()) == len(events)


def peak_bytes(ensemble: Ensemble, path: Path) -> int:
    tracemalloc.start()
    try:
        score_files(ensemble, [path])
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_length_of_a_recording(
    ensemble: Ensemble, tmp_path: Path
) -> None:
    score_files(ensemble, [make_recording(tmp_path / "warm.wav", 1.0)])
    short = peak_bytes(ensemble, make_recording(tmp_path / "short.wav", 60.0))
    long = peak_bytes(ensemble, make_recording(tmp_path / "long.wav", 1200.0))
    # 1140 s more are 36 MB of samples; what may grow is 1140 rows of scores and their events.
    assert long - short < 2_000_000
