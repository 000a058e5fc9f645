from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import soundfile

from oscine.core import ArtifactError
from oscine.report import Run
from oscine.report.clips import audio_address, misrecognised, mistakes
from unit.report.run_folder import write_run


@dataclass(frozen=True)
class FewRows:
    """A run of two classes with given out-of-fold rows."""

    rows: list[dict]
    path: Path = Path("run")

    def classes(self, part):
        return [{"species_code": "a"}, {"species_code": "b"}, {"species_code": "c"}]

    def names(self):
        return {}

    def out_of_fold(self, stage):
        return pl.DataFrame(self.rows, schema_overrides={"secondary_labels": pl.List(pl.String)})


def row(recording_id: str, label: str, scores: list[float], secondary=()) -> dict:
    return {
        "recording_id": recording_id,
        "primary_label": label,
        "secondary_labels": list(secondary),
        "scores": scores,
    }


def test_the_greatest_margin_comes_first():
    run = FewRows([row("x", "a", [0.4, 0.5, 0.1]), row("y", "a", [0.1, 0.8, 0.1])])
    ranked = misrecognised(run, "finetune")
    assert ranked["recording_id"].to_list() == ["y", "x"]
    assert ranked["predicted"].to_list() == ["b", "b"]


def test_clips_that_were_recognised_are_left_out():
    assert misrecognised(FewRows([row("x", "a", [0.9, 0.1, 0.0])]), "finetune").is_empty()


def test_a_voice_in_the_background_is_no_mistake():
    rows = [row("x", "a", [0.3, 0.6, 0.1], secondary=["b"])]
    assert misrecognised(FewRows(rows), "finetune").is_empty()


def test_a_recording_shows_up_once():
    rows = [row("x", "a", [0.1, 0.8, 0.1]), row("x", "a", [0.2, 0.7, 0.1])]
    assert misrecognised(FewRows(rows), "finetune")["wrong"].to_list() == [0.8]


def test_scores_that_do_not_fit_the_class_list_are_an_error():
    with pytest.raises(ArtifactError, match="3 classes"):
        misrecognised(FewRows([row("x", "a", [0.5, 0.5])]), "finetune")


def test_the_worst_clips_are_read_each_of_another_file(finished):
    found = list(mistakes(finished, "baseline", n=2))
    assert all(len(one.waveform) == 3 * 32_000 for one in found)
    assert len({one.row["filepath"] for one in found}) == 2


def test_a_clip_whose_file_is_gone_has_no_sound(tmp_path):
    run = Run(write_run(tmp_path / "run", without=["audio"]))
    assert [one.waveform for one in mistakes(run, "baseline", n=2)] == [None, None]


@pytest.mark.parametrize("level", [0.0, 0.01, 1.0])
def test_sound_in_the_page_is_loud_and_whole(level):
    t = np.arange(32_000) / 32_000
    address = audio_address((level * np.sin(2 * np.pi * 3000 * t)).astype(np.float32), 32_000)
    data = base64.b64decode(address.partition("base64,")[2])
    heard, rate = soundfile.read(io.BytesIO(data))
    # MP3 pads to whole frames of 1152 and overshoots a little.
    assert rate == 32_000
    assert len(heard) == pytest.approx(32_000, abs=2 * 1152)
    assert np.abs(heard).max() == pytest.approx(0.9 if level else 0.0, abs=0.05)


def test_a_clip_is_heard_from_its_own_start_for_its_own_length(tmp_path, monkeypatch):
    asked = []

    def read(path, sample_rate, start_s, duration_s):
        asked.append((Path(path).name, start_s, duration_s))
        return np.zeros(32_000, np.float32)

    monkeypatch.setattr("oscine.report.clips.read", read)
    scores = [0.1, 0.8, 0.1]
    bounds = [("long.wav", 40.0, 45.0), ("short.wav", 7.0, 7.5), ("whole.wav", None, None)]
    rows = [
        row(name, "a", scores)
        | {"filename": name, "filepath": f"/{name}", "fold": 0, "start_s": start, "end_s": end}
        for name, start, end in bounds
    ]
    clips = list(mistakes(FewRows(rows), "finetune", n=3))
    assert asked == [("long.wav", 40.0, 5.0), ("short.wav", 7.0, 3.0), ("whole.wav", 0.0, 10.0)]
    assert [one.start_s for one in clips] == [40.0, 7.0, 0.0]


def test_of_the_clips_of_one_file_the_worst_is_shown():
    rows = [
        row(f"x#{place}", "a", [0.1, wrong, 0.0])
        | {"filename": "x.wav", "filepath": "/x.wav", "fold": 0, "start_s": start, "end_s": 9.0}
        for place, (wrong, start) in enumerate([(0.5, 1.0), (0.9, 2.0)])
    ]
    (clip,) = mistakes(FewRows(rows), "finetune", n=3)
    assert clip.start_s == 2.0
