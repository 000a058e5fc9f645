"""How long a fit's steps take on this machine, told by a few of them.

What is timed is the fit itself, cut down to seconds: the same reader, front end, augmentation,
model, optimiser, validation and checkpoint, in a folder that is thrown away. Only the initial
weights are left out, which cost no step anything.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from oscine.audio import WindowReader
from oscine.core import map_ordered
from oscine.train.config import SamplingConfig, TrackingConfig
from oscine.train.devices import find_device
from oscine.train.fit import fit
from oscine.train.job import FitJob

EPOCHS = 3
"""Epochs of the fit that is timed: one to warm up, and two that are compared."""

MOST_BATCHES = 8
"""Batches of each of these epochs, at most: more say nothing new."""

SMALL_BATCH = 8
"""Clips of the first batch of all, about; it tells how many whole ones there is time for."""


@dataclass(frozen=True)
class StepTimes:
    """What a few steps of a fit told.

    Args:
        device: What they ran on.
        n_devices: How many of them the fit will have; one of them is timed.
        step_s: One step of a whole batch on each, reading included, s.
        waiting_s: What of it the device waited for the reader, s.
        spread: Difference of the two timed epochs, over their mean.
        scaled: Whether a step was too slow to be timed whole: a smaller batch was, and scaled.
        window_s: One window of validation, s.
        epoch_s: What the end of an epoch takes besides: weights and checkpoint, s.
        start_s: What a fit takes before its first epoch and after its last, s.
        n_parameters: Parameters of the model.
        weights_bytes: Size of the weights on disk.
        state_bytes: Size of the checkpoint on disk.
    """

    device: str
    n_devices: int
    step_s: float
    waiting_s: float
    spread: float
    scaled: bool
    window_s: float
    epoch_s: float
    start_s: float
    n_parameters: int
    weights_bytes: int
    state_bytes: int

    def to_plain(self) -> dict[str, Any]:
        """Give the figures as JSON-ready data."""
        return asdict(self)


def time_steps(job: FitJob, budget_s: float) -> StepTimes:
    """Time a few steps of a fit.

    Args:
        job: The fit, with some of its recordings; its folder is filled and may be thrown away.
        budget_s: About how long it may take, s. A first small step and three whole ones are taken
            in any case, unless whole ones would take more than twice as long as this.

    Returns:
        What they told.

    Raises:
        TrainingError: There is nothing to learn from, or nothing can be read.
        ModelError: The model cannot be built.
    """
    whole = job.config.batch_size
    group = job.config.augment.mix_group if job.config.augment.mixes else 1
    small = min(whole, group * max(1, SMALL_BATCH // group))
    first = _Timed(job, small, 1, epochs=1)
    step_s = first.seconds[0] * whole / small
    scaled = step_s * EPOCHS > 2 * budget_s
    batch = small if scaled else whole
    n = int(budget_s / (EPOCHS * step_s * batch / whole))
    timed = _Timed(job, batch, min(MOST_BATCHES, max(1, n)), EPOCHS)
    return timed.result(scaled)


class _Timed:
    """A fit that was cut down to `n` batches an epoch, and how long its parts took."""

    def __init__(self, job: FitJob, batch: int, n: int, epochs: int) -> None:
        self.job, self.batch, self.n, self.epochs = job, batch, n, epochs
        rows = np.resize(np.arange(len(job.training)), n * batch)
        clips = [job.training_reader.clips[row] for row in rows]
        config = job.config.model_copy(
            update={
                "epochs": epochs,
                "batch_size": batch,
                "patience": None,
                "checkpoint_every_s": math.inf,
                "sampling": SamplingConfig(upsample=None),
                # While the backbone stays as it is, steps are faster than most are.
                "optimizer": job.config.optimizer.model_copy(update={"head_warmup_epochs": 0.0}),
            }
        )
        self.short = replace(
            job,
            training=job.training[rows],
            training_reader=WindowReader(clips, job.training_reader.config),
            model=job.model.model_copy(update={"pretrain": "none"}),
            config=config,
            tracking=TrackingConfig(tensorboard=False, wandb=False),
            folder=job.folder / f"{batch}x{n}",
            initial=None,
            devices=job.devices.model_copy(update={"count": 1}),
        )
        self.fill_s = self._fill()
        started = time.perf_counter()
        self.summary = fit(self.short)
        self.fit_s = time.perf_counter() - started
        lines = (self.short.folder / "history.jsonl").read_text(encoding="utf-8").splitlines()
        self.history = [json.loads(line) for line in lines]
        self.seconds = [n * batch / row["clips_per_second"] for row in self.history]

    def result(self, scaled: bool) -> StepTimes:
        """Work out what a step of the whole batch takes."""
        device = find_device(self.job.devices)
        factor = self.job.config.batch_size / self.batch
        if device.kind == "cpu":
            factor *= device.count  # they share the cores that this one had for itself
        timed = self.seconds[1:]
        shares = [1.0 - row["wait_fraction"] for row in self.history[1:]]
        device_s = float(np.mean(np.multiply(timed, shares))) / self.n
        # In so few batches the wait for the first one weighs too much, and read-ahead hides that
        # the others come slower than the device could take them: a step takes the longest of these.
        overlapped_s = (float(np.mean(timed)) - self.fill_s) / self.n
        step_s = max(device_s, self.fill_s, overlapped_s)
        n_windows = self._n_windows()
        validation_s = self.summary["breakdown"].get("validation", 0.0)
        window_s = validation_s / max(1, n_windows * self.epochs)
        inside_s = sum(row["seconds"] for row in self.history)
        after_s = n_windows * window_s
        return StepTimes(
            device=self.summary["device"],
            n_devices=device.count,
            step_s=factor * step_s,
            waiting_s=factor * (step_s - device_s),
            spread=(max(timed) - min(timed)) / float(np.mean(timed)),
            scaled=scaled,
            window_s=window_s,
            epoch_s=max(0.0, self.summary["seconds"] - inside_s) / self.epochs,
            start_s=max(0.0, self.fit_s - self.summary["seconds"] - after_s),
            n_parameters=self.summary["n_parameters"],
            weights_bytes=self._size("weights.safetensors"),
            state_bytes=self._size("state.safetensors"),
        )

    def _fill(self) -> float:
        """Time the reading of a first batch, for which the device has to wait once an epoch."""
        short, workers = self.short, self.short.workers
        started = time.perf_counter()

        def read(row: int) -> None:
            short.training_reader.read_training(row, short.seed, 0, row)

        for _ in map_ordered(read, range(self.batch), workers, ahead=max(2, self.batch)):
            pass
        return time.perf_counter() - started

    def _n_windows(self) -> int:
        job = self.short
        window_s = job.validation_reader.config.window_s
        lengths = [clip.length_s for clip in job.validation_reader.clips]
        return sum(job.evaluation.tta if length > window_s else 1 for length in lengths)

    def _size(self, name: str) -> int:
        return Path(self.short.folder / name).stat().st_size
