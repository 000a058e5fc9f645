"""How long each stage will take: what was measured, times how much there is left to do.

What a short measurement cannot tell is a figure of experience, with a wide bound: the search for
shared audio, the export to ONNX, and how much faster the exported model scans.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from oscine.audio import DecodeCache
from oscine.catalog import Part
from oscine.core import OscineError, location
from oscine.evaluate import BootstrapConfig, bootstrap_intervals
from oscine.infer.recordings import find_recordings
from oscine.pipeline.folder import RunFolder
from oscine.pipeline.forecast.expectation import Expectation, files, with_lengths
from oscine.pipeline.forecast.sizes import FitSize
from oscine.pipeline.forecast.standing import Standing
from oscine.pipeline.forecast.trial import Trial
from oscine.pipeline.stages.evaluation import COMPARED

MATCHING = 1.2
"""Time of the search for shared audio over that of decoding: 0.4 to 1.6 on real recordings."""

SPEECH = 2.0
"""Time of listening for speech over that of decoding."""

EXPORT_S = 10.0
"""Time of a bundle: export to ONNX and verification, s."""

EXPORTER_S = 8.0
"""Time of loading the exporter, s."""

ONNX_FACTOR = 0.5
"""Time of a window of a scan over that of one of validation, in torch."""

BY_CLASS = 1.3
"""What the evaluation takes over its metrics: every class and bin has an interval too. Measured on
16,000 rows of 264 classes: 1.25."""
DRAWS = 10
"""Draws of the bootstrap that are timed."""

HEADER_S = 0.001
"""Time of reading a header, s; for an audit that is switched off."""


@dataclass(frozen=True)
class Estimate:
    """Seconds, and the bounds between which they probably are."""

    seconds: float
    low: float
    high: float

    def __add__(self, other: Estimate) -> Estimate:
        """Add two stages; bounds are added too, since what slows one down slows the next one."""
        return Estimate(self.seconds + other.seconds, self.low + other.low, self.high + other.high)


def within(seconds: float, error: float) -> Estimate:
    """Give an estimate that may be wrong by a factor of 1 + error, either way."""
    return Estimate(seconds, seconds / (1.0 + error), seconds * (1.0 + error))


def stage_times(
    folder: RunFolder,
    stands: Sequence[Standing],
    expected: Expectation,
    trial: Trial,
    sizes: Sequence[FitSize],
) -> dict[str, Estimate]:
    """Foretell the time of each stage that is to run.

    Args:
        folder: The run.
        stands: How its stages stand.
        expected: The recordings.
        trial: What was measured.
        sizes: What the fits hear.

    Returns:
        Estimates by stage; a stage whose time is unknown has none.
    """
    runs = {one.stage.name: one for one in stands if one.runs}
    fits = [size for size in sizes if size.name in runs]
    found = {
        "catalog": None if expected.reading_s is None else within(expected.reading_s + 0.2, 0.5),
        "audit": _audit(folder, expected, trial, runs.get("audit")),
        "folds": within(2.0 * (expected.folding_s or 0.0) + 0.2, 1.0),
        "cache": _cache(folder, expected, trial),
        "evaluate": _evaluate(folder, sizes),
        "bundle": _bundles(folder, fits, trial),
        "scan": _scan(folder, trial),
        "examples": _examples(folder, trial),
    }
    found["naive_folds"] = found["folds"]
    for place, size in enumerate(fits):
        found[size.name] = _fit(folder, size, trial, runs[size.name], first=place == 0)
    return {name: one for name, one in found.items() if one is not None and name in runs}


def _decoding(expected: Expectation, trial: Trial, cache: bool) -> Estimate | None:
    """Time of decoding all recordings, for the audit or for what the cache lacks."""
    total = Estimate(0.0, 0.0, 0.0)
    for part, table in expected.parts.items():
        if not len(table):
            continue
        rate = trial.decoding.get(part)
        lengths = expected.lengths[part]
        if rate is None or not lengths.known:
            return None
        per_s = rate.cache_s if cache else rate.audit_s
        audio_s = float(files(table)["duration_s"].sum())
        total += within(audio_s * (per_s or 0.0), 0.3 + 2.0 * lengths.relative_error)
    return total


def _audit(
    folder: RunFolder, expected: Expectation, trial: Trial, standing: Standing | None
) -> Estimate | None:
    config = folder.recipe.audit
    if not config.enabled:
        return within(HEADER_S * sum(len(table) for table in expected.parts.values()) + 0.1, 1.0)
    whole = _decoding(expected, trial, cache=False)
    if whole is None:
        return None
    left = 1.0
    if standing is not None and standing.status == "resumes":
        n_files = sum(lengths.n_files for lengths in expected.lengths.values())
        left = max(0.0, 1.0 - _rows(folder, "audit/parts/[0-9]*.parquet") / max(1, n_files))
    matching = MATCHING if config.shared_audio else 0.0
    speech = SPEECH if config.speech else 0.0
    low, high = left + matching / 2.0 + speech / 2.0, left + 2.0 * (matching + speech)
    middle = left + matching + speech
    return Estimate(whole.seconds * middle, whole.low * low, whole.high * high)


def _rows(folder: RunFolder, pattern: str) -> int:
    paths = list(folder.path.glob(pattern))
    return int(pl.scan_parquet(paths).select(pl.len()).collect().item()) if paths else 0


def _cache(folder: RunFolder, expected: Expectation, trial: Trial) -> Estimate | None:
    cache = DecodeCache.from_config(folder.recipe.audio)
    if cache is None:
        return within(0.05, 1.0)
    whole = _decoding(expected, trial, cache=True)
    if whole is None:
        return None
    table = files(pl.concat(expected.parts.values()))
    total_s = float(table["duration_s"].sum())
    held_s = sum(
        length_s
        for name, length_s in table.select("content_hash", "duration_s").iter_rows()
        if name is not None and cache.holds(name)
    )
    left = 1.0 - held_s / max(1e-9, total_s)
    return Estimate(whole.seconds * left + 0.1, whole.low * left, whole.high * left + 0.5)


def _fit(
    folder: RunFolder, size: FitSize, trial: Trial, standing: Standing, *, first: bool
) -> Estimate | None:
    steps = trial.steps.get("pretrain" if size.kind == "pretrain" else "finetune")
    part: Part = "pretrain" if size.kind == "pretrain" else "target"
    if steps is None:
        return None
    done = _epochs_done(folder, standing) if standing.status == "resumes" else 0.0
    config = folder.recipe.pretrain if size.kind == "pretrain" else folder.recipe.finetune
    assert config is not None
    fill_s = trial.decoding[part].window_s * config.batch_size / folder.recipe.workers
    validation_s = size.n_windows * steps.window_s
    epoch_s = fill_s + size.n_batches * steps.step_s + validation_s + steps.epoch_s
    imports_s = (trial.import_s or 0.0) if first else 0.0
    seconds = imports_s + steps.start_s + (size.epochs - done) * epoch_s + validation_s
    return within(seconds, 0.15 + steps.spread + (0.25 if steps.scaled else 0.0))


def _epochs_done(folder: RunFolder, standing: Standing) -> float:
    """Tell how many epochs of a fit that was stopped need not be done again."""
    from oscine.train.checkpoint import read_progress

    progress = read_progress(folder.path / standing.stage.output / "state.safetensors")
    return 0.0 if progress is None else float(progress.epoch)


def _evaluate(folder: RunFolder, sizes: Sequence[FitSize]) -> Estimate:
    """Time a few draws of the bootstrap on scores of the same shape."""
    rows: dict[str, int] = {}
    for size in sizes:
        rows[size.kind] = rows.get(size.kind, 0) + size.n_validation
    n_classes = {size.kind: size.n_classes for size in sizes}
    config = folder.recipe.evaluation.bootstrap
    seconds = 0.5
    for kind, n in rows.items():
        n_tables = 1 + 2 * sum(kind == first and second in rows for first, second in COMPARED)
        seconds += BY_CLASS * n_tables * config.n * _draw_s(n, n_classes[kind])
    return within(seconds, 0.5)


def _draw_s(n_rows: int, n_classes: int) -> float:
    random = np.random.default_rng(0)
    targets = np.zeros((n_rows, n_classes), np.float32)
    targets[np.arange(n_rows), random.integers(n_classes, size=n_rows)] = 1.0
    scores = random.random((n_rows, n_classes), np.float32)
    started = time.perf_counter()
    bootstrap_intervals(targets, scores, range(n_rows), 0, BootstrapConfig(n=DRAWS))
    return (time.perf_counter() - started) / DRAWS


def _bundles(folder: RunFolder, fits: Sequence[FitSize], trial: Trial) -> Estimate | None:
    if trial.import_s is None:
        return None
    n = len(folder.recipe.target_folds.selected)
    loading_s = EXPORTER_S + (0.0 if fits else trial.import_s)
    return within(n * EXPORT_S + loading_s, 1.0)


def _scan(folder: RunFolder, trial: Trial) -> Estimate | None:
    recipe = folder.recipe
    if not recipe.scan.paths:
        return within(0.05, 1.0)
    steps = trial.steps.get("finetune")
    try:
        paths = [str(path) for path in find_recordings(map(location, recipe.scan.paths))]
    except OscineError:
        return None
    unread = pl.DataFrame({"filepath": paths}).with_columns(
        duration_s=pl.lit(None, dtype=pl.Float64)
    )
    table, lengths = with_lengths(unread, recipe.workers)
    if steps is None or not lengths.known:
        return None
    hop_s = recipe.scan.settings.hop_s or recipe.audio.window_s
    n_windows = sum(math.ceil((s or 0.0) / hop_s) for s in table["duration_s"].to_list())
    n_bundles = len(recipe.target_folds.selected)
    seconds = n_windows * n_bundles * steps.window_s * ONNX_FACTOR + 1.0
    return within(seconds, 1.0 + 2.0 * lengths.relative_error)


def _examples(folder: RunFolder, trial: Trial) -> Estimate | None:
    steps = trial.steps.get("finetune")
    if steps is None:
        return None
    config = folder.recipe.evaluation
    # A clip's windows are scored, and one of them is looked at once more, for two classes.
    n_windows = (config.worst_clips + config.best_clips) * (config.tta + 2)
    return within(0.5 + n_windows * steps.window_s, 2.0)
