"""Which device a fit runs on, and in which arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from lightning.pytorch.accelerators import CUDAAccelerator, MPSAccelerator, XLAAccelerator

from oscine.core import available_cores


@dataclass(frozen=True)
class Device:
    """Where a fit runs.

    Args:
        kind: Lightning's name: tpu, cuda, mps or cpu.
        count: How many of them.
        name: What to call it.
    """

    kind: str
    count: int
    name: str

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
        return (
            f"device: {self.count} x {self.name} ({self.kind}), batch {batch_size} on each, "
            f"{batch_size * self.count} in all"
        )


def find_device() -> Device:
    """Find the best device: TPU, else CUDA, else Apple's MPS, else the CPU; one of them."""
    if XLAAccelerator.is_available():
        return Device("tpu", 1, "TPU")
    if CUDAAccelerator.is_available():
        return Device("cuda", 1, torch.cuda.get_device_name(0))
    if MPSAccelerator.is_available():
        return Device("mps", 1, "Apple GPU")
    return Device("cpu", 1, f"CPU with {available_cores()} cores")
