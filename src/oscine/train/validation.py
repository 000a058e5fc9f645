"""Scoring the validation part of a fit: metrics of an epoch, and the out-of-fold table."""

from __future__ import annotations

from itertools import chain

import numpy as np
import polars as pl
from numpy.typing import NDArray

from oscine.core import TrainingError, atomic_path
from oscine.evaluate import evaluate_scores
from oscine.model.config import LossConfig
from oscine.train.collectives import gather
from oscine.train.data import EvaluationBatches
from oscine.train.job import FitJob
from oscine.train.module import FitModule
from oscine.train.targets import make_targets
from oscine.train.world import World

OUT_OF_FOLD = (
    "recording_id",
    "filename",
    "filepath",
    "start_s",
    "end_s",
    "primary_label",
    "secondary_labels",
)
"""Columns of the recordings table that the out-of-fold table has in any case."""


class Validator:
    """Scores the validation part of a fit.

    Args:
        job: The fit.
    """

    def __init__(self, job: FitJob) -> None:
        self.job = job
        # The truth is the primary label, whatever the loss makes of secondary ones.
        self.truth = make_targets(job.validation, job.classes, LossConfig())[0].dense()
        self.batches = EvaluationBatches(
            job.validation_reader,
            job.evaluation.tta,
            job.config.batch_size * job.evaluation.batch_multiplier,
            f"{job.what} validation",
            job.workers,
            World.here(),
        )

    def scores(self, module: FitModule) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Score every validation recording, each process a share of the batches.

        Args:
            module: The trained module.

        Returns:
            Scores averaged over a recording's windows, [rows, classes]; and which rows could be
            read, [rows].
        """
        was_training = module.model.training
        module.model.eval()
        own = [(module.score(waveforms), ok.numpy()) for waveforms, ok in self.batches]
        module.model.train(was_training)
        scored, read = zip(*chain.from_iterable(gather(own)), strict=True)
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
        keep = list(OUT_OF_FOLD)
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
        if not self.batches.world.first:
            return
        with atomic_path(job.folder / "out_of_fold.parquet") as partial:
            table.filter(pl.Series(readable)).write_parquet(partial)
