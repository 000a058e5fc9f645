"""A short measurement on this machine: decode a few of the recordings, take a few training steps.

It writes to a temporary folder alone.
"""

from __future__ import annotations

import importlib.util
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from oscine.audio import DecodeCache, Measurement, measure_all
from oscine.catalog import Part, class_list
from oscine.core import file_state, multiplies_bfloat16, peak_memory
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.forecast.expectation import Expectation, files
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages.fits import mel_spec, stage_config, window_reader

if TYPE_CHECKING:
    from oscine.train.config import FitConfig
    from oscine.train.timing import StepTimes

AUDIO_S = 240.0
"""Audio of each part that is decoded, at most about this much, s."""

MOST_FILES = 24
"""Files of each part that are decoded, at most."""

LONG_S = 300.0
"""Longer files are left out of the measurement, if there are shorter ones."""

STEPS_S = 6.0
"""Time for the steps of one kind of fit, about, s."""

WINDOWS = 12
"""Windows that are read to see how fast one core reads."""


@dataclass(frozen=True)
class Decoding:
    """How fast a part's recordings are read here.

    Args:
        n_files: Files that were decoded.
        audit_s: Time of the audit over the length of the audio, all threads at work.
        cache_s: The same of the decode cache; None: the recipe has none.
        window_s: One training window on one thread, s; from the decode cache if there is one.
        file_window_s: The same from the file.
    """

    n_files: int
    audit_s: float
    cache_s: float | None
    window_s: float
    file_window_s: float


@dataclass(frozen=True)
class Trial:
    """What the measurement told.

    Args:
        decoding: Of each part that has recordings here.
        steps: Of the stages pretrain and finetune.
        bfloat16: The same in bfloat16, where they ran in float32 on a CPU that has instructions
            for it.
        import_s: Time of loading torch and Lightning, s; None: they are not installed.
        peak_bytes: The most memory that this process had, bytes; None: unknown.
        seconds: Time of the whole measurement, s.
        missing: What could not be measured, and why.
    """

    decoding: Mapping[Part, Decoding] = field(default_factory=dict)
    steps: Mapping[str, StepTimes] = field(default_factory=dict)
    bfloat16: Mapping[str, StepTimes] = field(default_factory=dict)
    import_s: float | None = None
    peak_bytes: int | None = None
    seconds: float = 0.0
    missing: tuple[str, ...] = ()


def run_trial(recipe: Recipe, expected: Expectation, fitting: bool = True) -> Trial:
    """Measure.

    Args:
        recipe: The recipe.
        expected: Its recordings.
        fitting: Whether there is a fit to run, whose steps are to be timed.

    Raises:
        ModelError: The model cannot be built.
    """
    started = time.perf_counter()
    decoding: dict[Part, Decoding] = {}
    steps: dict[str, StepTimes] = {}
    bfloat16: dict[str, StepTimes] = {}
    missing = []
    import_s = None
    if importlib.util.find_spec("torch"):
        import_s = _import_training()
    else:
        missing.append("the fits: torch is not installed (pip install 'oscine[train]')")
    with TemporaryDirectory(prefix="oscine-plan-") as name, _quiet():
        audio = recipe.audio.model_copy(
            update={"cache_folder": f"{name}/caches", "cache_budget_gb": 1e6}
        )
        bench = RunFolder(Path(name), recipe.model_copy(update={"audio": audio}))
        for part, table in expected.parts.items():
            if not len(table):
                continue
            chosen, told = _decode(bench, choose(table))
            if told is None:
                missing.append(f"{part}: none of its recordings can be read on this machine")
                continue
            decoding[part] = told
            stage = "pretrain" if part == "pretrain" else "finetune"
            if import_s is None or not fitting:
                continue
            if "pretrain" in steps and _alike(recipe):
                steps[stage] = steps["pretrain"]
                continue
            config = stage_config(recipe, stage)
            steps[stage] = _steps(bench, stage, config, chosen, table)
            if _may_gain(steps[stage], config):
                other = config.model_copy(update={"precision": "bfloat16"})
                bfloat16[stage] = _steps(bench, stage, other, chosen, table)
    seconds = time.perf_counter() - started
    return Trial(decoding, steps, bfloat16, import_s, peak_memory(), seconds, tuple(missing))


def _may_gain(steps: StepTimes, config: FitConfig) -> bool:
    """Tell whether a fit that computes in float32 might be faster in bfloat16 here."""
    on_processor = "CPU" in steps.device
    return on_processor and config.precision in {"auto", "float32"} and multiplies_bfloat16()


def _alike(recipe: Recipe) -> bool:
    """Tell whether a step of fine-tuning does the same work as one of pretraining."""
    names = ("batch_size", "precision", "ema_decay", "loss", "augment", "optimizer")
    settings = [
        [getattr(stage_config(recipe, stage), name) for name in names]
        for stage in ("pretrain", "finetune")
    ]
    # Without the cache the two parts' files may take more or less time to read.
    return settings[0] == settings[1] and recipe.audio.cache != "none"


def choose(table: pl.DataFrame) -> pl.DataFrame:
    """Choose recordings to decode: some at random that are here, not too long."""
    local = files(table).filter(~pl.col("filepath").str.contains("://", literal=True))
    short = local.filter(pl.col("duration_s").fill_null(0.0) <= LONG_S)
    local = short if len(short) else local
    order = np.random.default_rng(1).permutation(len(local))
    places: list[int] = []
    total_s = 0.0
    for place in order.tolist():
        if len(places) == MOST_FILES or total_s >= AUDIO_S:
            break
        if file_state(local["filepath"][place]) is not None:
            places.append(place)
            total_s += local["duration_s"][place] or 0.0
    return local[places]


def _import_training() -> float:
    started = time.perf_counter()
    import oscine.train.timing  # noqa: F401 - a run imports as much

    return time.perf_counter() - started


def _decode(bench: RunFolder, chosen: pl.DataFrame) -> tuple[pl.DataFrame, Decoding | None]:
    """Time audit, cache and reading; gives the recordings that are sound, with what was told."""
    recipe = bench.recipe
    # The longest first, so that no thread is left alone with one at the end.
    paths = chosen.sort("duration_s", descending=True, nulls_last=True)["filepath"].to_list()
    started = time.perf_counter()
    told = list(measure_all(paths, recipe.workers, recipe.audit.shared_audio))
    audit_s = time.perf_counter() - started
    sound = {one.filepath: one for one in told if one.reason is None}
    if not sound:
        return chosen, None
    chosen = _measured(chosen.filter(pl.col("filepath").is_in(sound.keys())), sound)
    total_s = sum(one.duration_s for one in told)
    cache_s = None
    if (cache := DecodeCache.from_config(recipe.audio)) is not None:
        rows = chosen.select("filepath", "content_hash", "duration_s").rows()
        started = time.perf_counter()
        cache.build(rows, recipe.workers)
        cache_s = (time.perf_counter() - started) / sum(row[2] for row in rows)
    plain = recipe.audio.model_copy(update={"cache": "none"})
    from_files = RunFolder(bench.path, recipe.model_copy(update={"audio": plain}))
    decoding = Decoding(
        n_files=len(told),
        audit_s=audit_s / total_s,
        cache_s=cache_s,
        window_s=_reading(bench, chosen),
        file_window_s=_reading(from_files, chosen),
    )
    return chosen, decoding


def _measured(chosen: pl.DataFrame, told: Mapping[str, Measurement]) -> pl.DataFrame:
    lengths = {path: one.duration_s for path, one in told.items()}
    hashes = {path: one.content_hash for path, one in told.items()}
    path = pl.col("filepath")
    return chosen.with_columns(
        duration_s=path.replace_strict(lengths, return_dtype=pl.Float64),
        content_hash=path.replace_strict(hashes, return_dtype=pl.String),
    )


def _reading(bench: RunFolder, chosen: pl.DataFrame) -> float:
    """Time the reading of one training window on one thread, s."""
    reader = window_reader(bench, chosen, vary=True)
    started = time.perf_counter()
    for position in range(WINDOWS):
        reader.read_training(position % len(reader), bench.recipe.seed, 0, position)
    return (time.perf_counter() - started) / WINDOWS


def _steps(
    bench: RunFolder, stage: str, config: FitConfig, chosen: pl.DataFrame, table: pl.DataFrame
) -> StepTimes:
    """Time a few steps of one kind of fit, on a few recordings and with all classes."""
    from oscine.train.job import FitJob
    from oscine.train.timing import time_steps

    recipe = bench.recipe
    n = config.batch_size * recipe.evaluation.batch_multiplier
    validation = chosen[np.resize(np.arange(len(chosen)), n)]
    job = FitJob(
        stage=stage,
        fold=0,
        seed=recipe.seed,
        training=chosen,
        validation=validation,
        training_reader=window_reader(bench, chosen, vary=recipe.audio.crop != "first"),
        validation_reader=window_reader(bench, validation),
        classes=class_list(table),
        spec=mel_spec(recipe),
        model=recipe.model,
        config=config,
        evaluation=recipe.evaluation,
        tracking=recipe.tracking,
        folder=bench.path / f"{stage}-{config.precision}",
        workers=recipe.workers,
        devices=recipe.devices,
    )
    return time_steps(job, STEPS_S)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the stages' own log lines out: no stage is run."""
    log = logging.getLogger("oscine")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
