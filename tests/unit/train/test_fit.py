import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file

import tones
from oscine.augment import AugmentConfig, MixConfig
from oscine.catalog import class_list
from oscine.core import TrainingError
from oscine.evaluate import EvaluateConfig
from oscine.model.bundle import FORMAT_VERSION, BundleInfo, SpeciesInfo, write_info
from oscine.model.classifier import Classifier
from oscine.model.config import LossConfig
from oscine.train.config import OptimizerConfig, SamplingConfig
from oscine.train.fit import _build_model, fit
from oscine.train.optim import learning_rate

TIMING = {"seconds", "clips_per_second", "wait_fraction"}


def history(folder):
    rows = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    return [{k: v for k, v in row.items() if k not in TIMING} for row in rows]


def assert_same_bits(one, other):
    first, second = load_file(one / "weights.safetensors"), load_file(other / "weights.safetensors")
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert history(one) == history(other)
    for name in ("out_of_fold", "exposures"):
        tables = [
            pl.read_parquet(folder / f"{name}.parquet").drop("filepath", strict=False)
            for folder in (one, other)
        ]
        assert tables[0].equals(tables[1])


def test_a_fit_leaves_weights_history_scores_and_exposures(tmp_path):
    job = tones.job(tmp_path)
    summary = fit(job)
    table = pl.read_parquet(job.folder / "out_of_fold.parquet")
    exposures = pl.read_parquet(job.folder / "exposures.parquet")
    assert len(history(job.folder)) == summary["epochs"] == 2
    assert summary["n_training"] == 24
    assert table["recording_id"].to_list() == job.validation["recording_id"].to_list()
    assert np.array(table["scores"].to_list()).shape == (6, 3)
    assert exposures["n"].sum() == 2 * 24
    spent = summary["breakdown"]
    assert {"forward", "backward", "features", "augment", "wait", "decode"} <= spent.keys()
    assert spent["decode"] > 0
    assert summary["device_memory_gib"] is None  # a CPU has none of its own


def test_the_learning_rate_is_the_one_that_the_recipe_says(tmp_path):
    """In the reference recipe it was overridden."""
    optimizer = OptimizerConfig(learning_rate=0.004, warmup_epochs=0, schedule="cosine")
    job = tones.job(tmp_path, config=tones.fit_config(optimizer=optimizer))
    fit(job)
    rates = [row["lr"] for row in history(job.folder)]
    last_steps = [learning_rate(step, 3, 2, optimizer) for step in (2, 5)]
    assert rates == pytest.approx(last_steps)


def test_it_learns_pure_tones(tmp_path):
    config = tones.fit_config(epochs=8, augment=AugmentConfig(enabled=False), monitor="cmap")
    summary = fit(tones.job(tmp_path, config=config))
    assert summary["best_value"] > 0.9  # chance is .33


BOTH = ("unheard", "mid")
ABOUT = {
    "format_version": FORMAT_VERSION,
    "name": "earlier",
    "created": "2026-01-01",
    "activation": "softmax",
    "versions": {},
    "licenses": {},
    "training": {},
}

LOSSES = {
    "CCE": (LossConfig(kind="CCE", label_smoothing=0.0), tones.MODEL),
    "BCE": (LossConfig(kind="BCE", label_smoothing=0.0), tones.MODEL),
    "focal": (LossConfig(kind="focal", label_smoothing=0.0), tones.MODEL),
    "CCE, weighted": (LossConfig(kind="CCE", class_weight_power=0.5), tones.MODEL),
    "BCE, frames too": (
        LossConfig(kind="BCE", label_smoothing=0.0),
        tones.MODEL.model_copy(update={"pooling": "attention", "neck_features": 32}),
    ),
}


@pytest.mark.parametrize("name", list(LOSSES))
def test_it_overfits_eight_clips(tmp_path, name):
    loss, model = LOSSES[name]
    config = tones.fit_config(
        epochs=40,
        loss=loss,
        augment=AugmentConfig(enabled=False),
        monitor="accuracy",
        optimizer=OptimizerConfig(learning_rate=0.03, warmup_epochs=0),
    )
    job = tones.job(tmp_path, n=3, model=model, config=config)
    eight = job.training.head(8)
    reader = tones.reader(eight)
    job = replace(
        job, training=eight, training_reader=reader, validation=eight, validation_reader=reader
    )
    assert fit(job)["best_value"] == 1.0


def test_the_backbone_waits_while_the_head_warms_up(tmp_path):
    optimizer = OptimizerConfig(
        learning_rate=3e-3, warmup_epochs=0, head_warmup_epochs=1, weight_decay=0.1, name="adamw"
    )
    job = tones.job(tmp_path, config=tones.fit_config(epochs=1, optimizer=optimizer))
    empty = job.validation.head(0)
    job = replace(job, validation=empty, validation_reader=tones.reader(empty))
    before = _build_model(job)[0].state_dict()
    fit(job)
    after = load_file(job.folder / "weights.safetensors")
    changed = {n for n, value in before.items() if not np.array_equal(value.numpy(), after[n])}
    assert changed == {"head.dense.weight", "head.dense.bias"}
    longer = replace(
        job,
        config=tones.fit_config(epochs=2, optimizer=optimizer),
        folder=tmp_path / "longer",
    )
    fit(longer)
    after = load_file(longer.folder / "weights.safetensors")
    changed = {n for n, value in before.items() if not np.array_equal(value.numpy(), after[n])}
    assert {"backbone.conv_stem.weight", "backbone.bn1.running_mean"} < changed


def test_initial_weights_from_a_bundle_bring_their_head_rows(tmp_path):
    given = Classifier(tones.MODEL, tones.job(tmp_path).spec.image_shape, 2)
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    save_file(given.state_dict(), bundle / "weights.safetensors")
    for name in ("model.onnx", "golden.safetensors"):
        (bundle / name).touch()
    species = [SpeciesInfo(species_code=c, scientific_name="", common_name="") for c in BOTH]
    spec = tones.job(tmp_path).spec.to_plain()
    write_info(bundle, BundleInfo(species=species, features=spec, **ABOUT))
    model = tones.MODEL.model_copy(update={"pretrain": str(bundle)})
    made, carried = _build_model(tones.job(tmp_path, model=model))
    assert carried == 1
    row = tones.job(tmp_path).classes.codes.index("mid")
    assert torch.equal(made.head.dense.weight[row], given.head.dense.weight[1])
    assert torch.equal(made.backbone.conv_stem.weight, given.backbone.conv_stem.weight)


def test_two_fits_give_the_same_bits(tmp_path):
    for name in ("a", "b"):
        fit(tones.job(tmp_path / name))
    assert_same_bits(tmp_path / "a" / "fit", tmp_path / "b" / "fit")


def test_another_seed_gives_another_fit(tmp_path):
    jobs = [tones.job(tmp_path / str(seed), seed=seed) for seed in (0, 1)]
    assert fit(jobs[0])["best_value"] is not None
    fit(jobs[1])
    assert history(jobs[0].folder) != history(jobs[1].folder)


STATEFUL = {
    "epochs": 3,
    "batch_size": 4,
    "ema_decay": 0.9,
    "optimizer": OptimizerConfig(
        name="adamw",
        accumulate=2,
        warmup_epochs=1,
        layer_decay=0.8,
        head_warmup_epochs=0.5,
        decay_all=False,
        weight_decay=0.01,
    ),
    "sampling": SamplingConfig(
        upsample=None, weight_power=0.5, max_per_recording=2, max_per_recordist=9
    ),
    "augment": AugmentConfig(mixup=MixConfig(probability=1.0)),
}
"""All that has a state which a resumed fit must find again; CutMix is on by default."""


def stateful(folder, stage, pretrained):
    """Give a fit of a stage with all that has a state; fine-tuning starts from pretraining."""
    initial = {"initial": pretrained, "initial_codes": tuple(sorted(tones.PITCHES_HZ))}
    return tones.job(
        folder,
        stage=stage,
        config=tones.fit_config(**STATEFUL),
        **(initial if stage == "finetune" else {}),
    )


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory):
    """A fit of the first stage, that nobody disturbed."""
    job = stateful(tmp_path_factory.mktemp("pretrained"), "pretrain", None)
    fit(job)
    return job.folder


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["pretrain", "finetune"])
def test_a_fit_killed_at_three_random_steps_and_resumed_is_the_uninterrupted_one(
    tmp_path, pretrained, stage
):
    whole = stateful(tmp_path / "whole", stage, pretrained)
    steps = fit(whole)["steps"]
    rng = np.random.default_rng([2026, len(stage)])
    for step in sorted(rng.choice(np.arange(1, steps), size=3, replace=False).tolist()):
        _run_and_kill(tmp_path / "broken", stage, pretrained, step)
    broken = stateful(tmp_path / "broken", stage, pretrained)
    fit(broken)
    assert_same_bits(whole.folder, broken.folder)


def _run_and_kill(folder: Path, stage: str, pretrained: Path, step: int) -> None:
    """Fit in a child process, and SIGKILL it from inside right after a step."""
    code = f"""
import os, signal, sys
sys.path[:0] = {sys.path!r}
from pathlib import Path
from oscine.train.fit import fit
from oscine.train.module import FitModule
from unit.train.test_fit import stateful
after = FitModule.after_step
def kill_after(self):
    after(self)
    if self.step >= {step}:
        os.kill(os.getpid(), signal.SIGKILL)
FitModule.after_step = kill_after
fit(stateful(Path({str(folder)!r}), {stage!r}, Path({str(pretrained)!r})))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def test_a_finished_fit_run_again_trains_no_more_and_gives_the_same(tmp_path):
    job = tones.job(tmp_path)
    first = fit(job)
    before = history(job.folder)
    assert fit(job)["steps"] == first["steps"]
    assert history(job.folder) == before


def test_another_fit_s_state_is_not_taken(tmp_path):
    job = tones.job(tmp_path)
    fit(job)
    changed = replace(job, config=tones.fit_config(epochs=1))
    assert fit(changed)["epochs"] == 1


def test_patience_ends_a_fit_that_gets_no_better(tmp_path):
    config = tones.fit_config(
        epochs=30, patience=2, optimizer=OptimizerConfig(learning_rate=1e-12, schedule="constant")
    )
    assert fit(tones.job(tmp_path, config=config))["epochs"] < 30


def test_a_second_stage_starts_from_the_first_and_carries_shared_species_over(tmp_path):
    first = tones.job(tmp_path / "first")
    fit(first)
    table = first.training.filter(pl.col("primary_label") != "low")
    second = tones.job(
        tmp_path / "second",
        training=table,
        training_reader=tones.reader(table),
        validation=first.validation.filter(pl.col("primary_label") != "low"),
        validation_reader=tones.reader(first.validation.filter(pl.col("primary_label") != "low")),
        classes=class_list(table),
        initial=first.folder,
        initial_codes=first.classes.codes,
    )
    assert fit(second)["carried_head_rows"] == 2


def test_without_validation_the_last_epoch_is_kept(tmp_path):
    job = tones.job(tmp_path)
    empty = job.validation.head(0)
    summary = fit(replace(job, validation=empty, validation_reader=tones.reader(empty)))
    assert summary["best_epoch"] == 1
    assert not (job.folder / "out_of_fold.parquet").exists()


def test_columns_that_the_recipe_keeps_are_in_the_out_of_fold_table(tmp_path):
    fit(tones.job(tmp_path, evaluation=EvaluateConfig(keep_columns=("xc_id",))))
    assert "xc_id" in pl.read_parquet(tmp_path / "fit" / "out_of_fold.parquet").columns


def test_a_column_that_is_not_there_is_an_error_that_lists_the_choices(tmp_path):
    with pytest.raises(TrainingError, match="keep_columns"):
        fit(tones.job(tmp_path, evaluation=EvaluateConfig(keep_columns=("nonsense",))))


def test_a_recording_that_vanishes_after_the_audit_is_a_finding_and_the_fit_goes_on(tmp_path):
    job = tones.job(tmp_path)
    gone = Path(job.training["filepath"][3])
    gone.unlink()
    fit(job)
    findings = pl.read_parquet(job.folder / "findings.parquet")
    assert findings.select("filepath", "reason").rows() == [(str(gone), "missing")]


def test_nothing_to_learn_from_is_a_typed_error(tmp_path):
    job = tones.job(tmp_path)
    with pytest.raises(TrainingError, match="no training recordings"):
        fit(replace(job, training=job.training.head(0)))
