"""How close a whole fit comes to its own step on a batch that is in memory already.

The bound is the same step (augmentation, features, forward, backward, optimiser) on one resident
batch, on all cores. The fits read random windows from ogg files, and from the decode cache, through
the code that `oscine run` runs. Bound and fits take turns in one process; each figure is a median.

    python benchmarks/fit.py [--backbone NAME ...] [--epochs N] [--batches N]

The last line is a JSON object; `fit_ogg_over_bound` and `fit_cached_over_bound` are the fit's clips
per second over the bound's, 1 is perfect, for the first backbone; the others add their name.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import soundfile
import soxr
import torch

from oscine.audio import AudioConfig, Clip, DecodeCache, WindowReader
from oscine.augment.augmenter import Augmenter
from oscine.catalog import RECORDINGS, class_list, conform
from oscine.core import generator, hash_file
from oscine.evaluate import EvaluateConfig
from oscine.features import FeatureConfig, resolve
from oscine.model.classifier import Classifier
from oscine.model.config import ModelConfig
from oscine.train.config import FitConfig, SamplingConfig, TrackingConfig
from oscine.train.data import Batch, TrainingBatches
from oscine.train.fit import fit
from oscine.train.job import FitJob
from oscine.train.module import FitModule
from oscine.train.sampling import EpochSampler
from oscine.train.targets import make_targets

NATIVE_RATE = 44_100
DURATION_S = 30.0
N_CLASSES = 8
BATCH_SIZE = 16


def write_recordings(folder: Path, n: int) -> pl.DataFrame:
    """Write ogg recordings of chirps in noise, at a rate that must be resampled."""
    rows = []
    time_s = np.arange(int(DURATION_S * NATIVE_RATE)) / NATIVE_RATE
    for number in range(n):
        rng = generator(0, "bench", number)
        sweep = np.sin(
            2 * np.pi * (2000 + 500 * np.sin(2 * np.pi * rng.uniform(1, 6) * time_s)) * time_s
        )
        wave = (0.2 * sweep + 0.02 * rng.standard_normal(len(time_s))).astype(np.float32)
        path = folder / f"XC{number}.ogg"
        with soundfile.SoundFile(path, "w", NATIVE_RATE, 1, format="OGG", subtype="VORBIS") as file:
            for start in range(0, len(wave), 65_536):
                file.write(wave[start : start + 65_536])
        rows.append(
            {
                "recording_id": f"bench/{path.name}",
                "catalog": "bench",
                "filename": path.name,
                "filepath": str(path),
                "xc_id": path.stem,
                "primary_label": f"species{number % N_CLASSES}",
                "secondary_labels": [],
            }
        )
    schema = {"secondary_labels": pl.List(pl.String)}
    return conform(pl.DataFrame(rows, schema_overrides=schema), RECORDINGS)


def make_job(table: pl.DataFrame, folder: Path, backbone: str, cache: str, epochs: int) -> FitJob:
    """Describe a fit without validation, with the reference recipe's settings."""
    audio = AudioConfig(cache=cache, cache_folder=str(folder / "cache"))
    clips = [Clip(path, DURATION_S, hash_file(Path(path))) for path in table["filepath"]]
    if cache != "none":
        rows = [(clip.filepath, clip.content_hash, clip.duration_s) for clip in clips]
        DecodeCache.from_config(audio).build(rows)
    empty = table.head(0)
    return FitJob(
        stage="pretrain",
        fold=0,
        seed=0,
        training=table,
        validation=empty,
        training_reader=WindowReader(clips, audio),
        validation_reader=WindowReader([], audio),
        classes=class_list(table),
        spec=resolve(FeatureConfig(), audio.sample_rate, audio.window_s),
        model=ModelConfig(backbone=backbone, pretrain="none"),
        config=FitConfig(
            epochs=epochs,
            batch_size=BATCH_SIZE,
            checkpoint_every_s=1e9,
            sampling=SamplingConfig(upsample=None),
        ),
        evaluation=EvaluateConfig(),
        tracking=TrackingConfig(tensorboard=False),
        folder=folder / f"fit-{backbone}-{cache}",
    )


class Bound:
    """The step of a fit on one resident batch."""

    def __init__(self, job: FitJob) -> None:
        targets, masked = make_targets(job.training, job.classes, job.config.loss)
        batches = TrainingBatches(
            job.training_reader,
            targets,
            masked,
            sampler=EpochSampler(job.training, job.config.sampling, seed=0),
            seed=0,
            batch_size=BATCH_SIZE,
            drop_remainder=True,
        )
        self.batches = [next(iter(batches.epoch(0, 0, "bound")))]
        shape = (job.spec.channels, job.spec.n_mels, job.spec.n_frames)
        model = Classifier(job.model, shape, len(job.classes)).to(memory_format=torch.channels_last)
        self.module = FitModule(
            model,
            job.spec,
            job.config,
            augmenter=Augmenter(job.config.augment, job.spec.sample_rate),
            seed=0,
            final_activation="softmax",
            steps_per_epoch=batches.n_batches,
        )
        self.optimizer = self.module.configure_optimizers()
        self.step(self.batches[0])

    def step(self, batch: Batch) -> None:
        """Take one whole step."""
        self.optimizer.zero_grad()
        self.module.training_step(batch, 0)["loss"].backward()
        self.optimizer.step()

    def clips_per_second(self, steps: int) -> float:
        """Take steps and say how fast they went."""
        started = time.perf_counter()
        for number in range(steps):
            self.step(self.batches[0]._replace(epoch=number))
        return steps * BATCH_SIZE / (time.perf_counter() - started)


def read_costs(table: pl.DataFrame, rate: int) -> dict[str, float]:
    """Time decoding and resampling of a window by themselves, ms on one thread."""
    decode_s, resample_s = [], []
    for path in table["filepath"].head(16):
        started = time.perf_counter()
        with soundfile.SoundFile(path) as file:
            file.seek(5 * NATIVE_RATE)
            window = file.read(10 * NATIVE_RATE, dtype="float32")
        decoded = time.perf_counter()
        soxr.resample(window, NATIVE_RATE, rate, quality="HQ")
        decode_s.append(decoded - started)
        resample_s.append(time.perf_counter() - decoded)
    return {
        "decode": 1e3 * statistics.median(decode_s),
        "resample": 1e3 * statistics.median(resample_s),
    }


def measure(table: pl.DataFrame, folder: Path, backbone: str, epochs: int) -> dict[str, float]:
    """Let bound and fits take turns, and give the ratios."""
    jobs = {
        name: make_job(table, folder, backbone, cache, epochs)
        for name, cache in (("ogg", "none"), ("cached", "int16"))
    }
    bound = Bound(jobs["cached"])
    n_steps = len(table) // BATCH_SIZE
    speeds = [bound.clips_per_second(n_steps)]
    ratios = {}
    for name, job in jobs.items():
        summary = fit(job)
        rows = [json.loads(line) for line in (job.folder / "history.jsonl").open()]
        speeds.append(bound.clips_per_second(n_steps))
        # The first epoch warms up; the bound is that of just before and just after the fit.
        speed = statistics.median(row["clips_per_second"] for row in rows[1:] or rows)
        ratios[f"fit_{name}_over_bound"] = speed / statistics.mean(speeds[-2:])
        n_clips = summary["steps"] * BATCH_SIZE
        parts = {part: 1e3 * s / n_clips for part, s in summary["breakdown"].items()}
        line = ", ".join(f"{part} {ms:.1f}" for part, ms in parts.items())
        print(f"{backbone}, {name}: {speed:.1f} clips/s; ms a clip: {line}")
    print(f"{backbone}, bound: {', '.join(f'{speed:.1f}' for speed in speeds)} clips/s")
    return ratios


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "--backbone", nargs="+", default=["tf_efficientnet_lite0", "mobilenetv3_small_100"]
    )
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batches", type=int, default=4)
    options = parser.parse_args()
    logging.getLogger("oscine").setLevel(logging.WARNING)
    figures: dict[str, float] = {}
    with TemporaryDirectory() as name:
        folder = Path(name)
        table = write_recordings(folder, options.batches * BATCH_SIZE)
        costs = read_costs(table, 32_000)
        print(f"a window, one thread: {', '.join(f'{k} {v:.1f} ms' for k, v in costs.items())}")
        for place, backbone in enumerate(options.backbone):
            suffix = f"_{backbone}" if place else ""
            ratios = measure(table, folder, backbone, options.epochs)
            figures |= {f"{key}{suffix}": round(value, 3) for key, value in ratios.items()}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
