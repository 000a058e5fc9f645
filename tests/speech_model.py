"""A stand-in for the speech model: its inputs and outputs, and loudness in place of a voice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

GAIN = 4.0
"""Score of a block: this times half the last block's score, and its mean absolute value."""


def write_stand_in(path: Path, output: str = "output") -> Path:
    """Write it; `output` renames what it gives."""
    real, whole = TensorProto.FLOAT, TensorProto.INT64
    numbers = {"half": 0.5, "gain": GAIN, "rate": 16_000.0, "zero": 0.0, "one": 1.0}
    constants = [helper.make_tensor(name, real, [], [value]) for name, value in numbers.items()]
    constants.append(helper.make_tensor("along", whole, [1], [1]))
    nodes = [
        helper.make_node("Abs", ["input"], ["size"]),
        helper.make_node("ReduceMean", ["size"], ["loudness"], axes=[1], keepdims=1),
        helper.make_node("Mul", ["state", "half"], ["kept"]),
        helper.make_node("Add", ["kept", "loudness"], ["stateN"]),
        helper.make_node("ReduceMean", ["stateN"], ["level"], axes=[0, 2], keepdims=0),
        helper.make_node("Unsqueeze", ["level", "along"], ["column"]),
        helper.make_node("Cast", ["sr"], ["hz"], to=real),
        helper.make_node("Div", ["hz", "rate"], ["relative"]),
        helper.make_node("Mul", ["column", "relative"], ["scaled"]),
        helper.make_node("Mul", ["scaled", "gain"], ["raised"]),
        helper.make_node("Clip", ["raised", "zero", "one"], [output]),
    ]
    value = helper.make_tensor_value_info
    inputs = [
        value("input", real, [None, None]),
        value("state", real, [2, None, 128]),
        value("sr", whole, []),
    ]
    outputs = [value(output, real, [None, 1]), value("stateN", real, [2, None, 128])]
    graph = helper.make_graph(nodes, "stand_in", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(path))
    return path


def stand_in_scores(waveform: np.ndarray) -> np.ndarray:
    """Compute what it must give for a waveform at 16 kHz, by its definition."""
    n_blocks = -(-len(waveform) // 512)
    padded = np.pad(waveform, (64, 512 * n_blocks - len(waveform)))
    scores, level = [], 0.0
    for block in range(n_blocks):
        level = 0.5 * level + np.abs(padded[512 * block : 512 * (block + 1) + 64]).mean()
        scores.append(min(1.0, GAIN * level))
    return np.array(scores)
