"""Whether memory stays flat: over epochs, over rows of a catalog, over hours and over files.

Each case runs in a process of its own, whose greatest resident set counts (Linux tells it). Fits
hear 1,000 clips an epoch, whatever the size of the table, whose rows point at few real files: one
clip of each class and recordist. Scans are of one generated FLAC file, with a model of one layer.

    python benchmarks/memory.py [--rows N] [--hours N] [--files N]

The last line is a JSON object of greatest resident sets as ratios, 1 is perfectly flat:
`fit_peak_epoch_3_over_1`; `fit_peak_100k_over_1k_rows` and `fit_mb_per_100k_rows`;
`scan_peak_24h_over_1min` of 200 classes, and of 1000; `scan_peak_1000_files_over_1`.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import soundfile

from oscine.audio import AudioConfig, Clip, WindowReader
from oscine.catalog import RECORDINGS, class_list, conform
from oscine.core import generator
from oscine.features import FeatureConfig, resolve
from oscine.infer import ScanConfig, scan

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
import synthetic

SAMPLE_RATE = 8000
FILE_RATE = 12_000
"""Rate of what is scanned, so that the resampler runs too."""
N_CLASSES = 250
N_RECORDISTS = 4
N_FILES = 16
EPOCHS = 3
WINDOW_S = 5.0
N_SCANNED = 200
"""Classes of the bundle that scans."""
MANY_SCANNED = 1000
"""Classes of one that knows a continent's birds."""


def peak_mb() -> float:
    """Tell the greatest resident set of this process so far, MB."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(kilobytes) / 1e3


def write_noise(path: Path, seconds: int, rate: int) -> None:
    """Write noise by blocks of a minute; quiet, so that a day of it is small."""
    minute = generator(0, "noise").integers(-40, 41, 60 * rate).astype(np.int16)
    with soundfile.SoundFile(path, "w", rate, 1, subtype="PCM_16") as file:
        for start in range(0, seconds, 60):
            block = np.roll(minute, start * 7919)
            file.write(block[: min(60, seconds - start) * rate])


def make_table(folder: Path, n_rows: int) -> pl.DataFrame:
    """Make a catalog of many recordings that are links to few files."""
    files = [folder / f"{number}.wav" for number in range(N_FILES)]
    for file in files:
        write_noise(file, 3, SAMPLE_RATE)
    row = pl.int_range(n_rows, eager=True).alias("row")
    table = pl.DataFrame(row).select(
        recording_id=pl.format("bench/XC{}.wav", "row"),
        catalog=pl.lit("bench"),
        filename=pl.format("XC{}.wav", "row"),
        filepath=pl.format("{}/{}.wav", pl.lit(str(folder)), pl.col("row") % N_FILES),
        xc_id=pl.format("XC{}", "row"),
        primary_label=pl.format("species{}", pl.col("row") % N_CLASSES),
        secondary_labels=pl.concat_list(pl.format("species{}", (pl.col("row") * 7) % N_CLASSES)),
        author=pl.format("Recordist {}", pl.col("row") // N_CLASSES % N_RECORDISTS),
        duration_s=pl.lit(3.0),
    )
    return conform(table, RECORDINGS)


def fit_rows(folder: Path, n_rows: int, n_validation: int) -> dict[str, list[float]]:
    """Fit a table; gives the peak after each epoch and at the end, MB."""
    from oscine.evaluate import EvaluateConfig
    from oscine.model.config import LossConfig, ModelConfig
    from oscine.train.config import FitConfig, SamplingConfig, TrackingConfig
    from oscine.train.fit import fit
    from oscine.train.job import FitJob

    table = make_table(folder, n_rows)
    validation = table.head(n_validation)
    audio = AudioConfig(sample_rate=SAMPLE_RATE, window_s=1.0)
    features = FeatureConfig(n_fft=256, n_frames=32, n_mels=32, f_min_hz=50, f_max_hz=4000)
    job = FitJob(
        stage="pretrain",
        fold=0,
        seed=0,
        training=table,
        validation=validation,
        training_reader=make_reader(table, audio),
        validation_reader=make_reader(validation, audio),
        classes=class_list(table),
        spec=resolve(features, audio.sample_rate, audio.window_s),
        model=ModelConfig(backbone="test_efficientnet", pretrain="none"),
        config=FitConfig(
            epochs=EPOCHS,
            loss=LossConfig(kind="BCE", secondary_labels="mask"),
            sampling=SamplingConfig(upsample=None, max_per_recordist=1),
        ),
        evaluation=EvaluateConfig(),
        tracking=TrackingConfig(tensorboard=False),
        folder=folder / "fit",
    )
    epochs: list[float] = []

    class AfterEpoch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if ": epoch " in record.getMessage():
                epochs.append(peak_mb())

    logging.getLogger("oscine").addHandler(AfterEpoch())
    logging.getLogger("oscine").setLevel(logging.INFO)
    fit(job)
    return {"epochs": epochs, "peak": [peak_mb()]}


def make_reader(table: pl.DataFrame, audio: AudioConfig) -> WindowReader:
    return WindowReader([Clip(path, 3.0) for path in table["filepath"]], audio)


def scan_files(folder: Path, seconds: int, n_files: int, n_classes: int) -> dict[str, list[float]]:
    """Scan a recording, or links to it; gives the peak at the end, MB."""
    sounds = folder / "sounds"
    sounds.mkdir()
    spec = synthetic.make_spec(SAMPLE_RATE, WINDOW_S)
    synthetic.make_bundle(folder / "bundle", n_classes, spec)
    write_noise(sounds / "0.flac", seconds, FILE_RATE)
    for number in range(1, n_files):
        (sounds / f"{number}.flac").hardlink_to(sounds / "0.flac")
    before = peak_mb()
    # Of the scores of its random weights 2 % are 1: with 200 classes four detections a window, as
    # in a dawn chorus.
    config = ScanConfig(smoothing=(0.25, 0.5, 0.25), threshold=1.0)
    scan([folder / "bundle"], [sounds], config, folder / "out")
    return {"before": [before], "peak": [peak_mb()]}


CASES: dict[str, Callable[..., dict[str, list[float]]]] = {"fit": fit_rows, "scan": scan_files}


def run(case: str, *numbers: int) -> dict[str, list[float]]:
    """Run a case in a process of its own."""
    command = [sys.executable, __file__, "--case", case, *map(str, numbers)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    print(case, *numbers, {name: [round(mb) for mb in values] for name, values in figures.items()})
    return figures


def measure(rows: int, hours: float, files: int) -> dict[str, float]:
    """Run all cases; gives the ratios."""
    validated = run("fit", 1000, 500)["epochs"]
    small, large = (run("fit", n, 0)["peak"][0] for n in (1000, rows))
    lengths_s = (60, round(hours * 3600))
    minute, day = (run("scan", s, 1, N_SCANNED)["peak"][0] for s in lengths_s)
    wide_minute, wide_day = (run("scan", s, 1, MANY_SCANNED)["peak"][0] for s in lengths_s)
    one, many = (run("scan", 10, n, N_SCANNED)["peak"][0] for n in (1, files))
    return {
        "fit_peak_epoch_3_over_1": validated[-1] / validated[0],
        "fit_peak_100k_over_1k_rows": large / small,
        "fit_mb_per_100k_rows": (large - small) / (rows - 1000) * 1e5,
        "scan_peak_24h_over_1min": day / minute,
        "scan_peak_24h_over_1min_1000_classes": wide_day / wide_minute,
        "scan_peak_1000_files_over_1": many / one,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--case", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        name, *numbers = options.case
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(CASES[name](Path(folder), *map(int, numbers))))
        return
    figures = measure(options.rows, options.hours, options.files)
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
