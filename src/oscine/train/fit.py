"""Fitting one stage on one fold, from tables to weights, history and out-of-fold scores."""

from __future__ import annotations

import logging
import warnings
from dataclasses import replace
from typing import Any

import lightning
import polars as pl
import torch
from safetensors.torch import load_file

from oscine.augment.augmenter import Augmenter
from oscine.augment.background import load_background
from oscine.core import TrainingError, available_cores, location, seed_for, write_json
from oscine.model.backbone import sync_norms
from oscine.model.classifier import Classifier, start_from, start_from_bundle
from oscine.model.front import make_front
from oscine.model.weights import bundle_folder
from oscine.train import checkpoint
from oscine.train.callbacks import Keeper
from oscine.train.checkpoint import Progress
from oscine.train.class_weights import class_weights
from oscine.train.collectives import connect, wait_for_all
from oscine.train.data import EpochStream, TrainingBatches
from oscine.train.devices import Device, find_device
from oscine.train.job import FitJob
from oscine.train.launch import run_ranks
from oscine.train.module import FitModule
from oscine.train.optim import batch_factor
from oscine.train.rank import STOPPED
from oscine.train.records import summarize, unreadable, write_tables
from oscine.train.sampling import EpochSampler
from oscine.train.targets import make_targets
from oscine.train.tracking import make_trackers
from oscine.train.trainer import make_trainer
from oscine.train.validation import Validator
from oscine.train.world import World

log = logging.getLogger("oscine")

GOES_ON = "stopped; the same command goes on from the last checkpoint"

INTERRUPTED = 130
"""Exit status of a process that Ctrl-C ended, as shells have it."""


def fit(job: FitJob) -> dict[str, Any]:
    """Run a fit to its end, or go on with one that was killed.

    For several devices a process is started for each, unless a launcher (torchrun, srun) did so.

    Args:
        job: What to do.

    Returns:
        The summary that is also written to `fit.json`.

    Raises:
        TrainingError: There is nothing to learn from, the devices are not there, or a process of
            the fit was killed.
        ModelError: The model cannot be built, or the earlier one does not fit.
    """
    if not len(job.training):
        raise TrainingError(
            "no training recordings", where=job.what, fix="see the findings and the folds"
        )
    job.folder.mkdir(parents=True, exist_ok=True)
    world = World.here()
    device = find_device(job.devices, world)
    connect(world, device.kind)
    log.info("%s: %s", job.what, device.describe(job.config.batch_size))
    if device.count == world.size:
        return fit_rank(job, device)
    try:
        summary: dict[str, Any] = run_ranks(fit_rank, (job, device), device.count, job.what)
    except (KeyboardInterrupt, SystemExit) as stop:
        log.warning("%s: %s", job.what, GOES_ON)
        raise SystemExit(getattr(stop, "code", INTERRUPTED)) from stop
    return summary


def fit_rank(job: FitJob, device: Device) -> dict[str, Any]:
    """Do the part of a fit that is this process's; the first one writes what it leaves.

    Args:
        job: What to do.
        device: Where, in all processes.

    Returns:
        The summary.
    """
    world = World.here()
    connect(world, device.kind)
    if world.size > 1:
        cores = job.workers or available_cores()
        job = replace(job, workers=max(1, cores // world.local_size))
    model, carried = _build_model(job)
    if world.size > 1 and device.kind == "cuda":
        sync_norms(model)
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
    wait_for_all()  # the weights are there when the first process has come this far
    if validator is not None:
        model.load_state_dict(load_file(job.folder / "weights.safetensors"))
        validator.write_out_of_fold(module)
    findings = unreadable(job)
    summary = summarize(job, device, progress, model, carried)
    if world.first:
        write_tables(job, progress, batches, findings)
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
        world=World.here(),
        group=job.config.augment.mix_group if job.config.augment.mixes else 1,
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
    name = job.fingerprint(device.count)
    progress = Progress(fingerprint=name)
    stored = checkpoint.read_progress(job.folder / "state.safetensors")
    if stored is not None and stored.fingerprint == name:
        progress = stored
    else:
        if stored is not None:
            log.info("%s: another fit's checkpoint is here, or another global batch's", job.what)
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
    trainer = make_trainer(job, device, left, module.model, callbacks)
    with warnings.catch_warnings():
        # Lightning advises on things that are decided here (loader workers, logging interval).
        warnings.filterwarnings("ignore", module=r"lightning\..*")
        try:
            trainer.fit(module, datamodule=_Epochs(batches, progress, job.what))
        except SystemExit as stop:
            # Lightning turns Ctrl-C and SIGTERM into exits, SIGTERM into one of status 0.
            if World.here().first:
                log.warning("%s: %s", job.what, GOES_ON)
            raise SystemExit(stop.code or STOPPED) from stop
        finally:
            for logger in trainer.loggers:
                logger.finalize("success")
    module.to(trainer.strategy.root_device)
    return progress
