"""What the processes of a fit tell each other; with one process each of these is nothing at all.

Tensors go by the device's own way (NCCL for CUDA, Gloo for CPUs), everything else by Gloo.
"""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from oscine.core import TrainingError
from oscine.train.world import World

T = TypeVar("T")

PATIENCE = timedelta(days=7)
"""How long a process waits for a word of the first, which may have an audit to do meanwhile. A
process that ended is noticed at once, whatever this is."""

_words: dist.ProcessGroup | None = None
"""The group by which everything but tensors goes, once there is one."""


def connect(world: World, kind: str) -> None:
    """Bring the processes of a fit together, if there are several; once is enough.

    Args:
        world: Which process this is.
        kind: Which devices they have: cuda or cpu.

    Raises:
        TrainingError: The launcher does not say where the first process is.
    """
    global _words  # noqa: PLW0603 - torch's own groups are global too
    if world.size == 1 or dist.is_initialized():
        return
    if not world.first:
        logging.getLogger("oscine").setLevel(logging.WARNING)
    if "MASTER_ADDR" not in os.environ:
        _find_first()
    os.environ.update(world.variables())
    if kind == "cuda":
        torch.cuda.set_device(world.local_rank)
    dist.init_process_group("nccl" if kind == "cuda" else "gloo")
    words = dist.new_group(backend="gloo", timeout=PATIENCE)
    assert isinstance(words, dist.ProcessGroup)
    _words = words


def _find_first() -> None:
    from lightning.fabric.plugins.environments.slurm import SLURMEnvironment

    if "SLURM_STEP_ID" not in os.environ:
        raise TrainingError(
            "the launcher does not say where the first process is",
            where="MASTER_ADDR",
            fix="start the processes with torchrun or srun",
        )
    slurm = SLURMEnvironment(auto_requeue=False)
    os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"] = slurm.main_address, str(slurm.main_port)


def disconnect() -> None:
    """Part from the other processes, when all is done."""
    global _words  # noqa: PLW0603 - torch's own groups are global too
    if dist.is_initialized():
        dist.destroy_process_group()
        _words = None


def n_connected() -> int:
    """Count the processes that are connected; 1: there is no other."""
    return dist.get_world_size() if dist.is_initialized() else 1


def total(values: Tensor) -> Tensor:
    """Add tensors of all processes up, in place."""
    if n_connected() > 1:
        dist.all_reduce(values)
    return values


def gather(value: T) -> list[T]:
    """Give every process the values of all, in the order of their ranks."""
    if n_connected() == 1:
        return [value]
    values: list[T | None] = [None] * n_connected()
    dist.all_gather_object(values, value, group=_words)
    return values  # type: ignore[return-value]


def from_first(value: T) -> T:
    """Give every process the first one's value."""
    if n_connected() == 1:
        return value
    values = [value]
    dist.broadcast_object_list(values, src=0, group=_words)
    return values[0]


def wait_for_all() -> None:
    """Wait until every process has come this far."""
    gather(None)
