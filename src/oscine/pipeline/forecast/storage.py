"""What a run will take on disk: the decode cache, checkpoints and weights, bundles, scores."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from oscine.audio import DecodeCache
from oscine.core import seconds_to_samples
from oscine.pipeline.forecast.expectation import Expectation, files
from oscine.pipeline.forecast.sizes import FitSize
from oscine.pipeline.forecast.trial import Trial
from oscine.pipeline.recipe import Recipe
from oscine.pipeline.stages.bundle import GOLDEN_WINDOWS

FLOAT = 4
"""Bytes of a number."""


def cache_bytes(recipe: Recipe, expected: Expectation) -> int | None:
    """Tell by how much the decode cache will grow at most, bytes; None: no lengths are known."""
    cache = DecodeCache.from_config(recipe.audio)
    if cache is None:
        return 0
    if expected.audio_s() is None:
        return None
    rows = files(pl.concat(expected.parts.values())).select("content_hash", "duration_s")
    return cache.predict_bytes(
        length_s for name, length_s in rows.iter_rows() if name is None or not cache.holds(name)
    )


def stage_bytes(
    recipe: Recipe, trial: Trial, sizes: Sequence[FitSize], growth: int | None
) -> dict[str, int]:
    """Tell what fits, bundles and the cache will leave, bytes; what is unknown is left out."""
    found: dict[str, int] = {} if growth is None else {"cache": growth}
    for size in sizes:
        steps = trial.steps.get("pretrain" if size.kind == "pretrain" else "finetune")
        if steps is not None:
            scores = FLOAT * size.n_validation * size.n_classes
            found[size.name] = steps.weights_bytes + steps.state_bytes + scores
    if steps := trial.steps.get("finetune"):
        n_samples = seconds_to_samples(recipe.audio.window_s, recipe.audio.sample_rate)
        golden = FLOAT * GOLDEN_WINDOWS * n_samples
        # The weights once for training on, and once within the ONNX file.
        n_bundles = len(recipe.target_folds.selected)
        found["bundle"] = n_bundles * (2 * steps.weights_bytes + golden)
    return found
