"""The Lightning module: front end, augmentation, classifier and loss in one step.

Everything random in a step is a function of (seed, epoch, position), dropout included, so a step
gives the same bits in whatever process it runs.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import lightning
import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from oscine.augment.augmenter import Augmenter
from oscine.augment.draws import Draws
from oscine.core import seed_for
from oscine.features import MelSpec
from oscine.features.mel_torch import LogMel
from oscine.model.classifier import Classifier
from oscine.model.export import activate
from oscine.model.losses import loss
from oscine.model.synced_norm import SyncedNorms
from oscine.train.collectives import n_connected, total
from oscine.train.config import FitConfig
from oscine.train.data import Batch
from oscine.train.dropping import DropsByClip
from oscine.train.optim import learning_rate, make_optimizer


class FitModule(lightning.LightningModule):
    """One stage's training step.

    Args:
        model: The classifier.
        spec: The front end's parameters.
        config: The stage's settings.
        augmenter: Its augmentations.
        seed: The recipe's seed.
        final_activation: softmax or sigmoid.
        steps_per_epoch: Optimiser steps of an epoch.
        rate_factor: What the recipe's learning rate is multiplied by for the global batch.
        class_weights: How much each class's presence counts in the loss, [classes]; None: alike.
    """

    class_weights: Tensor | None

    def __init__(  # noqa: PLR0913 - one argument a fact, all named at the one call
        self,
        model: Classifier,
        spec: MelSpec,
        config: FitConfig,
        *,
        augmenter: Augmenter,
        seed: int,
        final_activation: str,
        steps_per_epoch: int,
        rate_factor: float = 1.0,
        class_weights: NDArray[np.float32] | None = None,
    ) -> None:
        super().__init__()
        self.model = model
        self.features = LogMel(spec)
        self.augmenter = augmenter
        self.config = config
        self.seed = seed
        self.final_activation = final_activation
        self.steps_per_epoch = steps_per_epoch
        self.rate_factor = rate_factor
        weights = None if class_weights is None else torch.from_numpy(class_weights)
        self.register_buffer("class_weights", weights, persistent=False)
        self.average: dict[str, Tensor] = {}
        self.breakdown: defaultdict[str, float] = defaultdict(float)
        self.step = 0
        self._backward_from = 0.0

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Build the optimiser; its learning rate is set before each step."""
        return make_optimizer(self.model, self.config.optimizer)

    def rate(self) -> float:
        """Give the learning rate of the step in hand, before the factor of a group."""
        return self.rate_factor * learning_rate(
            self.step, self.steps_per_epoch, self.config.epochs, self.config.optimizer
        )

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """Set the learning rate of this step, and whether the backbone is trained in it."""
        del batch, batch_idx
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = self.rate() * group["rate_factor"]
        warmup = self.config.optimizer.head_warmup_epochs * self.steps_per_epoch
        if warmup:
            trained = self.step >= warmup
            self.model.backbone.requires_grad_(trained)
            self.model.backbone.train(trained)

    def training_step(self, batch: Batch, batch_idx: int) -> dict[str, Tensor]:
        """Compute the mean loss of a batch over the clips that could be read.

        Returns:
            `mean_loss`: of the clips of all processes; `loss`: this process's part of it, times the
            number of processes, since their gradients are averaged.
        """
        del batch_idx
        draws = Draws(self.seed, batch.epoch, batch.positions, self.device)
        # Half precision is for the model: decibels would lose what the bundle's front end keeps.
        with torch.no_grad(), torch.autocast(self.device.type, enabled=False):
            images, targets, masked = self._images(batch, draws)
        with self._timed("forward"), self._own_randomness(batch), DropsByClip(draws), self._norms():
            logits, frames = self.model.clips_and_frames(images)
            each = self._loss(logits, targets, masked)
            if frames is not None and self.config.loss.frame_weight:
                loudest = self._loss(frames.amax(dim=1), targets, masked)
                each = each + self.config.loss.frame_weight * loudest
            readable = batch.readable.to(each.dtype)
            own = (each * readable).sum()
            everywhere, n = total(torch.stack([own.detach(), readable.sum()])).unbind()
            n = n.clamp(min=1.0)
            return {"loss": own * n_connected() / n, "mean_loss": everywhere / n}

    def _norms(self) -> AbstractContextManager[Any]:
        """Give what makes batch norms those of all processes where torch's own cannot."""
        return SyncedNorms() if n_connected() > 1 and self.device.type == "cpu" else nullcontext()

    def _loss(self, logits: Tensor, targets: Tensor, masked: Tensor) -> Tensor:
        return loss(logits.float(), targets, masked, self.config.loss, self.class_weights)

    def _images(self, batch: Batch, draws: Draws) -> tuple[Tensor, Tensor, Tensor]:
        if not batch.positions:  # the last batch may be smaller than the number of processes
            nothing = torch.empty(0, *self.features.spec.image_shape, device=self.device)
            return nothing, batch.targets, batch.masked
        with self._timed("augment"):
            # Masks are mixed as targets are: a class is left out by its partner's share.
            labels = torch.cat([batch.targets, batch.masked], dim=1)
            waveforms, labels = self.augmenter.on_waveforms(batch.waveforms, labels, draws)
        with self._timed("features"):
            images = self.features(waveforms)
        with self._timed("augment"):
            images, labels = self.augmenter.on_images(images, labels, draws)
            targets, masked = labels.chunk(2, dim=1)
        images = images.contiguous(memory_format=torch.channels_last)
        return images, targets, masked * (targets == 0)

    def on_before_backward(self, loss: Tensor) -> None:
        """Start the clock of the backward pass."""
        del loss
        self._backward_from = time.perf_counter()

    def on_after_backward(self) -> None:
        """Stop the clock of the backward pass."""
        self.breakdown["backward"] += time.perf_counter() - self._backward_from

    @torch.no_grad()
    def after_step(self) -> None:
        """Count an optimiser step, and move the average of the weights."""
        self.step += 1
        decay = self.config.ema_decay
        if decay is None:
            return
        # Early on the average must not remember the random start: the warm-up of Tan & Le (2019).
        decay = min(decay, (1 + self.step) / (10 + self.step))
        for name, value in self.model.state_dict().items():
            if name not in self.average or not value.is_floating_point():
                self.average[name] = value.clone()
            else:
                self.average[name].lerp_(value, 1.0 - decay)

    @contextmanager
    def evaluated_weights(self) -> Iterator[None]:
        """Put the weights that are evaluated and kept (the average, if there is one) in place."""
        if not self.average:
            yield
            return
        own = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.model.load_state_dict(self.average)
        try:
            yield
        finally:
            self.model.load_state_dict(own)

    @torch.no_grad()
    def score(self, waveforms: Float[Tensor, "batch time"]) -> NDArray[np.float32]:
        """Score windows, without augmentation, in evaluation mode.

        Args:
            waveforms: Mono, full scale 1.

        Returns:
            Scores, [batch, classes].
        """
        images = self.features(waveforms.to(self.device))
        logits = self.model(images.contiguous(memory_format=torch.channels_last))
        scores: NDArray[np.float32] = activate(logits.float(), self.final_activation).cpu().numpy()
        return scores

    @contextmanager
    def _own_randomness(self, batch: Batch) -> Iterator[None]:
        """Let what is drawn for no clip come from (seed, epoch, batch), and nowhere else."""
        devices = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(seed_for(self.seed, "model", batch.epoch, *batch.positions[:1]))
            yield

    @contextmanager
    def _timed(self, part: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.breakdown[part] += time.perf_counter() - started
