"""What a fit leaves beside its weights and scores: summary, history, exposures, findings."""

from __future__ import annotations

import logging
from itertools import chain
from typing import Any

import numpy as np
import polars as pl
import torch

from oscine.audio import ReadFinding, WindowReader
from oscine.catalog import FINDINGS, conform, write_table
from oscine.core import atomic_path
from oscine.model.classifier import Classifier
from oscine.train.callbacks import write_history
from oscine.train.checkpoint import Progress
from oscine.train.collectives import gather
from oscine.train.data import TrainingBatches
from oscine.train.devices import Device
from oscine.train.exposures import count_exposures, least_heard
from oscine.train.job import FitJob

log = logging.getLogger("oscine")


def summarize(
    job: FitJob, device: Device, progress: Progress, model: Classifier, carried: int
) -> dict[str, Any]:
    """Give what `fit.json` says.

    Args:
        job: The fit.
        device: What it ran on.
        progress: How far it came.
        model: The classifier.
        carried: Rows of its head that came from an earlier one.

    Returns:
        Plain data.
    """
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
        "n_devices": device.count,
        "initial_weights": job.model.pretrain if job.initial is None else "pretrain stage",
        "carried_head_rows": carried,
        "clips_per_second": float(np.median(rates)) if rates else None,
        "breakdown": progress.breakdown,
        "device_memory_gib": _device_memory_gib(device),
        "fingerprint": progress.fingerprint,
    }


def _device_memory_gib(device: Device) -> float | None:
    """Tell the most memory that tensors took on this process's GPU; None on others."""
    if device.kind != "cuda":
        return None
    return round(torch.cuda.max_memory_allocated() / 2**30, 2)


def unreadable(job: FitJob) -> pl.DataFrame:
    """List the recordings that failed after the audit in any process; their rows were left out.

    Returns:
        Findings, each once.
    """
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
        for finding in _everywhere(reader)
    ]
    return conform(pl.DataFrame(rows), FINDINGS).unique(maintain_order=True)


def _everywhere(reader: WindowReader) -> list[ReadFinding]:
    """Give the findings of all processes, in the order of the clips."""
    found = chain.from_iterable(gather(reader.findings))
    return sorted(found, key=lambda finding: (finding.index, finding.reason))


def write_tables(
    job: FitJob, progress: Progress, batches: TrainingBatches, findings: pl.DataFrame
) -> None:
    """Write history, exposures and findings, and log what is remarkable in them.

    Args:
        job: The fit.
        progress: Its history.
        batches: They know what each epoch heard.
        findings: Recordings that could not be read.
    """
    write_history(progress, job.folder)
    heard = count_exposures(
        job.training, batches.targets, job.classes, batches.order, progress.epoch
    )
    log.info("%s: %s", job.what, least_heard(heard))
    with atomic_path(job.folder / "exposures.parquet") as partial:
        heard.write_parquet(partial)
    write_table(findings, job.folder / "findings.parquet", FINDINGS)
    for row in findings.iter_rows(named=True):
        log.warning("%s: %s: %s (%s)", job.what, row["reason"], row["filepath"], row["detail"])
