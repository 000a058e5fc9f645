from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from oscine.core import AudioError, BundleError, ScanError
from oscine.infer.config import ScoringConfig
from oscine.infer.recogniser import Recogniser, load
from synthetic import make_bundle, make_recording, make_waveform
from web import Web


@pytest.fixture
def recogniser(tmp_path: Path) -> Recogniser:
    return load(make_bundle(tmp_path / "bundle").path)


def test_scanning_a_file_lists_its_detections(recogniser: Recogniser, tmp_path: Path) -> None:
    path = make_recording(tmp_path / "a.wav", 3.0)
    scores = recogniser.scan_scores(path)
    found = recogniser.scan(path, ScoringConfig(threshold=0.9))
    codes = [one.species_code for one in recogniser.species]
    assert len(found) == (scores.select(codes).to_numpy() >= 0.9).sum() > 0


@pytest.mark.parametrize(
    "settings",
    [
        {"hop_s": 0.5},
        {"shifts_s": (-0.25, 0.25)},
        {"row_s": 0.5, "hop_s": 0.25},
        {"average": "rank", "smoothing": (1.0, 2.0, 1.0)},
        {"file_prior": "max"},
    ],
    ids=str,
)
def test_a_waveform_scores_as_its_file_does(
    recogniser: Recogniser, tmp_path: Path, settings: dict[str, Any]
) -> None:
    config = ScoringConfig(**settings)
    path = make_recording(tmp_path / "a.wav", 3.4)
    waveform, sample_rate = soundfile.read(path, dtype="float32")
    scores = recogniser.score(waveform, sample_rate, config)
    assert scores.equals(recogniser.scan_scores(path, config).drop("filepath"))


def test_a_waveform_at_another_rate_is_resampled(recogniser: Recogniser, tmp_path: Path) -> None:
    path = make_recording(tmp_path / "a.wav", 3.0, sample_rate=22_050)
    waveform, sample_rate = soundfile.read(path, dtype="float32")
    ours = recogniser.score(waveform, sample_rate).to_numpy()
    streamed = recogniser.scan_scores(path).drop("filepath").to_numpy()
    # Resampling in blocks and at once differ by 4e-6 of full scale (audio.resample).
    np.testing.assert_allclose(ours, streamed, atol=1e-3)


@pytest.mark.parametrize(
    "waveform",
    [np.zeros((2, 100)), np.zeros(0), np.array([0.0, np.nan]), np.array([np.inf])],
    ids=["stereo", "empty", "nan", "infinite"],
)
def test_a_waveform_that_cannot_be_scored_is_refused(
    recogniser: Recogniser, waveform: np.ndarray
) -> None:
    with pytest.raises(ScanError, match="cannot be scored"):
        recogniser.score(waveform, 8000)


def test_a_file_that_cannot_be_read_is_an_error(recogniser: Recogniser, tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"gone\.wav"):
        recogniser.scan(tmp_path / "gone.wav")


def test_a_quiet_recording_is_scored_all_the_same(recogniser: Recogniser, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", make_waveform(2.0) * 1e-3, 8000, subtype="FLOAT")
    assert len(recogniser.scan_scores(tmp_path / "a.wav")) == 2


def test_several_bundles_are_averaged(tmp_path: Path) -> None:
    paths = [make_bundle(tmp_path / name, seed=seed).path for seed, name in enumerate("ab")]
    waveform = make_waveform(2.0)
    first, other = (load(path).score(waveform, 8000).to_numpy() for path in paths)
    both = load(*paths).score(waveform, 8000).to_numpy()
    np.testing.assert_allclose(both, (first + other) / 2, rtol=1e-6)


def test_a_url_is_scanned_like_its_file(recogniser: Recogniser, tmp_path: Path, web: Web) -> None:
    path = make_recording(web.folder / "a.wav", 2.0)
    there = recogniser.scan_scores(f"{web.url}/a.wav")
    assert there.drop("filepath").equals(recogniser.scan_scores(path).drop("filepath"))
    assert set(there["filepath"]) == {f"{web.url}/a.wav"}


def test_a_remote_bundle_is_refused_with_a_way_out() -> None:
    with pytest.raises(BundleError, match="copy it here first"):
        load("https://example.org/bundle")
