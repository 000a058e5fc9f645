"""Optimisers, and the learning rate as a function of the step."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import nn

from oscine.train.config import OptimizerConfig


def make_optimizer(
    parameters: Iterable[nn.Parameter], config: OptimizerConfig
) -> torch.optim.Optimizer:
    """Build the optimiser that the recipe names."""
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[config.name]
    optimizer: torch.optim.Optimizer = kind(
        parameters, lr=config.learning_rate, weight_decay=config.weight_decay
    )
    return optimizer


def learning_rate(step: int, steps_per_epoch: int, epochs: int, config: OptimizerConfig) -> float:
    """Compute the learning rate of a step; a function of the step alone, so it needs no state.

    Args:
        step: Optimiser step, counted from 0 over the whole stage.
        steps_per_epoch: Steps of an epoch.
        epochs: Epochs of the stage.
        config: Peak, schedule and warm-up.

    Returns:
        The learning rate.

    Example:
        >>> config = OptimizerConfig(learning_rate=0.1, warmup_epochs=0, schedule="constant")
        >>> learning_rate(7, 10, 2, config)
        0.1
    """
    total = steps_per_epoch * epochs
    warmup = int(min(config.warmup_epochs, epochs / 4) * steps_per_epoch)
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, total - 1 - warmup)
    epoch = (step - warmup) / steps_per_epoch
    low = config.final_fraction
    factor = {
        "constant": 1.0,
        "cosine": low + (1.0 - low) * 0.5 * (1.0 + math.cos(math.pi * min(1.0, done))),
        "exponential": max(low, 1e-9) ** done,
        "step": config.step_factor ** int(epoch / config.step_epochs),
    }[config.schedule]
    return float(config.learning_rate * factor)
