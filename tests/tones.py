"""A training task in seconds: short wav recordings of pure tones, a class a pitch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import soundfile

from oscine.audio import AudioConfig, Clip, WindowReader
from oscine.augment import AugmentConfig
from oscine.catalog import RECORDINGS, class_list, conform
from oscine.evaluate import EvaluateConfig
from oscine.features import FeatureConfig, resolve
from oscine.model.config import LossConfig, ModelConfig
from oscine.train.config import FitConfig, OptimizerConfig, SamplingConfig, TrackingConfig
from oscine.train.job import FitJob

SAMPLE_RATE = 8000
PITCHES_HZ = {"low": 400.0, "mid": 1200.0, "high": 3000.0}
AUDIO = AudioConfig(sample_rate=SAMPLE_RATE, window_s=1.0, workers=2)
FEATURES = FeatureConfig(n_fft=256, n_frames=32, n_mels=32, f_min_hz=50, f_max_hz=4000)
MODEL = ModelConfig(backbone="test_efficientnet", pretrain="none", final_activation="softmax")


def recordings(folder: Path, n: int = 8, seed: int = 0) -> pl.DataFrame:
    """Write `n` recordings of each pitch, 1 to 2 s long, and give their table."""
    rng = np.random.default_rng(seed)
    rows = []
    for label, pitch_hz in PITCHES_HZ.items():
        for number in range(n):
            time_s = np.arange(int(SAMPLE_RATE * rng.uniform(1.0, 2.0))) / SAMPLE_RATE
            tone = 0.3 * np.sin(2 * np.pi * pitch_hz * rng.uniform(0.95, 1.05) * time_s)
            path = folder / label / f"{label}{seed}-{number}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            noise = 0.02 * rng.standard_normal(len(time_s))
            soundfile.write(path, tone + noise, SAMPLE_RATE)
            rows.append(
                {
                    "recording_id": f"tones/{path.name}",
                    "catalog": "tones",
                    "filename": path.name,
                    "filepath": str(path),
                    "xc_id": path.stem,
                    "primary_label": label,
                    "secondary_labels": [],
                }
            )
    return conform(
        pl.DataFrame(rows, schema_overrides={"secondary_labels": pl.List(pl.String)}), RECORDINGS
    )


def reader(table: pl.DataFrame, audio: AudioConfig = AUDIO) -> WindowReader:
    """Give the reader of a table's windows."""
    clips = [Clip(path, soundfile.info(path).duration) for path in table["filepath"]]
    return WindowReader(clips, audio)


def fit_config(**change: object) -> FitConfig:
    """Give settings that learn the tones in a few seconds."""
    settings = {
        "epochs": 2,
        "batch_size": 8,
        "checkpoint_every_s": 0.0,
        "optimizer": OptimizerConfig(learning_rate=3e-3, warmup_epochs=0),
        "loss": LossConfig(kind="CCE", label_smoothing=0.0),
        "sampling": SamplingConfig(upsample=None),
        "augment": AugmentConfig(),
    }
    return FitConfig(**{**settings, **change})


def job(folder: Path, n: int = 8, **change: object) -> FitJob:
    """Give a fit of the tones; `change` replaces any field of the job."""
    training = recordings(folder / "audio", n)
    validation = recordings(folder / "audio", max(2, n // 4), seed=1)
    made = FitJob(
        stage="finetune",
        fold=0,
        seed=7,
        training=training,
        validation=validation,
        training_reader=reader(training),
        validation_reader=reader(validation),
        classes=class_list(training),
        spec=resolve(FEATURES, AUDIO.sample_rate, AUDIO.window_s),
        model=MODEL,
        config=fit_config(),
        evaluation=EvaluateConfig(),
        tracking=TrackingConfig(tensorboard=False),
        folder=folder / "fit",
        workers=2,
    )
    return replace(made, **change)
