from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import polars as pl
import pytest

from oscine.core import read_json
from oscine.infer import ScanConfig, ScanResult, scan
from oscine.infer.ensemble import Ensemble, Heard, open_ensemble
from synthetic import make_bundle, make_recording

N_RECORDINGS = 6
ASKED = {"hop_s": 0.5, "shifts_s": (-0.25, 0.25)}


class SlowEnsemble(Ensemble):
    """An ensemble each member of which takes so much longer, s."""

    def __init__(self, ensemble: Ensemble, delay_s: float) -> None:
        super().__init__(ensemble.predictors)
        self.delay_s = delay_s

    def hear(self, waveform, members=None) -> Heard:
        heard = super().hear(waveform, members)
        asked = heard.members_s > 0
        time.sleep(self.delay_s * int(asked.sum()))
        return Heard(heard.scores, heard.features_s, heard.members_s + self.delay_s * asked)


@pytest.fixture
def audio(tmp_path: Path) -> Path:
    for index in range(N_RECORDINGS):
        make_recording(tmp_path / "audio" / f"{index}.wav", 5.0, seed=index)
    return tmp_path / "audio"


@pytest.fixture
def ensemble(tmp_path: Path) -> Ensemble:
    paths = [make_bundle(tmp_path / name, seed=seed).path for seed, name in enumerate("ab")]
    return open_ensemble(paths, threads=2)


def timed(ensemble: Ensemble, audio: Path, out: Path, deadline_s: float) -> ScanResult:
    """Scan with a deadline, and see to it that it is kept."""
    started = time.monotonic()
    result = scan(ensemble, [audio], ScanConfig(**ASKED, deadline_s=deadline_s), out)
    assert time.monotonic() - started <= deadline_s
    assert read_json(out / "deadline.json")["left_out"] == dict(result.left_out)
    return result


def test_with_time_for_all_nothing_differs_from_a_scan_without_a_deadline(
    ensemble: Ensemble, audio: Path, tmp_path: Path
) -> None:
    result = timed(ensemble, audio, tmp_path / "timed", 60.0)
    plain = scan(ensemble, [audio], ScanConfig(**ASKED), tmp_path / "plain")
    assert (result.n_scanned, dict(result.left_out)) == (N_RECORDINGS, {})
    assert result.scores().collect().equals(plain.scores().collect())
    assert result.detections().equals(plain.detections())
    assert len(result.findings()) == 0


def test_with_less_time_less_is_done_for_every_recording(
    ensemble: Ensemble, audio: Path, tmp_path: Path
) -> None:
    # All that is asked for takes 6 recordings x 9 windows x 3 takes x 2 bundles x 50 ms, halved by
    # two threads: 8.1 s; without shifts 2.7 s.
    result = timed(SlowEnsemble(ensemble, 0.05), audio, tmp_path / "out", 6.0)
    assert result.left_out["shifts"] > 0
    assert "the whole recording" not in result.left_out
    scores = result.scores().collect()
    assert scores["filepath"].n_unique() == result.n_scanned == N_RECORDINGS
    assert scores.select("spec0").null_count().item() == 0


def test_without_time_for_all_recordings_the_rest_is_told_and_nothing_is_lost(
    ensemble: Ensemble, audio: Path, tmp_path: Path
) -> None:
    slow = SlowEnsemble(ensemble, 0.6)
    result = timed(slow, audio, tmp_path / "out", 8.0)
    found = result.findings().filter(reason="unscanned")
    n_whole = result.scores().collect()["filepath"].n_unique()
    assert 0 < n_whole < N_RECORDINGS
    assert len(found.filter("quarantined")) == result.left_out["the whole recording"]
    assert n_whole + len(found.filter("quarantined")) == N_RECORDINGS


def test_a_later_scan_scores_again_what_had_less_and_mixes_nothing(
    ensemble: Ensemble, audio: Path, tmp_path: Path
) -> None:
    timed(SlowEnsemble(ensemble, 0.1), audio, tmp_path / "out", 4.0)
    again = scan(ensemble, [audio], ScanConfig(**ASKED), tmp_path / "out")
    plain = scan(ensemble, [audio], ScanConfig(**ASKED), tmp_path / "plain")
    assert again.n_scanned > 0
    assert again.scores().collect().equals(plain.scores().collect())
    assert len(again.findings()) == 0
    assert not (tmp_path / "out" / "deadline.json").exists()
    assert {path.suffixes[0] for path in (tmp_path / "out" / "parts").iterdir()} == {".parquet"}


def test_a_deadline_scan_that_is_resumed_makes_what_it_has_better(
    ensemble: Ensemble, audio: Path, tmp_path: Path
) -> None:
    first = timed(SlowEnsemble(ensemble, 0.1), audio, tmp_path / "out", 4.0)
    second = timed(ensemble, audio, tmp_path / "out", 60.0)
    assert first.left_out
    assert second.left_out == {}
    plain = scan(ensemble, [audio], ScanConfig(**ASKED), tmp_path / "plain")
    assert second.scores().collect().equals(plain.scores().collect())


def test_a_deadline_that_starting_up_used_up_leaves_whole_outputs(
    ensemble: Ensemble, audio: Path, tmp_path: Path
) -> None:
    config = ScanConfig(**ASKED, deadline_s=5.0)
    result = scan(ensemble, [audio], config, tmp_path / "out", time.monotonic() - 10.0)
    assert result.left_out == {"the whole recording": N_RECORDINGS}
    assert result.scores().collect().shape == (0, 6)


def test_a_long_recording_is_kept_in_part_while_it_is_scanned(
    ensemble: Ensemble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oscine.infer.in_time.LONG_S", 0.2)
    monkeypatch.setattr("oscine.infer.deadline.WRITING_SHARE", 1.0)
    path = make_recording(tmp_path / "long.wav", 30.0)
    seen: list[int] = []
    out = tmp_path / "out"

    def look() -> None:
        while not done.wait(0.05):
            if (out / "scores.parquet").exists():
                seen.append(len(pl.read_parquet(out / "scores.parquet")))

    done = threading.Event()
    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        result = scan(SlowEnsemble(ensemble, 0.01), [path], ScanConfig(deadline_s=60.0), out)
    finally:
        done.set()
        watcher.join()
    assert any(0 < n < 30 for n in seen)
    assert len(result.scores().collect()) == 30


def test_a_scan_that_is_asked_to_end_leaves_whole_outputs(
    ensemble: Ensemble, audio: Path, tmp_path: Path
) -> None:
    timer = threading.Timer(2.0, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    before = signal.getsignal(signal.SIGTERM)
    try:
        result = timed(SlowEnsemble(ensemble, 0.2), audio, tmp_path / "out", 100.0)
    finally:
        timer.cancel()
    assert result.is_stopped
    assert result.left_out["the whole recording"] > 0
    assert signal.getsignal(signal.SIGTERM) is before
    assert read_json(tmp_path / "out" / "deadline.json")["stopped"]
