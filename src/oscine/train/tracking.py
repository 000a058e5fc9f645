"""Where a fit's history goes besides `history.jsonl`: TensorBoard, and Weights & Biases when asked.

All of them are given the same rows, one an epoch.
"""

from __future__ import annotations

from typing import Any

import lightning
from lightning.pytorch.loggers import TensorBoardLogger

from oscine.train.checkpoint import Progress
from oscine.train.job import FitJob
from oscine.train.wandb_run import WandbRun


def make_loggers(job: FitJob) -> list[TensorBoardLogger]:
    """Build Lightning's loggers of a fit, perhaps none."""
    if not job.tracking.tensorboard:
        return []
    return [TensorBoardLogger(job.folder, name="tensorboard", version="")]


def make_trackers(job: FitJob, progress: Progress) -> list[lightning.Callback]:
    """Build what follows a fit's history as it grows, perhaps nothing."""
    return [WandbTracker(job, progress)] if job.tracking.wandb else []


class WandbTracker(lightning.Callback):
    """Tells W&B the rows of a fit's history.

    Stands behind the keeper among the callbacks, which restores and extends the history.

    Args:
        job: The fit.
        progress: How far it has come; its history is read.
    """

    def __init__(self, job: FitJob, progress: Progress) -> None:
        self.progress = progress
        self.run = WandbRun(
            folder=job.folder,
            project=job.tracking.wandb_project,
            group=job.group,
            name=job.what,
            kind=job.stage,
            fingerprint=progress.fingerprint,
            config={
                **job.recipe,
                "stage": job.stage,
                "fold": job.fold,
                "catalog_fingerprint": job.catalog,
                "n_training": len(job.training),
                "n_validation": len(job.validation),
                "n_classes": len(job.classes),
            },
        )
        self.monitor = job.config.monitor

    def on_train_start(self, trainer: lightning.Trainer, module: Any) -> None:
        """Start the run, or go on with it; rows that it has not got come first.

        An offline run cannot be gone on with: the next one of the same id takes its place when both
        are uploaded, and so has to have every row.
        """
        del module
        if not trainer.is_global_zero:
            return
        self.run.open()
        self.run.attempt("naming its axis", lambda live: live.define_metric("*", "epoch"))
        for row in self.progress.history:
            self._log(row)

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: Any) -> None:
        """Tell the epoch's row, and which epoch is the best."""
        del module
        if trainer.is_global_zero:
            self._log(self.progress.history[-1])

    def on_train_end(self, trainer: lightning.Trainer, module: Any) -> None:
        """End the run."""
        del trainer, module
        self.run.close()

    def on_exception(
        self, trainer: lightning.Trainer, module: Any, exception: BaseException
    ) -> None:
        """End the run as one that was stopped."""
        del trainer, module, exception
        self.run.close(exit_code=1)

    def _log(self, row: dict[str, Any]) -> None:
        values = {name: value for name, value in row.items() if value is not None}
        best = {"best_epoch": self.progress.best_epoch, "best_value": self.progress.best_value}

        def tell(live: Any) -> None:
            if row["step"] >= live.step:
                live.log(values, step=row["step"])
                live.summary.update({"monitor": self.monitor, **best})

        self.run.attempt("logging", tell)
