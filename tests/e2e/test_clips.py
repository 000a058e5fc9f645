"""Clips all the way: soundscapes of tones, labelled in Raven and in Audacity, to scores."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import soundfile

from oscine.core import read_json
from oscine.pipeline import load_recipe, run

RATE = 8000
PITCHES_HZ = {"low": 500.0, "high": 2500.0}
N_FILES, N_CALLS, FILE_S = 6, 8, 24.0

RECIPE = """\
name: clips
catalogs:
  - {name: selected, source: raven, path: soundscapes, role: target}
  - {name: labelled, source: audacity, path: soundscapes, table: labels, role: pretrain}
pretrain: null
merge: {exclude_labels: [unknown]}
audio: {sample_rate: 8000, window_s: 1.0, workers: 2, cache: int16}
features: {n_fft: 256, n_mels: 32, n_frames: 32, f_min_hz: 50, f_max_hz: 4000}
model: {backbone: test_efficientnet, pretrain: none, final_activation: sigmoid}
target_folds: {n_folds: 2, cv_filter: 2}
finetune:
  epochs: 12
  batch_size: 8
  monitor: cmap
  loss: {kind: BCE, label_smoothing: 0.0, secondary_labels: mask}
  optimizer: {learning_rate: 0.003}
  sampling: {upsample: null}
  # The defaults are for 128 bands and 384 frames; here they would hide a whole call.
  augment: {frequency_masks: {max_width: 4}, time_masks: {max_width: 4}}
evaluation: {bootstrap: {n: 10}}
tracking: {tensorboard: false}
"""


def soundscape(path, seed):
    """Write a recording in which two tones call in turn, half a second each; gives the calls."""
    rng = np.random.default_rng(seed)
    waveform = 0.01 * rng.standard_normal(int(FILE_S * RATE))
    time_s = np.arange(RATE // 2) / RATE
    calls = []
    for number in range(N_CALLS):
        label = list(PITCHES_HZ)[number % 2]
        start_s = 3.0 * number + rng.uniform(0.0, 1.0)
        tone = 0.3 * np.sin(2 * np.pi * PITCHES_HZ[label] * rng.uniform(0.9, 1.1) * time_s)
        start = int(start_s * RATE)
        waveform[start : start + len(tone)] += tone
        calls.append((start_s, start_s + 0.5, label))
    soundfile.write(path, waveform, RATE)
    return calls


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    home = tmp_path_factory.mktemp("clips")
    (home / "soundscapes" / "labels").mkdir(parents=True)
    head = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tSpecies\n"
    for number in range(N_FILES):
        name = f"dawn-{number}"
        calls = soundscape(home / "soundscapes" / f"{name}.wav", number)
        if number == 0:
            # A bird that nobody knew, a point, and a selection behind the end of the file.
            calls += [(2.0, 2.5, "unknown"), (9.0, 9.0, "low"), (FILE_S + 1, FILE_S + 2, "high")]
        rows = [f"{i}\tSpectrogram 1\t1\t{a}\t{b}\t{c}\n" for i, (a, b, c) in enumerate(calls, 1)]
        place = home / "soundscapes" / f"{name}.Table.1.selections.txt"
        place.write_text(head + "".join(rows))
    labels = home / "soundscapes" / "labels" / "dawn-1.txt"
    labels.write_text("1.000000\t2.000000\tlow\n")
    (home / "clips.yaml").write_text(RECIPE)
    recipe = load_recipe(str(home / "clips.yaml"), [f"audio.cache_folder={home / 'caches'}"])
    run(recipe, home / "run", ["evaluate"], command=["run"])
    return home / "run"


def table(finished, name):
    return pl.read_parquet(finished / name)


def test_the_audit_decodes_a_file_once_however_many_clips_lie_in_it(finished):
    assert read_json(finished / "stages" / "audit.json")["facts"]["files"] == N_FILES
    assert read_json(finished / "stages" / "cache.json")["facts"]["written"] == N_FILES
    assert len(table(finished, "audit/target.parquet")) == N_FILES * N_CALLS


def test_every_selection_that_cannot_be_used_says_why(finished):
    gone = pl.concat(
        table(finished, f"{stage}/departures.parquet") for stage in ("catalog", "audit")
    ).filter(catalog="selected")
    assert sorted(gone.select("reason", "recording_id").rows()) == [
        ("clip_beyond_end", f"selected/dawn-0.wav#{FILE_S + 1}-{FILE_S + 2}"),
        ("empty_clip", "selected/dawn-0.wav#9.0-9.0"),
        ("excluded_label", "selected/dawn-0.wav#2.0-2.5"),
    ]


def test_clips_of_one_file_are_no_twins_and_one_group(finished):
    assert table(finished, "audit/clusters.parquet").is_empty()
    folds = table(finished, "folds/target.parquet")
    file = pl.col("recording_id").str.split("#").list.first()
    assert folds.group_by(file).agg(pl.col("group", "fold").n_unique()).select(
        pl.col("group", "fold").max()
    ).row(0) == (1, 1)
    assert folds["group"].n_unique() == N_FILES


def test_a_file_that_the_target_annotates_leaves_pretraining(finished):
    gone = table(finished, "audit/departures.parquet").filter(catalog="labelled")
    assert gone["reason"].to_list() == ["target_overlap"]
    assert table(finished, "audit/pretrain.parquet").is_empty()


def test_the_model_learns_what_calls_in_a_clip_and_not_what_calls_elsewhere(finished):
    # Half of the windows hold each tone; a reader that missed the clips would score .5.
    metrics = read_json(finished / "evaluate" / "metrics.json")["finetune"]["pooled"]
    assert metrics["cmap"]["value"] > 0.9
