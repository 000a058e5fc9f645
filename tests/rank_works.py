"""What processes do in tests: functions of a module that each of them can import."""

from __future__ import annotations

import logging
import os
import signal
import time
from pathlib import Path
from typing import Any

import torch

from oscine.core import ModelError
from oscine.train.collectives import connect, from_first, gather, total, wait_for_all
from oscine.train.world import World

log = logging.getLogger("oscine")


def _here() -> World:
    world = World.here()
    connect(world, "cpu")
    return world


def tell(word: str) -> dict[str, Any]:
    """Tell the others who this is, in every way that there is."""
    world = _here()
    log.info("%s from %d", word, world.rank)
    log.warning("%s!", word)
    return {
        "gathered": gather(world.rank),
        "first": from_first(world.rank + 10),
        "total": total(torch.tensor([1.0 + world.rank])).tolist(),
        "cores": torch.get_num_threads(),
    }


def fail(at: int) -> None:
    """One process refuses; the others wait for it."""
    if _here().rank == at:
        raise ModelError("does not fit", where="here", fix="choose another")
    wait_for_all()


def divide(at: int) -> None:
    """One process has a bug; the others wait for it."""
    if _here().rank == at:
        log.warning("%s", 1 // 0)
    wait_for_all()


def be_killed(at: int) -> None:
    """One process is killed; the others wait for it."""
    if _here().rank == at:
        log.warning("now")
        os.kill(os.getpid(), signal.SIGKILL)
    wait_for_all()


def linger(folder: str) -> None:
    """The first sleeps, the others wait for it; each leaves a file named by its process id."""
    world = _here()
    (Path(folder) / str(os.getpid())).touch()
    if world.first:
        time.sleep(600)
    wait_for_all()


def normalise(shares: list[torch.Tensor], weight: torch.Tensor, bias: torch.Tensor) -> Any:
    """Norm of a share of a batch, with gradients of `sum(output**3)`, and running statistics."""
    from oscine.model.synced_norm import SyncedNorms

    world = _here()
    images = shares[world.rank].requires_grad_()
    norm = torch.nn.BatchNorm2d(len(weight))
    norm.load_state_dict({"weight": weight, "bias": bias}, strict=False)
    with SyncedNorms():
        output = norm(images)
    output.pow(3).sum().backward()
    own = (output.detach(), images.grad, norm.weight.grad, norm.bias.grad)
    everyone = [[value.numpy() for value in values] for values in gather(own)]
    return everyone, norm.running_mean.numpy(), norm.running_var.numpy()


def fit_and_be_killed(job: Any, device: Any, at: int, step: int) -> None:
    """One process of a fit is killed right after a step."""
    from oscine.train.fit import fit_rank
    from oscine.train.module import FitModule

    after = FitModule.after_step

    def kill_after(self: Any) -> None:
        after(self)
        if self.step >= step and World.here().rank == at:
            os.kill(os.getpid(), signal.SIGKILL)

    FitModule.after_step = kill_after  # type: ignore[method-assign]
    fit_rank(job, device)
