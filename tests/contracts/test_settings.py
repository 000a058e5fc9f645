"""Every setting of a fit does something: changed alone, it changes what the fit leaves.

In the reference recipe several settings did nothing. Here each is changed from a base in which it
can matter, and a real fit is run. A setting that has no case is named with the test that would fail
if it did nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest
import soundfile
from pydantic import BaseModel

import tones
from oscine.audio import AudioConfig
from oscine.catalog import TrainingPart, class_list
from oscine.config import Config, apply_overrides, parse
from oscine.core import generator, hash_file
from oscine.evaluate import EvaluateConfig
from oscine.features import FeatureConfig, resolve
from oscine.model.config import ModelConfig
from oscine.train.config import FitConfig, TrackingConfig
from oscine.train.fit import fit
from oscine.train.job import FitJob
from oscine.train.sampling import resample

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parents[1]
MEASURED = {"seconds", "clips_per_second", "wait_fraction"}


class Settings(Config):
    """The parts of a recipe that a fit depends on."""

    audio: AudioConfig
    features: FeatureConfig
    model: ModelConfig
    fit: FitConfig
    evaluation: EvaluateConfig


BASE: dict[str, Any] = {
    "audio": {"sample_rate": 8000, "window_s": 1.0, "workers": 2},
    "features": {"n_fft": 256, "n_frames": 32, "n_mels": 32, "f_min_hz": 50, "f_max_hz": 2000},
    "model": {"backbone": "test_efficientnet", "pretrain": "none"},
    "fit": {
        "epochs": 2,
        "batch_size": 4,
        "checkpoint_every_s": 1000.0,
        "optimizer": {"learning_rate": 3e-3, "warmup_epochs": 0},
        "sampling": {"upsample": None},
        "augment": {
            "waveform_probability": 1.0,
            "mix_group": 4,
            "background": {"label": "high"},
            **{
                name: {"probability": 0.0}
                for name in ("noise", "mixup", "cutmix", "time_masks", "frequency_masks")
            },
        },
    },
    "evaluation": {},
}


@cache
def tables(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tones, uneven: 5, 4 and 3 a class, one in stereo, one short, half with a second label."""
    training = tones.recordings(folder / "audio", 5)
    counts = {"low": 5, "mid": 4, "high": 3}
    training = pl.concat(
        [training.filter(primary_label=label).head(n) for label, n in counts.items()]
    )
    noise = generator(3, "stereo").normal(0, 0.1, (12_000, 2))
    soundfile.write(training["filepath"][0], noise, tones.SAMPLE_RATE)
    soundfile.write(training["filepath"][1], noise[:4800, 0], tones.SAMPLE_RATE)
    validation = tones.recordings(folder / "audio", 2, seed=1)
    second = pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit(["mid"])).otherwise([])
    labels = second.cast(pl.List(pl.String)).alias("secondary_labels")
    return training.with_columns(labels, author=pl.lit("A. Recordist")), validation


def job(folder: Path, home: Path, settings: Settings) -> FitJob:
    """Make the fit of the settings, as the pipeline does."""
    training, validation = tables(home)
    heard = resample(TrainingPart(training), settings.fit.sampling, 7).table
    audio = settings.audio
    return FitJob(
        stage="finetune",
        fold=0,
        seed=7,
        training=heard,
        validation=validation,
        training_reader=tones.reader(heard, audio),
        validation_reader=tones.reader(validation, audio),
        classes=class_list(training),
        spec=resolve(settings.features, audio.sample_rate, audio.window_s),
        model=settings.model,
        config=settings.fit,
        evaluation=settings.evaluation,
        tracking=TrackingConfig(tensorboard=False),
        folder=folder,
        workers=audio.workers,
    )


def left_by(folder: Path, home: Path, overrides: tuple[str, ...]) -> str:
    """Run a fit, and give what it leaves as text: weights, history, exposures and scores."""
    settings = parse(Settings, apply_overrides(BASE, overrides))
    summary = fit(job(folder, home, settings))
    lines = (folder / "history.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [{k: v for k, v in json.loads(line).items() if k not in MEASURED} for line in lines]
    tables = [pl.read_parquet(folder / f"{n}.parquet") for n in ("out_of_fold", "exposures")]
    plain = [table.to_dicts() for table in tables]
    weights = hash_file(folder / "weights.safetensors")
    return json.dumps([weights, rows, plain, summary["best_epoch"], summary["best_value"]])


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("settings")


@pytest.fixture(scope="module")
def left(home, tmp_path_factory):
    """What fits leave, each run once."""
    known: dict[tuple[str, ...], str] = {}

    def ask(overrides: tuple[str, ...]) -> str:
        if overrides not in known:
            known[overrides] = left_by(tmp_path_factory.mktemp("fit"), home, overrides)
        return known[overrides]

    return ask


def cases() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give each change, and the base in which it can matter."""
    for text in CASES.strip().splitlines():
        change, _, base = text.partition(" | ")
        yield change.strip(), tuple(base.split())


CASES = """
audio.sample_rate=4000
audio.window_s=0.8
audio.mix=first
audio.crop=first
audio.crop=loudest
audio.short=pad
audio.short=repeat
features.n_fft=128
features.win_length=128
features.window=hamming
features.window=boxcar
features.n_frames=24
features.hop_length=100 | features.n_frames=null features.hop_length=200
features.padding=zeros
features.n_mels=24
features.f_min_hz=200
features.f_max_hz=1500
features.mel_scale=htk
features.mel_norm=none
features.power=1
features.top_db=20
features.reference=peak | features.scaling=fixed
features.scaling=zscore
features.scaling=band
features.scaling=fixed
features.scaling=pcen
features.scaling=learned_pcen
features.scaling=none
features.fixed_mean=-20 | features.scaling=fixed
features.fixed_std=10 | features.scaling=fixed
features.pcen_time_s=0.2 | features.scaling=pcen
features.pcen_gain=0.5 | features.scaling=pcen
features.pcen_bias=2 | features.scaling=pcen
features.pcen_power=0.5 | features.scaling=pcen
features.channels=3
features.deltas=true | features.channels=3
features.image_size=[40,40]
model.backbone=test_resnet
model.full_stem_resolution=true
model.pooling=max | model.full_stem_resolution=true
model.pooling=gem | model.full_stem_resolution=true
model.pooling=attention
model.neck_features=8
model.dropout=0.5
model.drop_path=0.5 | model.backbone=test_resnet
model.final_activation=sigmoid
fit.epochs=3
fit.batch_size=8
fit.drop_remainder=false | fit.batch_size=8
fit.monitor=accuracy
fit.monitor=top_5_accuracy
fit.monitor=macro_roc_auc
fit.monitor=cmap
fit.monitor=padded_cmap
fit.patience=1 | fit.epochs=4 fit.monitor=top_5_accuracy
fit.ema_decay=0.5
fit.precision=bfloat16
fit.optimizer.name=adamw | fit.optimizer.weight_decay=0.1
fit.optimizer.learning_rate=1e-3
fit.optimizer.batch_rule=linear
fit.optimizer.batch_rule=sqrt
fit.optimizer.reference_batch=8 | fit.optimizer.batch_rule=linear
fit.optimizer.layer_decay=0.5
fit.optimizer.head_factor=3
fit.optimizer.head_warmup_epochs=1
fit.optimizer.weight_decay=0.1
fit.optimizer.decay_all=false | fit.optimizer.weight_decay=0.1
fit.optimizer.schedule=step | fit.optimizer.step_epochs=1
fit.optimizer.schedule=exponential
fit.optimizer.schedule=constant
fit.optimizer.warmup_epochs=1 | fit.epochs=4
fit.optimizer.warmup_steps=2 | fit.epochs=4
fit.optimizer.final_fraction=0.5
fit.optimizer.step_epochs=1 | fit.optimizer.schedule=step
fit.optimizer.drop_steps=1 | fit.optimizer.schedule=step
fit.optimizer.step_factor=0.1 | fit.optimizer.schedule=step fit.optimizer.drop_steps=1
fit.optimizer.gradient_clip=0.001
fit.optimizer.accumulate=2
fit.loss.kind=BCE
fit.loss.kind=focal
fit.loss.label_smoothing=0.3
fit.loss.secondary_labels=positive
fit.loss.secondary_labels=soft
fit.loss.secondary_labels=mask
fit.loss.secondary_weight=0.9 | fit.loss.secondary_labels=soft
fit.loss.focal_gamma=1 | fit.loss.kind=focal
fit.loss.frame_weight=0 | model.pooling=attention
fit.loss.class_weight_power=0.5
fit.loss.class_weights={low: 3}
fit.sampling.upsample=6
fit.sampling.downsample=3
fit.sampling.weight_power=1
fit.sampling.max_per_recording=1 | fit.sampling.upsample=8
fit.sampling.max_per_recordist=2
fit.augment.enabled=false | fit.augment.noise.probability=1
fit.augment.waveform_probability=0 | fit.augment.noise.probability=1
fit.augment.mix_group=2 | fit.augment.mixup.probability=1
fit.augment.speed.probability=1
fit.augment.speed.min_factor=0.5 | fit.augment.speed.probability=1
fit.augment.speed.max_factor=2 | fit.augment.speed.probability=1
fit.augment.time_shift.probability=1
fit.augment.time_shift.max_fraction=0.1 | fit.augment.time_shift.probability=1
fit.augment.time_shift.fill=pad | fit.augment.time_shift.probability=1
fit.augment.filter.probability=1
fit.augment.filter.low_pass_min_hz=1000 | fit.augment.filter.probability=1
fit.augment.filter.low_pass_max_hz=3500 | fit.augment.filter.probability=1
fit.augment.filter.high_pass_min_hz=900 | fit.augment.filter.probability=1
fit.augment.filter.high_pass_max_hz=200 | fit.augment.filter.probability=1
fit.augment.filter.order=4 | fit.augment.filter.probability=1
fit.augment.reverb.probability=1
fit.augment.reverb.decay_min_s=0.9 | fit.augment.reverb.probability=1
fit.augment.reverb.decay_max_s=0.2 | fit.augment.reverb.probability=1
fit.augment.reverb.direct_min_db=10 | fit.augment.reverb.probability=1
fit.augment.reverb.direct_max_db=1 | fit.augment.reverb.probability=1
fit.augment.gain.probability=1 | features.scaling=fixed
fit.augment.gain.min_db=-40 | features.scaling=fixed fit.augment.gain.probability=1
fit.augment.gain.max_db=40 | features.scaling=fixed fit.augment.gain.probability=1
fit.augment.polarity.probability=1 | fit.augment.noise.probability=1
fit.augment.mixup.probability=1
fit.augment.mixup.alpha=5 | fit.augment.mixup.probability=1
fit.augment.mixup.labels=union | fit.augment.mixup.probability=1
fit.augment.mixup.on=image | fit.augment.mixup.probability=1
fit.augment.cutmix.probability=1
fit.augment.cutmix.alpha=0.5 | fit.augment.cutmix.probability=1
fit.augment.cutmix.labels=union | fit.augment.cutmix.probability=1
fit.augment.cutmix.on=image | fit.augment.cutmix.probability=1
fit.augment.background.probability=1
fit.augment.background.label=mid | fit.augment.background.probability=1
fit.augment.background.snr_min_db=20 | fit.augment.background.probability=1
fit.augment.background.snr_max_db=4 | fit.augment.background.probability=1
fit.augment.colored_noise.probability=1
fit.augment.colored_noise.slopes=[0.0] | fit.augment.colored_noise.probability=1
fit.augment.colored_noise.snr_min_db=20 | fit.augment.colored_noise.probability=1
fit.augment.colored_noise.snr_max_db=4 | fit.augment.colored_noise.probability=1
fit.augment.noise.probability=1
fit.augment.noise.sigma_min=0.02 | fit.augment.noise.probability=1
fit.augment.noise.sigma_max=0.1 | fit.augment.noise.probability=1
fit.augment.band_shift.probability=1
fit.augment.band_shift.max_bands=1 | fit.augment.band_shift.probability=1
fit.augment.frequency_masks.probability=1
fit.augment.frequency_masks.count=3 | fit.augment.frequency_masks.probability=1
fit.augment.frequency_masks.max_width=3 | fit.augment.frequency_masks.probability=1
fit.augment.frequency_masks.fill=mean | fit.augment.frequency_masks.probability=1
fit.augment.time_masks.probability=1
fit.augment.time_masks.count=1 | fit.augment.time_masks.probability=1
fit.augment.time_masks.max_width=5 | fit.augment.time_masks.probability=1
fit.augment.time_masks.fill=mean | fit.augment.time_masks.probability=1
evaluation.tta=3
"""

ALIKE = """
audio.workers=1
fit.checkpoint_every_s=0
evaluation.batch_multiplier=3
"""
"""Settings that change how fast a fit is, or where it stands, and must not change its result."""

ELSEWHERE = {
    "audio.clip_context": "unit/pipeline/stages/test_fits.py::clip_context=False",
    "audio.cache": "unit/audio/test_cache.py::test_the_settings_name_the_cache",
    "audio.cache_folder": "unit/audio/test_cache.py::test_the_settings_name_the_cache",
    "audio.cache_budget_gb": "unit/audio/test_cache.py::"
    "test_a_build_above_the_budget_is_refused_before_it_starts",
    "model.pretrain": "unit/train/test_fit.py::"
    "test_initial_weights_from_a_bundle_bring_their_head_rows",
    "fit.augment.background.folder": "contracts/test_settings.py::test_a_folder_of_sounds",
    "fit.augment.reverb.folder": "contracts/test_settings.py::test_a_folder_of_sounds",
    "fit.augment.background.minutes": "unit/augment/test_background.py::minutes=",
    "fit.augment.mixup.with_no_call": "unit/augment/test_mixing.py::with_no_call=True",
    "fit.augment.cutmix.with_no_call": "unit/augment/test_mixing.py::with_no_call=True",
    "evaluation.keep_columns": "unit/train/test_fit.py::"
    "test_columns_that_the_recipe_keeps_are_in_the_out_of_fold_table",
    "evaluation.worst_clips": "unit/pipeline/stages/test_examples.py::worst_clips=",
    "evaluation.best_clips": "unit/pipeline/stages/test_examples.py::best_clips=",
    "evaluation.bootstrap.n": "unit/evaluate/test_bootstrap.py::BootstrapConfig(n=",
    "evaluation.bootstrap.level": "unit/evaluate/test_bootstrap.py::"
    "test_a_lower_level_gives_a_narrower_interval",
    "evaluation.calibration.precision": "unit/evaluate/test_decide.py::"
    "test_a_promised_precision_is_reached_on_fresh_rows_within_its_interval",
    "evaluation.calibration.min_positives": "unit/evaluate/test_decide.py::"
    "test_a_class_with_fewer_positives_than_the_minimum_has_no_threshold",
    "evaluation.calibration.isotonic_positives": "unit/evaluate/test_calibration.py::"
    "test_a_platt_map_finds_the_line_that_distorted_the_scores",
}
"""Settings whose test is elsewhere: its file, and its name or the setting's."""


@pytest.mark.parametrize(("change", "base"), list(cases()))
def test_a_setting_changes_what_the_fit_leaves(left, change, base):
    assert left((*base, change)) != left(base)


@pytest.mark.parametrize("part", ["background", "reverb"])
def test_a_folder_of_sounds_changes_what_the_fit_leaves(left, home, part):
    sounds = home / "sounds" / "crackle.wav"
    sounds.parent.mkdir(exist_ok=True)
    soundfile.write(sounds, generator(5, "crackle").normal(0, 0.2, 12_000), tones.SAMPLE_RATE)
    base = (f"fit.augment.{part}.probability=1",)
    assert left((*base, f"fit.augment.{part}.folder={sounds.parent}")) != left(base)


@pytest.mark.parametrize("change", ALIKE.split())
def test_how_fast_a_fit_is_changes_nothing_of_it(left, change):
    assert left((change,)) == left(())


def test_the_same_settings_leave_the_same(home, left, tmp_path):
    """Otherwise no case above would say anything."""
    assert left_by(tmp_path, home, ()) == left(())


def leaves(kind: type[BaseModel], before: str = "") -> Iterator[str]:
    """Name every setting of a config class, by its dotted path."""
    for name, field in kind.model_fields.items():
        kinds = [field.annotation, *get_args(field.annotation)]
        inner = [one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)]
        yield from leaves(inner[0], f"{before}{name}.") if inner else [before + name]


@pytest.mark.parametrize("setting", list(leaves(Settings)))
def test_every_setting_has_a_test_that_fails_if_it_does_nothing(setting):
    changed = {line.partition("=")[0] for line in [*CASES.split("\n"), *ALIKE.split("\n")]}
    if setting in ELSEWHERE:
        path, _, words = ELSEWHERE[setting].partition("::")
        assert words in (TESTS / path).read_text(encoding="utf-8")
    else:
        assert setting in changed
