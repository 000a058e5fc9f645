"""How fast oscine is beside others that do the same work on the same clips, by turns in one run.

Peers live in environments of their own under a folder outside git, which `--install` makes (about
8 GB); scripts of `benchmarks/peers` run there and answer one request at a time. All have two
threads and float32, and nothing augments unless it is said.

* Fits: clips of 5 s at 32 kHz, decoded and resampled from the same 44.1 kHz ogg files by both,
  images of 1 x 128 x 313, the same backbone, batches of 16; clips per second of decoding, features,
  forward, backward and optimiser, warm-up excluded. opensoundscape gets the number of loading
  processes with which it is fastest, and its autocasting to bfloat16, which it does on a CPU
  whatever its setting, is switched off; with it, as shipped, it is measured once too beside our
  own `precision: bfloat16` (`--as-shipped`; on a CPU without instructions for it that takes very
  long). `_augmented`: the
  same with the augmentations that each has by default.
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
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import torch

from fit import DURATION_S, N_CLASSES, make_job, write_recordings
from oscine.audio import AudioConfig, Clip, WindowReader
from oscine.augment import AugmentConfig, MaskConfig, TimeMaskConfig
from oscine.augment.augmenter import Augmenter
from oscine.augment.draws import Draws
from oscine.features import FeatureConfig, resolve
from oscine.features.mel_torch import LogMel
from oscine.model.config import LossConfig
from oscine.train.config import FitConfig, SamplingConfig
from oscine.train.fit import fit
from peer_process import (
    BACKBONES,
    BATCH_SIZE,
    SAMPLE_RATE,
    THREADS,
    WINDOW_S,
    Figures,
    Peer,
    by_turns,
    clip_spec,
    install,
    peer,
)
from peer_scans import birdnet, scans

BATCHES = 6
"""Batches of a timed epoch."""


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
        mine = fit_once(table, clips, scratch, backbone, False, "bfloat16")
        shipped = other.ask("fit", steps=BATCHES, as_shipped=True, **request)
        print(f"fit {backbone}, bfloat16: oscine {mine:.3g}, peer {shipped:.3g} clips/s")
        figures[f"fit_speedup_vs_opensoundscape_{short}_as_shipped"] = mine / shipped
    return figures


def fit_once(
    table: pl.DataFrame,
    clips: list[tuple[str, float, float, str]],
    scratch: Path,
    backbone: str,
    augmented: bool,
    precision: str = "float32",
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
                precision=precision,
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
    parser.add_argument("--as-shipped", action="store_true", help="also with bfloat16")
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
