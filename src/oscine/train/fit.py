"""Fitting one stage on one fold, from tables to weights, history and out-of-fold scores."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lightning
import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from oscine.audio import WindowReader
from oscine.catalog import ClassList
from oscine.core import (
    TrainingError,
    atomic_path,
    fingerprint,
    seed_for,
    write_json,
    write_text,
)
from oscine.evaluate import EvaluateConfig, evaluate_scores
from oscine.features import MelSpec
from oscine.model.classifier import Classifier, start_from
from oscine.model.config import ModelConfig
from oscine.train import checkpoint
from oscine.train.callbacks import Keeper
from oscine.train.checkpoint import Progress
from oscine.train.config import FitConfig, TrackingConfig
from oscine.train.data import (
    EpochStream,
    EvaluationBatches,
    TrainingBatches,
    draw_weights,
    make_targets,
)
from oscine.train.devices import Device, find_device
from oscine.train.module import FitModule
from oscine.train.tracking import make_loggers

log = logging.getLogger("oscine")


@dataclass(frozen=True)
class FitJob:
    """Everything that one fit depends on.

    Args:
        stage: pretrain, finetune or baseline.
        fold: Number of the validation fold.
        seed: The recipe's seed.
        training: The training part, resampled already.
        validation: The validation part; may be empty.
        training_reader: Reads the training part's windows, by row.
        validation_reader: Reads the validation part's windows, by row.
        classes: The class list.
        spec: The front end's parameters.
        model: The model's settings.
        config: The stage's settings.
        evaluation: How validation recordings are scored.
        tracking: Where metrics go.
        folder: The fit's folder.
        initial: An earlier fit's folder to start from; None: the backbone's own weights.
        initial_codes: That fit's class list.
        workers: Reading threads; 0: one a core.
        group: What the tracker calls the run.
        recipe: The resolved recipe, for the tracker.
    """

    stage: str
    fold: int
    seed: int
    training: pl.DataFrame
    validation: pl.DataFrame
    training_reader: WindowReader
    validation_reader: WindowReader
    classes: ClassList
    spec: MelSpec
    model: ModelConfig
    config: FitConfig
    evaluation: EvaluateConfig
    tracking: TrackingConfig
    folder: Path
    initial: Path | None = None
    initial_codes: tuple[str, ...] = ()
    workers: int = 0
    group: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)

    @property
    def what(self) -> str:
        """What the log calls this fit."""
        return f"{self.stage} fold {self.fold}"

    def fingerprint(self) -> str:
        """Hash what the fit's steps depend on."""
        return fingerprint(
            self.stage,
            self.fold,
            self.seed,
            self.training["recording_id"].to_list(),
            self.classes.codes,
            self.spec.to_plain(),
            self.model.to_plain(),
            self.config.to_plain(),
            str(self.initial),
        )


def fit(job: FitJob) -> dict[str, Any]:
    """Run a fit to its end, or go on with one that was killed.

    Args:
        job: What to do.

    Returns:
        The summary that is also written to `fit.json`.

    Raises:
        TrainingError: There is nothing to learn from.
        ModelError: The model cannot be built, or the earlier one does not fit.
    """
    if not len(job.training):
        raise TrainingError(
            "no training recordings", where=job.what, fix="see the findings and the folds"
        )
    job.folder.mkdir(parents=True, exist_ok=True)
    device = find_device()
    log.info("%s: %s", job.what, device.describe(job.config.batch_size))
    model, carried = _build_model(job)
    batches = _training_batches(job, device)
    accumulate = job.config.optimizer.accumulate
    module = FitModule(
        model,
        job.spec,
        job.config,
        seed=job.seed,
        final_activation=job.model.final_activation,
        steps_per_epoch=-(-batches.n_batches // accumulate),
    )
    validator = Validator(job) if len(job.validation) else None
    progress = _run(job, device, module, batches, validator)
    summary = _summarize(job, device, progress, model, carried)
    if validator is not None:
        model.load_state_dict(load_file(job.folder / "weights.safetensors"))
        validator.write_out_of_fold(module)
    _write_tables(job, progress)
    write_json(job.folder / "fit.json", summary)
    return summary


def _build_model(job: FitJob) -> tuple[Classifier, int]:
    shape = (job.spec.channels, job.spec.n_mels, job.spec.n_frames)
    # Layers draw their initial weights from torch's global generator; fork it and seed it.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_for(job.seed, "initial weights", job.fold))
        config = (
            job.model if job.initial is None else job.model.model_copy(update={"pretrain": "none"})
        )
        model = Classifier(config, shape, len(job.classes))
    carried = 0
    if job.initial is not None:
        weights = load_file(job.initial / "weights.safetensors")
        carried = start_from(model, weights, job.initial_codes, job.classes.codes)
    return model.to(memory_format=torch.channels_last), carried


def _training_batches(job: FitJob, device: Device) -> TrainingBatches:
    targets, masked = make_targets(job.training, job.classes, job.config.loss)
    labels = job.training["primary_label"].to_list()
    return TrainingBatches(
        job.training_reader,
        targets,
        masked,
        seed=job.seed,
        batch_size=job.config.batch_size * device.count,
        drop_remainder=job.config.drop_remainder,
        draw_weights=draw_weights(labels, job.config.sampling.weight_power),
        workers=job.workers,
    )


class _Epochs(lightning.LightningDataModule):
    """Gives Lightning the stream of each epoch, from the batch at which the fit stands."""

    def __init__(self, batches: TrainingBatches, progress: Progress, what: str) -> None:
        super().__init__()
        self.batches = batches
        self.progress = progress
        self.what = what

    def train_dataloader(self) -> EpochStream:
        return self.batches.epoch(self.progress.epoch, self.progress.batch, self.what)


def _run(
    job: FitJob,
    device: Device,
    module: FitModule,
    batches: TrainingBatches,
    validator: Validator | None,
) -> Progress:
    name = job.fingerprint()
    progress = Progress(fingerprint=name)
    stored = checkpoint.read_progress(job.folder / "state.safetensors")
    if stored is not None and stored.fingerprint == name:
        progress = stored
    else:
        (job.folder / "state.safetensors").unlink(missing_ok=True)
    keeper = Keeper(
        job.folder,
        progress,
        validator.metrics if validator is not None else None,
        lambda epoch: batches.targets[batches.order(epoch)].sum(axis=0),
        job.what,
    )
    left = job.config.epochs - progress.epoch
    patience = job.config.patience
    stopped = patience is not None and progress.epoch - 1 - progress.best_epoch >= patience
    if left <= 0 or (progress.epoch and stopped):
        return progress
    trainer = _make_trainer(job, device, left, keeper)
    with warnings.catch_warnings():
        # Lightning advises on things that are decided here (loader workers, logging interval).
        warnings.filterwarnings("ignore", module=r"lightning\..*")
        trainer.fit(module, datamodule=_Epochs(batches, progress, job.what))
    if trainer.interrupted:
        raise KeyboardInterrupt
    return progress


def _make_trainer(job: FitJob, device: Device, epochs: int, keeper: Keeper) -> lightning.Trainer:
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return lightning.Trainer(
        accelerator=device.kind,
        devices=device.count,
        precision=device.precision(job.config.precision),  # type: ignore[arg-type]
        max_epochs=epochs,
        logger=make_loggers(job.tracking, job.folder, job.what, job.group, job.recipe),
        callbacks=[keeper],
        gradient_clip_val=job.config.optimizer.gradient_clip,
        accumulate_grad_batches=job.config.optimizer.accumulate,
        reload_dataloaders_every_n_epochs=1,
        use_distributed_sampler=False,
        deterministic="warn",
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        default_root_dir=job.folder,
    )


class Validator:
    """Scores the validation part of a fit.

    Args:
        job: The fit.
    """

    def __init__(self, job: FitJob) -> None:
        self.job = job
        self.targets, _ = make_targets(job.validation, job.classes, job.config.loss)
        primary = job.classes.index(job.validation["primary_label"].to_list())
        self.truth = np.zeros_like(self.targets)
        self.truth[np.arange(len(primary)), primary] = 1.0
        self.batches = EvaluationBatches(
            job.validation_reader,
            job.evaluation.tta,
            job.config.batch_size * job.evaluation.batch_multiplier,
            f"{job.what} validation",
            job.workers,
        )

    def scores(self, module: FitModule) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Score every validation recording.

        Args:
            module: The trained module.

        Returns:
            Scores averaged over a recording's windows, [rows, classes]; and which rows could be
            read, [rows].
        """
        was_training = module.model.training
        module.model.eval()
        scored, read = [], []
        for waveforms, readable in self.batches:
            scored.append(module.score(waveforms))
            read.append(readable.numpy())
        module.model.train(was_training)
        rows, ok = self.batches.rows, np.concatenate(read)
        total = np.zeros_like(self.truth)
        np.add.at(total, rows[ok], np.concatenate(scored)[ok])
        count = np.bincount(rows[ok], minlength=len(self.truth))
        return total / np.maximum(count, 1).astype(np.float32)[:, None], count > 0

    def metrics(self, module: FitModule) -> dict[str, float | None]:
        """Compute the metrics of an epoch, `val_loss` (mean cross-entropy) among them."""
        scores, readable = self.scores(module)
        truth, scores = self.truth[readable], scores[readable].astype(np.float64)
        if not len(truth):
            return {"val_loss": None}
        if self.job.model.final_activation == "softmax":
            entropy = -np.log(np.maximum((scores * truth).sum(axis=1), 1e-7))
        else:
            inside = np.clip(scores, 1e-7, 1.0 - 1e-7)
            entropy = -(truth * np.log(inside) + (1 - truth) * np.log(1 - inside)).mean(axis=1)
        return {"val_loss": float(entropy.mean()), **evaluate_scores(truth, scores)}

    def write_out_of_fold(self, module: FitModule) -> None:
        """Write the out-of-fold table: one row a recording that could be read."""
        job = self.job
        scores, readable = self.scores(module)
        keep = ["recording_id", "filename", "filepath", "primary_label", "secondary_labels"]
        keep += [name for name in job.evaluation.keep_columns if name not in keep]
        if unknown := [name for name in keep if name not in job.validation.columns]:
            raise TrainingError(
                f"the recordings have no column {unknown[0]!r}",
                where="evaluation.keep_columns",
                fix=f"choose from {', '.join(job.validation.columns)}",
            )
        table = job.validation.select(keep).with_columns(
            pl.lit(job.fold, dtype=pl.Int64).alias("fold"),
            pl.Series("scores", scores.tolist(), dtype=pl.List(pl.Float32)),
        )
        with atomic_path(job.folder / "out_of_fold.parquet") as partial:
            table.filter(pl.Series(readable)).write_parquet(partial)


def _summarize(
    job: FitJob, device: Device, progress: Progress, model: Classifier, carried: int
) -> dict[str, Any]:
    rates = [row["clips_per_second"] for row in progress.history]
    return {
        "stage": job.stage,
        "fold": job.fold,
        "best_epoch": progress.best_epoch,
        "monitor": job.config.monitor,
        "best_value": progress.best_value,
        "epochs": progress.epoch,
        "steps": progress.step,
        "seconds": progress.seconds,
        "n_training": len(job.training),
        "n_validation": len(job.validation),
        "n_parameters": sum(p.numel() for p in model.parameters()),
        "n_classes": len(job.classes),
        "device": device.name,
        "initial_weights": job.model.pretrain if job.initial is None else "pretrain stage",
        "carried_head_rows": carried,
        "clips_per_second": float(np.median(rates)) if rates else None,
        "breakdown": progress.breakdown,
        "fingerprint": progress.fingerprint,
    }


def _write_tables(job: FitJob, progress: Progress) -> None:
    rows = [json.dumps(row) for row in progress.history]
    write_text(job.folder / "history.jsonl", "\n".join(rows) + "\n")
    codes = list(job.classes.codes)
    table = pl.DataFrame(
        [
            {"epoch": epoch, "species_code": code, "n": n}
            for epoch, counts in enumerate(progress.exposures)
            for code, n in zip(codes, counts, strict=True)
        ],
        schema={"epoch": pl.Int64, "species_code": pl.String, "n": pl.Float64},
    )
    with atomic_path(job.folder / "exposures.parquet") as partial:
        table.write_parquet(partial)
