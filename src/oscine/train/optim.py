"""Optimisers, their groups, and the learning rate as a function of the step."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from oscine.model.backbone import layer_depths
from oscine.model.classifier import Classifier
from oscine.train.config import OptimizerConfig


def make_optimizer(model: Classifier, config: OptimizerConfig) -> torch.optim.Optimizer:
    """Build the optimiser that the recipe names.

    Args:
        model: What is trained.
        config: Its settings.

    Returns:
        The optimiser; `rate_factor` of each of its groups is what the learning rate is multiplied
        by for it.

    Raises:
        ModelError: The backbone does not tell its layers.

    Source: Bao et al. (2022), "BEiT", for rates that decay from layer to layer.
    """
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[config.name]
    # One pass over memory on all cores: 12 ms a step for a resnet18 on two, 66 one by one.
    fused = all(parameter.device.type == "cpu" for parameter in model.parameters())
    groups = _groups(model, config)
    optimizer: torch.optim.Optimizer = kind(groups, lr=config.learning_rate, fused=fused or None)
    return optimizer


def _groups(model: Classifier, config: OptimizerConfig) -> list[dict[str, Any]]:
    """Sort parameters by their rate and their decay, in the model's order."""
    depth = layer_depths(model.backbone) if config.layer_decay < 1.0 else {}
    n_layers = max(depth.values(), default=-1) + 1
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        inner = name.removeprefix("backbone.")
        factor = config.head_factor
        if inner != name:
            factor = config.layer_decay ** (n_layers - depth.get(inner, 0))
        decayed = config.decay_all or parameter.ndim > 1
        key = (factor, config.weight_decay if decayed else 0.0)
        groups.setdefault(key, []).append(parameter)
    return [
        {"params": parameters, "rate_factor": factor, "weight_decay": decay}
        for (factor, decay), parameters in groups.items()
    ]


def batch_factor(config: OptimizerConfig, global_batch: int) -> float:
    """Compute what the learning rate is multiplied by for a global batch.

    Source: Goyal et al. (2017), "Accurate, large minibatch SGD" (linear); Krizhevsky (2014), "One
    weird trick" (square root), which suits Adam better.

    Example:
        >>> batch_factor(OptimizerConfig(batch_rule="sqrt", reference_batch=32), 128)
        2.0
    """
    ratio = global_batch / config.reference_batch
    return {"none": 1.0, "linear": ratio, "sqrt": math.sqrt(ratio)}[config.batch_rule]


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
    asked = config.warmup_steps
    if asked is None:
        asked = int(config.warmup_epochs * steps_per_epoch)
    warmup = min(asked, int(epochs / 4 * steps_per_epoch))
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, total - 1 - warmup)
    drop = config.drop_steps or config.step_epochs * steps_per_epoch
    low = config.final_fraction
    factor = {
        "constant": 1.0,
        "cosine": low + (1.0 - low) * 0.5 * (1.0 + math.cos(math.pi * min(1.0, done))),
        "exponential": max(low, 1e-9) ** done,
        "step": config.step_factor ** int((step - warmup) / drop),
    }[config.schedule]
    return float(config.learning_rate * factor)
