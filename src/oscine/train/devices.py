"""Which devices a fit runs on, and in which arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from lightning.pytorch.accelerators import CUDAAccelerator, MPSAccelerator, XLAAccelerator

from oscine.core import TrainingError, available_cores
from oscine.train.config import DeviceConfig
from oscine.train.world import ALONE, World

FOUND: dict[str, Callable[[], bool]] = {
    "tpu": XLAAccelerator.is_available,
    "cuda": CUDAAccelerator.is_available,
    "mps": MPSAccelerator.is_available,
    "cpu": lambda: True,
}
"""Whether this machine has a kind of device; the best comes first."""


@dataclass(frozen=True)
class Device:
    """Where a fit runs.

    Args:
        kind: Lightning's name: tpu, cuda, mps or cpu.
        count: How many of them, on all machines.
        name: What to call it.
        machines: How many machines share them.
    """

    kind: str
    count: int
    name: str
    machines: int = 1

    def precision(self, wanted: str) -> str:
        """Find Lightning's name of the arithmetic for a recipe's `precision`."""
        if wanted == "auto":
            bfloat = self.kind == "tpu" or (self.kind == "cuda" and torch.cuda.is_bf16_supported())
            mixed = "bf16-mixed" if bfloat else "16-mixed"
            return mixed if self.kind in {"tpu", "cuda"} else "32-true"
        names = {"float32": "32-true", "float16": "16-mixed", "bfloat16": "bf16-mixed"}
        return names[wanted]

    def describe(self, batch_size: int) -> str:
        """Say in one line what a fit runs on."""
        spread = f" on {self.machines} machines" if self.machines > 1 else ""
        return (
            f"device: {self.count} x {self.name} ({self.kind}){spread}, "
            f"batch {batch_size} on each, {batch_size * self.count} in all"
        )


def find_device(config: DeviceConfig, world: World = ALONE) -> Device:
    """Find the devices that a recipe asks for.

    Args:
        config: Which kind, and how many on each machine.
        world: The processes that a launcher started, each of which has one device.

    Raises:
        TrainingError: There is no such device, there are not so many of them, or the launcher
            started another number of processes.
    """
    found = [name for name, is_there in FOUND.items() if is_there()]
    kind = next((name for name in found if config.kind in {"auto", name}), None)
    if kind is None:
        raise TrainingError(
            f"this machine has no {config.kind} device that torch can use",
            where="devices.kind",
            fix=f"choose from auto, {', '.join(found)}",
        )
    n = _count(kind, config, world)
    return Device(kind, n * world.machines, _name(kind, n), world.machines)


def _count(kind: str, config: DeviceConfig, world: World) -> int:
    """Count the devices of this machine that are used."""
    there = torch.cuda.device_count() if kind == "cuda" else 1
    n = there if config.count == "auto" else config.count
    if world.size > 1:
        if config.count not in {"auto", world.local_size}:
            raise TrainingError(
                f"the launcher started {world.local_size} processes on a machine, for {n} devices",
                where="devices.count",
                fix="leave it at auto, or start as many",
            )
        n = world.local_size
    if kind != "cpu" and n > there:
        raise TrainingError(
            f"{n} {kind} devices are asked for, and this process sees {there}",
            where="devices.count",
            fix="ask for fewer; a launcher must show each process all devices of its machine",
        )
    return n


def _name(kind: str, n: int) -> str:
    if kind == "cpu":
        cores = max(1, available_cores() // n)
        return f"CPU with {cores} core{'s' if cores > 1 else ''}"
    return {"tpu": "TPU", "mps": "Apple GPU"}.get(kind) or torch.cuda.get_device_name(0)
