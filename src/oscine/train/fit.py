"""Fitting one stage on one fold, from tables to weights, history and out-of-fold scores."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import lightning
import numpy as np
import polars as pl
import torch
from safetensors.torch import load_file

from oscine.augment.augmenter import Augmenter
from oscine.augment.background import load_background
from oscine.catalog import FINDINGS, conform, write_table
from oscine.core import (
    TrainingError,
    atomic_path,
    location,
    seed_for,
    write_json,
)
from oscine.model.backbone import bundle_folder
from oscine.model.classifier import Classifier, start_from, start_from_bundle
from oscine.model.front import make_front
from oscine.train import checkpoint
from oscine.train.callbacks import Keeper, write_history
from oscine.train.checkpoint import Progress
from oscine.train.class_weights import class_weights
from oscine.train.data import EpochStream, TrainingBatches, make_targets
from oscine.train.devices import Device, find_device
from oscine.train.exposures import count_exposures, least_heard
from oscine.train.job import FitJob
from oscine.train.module import FitModule
from oscine.train.optim import batch_factor
from oscine.train.sampling import EpochSampler
from oscine.train.tracking import make_loggers, make_trackers
from oscine.train.validation import Validator

log = logging.getLogger("oscine")

STOPPED = 143
"""Exit status of a process that SIGTERM ended, as shells have it."""


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
    optimizer = job.config.optimizer
    global_batch = job.config.batch_size * device.count * optimizer.accumulate
    rate_factor = batch_factor(optimizer, global_batch)
    log.info(
        "%s: learning rate %.3g at its peak, for a global batch of %d (rule: %s)",
        job.what,
        rate_factor * optimizer.learning_rate,
        global_batch,
        optimizer.batch_rule,
    )
    module = FitModule(
        model,
        job.spec,
        job.config,
        augmenter=_augmenter(job),
        seed=job.seed,
        final_activation=job.model.final_activation,
        steps_per_epoch=-(-batches.n_batches // optimizer.accumulate),
        rate_factor=rate_factor,
        class_weights=class_weights(
            job.training["primary_label"].to_list(), job.classes, job.config.loss
        ),
    )
    validator = Validator(job) if len(job.validation) else None
    progress = _run(job, device, module, batches, validator)
    summary = _summarize(job, device, progress, model, carried)
    if validator is not None:
        model.load_state_dict(load_file(job.folder / "weights.safetensors"))
        validator.write_out_of_fold(module)
    _write_tables(job, progress, batches)
    _report_unreadable(job)
    write_json(job.folder / "fit.json", summary)
    return summary


def _augmenter(job: FitJob) -> Augmenter:
    config, spec = job.config.augment, job.spec
    background = None
    if config.enabled and config.background.probability:
        rows = job.training.filter(pl.col("primary_label") == (config.background.label or ""))
        paths = [location(text) for text in rows["filepath"].unique(maintain_order=True)]
        background = load_background(paths, config.background, spec.sample_rate, spec.n_samples)
    return Augmenter(config, spec.sample_rate, background)


def _build_model(job: FitJob) -> tuple[Classifier, int]:
    # Layers draw their initial weights from torch's global generator; fork it and seed it.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_for(job.seed, "initial weights", job.fold))
        config = (
            job.model if job.initial is None else job.model.model_copy(update={"pretrain": "none"})
        )
        model = Classifier(config, job.spec.image_shape, len(job.classes), make_front(job.spec))
    carried = 0
    if job.initial is not None:
        weights = load_file(job.initial / "weights.safetensors")
        carried = start_from(model, weights, job.initial_codes, job.classes.codes)
    elif (bundle := bundle_folder(config.pretrain)) is not None:
        carried = start_from_bundle(model, bundle, job.classes.codes)
    return model.to(memory_format=torch.channels_last), carried


def _training_batches(job: FitJob, device: Device) -> TrainingBatches:
    targets, masked = make_targets(job.training, job.classes, job.config.loss)
    sampler = EpochSampler(job.training, job.config.sampling, job.seed)
    if (n := len(sampler)) < len(job.training):
        log.info("%s: caps leave %d of %d clips an epoch", job.what, n, len(job.training))
    return TrainingBatches(
        job.training_reader,
        targets,
        masked,
        sampler=sampler,
        seed=job.seed,
        batch_size=job.config.batch_size * device.count,
        drop_remainder=job.config.drop_remainder,
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
        job.what,
    )
    left = job.config.epochs - progress.epoch
    patience = job.config.patience
    stopped = patience is not None and progress.epoch - 1 - progress.best_epoch >= patience
    if left <= 0 or (progress.epoch and stopped):
        return progress
    callbacks = [keeper, *make_trackers(job, progress)]
    trainer = _make_trainer(job, device, left, callbacks)
    with warnings.catch_warnings():
        # Lightning advises on things that are decided here (loader workers, logging interval).
        warnings.filterwarnings("ignore", module=r"lightning\..*")
        try:
            trainer.fit(module, datamodule=_Epochs(batches, progress, job.what))
        except SystemExit as stop:
            # Lightning turns Ctrl-C and SIGTERM into exits, SIGTERM into one of status 0.
            log.warning("%s: stopped; the same command goes on from the last checkpoint", job.what)
            raise SystemExit(stop.code or STOPPED) from stop
        finally:
            for logger in trainer.loggers:
                logger.finalize("success")
    module.to(trainer.strategy.root_device)
    return progress


def _make_trainer(
    job: FitJob, device: Device, epochs: int, callbacks: list[lightning.Callback]
) -> lightning.Trainer:
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return lightning.Trainer(
        accelerator=device.kind,
        devices=device.count,
        precision=device.precision(job.config.precision),  # type: ignore[arg-type]
        max_epochs=epochs,
        logger=make_loggers(job),
        callbacks=callbacks,
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


def _report_unreadable(job: FitJob) -> None:
    """Write the recordings that failed after the audit; their rows were left out."""
    rows = [
        {
            "recording_id": table["recording_id"][finding.index],
            "filepath": finding.filepath,
            "reason": finding.reason.value,
            "quarantined": True,
            "detail": finding.detail,
        }
        for reader, table in (
            (job.training_reader, job.training),
            (job.validation_reader, job.validation),
        )
        for finding in reader.findings
    ]
    findings = conform(pl.DataFrame(rows), FINDINGS).unique(maintain_order=True)
    write_table(findings, job.folder / "findings.parquet", FINDINGS)
    for row in findings.iter_rows(named=True):
        log.warning("%s: %s: %s (%s)", job.what, row["reason"], row["filepath"], row["detail"])


def _write_tables(job: FitJob, progress: Progress, batches: TrainingBatches) -> None:
    write_history(progress, job.folder)
    heard = count_exposures(
        job.training, batches.targets, job.classes, batches.order, progress.epoch
    )
    log.info("%s: %s", job.what, least_heard(heard))
    with atomic_path(job.folder / "exposures.parquet") as partial:
        heard.write_parquet(partial)
