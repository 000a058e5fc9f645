"""The state of a fit as one safetensors file: tensors, and everything else as JSON beside them.

No pickle: a checkpoint can be opened by anyone without running code. It holds all that the next
step depends on, so a fit that was killed goes on to the same bits.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from oscine.core import ArtifactError, atomic_path


@dataclass
class Progress:
    """How far a fit has come.

    Args:
        fingerprint: What the fit was told to do; another fit's checkpoint is not taken.
        epoch: The epoch in hand, counted from 0.
        batch: The next batch of that epoch, counted from 0.
        step: Optimiser steps done in the whole stage.
        loss_sum: Sum of the training losses of this epoch so far.
        loss_count: How many losses that were.
        best_value: The monitored metric of the best epoch.
        best_epoch: That epoch; -1: none yet.
        seconds: Time spent so far, s.
        scaler: State of the gradient scaler of float16; empty if there is none.
        history: One row for each finished epoch.
        breakdown: Seconds by part of the work.
    """

    fingerprint: str = ""
    epoch: int = 0
    batch: int = 0
    step: int = 0
    loss_sum: float = 0.0
    loss_count: int = 0
    best_value: float | None = None
    best_epoch: int = -1
    seconds: float = 0.0
    scaler: dict[str, float] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    breakdown: dict[str, float] = field(default_factory=dict)


def save(
    path: Path,
    progress: Progress,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    average: dict[str, Tensor],
) -> None:
    """Write a checkpoint, atomically.

    Args:
        path: Where it shall stand.
        progress: How far the fit has come.
        model: Its parameters and buffers are stored.
        optimizer: Its state is stored.
        average: The moving average of the weights; empty if there is none.
    """
    tensors = {f"model/{name}": value for name, value in model.state_dict().items()}
    tensors |= {f"average/{name}": value for name, value in average.items()}
    state = optimizer.state_dict()["state"]
    for index, entry in state.items():
        tensors |= {f"optimizer/{index}/{key}": torch.as_tensor(v) for key, v in entry.items()}
    tensors = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    with atomic_path(path) as partial:
        save_file(tensors, partial, metadata={"progress": json.dumps(asdict(progress))})


def load(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    average: dict[str, Tensor],
) -> Progress:
    """Read a checkpoint into a model, an optimiser and a moving average, all changed in place.

    Args:
        path: The file.
        model: Gets the stored parameters and buffers.
        optimizer: Gets the stored state.
        average: Gets the stored moving average.

    Returns:
        How far the fit had come.

    Raises:
        ArtifactError: The file is damaged.
    """
    try:
        with safe_open(path, framework="pt") as stored:
            metadata = stored.metadata()
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    except Exception as error:  # safetensors raises its own kind for any damage
        raise ArtifactError(
            "damaged checkpoint", where=path, fix="delete it; the fit starts anew"
        ) from error
    groups: dict[str, dict[str, Tensor]] = {"model": {}, "average": {}, "optimizer": {}}
    for name, value in tensors.items():
        group, _, rest = name.partition("/")
        groups[group][rest] = value
    model.load_state_dict(groups["model"])
    own = model.state_dict()
    average.update({name: value.to(own[name].device) for name, value in groups["average"].items()})
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in groups["optimizer"].items():
        index, _, key = name.partition("/")
        state.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
    for parameter, entry in optimizer.state.items():
        for key, value in entry.items():
            if value.shape == parameter.shape:
                # Fused steps go through memory: a state must lie in it as its parameter does.
                entry[key] = torch.empty_like(parameter, requires_grad=False).copy_(value)
    return Progress(**json.loads(metadata["progress"]))


def read_progress(path: Path) -> Progress | None:
    """Read how far a fit has come, without its tensors; None where there is no checkpoint."""
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as stored:
            return Progress(**json.loads(stored.metadata()["progress"]))
    except Exception:  # a damaged file is as good as none here; `load` explains it
        return None
