"""What happens around the steps of a fit: state, validation, the best weights, early stopping."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import lightning
import torch
from safetensors.torch import save_file

from oscine.core import TrainingError, atomic_path, write_text
from oscine.train import checkpoint
from oscine.train.checkpoint import Progress
from oscine.train.collectives import from_first, gather, n_connected
from oscine.train.data import EpochStream
from oscine.train.module import FitModule
from oscine.train.rank import end_on_sigterm

log = logging.getLogger("oscine")

Validate = Callable[[FitModule], dict[str, float | None]]
"""Scores the validation part: metrics by name, `val_loss` among them."""


class Keeper(lightning.Callback):
    """Keeps the state of a fit on disk, validates after each epoch and keeps the best weights.

    Args:
        folder: The fit's folder.
        progress: How far the fit has come; changed as it goes on.
        validate: Scores the validation part; None where there is none.
        what: What the log calls this fit.
    """

    def __init__(
        self,
        folder: Path,
        progress: Progress,
        validate: Validate | None,
        what: str,
    ) -> None:
        self.folder = folder
        self.progress = progress
        self.validate = validate
        self.what = what
        self._saved_at = self._clock = time.monotonic()
        self._epoch_from = 0.0
        self._epoch_clips = 0

    @property
    def path(self) -> Path:
        """Where the state is kept."""
        return self.folder / "state.safetensors"

    def on_train_start(self, trainer: lightning.Trainer, module: Any) -> None:
        """Restore what an earlier process left."""
        self._saved_at = self._clock = time.monotonic()
        if n_connected() > 1:
            end_on_sigterm()  # Lightning's own handler is in place since a moment
        if self.path.exists():
            stored = checkpoint.load(self.path, module.model, trainer.optimizers[0], module.average)
            self.progress.__dict__.update(stored.__dict__)
            module.step = stored.step
            if stored.scaler and (scaler := _scaler(trainer)) is not None:
                scaler.load_state_dict(stored.scaler)
            module.breakdown.update(stored.breakdown)
            log.info("%s: goes on at epoch %d, batch %d", self.what, stored.epoch + 1, stored.batch)

    def on_train_epoch_start(self, trainer: lightning.Trainer, module: Any) -> None:
        """Start the epoch's clock."""
        del trainer, module
        self._epoch_from = time.monotonic()
        self._epoch_clips = 0

    def on_train_batch_end(
        self, trainer: lightning.Trainer, module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Count the step, and save the state when it is due."""
        progress = self.progress
        progress.loss_sum += float(outputs["mean_loss"])
        progress.loss_count += 1
        progress.batch = batch.number + 1
        self._epoch_clips += batch.n_clips
        if (batch_idx + 1) % module.config.optimizer.accumulate == 0 or trainer.is_last_batch:
            module.after_step()
            progress.step = module.step
            due = time.monotonic() - self._saved_at >= module.config.checkpoint_every_s
            if due and not trainer.is_last_batch:
                self._save(trainer, module)

    def on_train_epoch_end(self, trainer: lightning.Trainer, module: Any) -> None:
        """Validate, keep the best weights, write the history, save the state."""
        progress = self.progress
        row = self._row(trainer, module)
        value = row.get(module.config.monitor)
        better = self.validate is None or (
            value is not None and (progress.best_value is None or value > progress.best_value)
        )
        if better or progress.best_epoch < 0:
            progress.best_value, progress.best_epoch = value, progress.epoch
            if trainer.is_global_zero:
                with module.evaluated_weights():
                    self._write_weights(module)
        progress.history.append(row)
        progress.epoch += 1
        progress.batch = progress.loss_count = 0
        progress.loss_sum = 0.0
        self._save(trainer, module)
        if trainer.is_global_zero:
            write_history(progress, self.folder)
        patience = module.config.patience
        if patience is not None and progress.epoch - 1 - progress.best_epoch >= patience:
            log.info("%s: no better epoch for %d, stopping", self.what, patience)
            trainer.should_stop = True

    def _row(self, trainer: lightning.Trainer, module: FitModule) -> dict[str, Any]:
        progress = self.progress
        spent = time.monotonic() - self._epoch_from
        stream = cast(EpochStream, trainer.train_dataloader)
        stream.close()
        if not sum(gather(stream.n_readable)):
            raise TrainingError(
                "not one recording could be read in this epoch",
                where=self.what,
                fix="is the audio still there, and the decode cache?",
            )
        module.breakdown["wait"] += stream.wait_s
        module.breakdown["decode"] += stream.read_s
        row: dict[str, Any] = {
            "epoch": progress.epoch,
            "step": progress.step,
            "lr": trainer.optimizers[0].param_groups[0]["lr"],
            "head_lr": trainer.optimizers[0].param_groups[-1]["lr"],
            "train_loss": progress.loss_sum / max(1, progress.loss_count),
        }
        if self.validate is not None:
            started = time.perf_counter()
            with module.evaluated_weights():
                row |= self.validate(module)
            module.breakdown["validation"] += time.perf_counter() - started
        row |= {
            "seconds": time.monotonic() - self._epoch_from,
            "clips_per_second": self._epoch_clips / max(1e-9, spent),
            "wait_fraction": stream.wait_s / max(1e-9, spent),
        }
        row = from_first(row)
        numbers = {k: v for k, v in row.items() if isinstance(v, (int, float))}
        for logger in trainer.loggers:
            logger.log_metrics(numbers, step=progress.step)
        log.info("%s: %s", self.what, _one_line(row, module.config.epochs, module.config.monitor))
        return row

    def _write_weights(self, module: FitModule) -> None:
        tensors = {n: v.cpu().contiguous() for n, v in module.model.state_dict().items()}
        with atomic_path(self.folder / "weights.safetensors") as partial:
            save_file(tensors, partial)

    def _save(self, trainer: lightning.Trainer, module: FitModule) -> None:
        now = time.monotonic()
        self.progress.seconds += now - self._clock
        self._clock = self._saved_at = now
        self.progress.breakdown = dict(module.breakdown)
        if trainer.is_global_zero:
            scaler = _scaler(trainer)
            self.progress.scaler = {} if scaler is None else scaler.state_dict()
            checkpoint.save(
                self.path, self.progress, module.model, trainer.optimizers[0], module.average
            )


def write_history(progress: Progress, folder: Path) -> None:
    """Write a fit's rows, one an epoch, to its `history.jsonl`; as the fit goes on, too."""
    rows = "".join(json.dumps(row) + "\n" for row in progress.history)
    write_text(folder / "history.jsonl", rows)


def _scaler(trainer: lightning.Trainer) -> torch.amp.GradScaler | None:
    """Find what scales the loss, so that gradients do not vanish in float16."""
    scaler: torch.amp.GradScaler | None = getattr(trainer.precision_plugin, "scaler", None)
    return scaler


def _one_line(row: dict[str, Any], epochs: int, monitor: str) -> str:
    parts = [f"epoch {row['epoch'] + 1}/{epochs}", f"loss {row['train_loss']:.3f}"]
    if row.get("val_loss") is not None:
        parts.append(f"validation {row['val_loss']:.3f}")
    if row.get(monitor) is not None:
        parts.append(f"{monitor} {row[monitor]:.3f}")
    parts.append(f"{row['clips_per_second']:.0f} clips/s, {row['wait_fraction']:.0%} waiting")
    return ", ".join(parts)
