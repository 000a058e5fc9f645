"""Two processes over gloo are one with the same global batch, killed and resumed or not."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from safetensors.numpy import load_file

import rank_works
import tones
from oscine.augment import AugmentConfig, MixConfig
from oscine.core import TrainingError
from oscine.model.classifier import Classifier
from oscine.train.checkpoint import read_progress
from oscine.train.config import DeviceConfig, OptimizerConfig, SamplingConfig
from oscine.train.devices import find_device
from oscine.train.fit import fit
from oscine.train.launch import run_ranks
from oscine.train.trainer import leaves_some_out

TIMING = {"seconds", "clips_per_second", "wait_fraction"}

LOSS_TOLERANCE = 1e-3
"""Processes add float32 numbers in another order (1e-7 of each); Adam divides a gradient by its own
size, so where it is nearly nothing the sign of the rest decides about a step. After the few steps
here losses of 1 differ by 1e-5 or so; another batch, norm or partner changes them by 1e-2."""

SETTINGS = {
    "epochs": 2,
    "drop_remainder": False,
    "ema_decay": 0.9,
    "optimizer": OptimizerConfig(
        learning_rate=1e-3, warmup_epochs=1, head_warmup_epochs=0.5, accumulate=2
    ),
    "sampling": SamplingConfig(upsample=None, weight_power=0.5),
    "augment": AugmentConfig(mixup=MixConfig(probability=1.0), mix_group=2),
}
"""All in which a process could take another way than the others. Of 21 clips in eights five are
left: two for one process, and three for the other, one of which is alone in its group."""


def job(folder: Path, n_devices: int):
    """Give a fit with a global batch of eight clips, of which one recording vanished."""
    config = tones.fit_config(**{**SETTINGS, "batch_size": 8 // n_devices})
    drops = {"backbone": "test_resnet", "dropout": 0.3, "drop_path": 0.2}
    made = tones.job(
        folder,
        n=7,
        config=config,
        model=tones.MODEL.model_copy(update=drops),
        devices=DeviceConfig(kind="cpu", count=n_devices),
    )
    Path(made.training["filepath"][5]).unlink(missing_ok=True)
    return made


def history(folder: Path):
    return [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]


def untimed(folder: Path):
    return [{k: v for k, v in row.items() if k not in TIMING} for row in history(folder)]


def assert_alike(one: Path, other: Path):
    """Assert that two fits have the same curves, to the tolerance of floating-point sums."""
    for row, twin in zip(history(one), history(other), strict=True):
        assert (row["step"], row["lr"]) == (twin["step"], twin["lr"])
        for loss in ("train_loss", "val_loss"):
            assert row[loss] == pytest.approx(twin[loss], abs=LOSS_TOLERANCE)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A fit by two processes that nobody disturbed."""
    made = job(tmp_path_factory.mktemp("two"), 2)
    fit(made)
    return made


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A fit of which one process was killed in the middle of the second epoch, and its error."""
    made = job(tmp_path_factory.mktemp("killed"), 2)
    made.folder.mkdir()
    device = find_device(made.devices)
    with pytest.raises(TrainingError) as caught:
        run_ranks(rank_works.fit_and_be_killed, (made, device, 1, 3), 2, made.what)
    return made, caught.value


@pytest.mark.slow
def test_two_processes_have_the_curves_of_one_with_the_same_global_batch(whole, tmp_path):
    one = job(tmp_path, 1)
    summary = fit(one)
    assert_alike(one.folder, whole.folder)
    both = [json.loads((each.folder / "fit.json").read_text()) for each in (one, whole)]
    assert [each["n_devices"] for each in both] == [1, 2]
    assert both[0]["fingerprint"] == both[1]["fingerprint"]
    assert both[0]["steps"] == both[1]["steps"] == summary["steps"]
    weights = [load_file(each.folder / "weights.safetensors") for each in (one, whole)]
    assert weights[0].keys() == weights[1].keys()


@pytest.mark.slow
def test_two_processes_validate_each_recording_once(whole):
    table = pl.read_parquet(whole.folder / "out_of_fold.parquet")
    assert table["recording_id"].to_list() == whole.validation["recording_id"].to_list()


@pytest.mark.slow
def test_two_processes_count_what_all_heard_and_list_each_unreadable_recording_once(whole):
    heard = pl.read_parquet(whole.folder / "exposures.parquet")
    assert heard["n"].sum() == 2 * 21
    findings = pl.read_parquet(whole.folder / "findings.parquet")
    assert findings["filepath"].to_list() == [whole.training["filepath"][5]]


@pytest.mark.slow
def test_a_killed_process_is_named_and_leaves_a_checkpoint_of_the_last_step(killed):
    made, error = killed
    assert "process 1 of 2 ended before its time (killed by SIGKILL)" in str(error)
    assert "the same command goes on" in str(error)
    stored = read_progress(made.folder / "state.safetensors")
    # The first process may or may not have kept the step after which the other one died.
    assert (stored.epoch, stored.batch, stored.step) in {(1, 2, 3), (1, 0, 2)}


@pytest.mark.slow
def test_it_goes_on_to_the_bits_of_a_fit_that_nobody_disturbed(killed, whole, tmp_path):
    folder = tmp_path / "resumed"
    shutil.copytree(killed[0].folder, folder)
    fit(replace(killed[0], folder=folder))
    assert untimed(folder) == untimed(whole.folder)
    ours, theirs = (load_file(each / "weights.safetensors") for each in (folder, whole.folder))
    assert all(np.array_equal(ours[name], theirs[name]) for name in theirs)


@pytest.mark.slow
def test_one_process_goes_on_where_two_were(killed, whole, tmp_path):
    folder = tmp_path / "resumed"
    shutil.copytree(killed[0].folder, folder)
    alone = replace(job(killed[0].folder.parent, 1), folder=folder)
    before = read_progress(folder / "state.safetensors").history
    fit(alone)
    assert history(folder)[: len(before)] == before
    assert_alike(folder, whole.folder)


def test_parameters_without_use_are_found(tmp_path):
    made = job(tmp_path, 1)
    model = Classifier(made.model, made.spec.image_shape, 3)
    assert not leaves_some_out(model, made.spec.image_shape)
    model.head.spare = torch.nn.Linear(2, 2)
    assert leaves_some_out(model, made.spec.image_shape)
    assert model.training
