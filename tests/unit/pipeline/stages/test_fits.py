from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import load_file

from oscine.audio import AudioConfig, WindowRequest
from oscine.catalog import with_measurements
from oscine.pipeline import load_recipe
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.stages.fits import (
    initial_weights,
    make,
    mel_spec,
    mixed_in,
    stage_config,
    window_reader,
)
from oscine.pipeline.stages.folds import read_folds, recordings
from unit.catalog.factories import audited
from unit.catalog.factories import recordings as recordings_table


def fit_json(run, stage):
    return run.json(f"fits/{stage}/fold-0/fit.json")


def test_fine_tuning_starts_from_pretraining_and_carries_the_shared_species(tiny_run):
    summary = fit_json(tiny_run, "finetune")
    assert summary["initial_weights"] == "pretrain stage"
    assert summary["carried_head_rows"] == 2


@pytest.mark.parametrize("stage", ["pretrain", "baseline"])
def test_pretraining_and_the_baseline_start_from_nothing(tiny_run, stage):
    summary = fit_json(tiny_run, stage)
    assert summary["initial_weights"] == "none"
    assert summary["carried_head_rows"] == 0


@pytest.mark.parametrize(
    ("stage", "part"), [("pretrain", "pretrain"), ("finetune", "target"), ("baseline", "target")]
)
def test_a_fit_validates_its_fold_and_trains_on_the_rest(tiny_run, stage, part):
    folds = read_folds(tiny_run.opened(), part)
    scored = tiny_run.table(f"fits/{stage}/fold-0/out_of_fold.parquet")
    summary = fit_json(tiny_run, stage)
    assert sorted(scored["recording_id"]) == sorted(folds.filter(fold=0)["recording_id"])
    assert summary["n_validation"] == len(scored)
    assert summary["n_training"] == len(folds) - len(scored)
    assert summary["n_classes"] == len(tiny_run.json("folds/classes.json")[part])


def test_the_naive_fit_differs_from_fine_tuning_in_its_folds_alone(tiny_run):
    naive = read_folds(tiny_run.opened(), "target", naive=True)
    scored = tiny_run.table("fits/naive/fold-0/out_of_fold.parquet")
    assert sorted(scored["recording_id"]) == sorted(naive.filter(fold=0)["recording_id"])
    one, other = (fit_json(tiny_run, stage) for stage in ("finetune", "naive"))
    same = ("initial_weights", "carried_head_rows", "n_classes", "epochs", "n_parameters")
    assert [one[name] for name in same] == [other[name] for name in same]


def test_fine_tuning_and_the_baseline_differ_in_their_start_alone(tiny_run):
    one, other = (fit_json(tiny_run, stage) for stage in ("finetune", "baseline"))
    same = ("n_training", "n_validation", "n_classes", "steps", "epochs", "n_parameters", "monitor")
    assert [one[name] for name in same] == [other[name] for name in same]
    weights = [
        load_file(tiny_run.path / "fits" / stage / "fold-0" / "weights.safetensors")
        for stage in ("finetune", "baseline")
    ]
    assert not np.array_equal(weights[0]["head.dense.weight"], weights[1]["head.dense.weight"])


def test_the_stage_says_how_the_fit_ended(tiny_run):
    facts = tiny_run.json("stages/finetune-fold-0.json")["facts"]
    summary = fit_json(tiny_run, "finetune")
    assert facts == {name: summary[name] for name in facts}
    assert {"best_epoch", "best_value", "carried_head_rows"} <= facts.keys()


@pytest.fixture
def asked(monkeypatch, tiny_run):
    """Gives the job that a stage would hand to the fit, without fitting."""

    def ask(name, *overrides):
        jobs = []

        def fit(job):
            jobs.append(job)
            return dict.fromkeys(
                ("best_epoch", "monitor", "best_value", "epochs", "seconds", "clips_per_second",
                 "carried_head_rows")
            )  # fmt: skip

        monkeypatch.setattr(import_module("oscine.train.fit"), "fit", fit)
        folder = tiny_run.opened(*overrides)
        (stage,) = [stage for stage in make(folder.recipe) if stage.name == name]
        stage.run(folder)
        return jobs[0]

    return ask


def test_rare_classes_are_drawn_up_and_common_ones_down(asked):
    job = asked("finetune/fold-0", "finetune.sampling={upsample: 6, downsample: 7}")
    counts = job.training["primary_label"].value_counts()["count"]
    assert counts.min() >= 6
    assert counts.max() <= 7
    assert len(job.training_reader) == len(job.training)


def test_validation_is_never_resampled(asked, tiny_run):
    job = asked("finetune/fold-0", "finetune.sampling={upsample: 20}")
    assert job.validation["recording_id"].is_unique().all()
    assert not set(job.training["recording_id"]) & set(job.validation["recording_id"])


def test_a_job_carries_what_the_recipe_says(asked, tiny_run):
    job = asked("finetune/fold-0", "comment=a try", "audio.workers=3")
    assert job.initial == tiny_run.path / "fits/pretrain/fold-0"
    assert list(job.initial_codes) == sorted(
        set(tiny_run.table("audit/pretrain.parquet")["primary_label"])
    )
    assert (job.group, job.workers, job.seed) == ("a try", 3, 42)
    assert job.spec.n_mels == 32


def test_without_pretraining_fine_tuning_starts_from_the_backbone_s_own_weights(asked):
    job = asked("finetune/fold-0", "pretrain=null")
    assert job.initial is None
    assert job.initial_codes == ()


def test_a_run_without_a_comment_is_filed_under_its_name(asked):
    assert asked("finetune/fold-0").group == "tiny"


def test_the_baseline_has_the_settings_of_fine_tuning(tiny_run):
    recipe = tiny_run.recipe("finetune.epochs=3")
    assert stage_config(recipe, "baseline") == stage_config(recipe, "finetune")
    assert stage_config(recipe, "naive") == stage_config(recipe, "finetune")
    assert stage_config(recipe, "pretrain").epochs == 2


def test_the_front_end_follows_from_the_recipe(tiny_run):
    spec = mel_spec(tiny_run.recipe())
    assert (spec.sample_rate, spec.n_samples, spec.n_frames) == (16_000, 32_000, 32)


def test_windows_from_the_cache_are_those_of_the_files_to_within_half_a_step(tiny_run):
    table = recordings(tiny_run.opened(), "target").head(5)
    cached = window_reader(tiny_run.opened(), table)
    decoded = window_reader(tiny_run.opened("audio.cache=none"), table)
    for row in range(len(table)):
        one, other = cached.read(row, 0.5), decoded.read(row, 0.5)
        # 16 bits over the recording's own peak, which is at most 1.
        assert np.abs(one - other).max() < 1 / 32_000


def test_a_recording_of_unknown_length_is_left_out_and_does_not_end_the_run(tiny_run, tmp_path):
    """Without an audit, a file that has no header has no length either."""
    off = tiny_run.elsewhere(tmp_path / "run")
    overrides = ("audit.enabled=false", "audio.cache=none")
    off.run(*overrides, stages=["folds"])
    folder = off.opened(*overrides)
    table = recordings(folder, "pretrain")
    unknown = off.table("audit/audit.parquet").filter(pl.col("duration_s").is_null())
    rows = table.with_row_index().join(unknown, on="recording_id", how="semi")["index"]
    reader = window_reader(folder, table)
    assert len(rows) == 2
    assert [reader.read_training(row, 0, 0, 0).ok for row in rows] == [False, False]
    assert [reader.read_or_mask(WindowRequest(row)).ok for row in rows] == [False, False]
    assert len(reader.findings) == 2


def test_a_changed_file_of_initial_weights_is_another_fit(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(b"one")
    folder = RunFolder(tmp_path / "run", load_recipe("demo", [f"model.pretrain={path}"]))
    before = initial_weights(folder)
    path.write_bytes(b"another")
    assert initial_weights(folder) != before
    none = RunFolder(tmp_path / "run", load_recipe("demo", ["model.pretrain=none"]))
    assert initial_weights(none) is None


@pytest.fixture
def clips(tmp_path):
    """A run folder, and the audited table of two clips of one file."""
    table = recordings_table(
        {"filepath": "/a.wav", "start_s": start, "end_s": end, "primary_label": label}
        for start, end, label in [(4.0, 5.0, "brant"), (10.0, 18.0, "gadwal")]
    )
    table = with_measurements(table, audited(table))

    def make(**audio):
        recipe = SimpleNamespace(audio=AudioConfig(window_s=3.0, **audio))
        return SimpleNamespace(path=tmp_path, recipe=recipe), table

    return make


@pytest.mark.parametrize(
    ("vary", "expected"), [(True, (2.0, 7.0)), (False, (3.0, 6.0))], ids=["anywhere", "middle"]
)
def test_a_short_clip_is_read_with_what_stands_around_it(clips, vary, expected):
    short, long = window_reader(*clips(), vary=vary).clips
    assert (short.start_s, short.end_s) == expected
    assert (long.start_s, long.end_s) == (10.0, 18.0)


def test_without_context_a_window_stays_within_its_clip(clips):
    short, _ = window_reader(*clips(clip_context=False), vary=True).clips
    assert (short.start_s, short.end_s) == (4.0, 5.0)


@pytest.mark.parametrize("part", ["background", "reverb"])
@pytest.mark.parametrize("stage", ["pretrain", "finetune"])
def test_a_changed_sound_that_is_mixed_in_is_another_fit(stage, part, tmp_path):
    sound = tmp_path / "sounds" / "rain.wav"
    sound.parent.mkdir()
    sound.write_bytes(b"drop")
    recipe = load_recipe(
        "demo",
        [f"{stage}.augment.{part}.folder={sound.parent}", f"{stage}.augment.{part}.probability=.5"],
    )
    folder = RunFolder(tmp_path / "run", recipe)
    (fit,) = [each for each in make(recipe) if each.name.startswith(stage)][:1]
    before = fit.outside(folder)
    assert fit.outside(folder) == before
    sound.write_bytes(b"drops")
    after = fit.outside(folder)
    assert after != before
    (sound.parent / "wind.wav").write_bytes(b"whoo")
    assert fit.outside(folder) != after


def test_sounds_that_are_not_used_do_not_matter(tmp_path):
    (tmp_path / "rain.wav").touch()
    config = load_recipe("demo", [f"finetune.augment.background.folder={tmp_path}"]).finetune
    assert mixed_in(config) == []
