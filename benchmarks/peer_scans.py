"""Scans beside opensoundscape and BirdNET; `benchmarks/peers.py` runs them."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch.utils.flop_counter import FlopCounterMode

from fit import N_CLASSES
from oscine.features import FeatureConfig, MelSpec, resolve
from oscine.infer import ScanConfig, open_ensemble, scan
from oscine.model.classifier import Classifier
from oscine.model.config import ModelConfig
from peer_process import (
    BACKBONES,
    BATCH_SIZE,
    SAMPLE_RATE,
    THREADS,
    Figures,
    by_turns,
    clip_spec,
    peer,
)
from scan import make_bundle, make_recording

MINUTES = 10.0


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
            short = name.partition("_")[0]
            figures[f"scan_speedup_vs_opensoundscape_{short}"] = their / mine
            plain = other.ask("scan", backbone=name, path=str(path), batch_size=1, workers=0)
            print(f"{name}, peer with its default batch and processes: {plain['seconds']:.3g} s")
            figures[f"scan_speedup_vs_opensoundscape_{short}_defaults"] = plain["seconds"] / mine
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
